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

// denial is what barriers take of a pattern of requests.
type denial struct {
	denied  []model.Request // what of them meets the pattern; canonical order
	taken   model.Request   // the pattern with the methods that are denied for all of its path; where some is false, the pattern
	barring []barrier       // that take it
	left    model.Request   // the pattern with the others
	some    bool            // anything is left
}

func (b *builder) denial(around []barrier, p part) denial {
	r := b.requests[p.request]
	var d denial
	for _, x := range around {
		if b.bars(x, p.action) {
			d.denied = append(d.denied, b.deniedRequests(x)...)
		}
	}
	d.denied = slices.DeleteFunc(d.denied, r.Disjoint)
	slices.SortFunc(d.denied, model.CompareRequest)
	d.denied = slices.Compact(d.denied)
	d.left, d.some = r.Left(d.denied)
	if d.taken = r; d.some {
		taken, cut := r.Left([]model.Request{d.left})
		if !cut {
			return d
		}
		d.taken = taken
	}
	for _, x := range around {
		if b.bars(x, p.action) && slices.ContainsFunc(b.deniedRequests(x), func(q model.Request) bool { return q.CoversPath(r) && !q.Disjoint(d.taken) }) {
			d.barring = append(d.barring, x)
		}
	}
	return d
}

var everyRequest = []model.Request{{}}

// deniedRequests returns the patterns of a barrier's deny.
func (b *builder) deniedRequests(x barrier) []model.Request {
	if denied := b.denies[x.deny].Requests; len(denied) > 0 {
		return denied
	}
	return everyRequest
}

// foreign returns the barriers that take requests of a part on another workload's account, where none does on its own: this can't be obeyed.
// Methods are looked at one by one. Where a barrier takes the whole path, those that take a part of it are not told as well.
func (b *builder) foreign(around []barrier, p part) []barrier {
	var own []model.Request
	var others []barrier
	lists := [][]model.Request{{b.requests[p.request]}}
	for _, x := range around {
		switch {
		case !b.bars(x, p.action):
		case x.workload == p.workload:
			own = append(own, b.deniedRequests(x)...)
		default:
			others = append(others, x)
			lists = append(lists, b.deniedRequests(x))
		}
	}
	if len(others) == 0 {
		return nil
	}
	found := map[barrier]bool{}
	for _, method := range model.MethodsIn(append(lists, own)...) {
		r := b.requests[p.request].WithMethods([]string{method})
		takes := func(list []model.Request, takes func(model.Request) bool) bool {
			return slices.ContainsFunc(list, func(q model.Request) bool { return q.Makes(method) && takes(q) })
		}
		covers := func(q model.Request) bool { return q.CoversPath(r) }
		if !b.requests[p.request].Makes(method) || takes(own, covers) {
			continue
		}
		aside := func(q model.Request) bool {
			return !q.DisjointPath(r) && !takes(own, func(o model.Request) bool { return o.CoversPath(q) })
		}
		if slices.ContainsFunc(others, func(x barrier) bool { return takes(b.deniedRequests(x), covers) }) {
			aside = covers
		}
		for _, x := range others {
			found[x] = found[x] || takes(b.deniedRequests(x), aside)
		}
	}
	return slices.DeleteFunc(others, func(x barrier) bool { return !found[x] })
}

// inseparableFrom returns the barriers against other actions that meet what is left of a part where the target knows one verb only. What the
// part's own action is denied as well needs no telling apart.
func (b *builder) inseparableFrom(around []barrier, p part, d denial) []barrier {
	if b.target(p.resource) != Consul {
		return nil
	}
	var out []barrier
	for _, x := range around {
		if !b.bars(x, p.action) && meetsLeft(b.deniedRequests(x), d) {
			out = append(out, x)
		}
	}
	return out
}

// meetsLeft reports whether some requests meet what is left of a pattern, by methods looked at one by one.
func meetsLeft(requests []model.Request, d denial) bool {
	for _, method := range model.MethodsIn(requests, d.denied, []model.Request{d.left}) {
		denied := func(of model.Request) bool {
			return slices.ContainsFunc(d.denied, func(o model.Request) bool { return o.Makes(method) && o.CoversPath(of) })
		}
		if d.left.Makes(method) && !denied(d.left) && slices.ContainsFunc(requests, func(q model.Request) bool {
			return q.Makes(method) && !q.DisjointPath(d.left) && !denied(q)
		}) {
			return true
		}
	}
	return false
}
