package access

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Canonical returns the edges with those of one identity merged, sorted by identity: principal, exceptions, surface, principal acted as,
// verb and requests. Spans and steps are united; edges that never hold are left out. The input is left as it was.
//
// It merges and orders, and no more: `anyone` beside `anyone except web` and `web` stay as they are, since each has steps of its own
// to explain it. Equal compares what edges mean.
func Canonical(edges []Edge) []Edge {
	normals := make([]Edge, 0, len(edges))
	for _, e := range edges {
		if e = normal(e); len(e.Spans) > 0 {
			normals = append(normals, e)
		}
	}
	sorted := make([]*Edge, len(normals)) // an edge is a long thing to move about
	for i := range normals {
		sorted[i] = &normals[i]
	}
	if !slices.IsSortedFunc(sorted, compareWay) {
		slices.SortFunc(sorted, compareWay)
	}
	var out []Edge
	if len(sorted) > 0 {
		out = make([]Edge, 0, len(sorted))
	}
	for i := 0; i < len(sorted); {
		j := i + 1
		for j < len(sorted) && compareEdge(sorted[i], sorted[j]) == 0 {
			j++
		}
		out = append(out, merge(sorted[i:j]))
		i = j
	}
	return out
}

// normal returns the edge with its own parts in canonical form.
func normal(e Edge) Edge {
	if !canonicalSpans(e.Spans) {
		e.Spans = NewSpans(e.Spans...)
	}
	if e.From.Name != Anyone || len(e.Except) == 0 {
		e.Except = nil
		return e
	}
	e.Except = slices.Compact(slices.Sorted(slices.Values(e.Except)))
	return e
}

func canonicalSpans(s Spans) bool {
	for i, span := range s {
		if span.Empty() || i > 0 && span.Start <= s[i-1].End {
			return false
		}
	}
	return true
}

// merge unites edges of one identity.
func merge(same []*Edge) Edge {
	e := *same[0]
	if len(same) == 1 {
		return e
	}
	var spans Spans
	var via []Step
	seen := map[Step]bool{}
	for _, s := range same {
		spans = append(spans, s.Spans...)
		for _, step := range s.Via {
			if !seen[step] {
				seen[step] = true
				via = append(via, step)
			}
		}
	}
	e.Spans, e.Via = NewSpans(spans...), via
	return e
}

// compareEdge is the order of identities. It is most of what a proof takes: it looks no further than it must.
func compareEdge(a, b *Edge) int {
	if c := ComparePrincipal(a.From, b.From); c != 0 {
		return c
	}
	if c := slices.Compare(a.Except, b.Except); c != 0 {
		return c
	}
	if c := CompareSurface(a.To, b.To); c != 0 {
		return c
	}
	if c := ComparePrincipal(a.ActsAs, b.ActsAs); c != 0 {
		return c
	}
	return cmp.Or(strings.Compare(string(a.Verb), string(b.Verb)), strings.Compare(a.Requests, b.Requests))
}

// compareWay orders edges of one identity by their steps.
func compareWay(a, b *Edge) int {
	if c := compareEdge(a, b); c != 0 {
		return c
	}
	return slices.CompareFunc(a.Via, b.Via, compareStep)
}

func compareStep(a, b Step) int {
	return cmp.Or(strings.Compare(a.Object, b.Object), strings.Compare(a.Detail, b.Detail))
}

// Speaks reports whether an edge speaks of a principal: it is From, or From is anyone in its realm and doesn't except it. The
// principal named Anyone is somebody whom nobody names.
func (e Edge) Speaks(p Principal) bool {
	if e.From == p {
		return true
	}
	return e.From == anyone(p) && !slices.Contains(e.Except, p.Name)
}

// anyone returns the symbolic principal of a principal's realm.
func anyone(p Principal) Principal {
	p.Name = Anyone
	return p
}

// Reaches reports whether a principal reaches a surface at a moment by an edge of its own or of anyone's, with all requests or some.
// It doesn't follow acts-as edges: Closure does.
func Reaches(edges []Edge, p Principal, s Surface, v Verb, at time.Time) bool {
	return slices.ContainsFunc(edges, func(e Edge) bool {
		return e.To == s && e.Verb == v && e.ActsAs == Principal{} && e.Speaks(p) && e.Spans.Contains(at)
	})
}
