package access

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"gatehouse/lang/model"
)

// Lower returns what a target is to give in one environment at one moment. It is the measure of a compiler, and shares nothing with one.
// Losses tells in which ways that is more than was declared.
//
// Workloads become principals, actions become the target's verbs, and without a clock only what holds at the moment is given, without
// an end. Grants that are narrowed to certain requests are edges of their own, in canonical form: one for each path, with the methods of all;
// a target that can't narrow is given none of them. What has wholly ended is nothing to give, with a clock or without: a compiler leaves it out, so
// that what a target holds does not grow with the past. Only surfaces of the target's kinds count; an action without a verb and a workload without a principal give nothing.
// Edges are canonical, and have no steps: their lines are in the graph.
func Lower(g *Graph, environment string, c Capabilities, at time.Time) []Edge {
	l := newLowering(g, environment, c, at)
	edges := make([]Edge, 0, l.reaches())
	l.each(func(e loweredEdge) {
		edges = append(edges, Edge{From: *e.from, To: *e.to, Verb: e.verb, Requests: RequestText(e.request, e.except), Spans: l.spans(e)})
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

// loweredEdge is one edge, and the grants behind it.
type loweredEdge struct {
	reach
	request model.Request
	except  []model.Request
	same    []given // that make it
	all     []given // that give it at whatever time, where it isn't narrowed
	over    Spans   // when it is given, where it is narrowed
}

// each calls do for every edge, in order. Without a clock those that don't hold at the moment make none, with one those that never will again; an
// edge that is kept keeps its past, so that the end of a part changes nothing.
func (l *lowering) each(do func(loweredEdge)) {
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
		case l.can.Clock:
			do(loweredEdge{reach: all[0].reach, same: all, all: all}) // of all that give it none is apart
		default:
			do(loweredEdge{reach: all[0].reach, same: kept, all: all})
		}
	}
}

// counts reports whether a grant that holds over spans makes an edge.
func (l *lowering) counts(spans Spans) bool {
	return spans.Contains(l.at) || l.can.Clock && !spans.ended(l.at)
}

// patterns tells of an edge for each pattern of what grants let through together.
func (l *lowering) patterns(kept, all []given, do func(loweredEdge)) {
	list := make([]timed, len(kept))
	for i, k := range kept {
		if list[i] = (timed{k.grant.Request, k.grant.Spans}); !l.can.Clock {
			list[i].spans = always
		}
	}
	texts := map[string]loweredEdge{}
	for _, t := range uniteOver(list) {
		e := loweredEdge{reach: kept[0].reach, request: t.request}
		for _, k := range kept {
			if partOf(k.grant.Request, t.request) {
				e.same, e.except = append(e.same, k), append(e.except, k.grant.Except...)
			}
		}
		e.except = t.request.Meeting(e.except)
		e.over = t.spans
		if !l.can.Clock {
			e.over = throughout(t.request, all)
		}
		texts[RequestText(e.request, e.except)] = e
	}
	for _, text := range slices.Sorted(maps.Keys(texts)) {
		do(texts[text])
	}
}

// throughout returns when every one of some requests is given: method by method, by whatever wider patterns.
func throughout(r model.Request, all []given) Spans {
	out := always
	for _, method := range model.MethodsIn([]model.Request{r}) {
		if !r.Makes(method) {
			continue
		}
		var spans Spans
		for _, a := range all {
			if a.grant.Request.CoversPath(r) && a.grant.Request.Makes(method) {
				spans = spans.Union(a.grant.Spans)
			}
		}
		out = out.Intersect(spans)
	}
	return out
}

// always is shared by all edges that have no end. It has no room to append to.
var always = Spans{Always}

// spans returns when an edge holds: always, where the target has no clock.
func (l *lowering) spans(e loweredEdge) Spans {
	if !l.can.Clock {
		return always
	}
	return slices.Clone(e.holds()) // a grant's are its own
}

// holds returns when an edge's requests are given. What begins later puts off the end.
func (e loweredEdge) holds() Spans {
	if e.over != nil {
		return e.over
	}
	return union(e.all)
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
