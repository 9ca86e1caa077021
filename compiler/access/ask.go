package access

import (
	"cmp"
	"slices"
	"time"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// Means says how a workload comes by access.
type Means string

// The means. All but Declared are effective access that nobody declared for the workload.
const (
	Declared     Means = "declared"        // a grant of its own
	SharedName   Means = "shared-identity" // another holder of its principal has the grant
	CoarseAction Means = "coarse-action"   // it has a grant of another action, which the target can't tell from the one asked for
)

// Answer is one workload that reaches a resource.
type Answer struct {
	Environment string       // of the resource
	Home        string       // of the workload: Environment, but for an allow across and for a principal that reaches across
	Workload    addr.Address // who reaches
	Resource    addr.Address // with its surface
	Action      model.Action // that was granted: the one asked for, but for CoarseAction
	Principal   Principal
	Surface     Surface
	Means       Means
	Grantee     addr.Address    // whose grant it is: Workload, but for SharedName
	Request     model.Request   // zero: every request
	Except      []model.Request // of them, those that are denied
	Spans       Spans           // of the grant
	Sources     []Source
}

// coarse reports whether a surface's target can't tell actions apart: a mesh knows who may connect, and no more.
func coarse(s Surface) bool { return s.Target == Consul }

// WhoCan returns every workload that reaches a resource at a moment, by what is declared and by what follows from it: through a shared
// principal, from whatever environment, and where the target can't tell the action from another one. A whole feature store means
// each of its surfaces. An empty environment means all of them.
//
// A workload that has the access by its own grant is answered once, as Declared, and of a grant that is narrowed to requests once for each
// pattern; what a plainer answer covers is left out. The order is by environment, workload, home, resource.
func WhoCan(g *Graph, action model.Action, resource addr.Address, environment string, at time.Time) []Answer {
	var asked []*Grant
	for i := range g.Grants {
		grant := &g.Grants[i]
		named := grant.Resource == resource || grant.Resource.Whole() == resource
		if named && (environment == "" || grant.Environment == environment) {
			asked = append(asked, grant)
		}
	}
	return whoCan(g, asked, holdersOf(g), action, at)
}

// holdersOf returns the holders of the principals that several workloads share.
func holdersOf(g *Graph) map[Principal][]Holder {
	leaks := map[Principal][]Holder{}
	for _, l := range g.Leaks {
		leaks[l.Principal] = l.Holders
	}
	return leaks
}

// whoCan answers from some grants.
func whoCan(g *Graph, grants []*Grant, leaks map[Principal][]Holder, action model.Action, at time.Time) []Answer {
	var out []Answer
	for _, grant := range grants {
		if !grant.Spans.Contains(at) {
			continue
		}
		p, s, ok := g.Remote(*grant)
		if ok && (grant.Action == action || coarse(s)) {
			out = append(out, answers(*grant, p, s, action, leaks[p])...)
		}
	}
	slices.SortStableFunc(out, func(a, b Answer) int { return compareAnswer(a, b, action) })
	return best(out)
}

// answers returns whom one grant lets in: its workload, and the other holders of its principal.
func answers(grant Grant, p Principal, s Surface, action model.Action, holders []Holder) []Answer {
	own := Answer{
		Environment: grant.Environment, Home: grant.Home(), Workload: grant.Workload, Resource: grant.Resource, Action: grant.Action,
		Principal: p, Surface: s, Means: Declared, Grantee: grant.Workload,
		Request: grant.Request, Except: grant.Except, Spans: grant.Spans, Sources: grant.Sources,
	}
	if grant.Action != action {
		own.Means = CoarseAction
	}
	out := []Answer{own}
	for _, h := range holders {
		if h.Workload != grant.Workload || h.Environment != own.Home {
			other := own
			other.Home, other.Workload, other.Means = h.Environment, h.Workload, SharedName
			out = append(out, other)
		}
	}
	return out
}

// compareAnswer puts answers about one workload together, the plainest first; of a grantee's actions the one asked for first.
func compareAnswer(a, b Answer, asked model.Action) int {
	switch {
	case compareAsked(a, b) != 0 || a.Means != b.Means || a.Grantee != b.Grantee || a.Action == b.Action:
	case a.Action == asked:
		return -1
	case b.Action == asked:
		return 1
	}
	return cmp.Or(
		compareAsked(a, b),
		cmp.Compare(rank(a.Means), rank(b.Means)),
		addr.Compare(a.Grantee, b.Grantee),
		cmp.Compare(actionIndex(a.Action), actionIndex(b.Action)),
		model.CompareRequest(a.Request, b.Request),
	)
}

func compareAsked(a, b Answer) int {
	return cmp.Or(
		cmp.Compare(a.Environment, b.Environment),
		addr.Compare(a.Workload, b.Workload),
		cmp.Compare(a.Home, b.Home),
		addr.Compare(a.Resource, b.Resource),
	)
}

func rank(m Means) int { return slices.Index([]Means{Declared, CoarseAction, SharedName}, m) }

// best leaves, for each workload, its answers of the plainest means, one for each grantee and pattern: whatever no answer before it gives.
func best(sorted []Answer) []Answer {
	var out []Answer
	first, means := 0, 0 // where the kept answers about one workload begin, and those of its latest means
	for _, a := range sorted {
		if len(out) > first && compareAsked(out[first], a) != 0 {
			first, means = len(out), len(out)
		}
		if len(out) > means && out[means].Means != a.Means {
			means = len(out)
		}
		told := slices.ContainsFunc(out[first:means], func(o Answer) bool { return o.tells(a) })
		for i := len(out) - 1; i >= means && out[i].Grantee == a.Grantee; i-- {
			told = told || out[i].tells(a)
		}
		if !told {
			out = append(out, a)
		}
	}
	return out
}

// tells reports whether an answer says all of another: at least its requests, at least as long.
func (a Answer) tells(other Answer) bool {
	refused := len(a.Except) > 0 && !slices.Equal(a.Except, other.Except)
	return a.Request.Covers(other.Request) && !refused && len(other.Spans.Subtract(a.Spans)) == 0
}
