package access

import (
	"cmp"
	"slices"
	"time"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// WhatCan returns everything that a workload reaches at a moment, by what is declared and by what follows from it: WhoCan asked from the
// other end, of every action. What its principals' other holders are granted is answered as SharedName; where a target can't tell actions
// apart, the action that was granted stands for all of them. An empty environment means all of them.
//
// The order is by environment, resource, action; what the workload has by its own grant is answered once for each of its homes that it is granted
// to.
func WhatCan(g *Graph, workload addr.Address, environment string, at time.Time) []Answer {
	w, ok := g.Workload(workload)
	if !ok {
		return nil
	}
	own := map[Principal]bool{}
	for _, place := range w.Places {
		for _, p := range place.Principals {
			own[p] = true
		}
	}
	leaks := holdersOf(g)
	twins := twinsOf(workload, own, leaks)
	var out []Answer
	for i := range g.Grants {
		if !twins[g.Grants[i].Workload] {
			continue
		}
		grant := g.Grants[i]
		p, s, ok := g.Remote(grant)
		if !ok || !own[p] || environment != "" && grant.Environment != environment || !grant.Spans.Contains(at) {
			continue
		}
		for _, a := range answers(grant, p, s, grant.Action, leaks[p]) {
			if a.Workload == workload {
				out = append(out, a)
			}
		}
	}
	slices.SortStableFunc(out, compareReached)
	return untold(out)
}

// untold drops what a workload reaches by another's grant where its own gives as much. The list is sorted.
func untold(sorted []Answer) []Answer {
	var out []Answer
	first := 0
	for _, a := range sorted {
		if len(out) > first && !sameReach(out[first], a) {
			first = len(out)
		}
		if a.Means == Declared || !slices.ContainsFunc(out[first:], func(o Answer) bool { return o.Means == Declared && o.tells(a) }) {
			out = append(out, a)
		}
	}
	return out
}

// twinsOf returns a workload and those that share a principal with it.
func twinsOf(workload addr.Address, own map[Principal]bool, leaks map[Principal][]Holder) map[addr.Address]bool {
	out := map[addr.Address]bool{workload: true}
	for p := range own {
		for _, h := range leaks[p] {
			out[h.Workload] = true
		}
	}
	return out
}

func compareReached(a, b Answer) int {
	return cmp.Or(
		cmp.Compare(a.Environment, b.Environment),
		addr.Compare(a.Resource, b.Resource),
		cmp.Compare(actionIndex(a.Action), actionIndex(b.Action)),
		model.CompareRequest(a.Request, b.Request),
		cmp.Compare(rank(a.Means), rank(b.Means)),
		addr.Compare(a.Grantee, b.Grantee),
		cmp.Compare(a.Home, b.Home),
	)
}

func sameReach(a, b Answer) bool {
	return a.Environment == b.Environment && a.Resource == b.Resource && a.Action == b.Action && a.Request == b.Request
}
