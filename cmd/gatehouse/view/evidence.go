package view

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
	"gatehouse/policies"
	"gatehouse/targets/drift"
)

// Evidence is everything that a review or an audit asks of a policy: what a check finds, who may reach what, what the tests look at, and, where
// somebody looked, how the world differs.
type Evidence struct {
	Findings
	Version   string // of this program
	Digest    string // of the policy's files
	Tests     []access.TestResult
	Coverage  access.TestCoverage
	Omissions []access.Omission
	Drift     *drift.Report // nil: nobody looked
	DriftOf   string        // what was looked at: live, sandbox or snapshot
}

// Verdict is one line that says how the check went.
func (e Evidence) Verdict() string { return e.verdict() }

// EvidenceDoc is a report for machines and for archives.
type EvidenceDoc struct {
	Format     string               `json:"format"`
	Policy     string               `json:"policy"`
	Time       time.Time            `json:"time"`
	Version    string               `json:"version"`
	Digest     string               `json:"digest"` // of the policy's files: sha256 over their names and texts
	Verdict    string               `json:"verdict"`
	Counts     CountsDoc            `json:"counts"`
	Controls   []ControlDoc         `json:"controls"`
	Guardrails []policies.Guardrail `json:"guardrails"`
	Findings   []FindingDoc         `json:"findings"`
	Exceptions []ExceptionDoc       `json:"exceptions"`
	Expiries   []ExpiryDoc          `json:"expiries"` // what ends after the report's time, the soonest first
	Tests      []TestDoc            `json:"tests"`
	Untested   []addr.Address       `json:"untested"` // allows and denies that no test exercises
	Proofs     []ProofDoc           `json:"proofs"`
	NotApplied []NotAppliedDoc      `json:"not_applied"`
	Shared     []SharedDoc          `json:"shared_identities"`
	Grants     []GrantDoc           `json:"grants,omitempty"`
	Drift      *drift.Report        `json:"drift,omitempty"`
	DriftOf    string               `json:"drift_of,omitempty"`
}

// CountsDoc says how large the policy is.
type CountsDoc struct {
	Environments int `json:"environments"`
	Workloads    int `json:"workloads"`
	Resources    int `json:"resources"` // surfaces
	Grants       int `json:"grants"`    // that have not ended
	Denied       int `json:"denied"`    // grants that a deny takes away
	Exceptions   int `json:"exceptions"`
}

// ControlDoc says how one control of a standard fares: by the guardrails that map to it.
type ControlDoc struct {
	Control    string   `json:"control"`
	Guardrails []string `json:"guardrails"`
	Findings   int      `json:"findings"` // that stand
	Waived     int      `json:"waived"`
}

// ExceptionDoc is an exception, in force or over.
type ExceptionDoc struct {
	Exception  addr.Address   `json:"exception"`
	Guardrail  string         `json:"guardrail"`
	Subjects   []addr.Address `json:"subjects"`
	Reason     string         `json:"reason"`
	ApprovedBy string         `json:"approved_by"`
	Expires    time.Time      `json:"expires,omitzero"`
	InForce    bool           `json:"in_force"`
	Waives     int            `json:"waives"` // findings
	File       string         `json:"file"`
	Line       int            `json:"line"`
}

// ExpiryDoc is something that ends.
type ExpiryDoc struct {
	Address addr.Address `json:"address"` // an allow or an exception
	Expires time.Time    `json:"expires"`
	Grants  int          `json:"grants"` // whose last span ends then with it
	Reason  string       `json:"reason"`
	File    string       `json:"file"`
	Line    int          `json:"line"`
}

// TestDoc is what became of a test.
type TestDoc struct {
	Name     string   `json:"name"`
	Passed   bool     `json:"passed"`
	Tried    int      `json:"tried"`
	Failures []string `json:"failures,omitempty"` // what holds instead, as sentences: the first few
	File     string   `json:"file"`
	Line     int      `json:"line"`
}

// reportedFailures bounds the failures of one test that a report tells.
const reportedFailures = 20

// SharedDoc is one principal that stands for several workloads, or for one in several environments: each has the access of all.
type SharedDoc struct {
	Principal access.Principal `json:"principal"`
	Holders   []HolderDoc      `json:"holders"`
}

