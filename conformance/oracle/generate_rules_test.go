package oracle_test

import (
	"slices"

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
		members := g.workloads()
		for _, inner := range g.p.Groups {
			members = append(members, "group."+inner.Name)
		}
		if g.chance("in a circle", 8) {
			members = append(members, "group."+name)
		}
		out.Workloads = g.some("members", members, 40)
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
		if s.Offline != nil {
			out = append(out, "feature_store."+s.Name+".offline")
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
	if g.narrow && g.chance("by requests", 70) {
		a.To, a.HTTP = g.requested(a.To), g.http()
	}
	if len(g.p.Environments) > 1 && g.chance("across", 35) {
		if a.Across = g.across(a); a.Across != nil {
			return a
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
	if g.narrow && g.chance("only some requests", 60) {
		d.To, d.HTTP = g.requested(d.To), g.http()
	}
	return d
}

// across draws a crossing, mostly one that every target can express and that gives something.
func (g *generator) across(a oracle.Allow) *oracle.Across {
	var good, all []*oracle.Across
	for _, from := range g.p.Environments {
		for _, e := range g.p.Environments {
			if from.Name == e.Name {
				continue
			}
			one := &oracle.Across{From: from.Name, To: e.Name}
			all = append(all, one)
			alone := g.p
			a.Across, a.HTTP = one, nil
			alone.Allows, alone.Denies = []oracle.Allow{a}, nil
			if len(alone.Mistakes()) == 0 && slices.ContainsFunc(alone.Questions(), alone.Ever) {
				good = append(good, one)
			}
		}
	}
	switch {
	case g.chance("any crossing", 5):
		return pick(g, "crossing", all...)
	case len(good) > 0:
		return pick(g, "good crossing", good...)
	}
	return nil
}

// requested turns what a rule is to into what takes requests, but for a rare one.
func (g *generator) requested(to []string) []string {
	if g.chance("what takes no requests", 3) {
		return to
	}
	var out []string
	for _, s := range g.p.Stores {
		if s.Online != nil {
			out = append(out, "feature_store."+s.Name+".online")
		}
	}
	if len(out) == 0 {
		return to
	}
	return g.some("requested", out, 30)
}

func (g *generator) http() []oracle.HTTP {
	var out []oracle.HTTP
	for range g.upTo("http blocks", 2, 1) {
		h := oracle.HTTP{Methods: pick(g, "methods", nil, []string{"GET"}, []string{"POST", "GET"}, []string{"DELETE"})}
		switch g.below("paths", 5) {
		case 0:
			h.Paths = pick(g, "exact", []string{"/v1/a"}, []string{"/v1/b", "/v2"})
		case 1:
			h.Prefixes = pick(g, "prefix", []string{"/v1/"}, []string{"/"}, []string{"/v2", "/v1/a"})
		case 2:
			h.Regexes = pick(g, "regex", []string{"/v[12].*"}, []string{"/v1/[ab]"})
		case 3:
			h.Paths, h.Prefixes = []string{"/v2"}, []string{"/v1/"}
		default:
			if h.Methods == nil {
				h.Methods = []string{"GET"}
			}
		}
		out = append(out, h)
	}
	return out
}
