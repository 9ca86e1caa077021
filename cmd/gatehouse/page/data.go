package page

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/cmd/gatehouse/view"
	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
	"gatehouse/targets/drift"
)

// data is what the page's script reads. Grants are rows of numbers, which point into the lists: a hundred thousand of them are a few megabytes.
type data struct {
	Policy       string           `json:"policy"`
	Time         time.Time        `json:"time"`
	Version      string           `json:"version"`
	Digest       string           `json:"digest"`
	Verdict      string           `json:"verdict"`
	Environments []environment    `json:"environments"`
	Workloads    []workload       `json:"workloads"`
	Resources    []resource       `json:"resources"`
	Lines        []line           `json:"lines"`    // allows and denies
	Groups       []string         `json:"groups"`   // addresses
	Requests     []string         `json:"requests"` // patterns; 0 is every request
	Spans        [][][2]string    `json:"spans"`    // begin and end; 0 is always
	Grants       [][]any          `json:"grants"`   // environment, origin, workload, resource, action, request, spans, [line, group]...
	Cuts         [][]any          `json:"cuts"`     // environment, workload, resource, action, [lines of allows], [lines of denies]
	Leaks        []leak           `json:"leaks"`
	Proofs       []proof          `json:"proofs"`
	Evidence     view.EvidenceDoc `json:"evidence"` // without its grants and proofs
	Drift        *differences     `json:"drift,omitempty"`
}

// proof is a proof with its losses counted: there may be as many as grants.
type proof struct {
	Environment string                  `json:"environment"`
	Target      string                  `json:"target"`
	Proven      bool                    `json:"proven"`
	Losses      map[access.LossKind]int `json:"losses"`
}

// differences is a drift report in words.
type differences struct {
	Time  time.Time    `json:"time"`
	Of    string       `json:"of"`
	Count int          `json:"count"` // without notes
	Rows  []difference `json:"rows"`
}

type difference struct {
	Kind        drift.Kind     `json:"kind"`
	Severity    drift.Severity `json:"severity"`
	Environment string         `json:"environment"`
	Target      string         `json:"target"`
	Object      string         `json:"object"`
	Item        string         `json:"item,omitempty"`
	Detail      string         `json:"detail"`
	Means       string         `json:"means,omitempty"`
	Since       time.Time      `json:"since,omitzero"`
	Lines       []line         `json:"lines,omitempty"`
	Remedy      string         `json:"remedy"`
}

type environment struct {
	Name    string   `json:"name"`
	Tier    string   `json:"tier"`
	Retired bool     `json:"retired,omitempty"`
	Targets []string `json:"targets"`
}