// HolderDoc is a workload in an environment.
type HolderDoc struct {
	Environment string       `json:"environment"`
	Workload    addr.Address `json:"workload"`
}

// NotAppliedDoc is declared access that no target gives.
type NotAppliedDoc struct {
	Environment string        `json:"environment"`
	Target      access.Target `json:"target"`
	Resource    addr.Address  `json:"resource"`
	Lack        access.Lack   `json:"lack"`
	Grants      int           `json:"grants"`
}

// GrantDoc is declared access that holds now or will.
type GrantDoc struct {
	Environment    string               `json:"environment"`
	Origin         string               `json:"origin"`
	Workload       addr.Address         `json:"workload"`
	Resource       addr.Address         `json:"resource"`
	Action         model.Action         `json:"action"`
	Requests       string               `json:"requests,omitempty"`
	Tier           model.Tier           `json:"tier"`
	Classification model.Classification `json:"classification"`
	When           access.Spans         `json:"when"`
	Lines          []LineDoc            `json:"lines"`
}

// Document is the whole report.
func (e Evidence) Document() EvidenceDoc {
	doc := e.Summary()
	doc.Drift, doc.DriftOf = e.Drift, e.DriftOf
	if e.Graph == nil {
		return doc
	}
	for i := range e.Graph.Grants {
		if g := &e.Graph.Grants[i]; e.lasts(g.Spans) {
			doc.Grants = append(doc.Grants, e.grantDoc(g))
		}
	}
	return doc
}

// Summary is the report without its grants and without drift.
func (e Evidence) Summary() EvidenceDoc {
	doc := EvidenceDoc{
		Format: "gatehouse.dev/report/v1", Policy: e.Policy, Time: e.Time, Version: e.Version, Digest: e.Digest, Verdict: e.Verdict(),
		Controls: e.controls(), Guardrails: append([]policies.Guardrail{}, e.Guardrails...), Findings: []FindingDoc{}, Exceptions: []ExceptionDoc{},
		Expiries: []ExpiryDoc{}, Tests: []TestDoc{}, Untested: []addr.Address{}, Proofs: []ProofDoc{}, NotApplied: []NotAppliedDoc{},
		Shared: []SharedDoc{},
	}
	for _, r := range e.Results {
		doc.Findings = append(doc.Findings, FindingDoc{r, rangeDoc(r.Range)})
	}
	for _, p := range e.Proofs {
		doc.Proofs = append(doc.Proofs, ProofDoc{p.Environment, p.Target, p.Holds(), lossDocs(p.Losses())})
	}
	for _, t := range e.Tests {
		doc.Tests = append(doc.Tests, testDoc(t))
	}
	for _, o := range e.Omissions {
		doc.NotApplied = append(doc.NotApplied, NotAppliedDoc{o.Environment, o.Target, o.Resource, o.Lack, len(o.Grants)})
	}
	doc.Untested = append(append(doc.Untested, e.Coverage.Allows.Missing...), e.Coverage.Denies.Missing...)
	if e.Graph != nil {
		for _, l := range e.Graph.Leaks {
			shared := SharedDoc{Principal: l.Principal, Holders: []HolderDoc{}}
			for _, h := range l.Holders {
				shared.Holders = append(shared.Holders, HolderDoc{h.Environment, h.Workload})
			}
			doc.Shared = append(doc.Shared, shared)
		}
		doc.Exceptions, doc.Expiries = e.exceptions(), e.expiries()
		doc.Counts = CountsDoc{
			Environments: len(e.Graph.Environments), Workloads: len(e.Graph.Workloads), Resources: len(e.Graph.Resources), Grants: lasting(e.Findings),
			Denied: len(e.Graph.Cuts), Exceptions: len(e.Graph.Exceptions),
		}
	}
	return doc
}

func testDoc(t access.TestResult) TestDoc {
	doc := TestDoc{Name: t.Test.Name.Value, Passed: t.Passed, Tried: t.Tried, File: t.Test.Decl.Filename, Line: t.Test.Decl.Start.Line}
	for _, f := range t.Failures[:min(len(t.Failures), reportedFailures)] {
		doc.Failures = append(doc.Failures, f.Holds)
	}
	return doc
}

