package access

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Lower returns what a target is to give in one environment at one moment. It is the measure of a compiler, and shares nothing with one.
// Losses tells in which ways that is more than was declared.
//
// Workloads become principals, actions become the target's verbs, and without a clock only what holds at the moment is given, without
// an end. Grants that are narrowed to certain requests are edges of their own, one for each pattern, but for patterns that a wider one covers;
// a target that can't narrow is given none of them. What has wholly ended is nothing to give, with a clock or without: a compiler leaves it out, so that what a target holds does not
// grow with the past. Only surfaces of the target's kinds count; an action without a verb and a workload without a principal give nothing.
// Edges are canonical, and have no steps: their lines are in the graph.
func Lower(g *Graph, environment string, c Capabilities, at time.Time) []Edge {
	l := newLowering(g, environment, c, at)
	edges := make([]Edge, 0, l.reaches())
	l.each(func(same, all []given) {
		r, grant := same[0].reach, same[0].grant
		edges = append(edges, Edge{
			From: *r.from, To: *r.to, Verb: r.verb, Requests: RequestText(grant.Request, grant.Except), Spans: l.spans(all),
		})
	})
	return edges
}

// lowering is what Lower and Losses have in common: the grants that count, by what they reach.
type lowering struct {
	environment string
	can         Capabilities
	at          time.Time
	given       []given // by reach
}

// reach is what makes grants one edge.
type reach struct {
	from *Principal
	to   *Surface
	verb Verb
}

// given is a grant in the target's words.
type given struct {
	reach
	grant *Grant
}

func compareReach(a, b given) int {
	if a.from != b.from {
		if c := ComparePrincipal(*a.from, *b.from); c != 0 {
			return c
		}
	}
	if a.to != b.to {
		if c := CompareSurface(*a.to, *b.to); c != 0 {
			return c
		}
	}
	return cmp.Compare(a.verb, b.verb)
}

func newLowering(g *Graph, environment string, c Capabilities, at time.Time) *lowering {
	l := &lowering{environment: environment, can: c, at: at}
	l.given = make([]given, 0, len(g.In(environment)))
	for grant, ends := range g.remotes(environment) {
		verb, ok := c.Verbs[grant.Action]
		if ok && ends.to.Target == c.Target && slices.Contains(c.Kinds, ends.to.Kind) && (c.Requests || !grant.Narrowed()) {
			l.given = append(l.given, given{reach{ends.from, ends.to, verb}, grant})
		}
	}
	if !slices.IsSortedFunc(l.given, compareReach) {
		slices.SortStableFunc(l.given, compareReach)
	}
	return l
}

// together returns how many of some grants, from the first on, are of one reach.
func together(from []given) int {
	n := 1
	for n < len(from) && compareReach(from[n], from[0]) == 0 {
		n++
	}
	return n
}

// reaches counts what is reached, which is nearly how many edges there will be.
func (l *lowering) reaches() int {
	n := 0
	for rest := l.given; len(rest) > 0; rest = rest[together(rest):] {
		n++
	}
	return n
}

// each calls do for every edge, in order: with the grants that make it, and all that cover its requests. Without a clock those that don't hold
// at the moment make none, with one those that never will again; an edge that is kept keeps its past, so that the end of a part changes nothing.
func (l *lowering) each(do func(same, all []given)) {
	var kept []given
	for rest := l.given; len(rest) > 0; {
		all, narrowed := rest[:together(rest)], false
		rest, kept = rest[len(all):], kept[:0]
		for _, a := range all {
			narrowed = narrowed || a.grant.Narrowed()
			if l.counts(a.grant.Spans) {
				kept = append(kept, a)
			}
		}
		switch {
		case len(kept) == 0:
		case narrowed:
			l.patterns(kept, all, do)
		default:
			l.edge(kept, all, do)
		}
	}
}

// counts reports whether a grant that holds over spans makes an edge.
func (l *lowering) counts(spans Spans) bool {
	return spans.Contains(l.at) || l.can.Clock && !spans.ended(l.at)
}

// patterns tells of an edge for each pattern of requests that no wider one of the reach covers.
func (l *lowering) patterns(kept, all []given, do func(same, all []given)) {
	byText := map[string][]given{}
	for _, k := range kept {
		text := RequestText(k.grant.Request, k.grant.Except)
		byText[text] = append(byText[text], k)
	}
	for _, text := range slices.Sorted(maps.Keys(byText)) {
		own := byText[text][0].grant
		covering := slices.DeleteFunc(slices.Clone(all), func(a given) bool {
			return !a.grant.Request.Covers(own.Request) || l.can.Clock && a.grant.Request != own.Request
		})
		wider := slices.ContainsFunc(kept, func(k given) bool {
			return k.grant.Request != own.Request && k.grant.Request.Covers(own.Request) && l.lasts(k.grant.Spans, byText[text])
		})
		if !wider {
			l.edge(byText[text], covering, do)
		}
	}
}

// lasts reports whether spans hold wherever it matters of some grants': at the moment, or with a clock throughout.
func (l *lowering) lasts(spans Spans, of []given) bool {
	if !l.can.Clock {
		return spans.Contains(l.at)
	}
	return !slices.ContainsFunc(of, func(o given) bool { return len(o.grant.Spans.Subtract(spans)) > 0 })
}

// edge tells of one edge. With a clock, of all grants that cover its requests none is apart from the others.
func (l *lowering) edge(same, all []given, do func(same, all []given)) {
	if l.can.Clock {
		same = all
	}
	do(same, all)
}

// always is shared by all edges that have no end. It has no room to append to.
var always = Spans{Always}

// spans returns when an edge holds that some grants make: always, where the target has no clock.
func (l *lowering) spans(all []given) Spans {
	if !l.can.Clock {
		return always
	}
	return slices.Clone(union(all)) // a grant's are its own
}

// union returns when any of some grants holds. Those that begin later put off the end.
func union(all []given) Spans {
	spans := all[0].grant.Spans
	for _, a := range all[1:] {
		if !spans.Equal(a.grant.Spans) {
			spans = spans.Union(a.grant.Spans)
		}
	}
	return spans
}
