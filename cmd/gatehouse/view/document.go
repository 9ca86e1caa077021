package view

import (
	"encoding/json"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
	"gatehouse/policies"
	"gatehouse/targets"
)

// The documents that verbs print with --format json. Each names its form and version; schema.json describes them. A field may be
// added within a version, none changes its meaning or goes.

// Place is a line of the policy.
type Place struct {
	Address string `json:"address"`
	File    string `json:"file"` // relative to the policy's root
	Line    int    `json:"line"`
}

// SourceDoc is an allow's part in a grant.
type SourceDoc struct {
	Place
	Through string    `json:"through,omitempty"` // the group, where it was by one
	Reason  string    `json:"reason,omitempty"`
	When    []SpanDoc `json:"when,omitempty"`
}

// SpanDoc is an interval; an end that is left out is unbounded.
type SpanDoc struct {
	NotBefore *time.Time `json:"not_before,omitempty"`
	Expires   *time.Time `json:"expires,omitempty"`
}

func spanDocs(spans access.Spans) []SpanDoc {
	out := []SpanDoc{}
	for _, s := range spans {
		if s == access.Always {
			continue
		}
		var doc SpanDoc
		if t, ok := s.Begins(); ok {
			doc.NotBefore = &t
		}
		if t, ok := s.Ends(); ok {
			doc.Expires = &t
		}
		out = append(out, doc)
	}
	return out
}

func sourceDocs(list []access.Source) []SourceDoc {
	out := []SourceDoc{}
	for _, s := range list {
		doc := SourceDoc{Place: Place{s.Allow.String(), s.Decl.Filename, s.Decl.Start.Line}, Reason: s.Reason, When: spanDocs(access.NewSpans(s.Span))}
		if s.From.Addr.Kind == addr.Group {
			doc.Through = s.From.Addr.String()
		}
		out = append(out, doc)
	}
	return out
}

// AnswerDoc is one workload that reaches a resource.
type AnswerDoc struct {
	Environment string           `json:"environment"` // of the resource
	Home        string           `json:"home"`        // of the workload: another one where its principal is one there
	Workload    string           `json:"workload"`
	Resource    string           `json:"resource"`
	Action      model.Action     `json:"action"`
	Means       access.Means     `json:"means"`
	Grantee     string           `json:"grantee"`
	Principal   access.Principal `json:"principal"`
	Surface     access.Surface   `json:"surface"`
	When        []SpanDoc        `json:"when"`
	Sources     []SourceDoc      `json:"sources"`
}

func answerDoc(a access.Answer) AnswerDoc {
	return AnswerDoc{
		Environment: a.Environment, Home: a.Home, Workload: a.Workload.String(), Resource: a.Resource.String(), Action: a.Action, Means: a.Means,
		Grantee: a.Grantee.String(), Principal: a.Principal, Surface: a.Surface, When: spanDocs(a.Spans), Sources: sourceDocs(a.Sources),
	}
}

// WhoCanDoc is the answer of who-can.
type WhoCanDoc struct {
	Format   string       `json:"format"`
	Time     time.Time    `json:"time"`
	Action   model.Action `json:"action"`
	Resource string       `json:"resource"`
	Answers  []AnswerDoc  `json:"answers"`
}

// WhoCanDocument is who-can's answer for machines.
func WhoCanDocument(action model.Action, resource addr.Address, at time.Time, answers []access.Answer) WhoCanDoc {
	doc := WhoCanDoc{Format: "gatehouse.dev/who-can/v1", Time: at, Action: action, Resource: resource.String(), Answers: []AnswerDoc{}}
	for _, a := range answers {
		doc.Answers = append(doc.Answers, answerDoc(a))
	}
	return doc
}

// WhyDoc is the answer of why: one for each environment and surface.
type WhyDoc struct {
	Format       string           `json:"format"`
	Explanations []ExplanationDoc `json:"explanations"`
}

