package access

import (
	"slices"
	"strings"
)

// Closure adds to the edges everything that follows from acts-as edges: if a principal can act as another, it reaches what the other
// reaches and acts as whom the other acts as, while both hold. Steps are those of the way, in its order; of several ways to the same
// access at the same time a shortest is told. Circles end. The result is canonical.
//
// An edge that ends in acting as Anyone is acting as somebody whom nobody names: only edges from Anyone lead on. What narrows one edge of a
// way to certain requests narrows the whole way.
func Closure(edges []Edge) []Edge {
	edges = Canonical(edges)
	ways := index(edges)
	out := slices.Clone(edges)
	for i := 0; i < len(edges); {
		j := i + 1
		for j < len(edges) && edges[i].From == edges[j].From && slices.Equal(edges[i].Except, edges[j].Except) {
			j++
		}
		out = append(out, ways.follow(edges[i:j])...)
		i = j
	}
	return Canonical(out)
}

// ways holds edges by the principal they speak of.
type ways map[Principal][]Edge

func index(edges []Edge) ways {
	w := ways{}
	for _, e := range edges {
		w[e.From] = append(w[e.From], e)
	}
	return w
}

// of returns the edges that speak of a principal.
func (w ways) of(p Principal) []Edge {
	own := w[p]
	if p.Name == Anyone {
		return own
	}
	out := slices.Clip(own)
	for _, e := range w[anyone(p)] {
		if e.Speaks(p) {
			out = append(out, e)
		}
	}
	return out
}

// follow returns what the principals of some edges, which have one source, come to reach by acting as others. The search is breadth
// first, and goes on only with access at seconds that has not been found before: it ends, since every edge has finitely many ends.
func (w ways) follow(same []Edge) []Edge {
	found := map[object]Spans{}
	fresh := func(e Edge) (Edge, bool) {
		o := objectOf(e)
		if e.Spans = e.Spans.Subtract(found[o]); len(e.Spans) == 0 {
			return e, false
		}
		found[o] = found[o].Union(e.Spans)
		return e, true
	}
	var queue, out []Edge
	for _, e := range same {
		if e, ok := fresh(e); ok && e.ActsAs != (Principal{}) {
			queue = append(queue, e)
		}
	}
	for ; len(queue) > 0; queue = queue[1:] {
		for _, next := range w.of(queue[0].ActsAs) {
			e, ok := fresh(join(queue[0], next))
			if !ok || toItself(e) {
				continue
			}
			out = append(out, e)
			if e.ActsAs != (Principal{}) {
				queue = append(queue, e)
			}
		}
	}
	return out
}

// join returns the edge that two edges make together; it has no spans where there is no moment at which both hold.
func join(first, next Edge) Edge {
	e := next
	e.From, e.Except = first.From, first.Except
	e.Spans = first.Spans.Intersect(next.Spans)
	e.Requests = both(first.Requests, next.Requests)
	e.Via = slices.Concat(first.Via, next.Via)
	return e
}

// both returns the requests that two narrowings leave. Of three the last is left out of the text: a circle of narrowed edges would
// otherwise never stop adding to it.
func both(first, next string) string {
	switch {
	case first == "" || first == next:
		return next
	case next == "" || strings.Contains(first, andThen):
		return first
	}
	return first + andThen + next
}

const andThen = "; and then "

// toItself reports whether an edge says that a principal can act as itself. An edge from anyone to Anyone does say something: those whom
// it speaks of gain what is given to strangers, and may be excepted there.
func toItself(e Edge) bool { return e.ActsAs == e.From && e.From.Name != Anyone }
