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
// The order is by environment, resource, action; what the workload has by its own grant is answered once.
func WhatCan(g *Graph, workload addr.Address, environment string, at time.Time) []Answer {
	w, ok := g.Workload(workload)
	if !ok {
		return nil
	}
	home := map[Principal]string{}
	for _, place := range w.Places {
		for _, p := range place.Principals {
			home[p] = place.Environment
		}
	}
	twins := twinsOf(g, workload, home)
	var out []Answer
	for i := range g.Grants {
		if !twins[g.Grants[i].Workload] {
			continue
		}
		grant := g.Grants[i]
		p, s, ok := g.Remote(grant)
		from, own := home[p]
		if !ok || !own || environment != "" && grant.Environment != environment || !grant.Spans.Contains(at) {
			continue
		}
		out = append(out, reachedBy(grant, workload, from, p, s))
	}
	slices.SortStableFunc(out, compareReached)
	return slices.CompactFunc(out, func(a, b Answer) bool {
		return a.Means == Declared && b.Means == SharedName && sameReach(a, b) && a.tells(b)
	})
}

// twinsOf returns a workload and those that share a principal with it.
func twinsOf(g *Graph, workload addr.Address, home map[Principal]string) map[addr.Address]bool {
	out := map[addr.Address]bool{workload: true}
	for _, l := range g.Leaks {
		if _, own := home[l.Principal]; own {
			for _, h := range l.Holders {
				out[h.Workload] = true
			}
		}
	}
	return out
}

// reachedBy answers with one grant of a principal that a workload is, its own or another holder's.
func reachedBy(grant Grant, workload addr.Address, home string, p Principal, s Surface) Answer {
	a := Answer{
		Environment: grant.Environment, Home: home, Workload: workload, Resource: grant.Resource, Action: grant.Action,
		Principal: p, Surface: s, Means: Declared, Grantee: grant.Workload, Request: grant.Request, Except: grant.Except,
		Spans: grant.Spans, Sources: grant.Sources,
	}
	if grant.Workload != workload {
		a.Means = SharedName
	}
	return a
}

func compareReached(a, b Answer) int {
	return cmp.Or(
		cmp.Compare(a.Environment, b.Environment),
		addr.Compare(a.Resource, b.Resource),
		cmp.Compare(actionIndex(a.Action), actionIndex(b.Action)),
		model.CompareRequest(a.Request, b.Request),
		cmp.Compare(rank(a.Means), rank(b.Means)),
		addr.Compare(a.Grantee, b.Grantee),
	)
}

func sameReach(a, b Answer) bool {
	return a.Environment == b.Environment && a.Resource == b.Resource && a.Action == b.Action && a.Request == b.Request
}