// ExplanationDoc is one answer of why.
type ExplanationDoc struct {
	Environment string           `json:"environment"`
	Workload    string           `json:"workload"`
	Action      model.Action     `json:"action"`
	Resource    string           `json:"resource"`
	Time        time.Time        `json:"time"`
	Allowed     bool             `json:"allowed"`
	Verdict     access.Verdict   `json:"verdict"`
	Principal   access.Principal `json:"principal,omitzero"` // left out where the workload or the resource isn't there
	Surface     access.Surface   `json:"surface,omitzero"`
	Allows      []SourceDoc      `json:"allows"`
	Denies      []Place          `json:"denies"`
	Shared      []AnswerDoc      `json:"shared"`
}

// WhyDocument is why's answer for machines.
func WhyDocument(list []access.Explanation) WhyDoc {
	doc := WhyDoc{Format: "gatehouse.dev/why/v1", Explanations: []ExplanationDoc{}}
	for _, e := range list {
		doc.Explanations = append(doc.Explanations, explanationDoc(e))
	}
	return doc
}

func explanationDoc(e access.Explanation) ExplanationDoc {
	doc := ExplanationDoc{
		Environment: e.Environment, Workload: e.Workload.String(), Action: e.Action, Resource: e.Resource.String(), Time: e.At,
		Allowed: e.Allowed, Verdict: e.Verdict, Principal: e.Principal, Surface: e.Surface,
		Allows: []SourceDoc{}, Denies: []Place{}, Shared: []AnswerDoc{},
	}
	for _, g := range e.Grants {
		doc.Allows = append(doc.Allows, sourceDocs(g.Sources)...)
	}
	for _, d := range e.Denies {
		doc.Denies = append(doc.Denies, Place{d.Addr.String(), d.Decl.Filename, d.Decl.Start.Line})
	}
	for _, s := range e.Shared {
		doc.Shared = append(doc.Shared, answerDoc(s))
	}
	return doc
}

// DiffDoc is the answer of diff.
type DiffDoc struct {
	Format string        `json:"format"`
	Gained []DiffRowDocs `json:"gained"`
	Lost   []DiffRowDocs `json:"lost"`
}

// DiffRowDocs is access that one of two policies lacks.
type DiffRowDocs struct {
	Environment    string               `json:"environment"`
	Tier           model.Tier           `json:"tier"`
	Workloads      []addr.Address       `json:"workloads"`
	Principal      access.Principal     `json:"principal"`
	Action         model.Action         `json:"action"`
	Resource       addr.Address         `json:"resource"`
	Classification model.Classification `json:"classification"`
	Surface        access.Surface       `json:"surface"`
	When           []SpanDoc            `json:"when"`
	Sources        []SourceDoc          `json:"sources"`
}

// DiffDocument is diff's answer for machines.
func DiffDocument(d access.GraphDelta) DiffDoc {
	return DiffDoc{Format: "gatehouse.dev/diff/v1", Gained: diffDocs(d.Gained), Lost: diffDocs(d.Lost)}
}

func diffDocs(rows []access.DeltaRow) []DiffRowDocs {
	out := []DiffRowDocs{}
	for _, r := range rows {
		out = append(out, DiffRowDocs{r.Environment, r.Tier, r.Workloads, r.Principal, r.Action, r.Resource, r.Classification, r.Surface, spanDocs(r.Spans), sourceDocs(r.Sources)})
	}
	return out
}

// DiagnosticsDoc is the answer of a verb that a mistake in the policy has ended.
type DiagnosticsDoc struct {
	Format      string    `json:"format"`
	Diagnostics diag.View `json:"diagnostics"`
}

// DiagnosticsDocument is what ended a verb, for machines.
func DiagnosticsDocument(list diag.List) DiagnosticsDoc {
	return DiagnosticsDoc{"gatehouse.dev/diagnostics/v1", diag.NewView(list)}
}

// CheckDoc is the answer of check.
type CheckDoc struct {
	Format      string               `json:"format"`
	Policy      string               `json:"policy"`
	Time        time.Time            `json:"time"`
	Diagnostics diag.View            `json:"diagnostics"`
	Guardrails  []policies.Guardrail `json:"guardrails"` // those that judged
	Results     []ResultDoc          `json:"results"`
	Proofs      []ProofDoc           `json:"proofs"`
}

// ResultDoc is a guardrail's finding.
type ResultDoc struct {
	policies.Result
	File string `json:"file"`
	Line int    `json:"line"`
}

