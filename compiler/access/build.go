package access

import (
	"runtime"
	"slices"
	"time"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
)

// Build returns the access that a policy declares, and what is wrong or odd about it; the time decides only which allows are reported
// as expired. The graph is complete even where there are errors: what can't hold is left out.
//
// Groups are expanded for each environment. An allow holds where both ends exist. A deny holds in every environment of its ends, against
// whoever is, there, a principal that one of its workloads is anywhere: it is names that the remote system refuses. A group in a
// deny stands for the members that it has in any environment.
//
// An allow across holds between its two environments alone: for workloads as they are in the one and resources as they are in the other. A mesh
// reaches across only where both are one realm, and nobody crosses to a target that his own environment doesn't have.
//
// Allows narrowed to requests give, at every moment, a grant for each path, with the methods of all that have it. Of it a deny that covers the
// path takes its methods, one that is disjoint from it nothing, and any other its own pattern, which becomes an exception of the grant.
func Build(p *model.Policy, at time.Time) (*Graph, diag.List) {
	return build(p, at, sharing{most: runtime.GOMAXPROCS(0), least: 1000})
}

func build(p *model.Policy, at time.Time, s sharing) (*Graph, diag.List) {
	b := &builder{policy: p, now: at, graph: &Graph{Policy: p.Name, Environments: environments(p)}, retired: retiredPlaces(p), sharing: s}
	b.sort()
	b.graph.Workloads = b.workloads()
	b.graph.Resources = b.resources()
	b.graph.Groups = slices.SortedFunc(slices.Values(p.Groups), func(x, y *model.Group) int { return addr.Compare(x.Addr, y.Addr) })
	b.graph.Providers = slices.SortedFunc(slices.Values(p.Providers), func(x, y *model.IdentityProvider) int { return addr.Compare(x.Addr, y.Addr) })
	b.graph.Exceptions = slices.SortedFunc(slices.Values(p.Exceptions), func(x, y *model.Exception) int { return addr.Compare(x.Addr, y.Addr) })
	b.graph.Tests = slices.Clone(p.Tests)
	b.index()
	b.graph.Leaks = b.leaks()
	b.expandDenies()
	b.expandAllows()
	b.resolveAccess()
	b.reportContradictions()
	b.reportAllows()
	b.reportDenies()
	b.reportUseless()
	b.reportOverfull()
	b.reportGroups()
	b.reportLeaks()
	return b.graph, b.diags.Sorted()
}

// builder holds one Build's work. Declarations are numbers, in canonical order, so that expanded access stays small and sorts fast.
type builder struct {
	policy *model.Policy
	now    time.Time
	graph  *Graph
	diags  diag.List

	declared []*model.Workload // by address
	allows   []*model.Allow    // by address
	denies   []*model.Deny     // by address

	environment map[string]int32
	workload    map[addr.Address]int32
	resource    map[addr.Address][]int32     // of a whole store or of one surface
	members     map[addr.Address][]holders   // of a workload or a group, by environment
	listed      map[addr.Address][]model.Ref // of a group by list, as it is written

	principals     []Principal                // by identity
	held           [][]held                   // by workload: its places
	offered        [][]int32                  // by resource: its environments
	requests       []model.Request            // every pattern of an allow, in canonical order, after every request
	everyRequest   []int32                    // the number of every request alone
	parts          []part                     // of allows
	barriers       []barrier                  // of denies
	outcomes       []outcome                  // by allow
	contradictions map[[4]int32]contradiction // by allow, deny, allowed and denied workload
	firstUnit      []int32                    // by allow: the number of its first unit
	units          []unit                     // patterns of allows
	covered        coverers
	naming         map[int32]map[addr.Address]bool     // by allow: whom it names; made when it is asked for
	overfull       map[[2]addr.Address]diag.Diagnostic // too many patterns between two ends
	behind         behind
	retired        retired
	sharing        sharing
}

// holders are the workloads that a reference stands for in one environment.
type holders struct {
	environment int32
	workloads   []int32
}

// held is a workload in one environment: who each target sees.
type held struct {
	environment int32
	identities  []int32
}

// sort puts declarations in canonical order, whatever the model's.
func (b *builder) sort() {
	b.declared = inOrder(b.policy.Workloads, func(x, y *model.Workload) int { return addr.Compare(x.Addr, y.Addr) })
	b.allows = inOrder(b.policy.Allows, func(x, y *model.Allow) int { return addr.Compare(x.Addr, y.Addr) })
	b.denies = inOrder(b.policy.Denies, func(x, y *model.Deny) int { return addr.Compare(x.Addr, y.Addr) })
}

