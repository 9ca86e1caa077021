package policies

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/open-policy-agent/opa/v1/ast"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
)

// Result is one finding, on the policy's line.
type Result struct {
	Guardrail string       `json:"guardrail"` // id, such as ownership/owner-is-set
	Level     Level        `json:"level"`
	Severity  Severity     `json:"severity"`
	Subject   addr.Address `json:"subject"`
	Range     hcl.Range    `json:"-"`      // the subject's declaration
	Detail    string       `json:"detail"` // the rule's own words; may be empty
	Title     string       `json:"title"`
	Rationale string       `json:"rationale,omitempty"`
	Remedy    string       `json:"remedy"`
	Controls  []string     `json:"controls,omitempty"`
	Waiver    *Waiver      `json:"waived_by,omitempty"` // nil: it stands
}

// Results are findings in order of file, position and guardrail, those that an exception waives among them.
type Results []Result

// Refused reports whether any finding that stands refuses the policy.
func (r Results) Refused() bool {
	return slices.ContainsFunc(r, func(one Result) bool { return one.Level == Deny && one.Waiver == nil })
}

// Standing returns the findings that no exception waives.
func (r Results) Standing() Results {
	return slices.DeleteFunc(slices.Clone(r), func(one Result) bool { return one.Waiver != nil })
}

// Waived returns the findings that an exception waives.
func (r Results) Waived() Results {
	return slices.DeleteFunc(slices.Clone(r), func(one Result) bool { return one.Waiver == nil })
}

// Diagnostics shows the findings that stand like the compiler's own: deny as errors, warn as warnings. It is for views; the exit code of
// a refusal differs from that of an error, so ask Refused for it.
func (r Results) Diagnostics() diag.List {
	standing := r.Standing()
	out := make(diag.List, 0, len(standing))
	for _, one := range standing {
		out = append(out, one.Diagnostic())
	}
	return out
}

// Diagnostic shows one finding.
func (r Result) Diagnostic() diag.Diagnostic {
	d := diag.Diagnostic{Code: diag.GuardrailFinding, Severity: diag.Error, Subject: r.Range, Detail: r.Remedy}
	if r.Level == Warn {
		d.Severity = diag.Warning
	}
	d.Summary = fmt.Sprintf("%s: %s", r.Guardrail, r.Title)
	if r.Detail != "" {
		d.Summary = fmt.Sprintf("%s: %s", r.Guardrail, r.Detail)
	}
	return d
}

// finding is what a rule yielded, before its subject is looked up.
type finding struct {
	question        *question
	subject, detail string
}

// findings reads the set that a question was answered with.
func (q *question) findings(value *ast.Term) ([]finding, error) {
	set, ok := value.Value.(ast.Set)
	if !ok {
		return nil, q.malformed(value)
	}
	out := make([]finding, 0, set.Len())
	for _, element := range set.Slice() {
		f := finding{question: q}
		object, ok := element.Value.(ast.Object)
		if !ok {
			return nil, q.malformed(element)
		}
		for _, key := range object.Keys() {
			text, isText := object.Get(key).Value.(ast.String)
			switch {
			case key.Equal(keySubject) && isText:
				f.subject = string(text)
			case key.Equal(keyDetail) && isText:
				f.detail = string(text)
			default:
				return nil, q.malformed(element)
			}
		}
		out = append(out, f)
	}
	return out, nil
}

var (
	keySubject = ast.StringTerm("subject")
	keyDetail  = ast.StringTerm("detail")
)

func (q *question) malformed(element *ast.Term) error {
	return q.fault(q.where, fmt.Sprintf(`%s yields %.200s: want {"subject": ADDRESS, "detail": TEXT}`, q.level, element), nil)
}

// subjects says where everything that a finding may be about is declared.
type subjects map[addr.Address]hcl.Range

func newSubjects(g *access.Graph) subjects {
	s := subjects{}
	for _, e := range g.Environments {
		s[addr.New(addr.Environment, e.Name)] = e.Decl
	}
	for _, w := range g.Workloads {
		s[w.Addr] = w.Decl
	}
	for _, r := range g.Resources {
		s[r.Addr] = r.Decl
		s.first(r.Addr.Whole(), r.Decl)
	}
	for _, d := range g.Denies {
		s[d.Addr] = d.Decl
	}
	for _, one := range g.Groups {
		s[one.Addr] = one.Decl
	}
	for _, p := range g.Providers {
		s[p.Addr] = p.Decl
	}
	for _, e := range g.Exceptions {
		s[e.Addr] = e.Decl
	}
	for i := range g.Grants {
		s.sources(g.Grants[i].Sources)
	}
	for i := range g.Cuts {
		s.sources(g.Cuts[i].Sources)
	}
	return s
}

func (s subjects) sources(sources []access.Source) {
	for i := range sources {
		s.first(sources[i].Allow, sources[i].Decl)
	}
}

// first keeps the first place of what the graph places several times.
func (s subjects) first(a addr.Address, r hcl.Range) {
	if _, there := s[a]; !there {
		s[a] = r
	}
}

// resolve turns findings into sorted results. One whose subject the policy doesn't declare is a failure of its rule: to drop it would be
// to pass what was refused.
func (s subjects) resolve(found []finding) (Results, error) {
	out := make(Results, 0, len(found))
	for _, f := range found {
		subject, err := addr.Parse(f.subject)
		where, declared := s[subject]
		if err != nil || !declared {
			q := f.question
			return nil, q.fault(q.where, fmt.Sprintf("%s yields the subject %q, which the policy doesn't declare", q.level, f.subject), nil)
		}
		g := f.question.guardrail
		out = append(out, Result{g.ID, f.question.level, g.Severity, subject, where, f.detail, g.Title, g.Rationale, g.Remedy, g.Controls, nil})
	}
	slices.SortFunc(out, compareResults)
	return slices.CompactFunc(out, func(a, b Result) bool { return compareResults(a, b) == 0 }), nil
}

func compareResults(a, b Result) int {
	return cmp.Or(
		compareRanges(a.Range, b.Range),
		cmp.Compare(a.Guardrail, b.Guardrail),
		cmp.Compare(a.Level, b.Level),
		addr.Compare(a.Subject, b.Subject),
		cmp.Compare(a.Detail, b.Detail),
	)
}

func compareRanges(a, b hcl.Range) int {
	return cmp.Or(
		cmp.Compare(a.Filename, b.Filename),
		cmp.Compare(a.Start.Byte, b.Start.Byte),
		cmp.Compare(a.End.Byte, b.End.Byte),
	)
}