// ProofDoc says how the proof of one site went.
type ProofDoc struct {
	Environment string        `json:"environment"`
	Target      access.Target `json:"target"`
	Proven      bool          `json:"proven"`
	Losses      []LossDoc     `json:"losses"`
}

// LossDoc is access that a target gives beyond what was declared, because it can't do otherwise.
type LossDoc struct {
	Kind      access.LossKind  `json:"kind"`
	Principal access.Principal `json:"principal"`
	Surface   access.Surface   `json:"surface,omitzero"` // left out of a shared identity
	Workloads []addr.Address   `json:"workloads"`
	Detail    string           `json:"detail"`
	Sources   []SourceDoc      `json:"sources"`
}

// CheckDocument is check's answer for machines.
func CheckDocument(f Findings) CheckDoc {
	doc := CheckDoc{
		Format: "gatehouse.dev/check/v1", Policy: f.Policy, Time: f.Time, Diagnostics: diag.NewView(f.Diagnostics),
		Guardrails: append([]policies.Guardrail{}, f.Guardrails...), Results: []ResultDoc{}, Proofs: []ProofDoc{},
	}
	for _, r := range f.Results {
		doc.Results = append(doc.Results, ResultDoc{r, r.Range.Filename, r.Range.Start.Line})
	}
	for _, p := range f.Proofs {
		doc.Proofs = append(doc.Proofs, ProofDoc{p.Environment, p.Target, p.Holds(), lossDocs(p.Losses)})
	}
	return doc
}

func lossDocs(list []access.Loss) []LossDoc {
	out := []LossDoc{}
	for _, l := range list {
		out = append(out, LossDoc{l.Kind, l.Principal, l.Surface, l.Workloads, l.Detail, sourceDocs(l.Sources)})
	}
	return out
}

// CompileDoc is the answer of compile.
type CompileDoc struct {
	Format string    `json:"format"`
	Policy string    `json:"policy"`
	Time   time.Time `json:"time"`
	Sites  []SiteDoc `json:"sites"`
}

// SiteDoc is what one target should hold in one environment.
type SiteDoc struct {
	Environment string        `json:"environment"`
	Target      access.Target `json:"target"`
	Objects     []ObjectDoc   `json:"objects"`
	Losses      []LossDoc     `json:"losses"`
}

// ObjectDoc is one object, with the lines behind its items.
type ObjectDoc struct {
	targets.Key
	Body  json.RawMessage `json:"body"` // as the remote system takes it
	Items []ItemDoc       `json:"items"`
}

// ItemDoc is one item of an object.
type ItemDoc struct {
	Key   string         `json:"key"`
	Value string         `json:"value"`
	Why   []targets.Line `json:"why,omitempty"`
}

// CompileDocument is compile's answer for machines.
func CompileDocument(f Findings) CompileDoc {
	doc := CompileDoc{Format: "gatehouse.dev/compile/v1", Policy: f.Policy, Time: f.Time, Sites: []SiteDoc{}}
	for _, p := range f.Proofs {
		site := SiteDoc{p.Environment, p.Target, []ObjectDoc{}, lossDocs(p.Losses)}
		for _, c := range p.Desired.Containers {
			site.Objects = append(site.Objects, objectDoc(c))
		}
		doc.Sites = append(doc.Sites, site)
	}
	return doc
}

func objectDoc(c targets.Container) ObjectDoc {
	o := ObjectDoc{c.Key, c.Body, []ItemDoc{}}
	for _, i := range c.Items {
		o.Items = append(o.Items, ItemDoc{i.Key, i.Value, targets.Lines(i.Why)})
	}
	return o
}

// ApplyDoc is the answer of apply.
type ApplyDoc struct {
	Format  string                  `json:"format"`
	Plan    targets.Plan            `json:"plan"`
	Results []targets.Result        `json:"results"`
	Blocked []targets.BlockedNotice `json:"blocked"`
}

// ApplyDocument is apply's answer for machines.
func ApplyDocument(p targets.Plan, o targets.Outcome) ApplyDoc {
	return ApplyDoc{"gatehouse.dev/apply/v1", p, append([]targets.Result{}, o.Results...), append([]targets.BlockedNotice{}, o.Blocked...)}
}