// inOrder returns a list sorted: itself, where it is already.
func inOrder[T any](list []T, compare func(x, y T) int) []T {
	if slices.IsSortedFunc(list, compare) {
		return list
	}
	return slices.SortedStableFunc(slices.Values(list), compare)
}

func (b *builder) index() {
	b.outcomes = make([]outcome, len(b.allows))
	b.contradictions = map[[4]int32]contradiction{}
	b.overfull = map[[2]addr.Address]diag.Diagnostic{}
	b.indexUnits()
	b.indexRequests()
	b.environment = map[string]int32{}
	for i, e := range b.graph.Environments {
		b.environment[e.Name] = int32(i)
	}
	b.indexWorkloads()
	b.indexGroups()
	b.indexResources()
}

func (b *builder) indexWorkloads() {
	b.workload = make(map[addr.Address]int32, len(b.graph.Workloads))
	b.members = make(map[addr.Address][]holders, len(b.graph.Workloads)+len(b.policy.Groups))
	b.listed = make(map[addr.Address][]model.Ref, len(b.policy.Groups))
	b.held = make([][]held, len(b.graph.Workloads))
	identities := make(map[Principal]int32, len(b.graph.Workloads))
	numbers := make([]int32, len(b.graph.Workloads))
	for i := range b.graph.Workloads {
		w := &b.graph.Workloads[i]
		b.workload[w.Addr], numbers[i] = int32(i), int32(i)
		b.held[i] = make([]held, 0, len(w.Places))
		members := make([]holders, 0, len(w.Places))
		for _, p := range w.Places {
			h := held{environment: b.environment[p.Environment], identities: make([]int32, 0, len(p.Principals))}
			for _, principal := range p.Principals {
				id, ok := identities[principal]
				if !ok {
					id = int32(len(b.principals))
					identities[principal] = id
					b.principals = append(b.principals, principal)
				}
				h.identities = append(h.identities, id)
			}
			b.held[i] = append(b.held[i], h)
			members = append(members, holders{h.environment, numbers[i : i+1 : i+1]})
		}
		b.members[w.Addr] = members
	}
}

func (b *builder) indexGroups() {
	for _, g := range b.policy.Groups {
		var all []holders
		for i, e := range b.graph.Environments {
			var workloads []int32
			for _, member := range g.Members[e.Name] {
				if w, ok := b.workload[member]; ok && b.place(w, int32(i)) != nil {
					workloads = append(workloads, w)
				}
			}
			if len(workloads) > 0 {
				all = append(all, holders{int32(i), workloads})
			}
		}
		b.members[g.Addr] = all
		b.listed[g.Addr] = g.Listed
	}
}

func (b *builder) indexResources() {
	b.resource = make(map[addr.Address][]int32, 2*len(b.graph.Resources))
	b.offered = make([][]int32, len(b.graph.Resources))
	for i := range b.graph.Resources {
		r := &b.graph.Resources[i]
		b.resource[r.Addr] = append(b.resource[r.Addr], int32(i))
		if whole := r.Addr.Whole(); whole != r.Addr {
			b.resource[whole] = append(b.resource[whole], int32(i))
		}
		b.offered[i] = make([]int32, 0, len(r.Places))
		for _, p := range r.Places {
			b.offered[i] = append(b.offered[i], b.environment[p.Environment])
		}
	}
}

// place returns a workload in an environment, or nil.
func (b *builder) place(workload, environment int32) *held {
	places := b.held[workload]
	for i := range places {
		if places[i].environment == environment {
			return &places[i]
		}
	}
	return nil
}

// nobody is the identity of a workload whom a target can't see, so that a deny still finds it by its address.
func nobody(workload int32) int32 { return -1 - workload }

// identity returns whom a target sees in a workload in one place.
func (b *builder) identity(h *held, workload int32, t Target) int32 {
	for _, id := range h.identities {
		if b.principals[id].Target == t {
			return id
		}
	}
	return nobody(workload)
}

// target returns whose surface a resource is.
func (b *builder) target(resource int32) Target {
	return b.graph.Resources[resource].Places[0].Surface.Target
}
