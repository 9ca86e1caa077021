package access

import (
	"cmp"
	"slices"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// barrier is what one deny takes from one identity at one resource, because the identity is one of a workload's.
type barrier struct {
	identity, resource       int32
	deny, workload, from, to int32
}

func compareBarrier(a, b barrier) int {
	return cmp.Or(
		compareAim(a, b),
		cmp.Compare(a.deny, b.deny),
		cmp.Compare(a.workload, b.workload),
		cmp.Compare(a.from, b.from),
		cmp.Compare(a.to, b.to),
	)
}

func compareAim(a, b barrier) int {
	return cmp.Or(cmp.Compare(a.identity, b.identity), cmp.Compare(a.resource, b.resource))
}

// expandDenies records every deny in the graph, and what it bars.
func (b *builder) expandDenies() {
	for i, d := range b.denies {
		from, to := b.deniedWorkloads(d), b.deniedResources(d)
		b.graph.Denies = append(b.graph.Denies, b.declaredDeny(d, from, to))
		for _, r := range to {
			if len(b.offered[r.index]) == 0 {
				continue
			}
			for _, w := range from {
				for _, id := range b.identities(w.index, b.target(r.index)) {
					b.barriers = append(b.barriers, barrier{id, r.index, int32(i), w.index, w.ref, r.ref})
				}
			}
		}
	}
	slices.SortFunc(b.barriers, compareBarrier)
}

// end is a workload or resource, and which element of from or to first names it.
type end struct{ index, ref int32 }

// deniedWorkloads returns the workloads of a deny in canonical order: a group's members of any environment.
func (b *builder) deniedWorkloads(d *model.Deny) []end {
	var all []end
	for ref, from := range d.From {
		for _, h := range b.members[from.Addr] {
			for _, w := range h.workloads {
				all = append(all, end{w, int32(ref)})
			}
		}
	}
	return firsts(all)
}

func (b *builder) deniedResources(d *model.Deny) []end {
	var all []end
	for ref, to := range d.To {
		for _, r := range b.resource[to.Addr] {
			all = append(all, end{r, int32(ref)})
		}
	}
	return firsts(all)
}

func firsts(ends []end) []end {
	slices.SortFunc(ends, func(a, b end) int { return cmp.Or(cmp.Compare(a.index, b.index), cmp.Compare(a.ref, b.ref)) })
	return slices.CompactFunc(ends, func(a, b end) bool { return a.index == b.index })
}

// identities returns whom a target sees in a workload in any environment, sorted.
func (b *builder) identities(workload int32, t Target) []int32 {
	var out []int32
	for i := range b.held[workload] {
		out = append(out, b.identity(&b.held[workload][i], workload, t))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (b *builder) declaredDeny(d *model.Deny, from, to []end) Deny {
	out := Deny{Addr: d.Addr, Reason: d.Reason.Value, Actions: deniedActions(d), Requests: d.Requests, Decl: d.Decl}
	out.Workloads = make([]addr.Address, len(from))
	for i, w := range from {
		out.Workloads[i] = b.graph.Workloads[w.index].Addr
	}
	out.Resources = make([]addr.Address, len(to))
	for i, r := range to {
		out.Resources[i] = b.graph.Resources[r.index].Addr
	}
	return out
}

// deniedActions returns the actions of a deny: every one, where it names none.
func deniedActions(d *model.Deny) []model.Action {
	if len(d.Actions) == 0 {
		return model.Actions()
	}
	return d.Actions
}

// against returns the barriers that stand between an identity and a resource.
func (b *builder) against(identity, resource int32) []barrier {
	aim := barrier{identity: identity, resource: resource}
	from, found := slices.BinarySearchFunc(b.barriers, aim, compareAim)
	if !found {
		return nil
	}
	to := from
	for to < len(b.barriers) && compareAim(b.barriers[to], aim) == 0 {
		to++
	}
	return b.barriers[from:to]
}

// bars reports whether a barrier's deny covers an action.
func (b *builder) bars(x barrier, action int32) bool {
	denied := b.denies[x.deny].Actions
	return len(denied) == 0 || slices.ContainsFunc(denied, func(a model.Action) bool { return actionIndex(a) == int(action) })
}

// barring returns the barriers that take all of a part, and those that take some of its requests.
func (b *builder) barring(around []barrier, p part) (all, some []barrier) {
	for _, x := range around {
		if !b.bars(x, p.action) {
			continue
		}
		switch b.takes(x, b.requests[p.request]) {
		case takesAll:
			all = append(all, x)
		case takesSome:
			some = append(some, x)
		}
	}
	return all, some
}

// taking is how much a deny takes of a pattern of requests.
type taking uint8

const (
	takesNothing taking = iota
	takesSome
	takesAll
)

func (b *builder) takes(x barrier, r model.Request) taking {
	denied := b.denies[x.deny].Requests
	if len(denied) == 0 {
		return takesAll
	}
	out := takesNothing
	for _, d := range denied {
		switch {
		case d.Covers(r):
			return takesAll
		case !d.Disjoint(r):
			out = takesSome
		}
	}
	return out
}

// except returns the requests that barriers take from a part's pattern, and false where they are too many. What is denied on another
// workload's account alone can't be obeyed, and is a contradiction.
func (b *builder) except(parts []part, partly []barrier) ([]model.Request, bool) {
	var all, own []model.Request
	for _, x := range partly {
		overlapping := b.overlapping(x, parts[0])
		all = append(all, overlapping...)
		if x.workload == parts[0].workload {
			own = append(own, overlapping...)
		}
	}
	slices.SortFunc(all, model.CompareRequest)
	if all = slices.Compact(all); len(all) > maxPatterns {
		return nil, false
	}
	for _, x := range partly {
		foreign := slices.ContainsFunc(b.overlapping(x, parts[0]), func(r model.Request) bool {
			return !slices.ContainsFunc(own, func(o model.Request) bool { return o.Covers(r) })
		})
		if x.workload != parts[0].workload && foreign {
			b.contradict(parts, []barrier{x}, false)
		}
	}
	return widest(all), true
}

// overlapping returns the patterns of a barrier's deny that meet a part's.
func (b *builder) overlapping(x barrier, p part) []model.Request {
	return slices.DeleteFunc(slices.Clone(b.denies[x.deny].Requests), func(d model.Request) bool { return d.Disjoint(b.requests[p.request]) })
}

// inseparableFrom returns the barriers against other actions that meet a part where the target knows one verb only.
func (b *builder) inseparableFrom(around []barrier, p part) []barrier {
	if b.target(p.resource) != Consul {
		return nil
	}
	var out []barrier
	for _, x := range around {
		if !b.bars(x, p.action) && b.takes(x, b.requests[p.request]) != takesNothing {
			out = append(out, x)
		}
	}
	return out
}