type workload struct {
	Address     string            `json:"address"`
	Owner       string            `json:"owner,omitempty"`
	Interactive bool              `json:"interactive,omitempty"`
	Team        string            `json:"team,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	Names       []string          `json:"names"` // what it is called, place by place
	File        string            `json:"file"`
	Line        int               `json:"line"`
}

type resource struct {
	Address        string   `json:"address"`
	Owner          string   `json:"owner,omitempty"`
	Team           string   `json:"team,omitempty"`
	Classification string   `json:"classification"`
	Names          []string `json:"names"`
	File           string   `json:"file"`
	Line           int      `json:"line"`
}

type line struct {
	Address string `json:"address"`
	Reason  string `json:"reason,omitempty"`
	File    string `json:"file"`
	Line    int    `json:"line"`
}

type leak struct {
	Principal string   `json:"principal"`
	Holders   []string `json:"holders"`
}

func newData(e view.Evidence) data {
	d := data{
		Policy: e.Policy, Time: e.Time, Version: e.Version, Digest: e.Digest, Verdict: e.Verdict(), Evidence: e.Summary(),
		Environments: []environment{}, Workloads: []workload{}, Resources: []resource{}, Leaks: []leak{}, Grants: [][]any{}, Cuts: [][]any{},
		Lines: []line{}, Groups: []string{""}, Requests: []string{""}, Spans: [][][2]string{{}}, Proofs: []proof{}, Drift: driftOf(e),
	}
	for _, p := range d.Evidence.Proofs {
		d.Proofs = append(d.Proofs, proofOf(p))
	}
	d.Evidence.Proofs = nil
	if e.Graph == nil {
		return d
	}
	t := newTables(e.Graph)
	for _, env := range e.Graph.Environments {
		d.Environments = append(d.Environments, environmentOf(env))
	}
	for _, w := range e.Graph.Workloads {
		d.Workloads = append(d.Workloads, workloadOf(w))
	}
	for _, r := range e.Graph.Resources {
		d.Resources = append(d.Resources, resourceOf(r))
	}
	for _, g := range e.Graph.Grants {
		d.Grants = append(d.Grants, t.grant(g))
	}
	for _, c := range e.Graph.Cuts {
		d.Cuts = append(d.Cuts, t.cut(c))
	}
	for _, l := range e.Graph.Leaks {
		d.Leaks = append(d.Leaks, leakOf(l))
	}
	d.Lines, d.Groups, d.Requests, d.Spans = t.lines, t.groups, t.requests, t.spans
	return d
}

func proofOf(p view.ProofDoc) proof {
	out := proof{p.Environment, string(p.Target), p.Proven, map[access.LossKind]int{}}
	for _, l := range p.Losses {
		out.Losses[l.Kind]++
	}
	return out
}

func driftOf(e view.Evidence) *differences {
	if e.Drift == nil {
		return nil
	}
	out := &differences{Time: e.Drift.Time, Of: e.DriftOf, Count: e.Differences(), Rows: []difference{}}
	for _, r := range e.Drift.Rows {
		row := difference{
			Kind: r.Kind, Severity: r.Severity, Environment: r.Environment, Target: string(r.Target), Object: strings.Trim(r.Object.String(), "/"), Item: r.Item,
			Detail: r.Detail, Means: view.Meaning(r), Since: r.Since, Remedy: r.Remedy,
		}
		for _, l := range r.Lines {
			row.Lines = append(row.Lines, line{Address: l.Addr, File: l.File, Line: l.Line})
		}
		out.Rows = append(out.Rows, row)
	}
	return out
}

func environmentOf(e access.Environment) environment {
	out := environment{Name: e.Name, Tier: string(e.Tier), Retired: e.Retired, Targets: []string{}}
	if e.Consul != nil {
		out.Targets = append(out.Targets, string(access.Consul))
	}
	if e.Google != nil {
		out.Targets = append(out.Targets, string(access.Google))
	}
	return out
}

// teamLabel is the label by which people usually say whose a thing is; without it, its owner is its team.
const teamLabel = "team"

func workloadOf(w access.Workload) workload {
	out := workload{Address: w.Addr.String(), Owner: w.Owner, Interactive: w.Interactive, Names: []string{}, File: w.Decl.Filename, Line: w.Decl.Start.Line}
	for _, p := range w.Places {
		if out.Labels == nil {
			out.Labels = p.Labels
		}
		for _, principal := range p.Principals {
			out.Names = append(out.Names, p.Environment+": "+principal.Name)
		}
	}
	out.Team = cmp.Or(out.Labels[teamLabel], w.Owner)
	return out
}

func resourceOf(r access.Resource) resource {
	out := resource{
		Address: r.Addr.String(), Owner: r.Owner, Team: r.Owner, Classification: string(r.Classification), Names: []string{},
		File: r.Decl.Filename, Line: r.Decl.Start.Line,
	}
	for _, p := range r.Places {
		out.Names = append(out.Names, p.Environment+": "+p.Surface.Name)
	}
	return out
}

func leakOf(l access.Leak) leak {
	out := leak{Principal: l.Principal.Name, Holders: []string{}}
	for _, h := range l.Holders {
		out.Holders = append(out.Holders, h.Workload.String()+" in "+h.Environment)
	}
	return out
}

// tables turn what stands in many grants into numbers.
type tables struct {
	environment map[string]int
	workload    map[addr.Address]int
	resource    map[addr.Address]int
	line        map[addr.Address]int
	group       map[addr.Address]int
	request     map[string]int
	span        map[string]int

	lines    []line
	groups   []string
	requests []string
	spans    [][][2]string
}

func newTables(g *access.Graph) *tables {
	t := &tables{
		environment: map[string]int{}, workload: map[addr.Address]int{}, resource: map[addr.Address]int{}, line: map[addr.Address]int{},
		group: map[addr.Address]int{}, request: map[string]int{"": 0}, span: map[string]int{"": 0},
		lines: []line{}, groups: []string{""}, requests: []string{""}, spans: [][][2]string{{}},
	}
	for i, e := range g.Environments {
		t.environment[e.Name] = i
	}
	for i, w := range g.Workloads {
		t.workload[w.Addr] = i
	}
	for i, r := range g.Resources {
		t.resource[r.Addr] = i
	}
	return t
}

func (t *tables) grant(g access.Grant) []any {
	var sources [][2]int
	for _, s := range g.Sources {
		sources = append(sources, [2]int{t.lineOf(s.Allow, s.Decl, s.Reason), t.groupOf(s.From.Addr)})
	}
	action := slices.Index(model.Actions(), g.Action)
	return []any{
		t.environment[g.Environment], t.environment[g.Origin], t.workload[g.Workload], t.resource[g.Resource], action,
		t.requestOf(access.RequestText(g.Request, g.Except)), t.spansOf(g.Spans), sources,
	}
}

func (t *tables) cut(c access.Cut) []any {
	allows, denies := []int{}, []int{}
	for _, s := range c.Sources {
		allows = append(allows, t.lineOf(s.Allow, s.Decl, s.Reason))
	}
	for _, d := range c.Denies {
		denies = append(denies, t.lineOf(d.Deny, d.Decl, d.Reason))
	}
	return []any{t.environment[c.Environment], t.workload[c.Workload], t.resource[c.Resource], slices.Index(model.Actions(), c.Action), allows, denies}
}

func (t *tables) lineOf(a addr.Address, at hcl.Range, reason string) int {
	i, ok := t.line[a]
	if !ok {
		i = len(t.lines)
		t.line[a] = i
		t.lines = append(t.lines, line{a.String(), reason, at.Filename, at.Start.Line})
	}
	return i
}

func (t *tables) groupOf(a addr.Address) int {
	if a.Kind != addr.Group {
		return 0
	}
	i, ok := t.group[a]
	if !ok {
		i = len(t.groups)
		t.group[a] = i
		t.groups = append(t.groups, a.String())
	}
	return i
}

func (t *tables) requestOf(text string) int {
	i, ok := t.request[text]
	if !ok {
		i = len(t.requests)
		t.request[text] = i
		t.requests = append(t.requests, text)
	}
	return i
}

func (t *tables) spansOf(spans access.Spans) int {
	key := view.Spans(spans)
	i, ok := t.span[key]
	if !ok {
		i = len(t.spans)
		t.span[key] = i
		t.spans = append(t.spans, ends(spans))
	}
	return i
}

// ends returns begin and end of each span, "" where it has none.
func ends(spans access.Spans) [][2]string {
	out := [][2]string{}
	for _, s := range spans {
		var pair [2]string
		if begin, ok := s.Begins(); ok {
			pair[0] = begin.Format(time.RFC3339)
		}
		if end, ok := s.Ends(); ok {
			pair[1] = end.Format(time.RFC3339)
		}
		out = append(out, pair)
	}
	return out
}
