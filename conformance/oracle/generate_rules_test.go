package oracle_test

import (
	"gatehouse/conformance/oracle"
)

// hour is the unit of generated intervals, which begin and end at a few moments only, so that they meet.
const (
	hour  = int64(3600)
	begin = int64(1_800_000_000)
)

func (g *generator) group(name string) oracle.Group {
	out := oracle.Group{Name: name}
	if g.chance("by list", 40) {
		out.Workloads = g.some("members", g.workloads(), 40)
		return out
	}
	out.Match = map[string]string{"stage": pick(g, "match stage", "train", "serve")}
	if g.chance("and a team", 40) {
		out.Match["team"] = pick(g, "match team", "fraud-ml", "search")
	}
	return out
}

func (g *generator) workloads() []string {
	var out []string
	for _, w := range g.p.Workloads {
		out = append(out, "workload."+w.Name)
	}
	return out
}

func (g *generator) from() []string {
	out := g.workloads()
	for _, group := range g.p.Groups {
		out = append(out, "group."+group.Name)
	}
	return g.some("from", out, 25)
}

// to names stores, whole or by surface, and secrets; some of them both ways.
func (g *generator) to() []string {
	var out []string
	for _, s := range g.p.Stores {
		out = append(out, "feature_store."+s.Name)
		if s.Online != nil {
			out = append(out, "feature_store."+s.Name+".online")
		}
	}
	for _, s := range g.p.Secrets {
		out = append(out, "secret."+s.Name)
	}
	return g.some("to", out, 25)
}

func (g *generator) actions() []string {
	return pick(g, "actions", nil, []string{"read"}, []string{"write"}, []string{"read", "write"}, []string{"write", "read"})
}

func (g *generator) allow(name string) oracle.Allow {
	a := oracle.Allow{Name: name, From: g.from(), To: g.to(), Actions: g.actions()}
	if g.chance("begins", 30) {
		a.NotBefore = begin + hour*int64(g.upTo("not before", 3, 0))
	}
	if g.chance("ends", 35) {
		a.Expires = begin + hour*int64(g.upTo("expires", 5, 1))
		if a.Expires <= a.NotBefore && !g.chance("empty", 12) {
			a.Expires = a.NotBefore + hour
		}
	}
	if g.chance("narrowed", 20) {
		var all []string
		for _, e := range g.p.Environments {
			all = append(all, "environment."+e.Name)
		}
		a.Environments = g.some("narrowed to", all, 40)
	}
	return a
}

// deny mostly covers every action: one of a single action contradicts an allow of the other in a mesh.
func (g *generator) deny(name string) oracle.Deny {
	d := oracle.Deny{Name: name, From: g.from(), To: g.to()}
	if g.chance("only some actions", 35) {
		d.Actions = pick(g, "denied", []string{"read", "write"}, []string{"write"}, []string{"read"})
	}
	return d
}