// Differences counts what differs out there, without notes; there is none where nobody looked.
func (e Evidence) Differences() int {
	n := 0
	if e.Drift != nil {
		for _, r := range e.Drift.Rows {
			if r.Severity == drift.Drift {
				n++
			}
		}
	}
	return n
}

// controls turns the guardrails' own mapping round: control by control.
func (e Evidence) controls() []ControlDoc {
	byName := map[string]*ControlDoc{}
	for _, g := range e.Guardrails {
		for _, name := range g.Controls {
			if byName[name] == nil {
				byName[name] = &ControlDoc{Control: name}
			}
			byName[name].Guardrails = append(byName[name].Guardrails, g.ID)
		}
	}
	out := []ControlDoc{}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		c := byName[name]
		slices.Sort(c.Guardrails)
		for _, r := range e.Results {
			switch {
			case !slices.Contains(c.Guardrails, r.Guardrail):
			case r.Waiver != nil:
				c.Waived++
			default:
				c.Findings++
			}
		}
		out = append(out, *c)
	}
	return out
}

func (e Evidence) exceptions() []ExceptionDoc {
	out := []ExceptionDoc{}
	for _, x := range e.Graph.Exceptions {
		doc := ExceptionDoc{
			Exception: x.Addr, Guardrail: x.Guardrail.Value, Subjects: []addr.Address{}, Reason: x.Reason.Value, ApprovedBy: x.ApprovedBy.Value,
			Expires: x.Expires, InForce: x.Expires.IsZero() || e.Time.Before(x.Expires), File: x.Decl.Filename, Line: x.Decl.Start.Line,
		}
		for _, s := range x.Subjects {
			doc.Subjects = append(doc.Subjects, s.Addr)
		}
		for _, r := range e.Results.Waived() {
			if r.Waiver.Exception == x.Addr {
				doc.Waives++
			}
		}
		out = append(out, doc)
	}
	return out
}

// expiries returns the allows and exceptions that end, the soonest first.
func (e Evidence) expiries() []ExpiryDoc {
	found := map[addr.Address]*ExpiryDoc{}
	for i := range e.Graph.Grants {
		g := &e.Graph.Grants[i]
		for _, s := range g.Sources {
			end, ends := s.Span.Ends()
			if !ends || !end.After(e.Time) {
				continue
			}
			if found[s.Allow] == nil {
				found[s.Allow] = &ExpiryDoc{Address: s.Allow, Expires: end, Reason: s.Reason, File: s.Decl.Filename, Line: s.Decl.Start.Line}
			}
			if last, ends := g.Spans[len(g.Spans)-1].Ends(); ends && last.Equal(end) {
				found[s.Allow].Grants++
			}
		}
	}
	out := []ExpiryDoc{}
	for _, x := range e.exceptions() {
		if x.InForce && !x.Expires.IsZero() {
			out = append(out, ExpiryDoc{Address: x.Exception, Expires: x.Expires, Reason: x.Reason, File: x.File, Line: x.Line})
		}
	}
	for _, doc := range found {
		out = append(out, *doc)
	}
	slices.SortFunc(out, func(a, b ExpiryDoc) int {
		return cmp.Or(a.Expires.Compare(b.Expires), addr.Compare(a.Address, b.Address))
	})
	return out
}

func (e Evidence) lasts(s access.Spans) bool {
	_, later := s.Next(e.Time)
	return later || s.Contains(e.Time)
}

func (e Evidence) grantDoc(g *access.Grant) GrantDoc {
	doc := GrantDoc{
		Environment: g.Environment, Origin: g.Origin, Workload: g.Workload, Resource: g.Resource, Action: g.Action,
		Requests: access.RequestText(g.Request, g.Except), When: g.Spans, Lines: lineDocs(g.Sources),
	}
	if env, ok := e.Graph.Environment(g.Environment); ok {
		doc.Tier = env.Tier
	}
	if r, ok := e.Graph.Resource(g.Resource); ok {
		doc.Classification = r.Classification
	}
	return doc
}
