package access

import (
	"cmp"
	"slices"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// Diff returns the access that one policy gives and another doesn't, for all time, by remote names: who is seen, what is guarded, which
// action and requests, when. Names of environments, workloads and allows don't count, nor does how the policy is written. Extending an
// expiry gains the time between the two ends. It does not depend on the moments that the graphs were built for.
//
// Requests are compared pattern by pattern: one that another pattern covers is nothing gained. Several patterns that only together cover
// another are not seen to: that is told as a difference, never the reverse.
func Diff(before, after *Graph) GraphDelta {
	old, now := rows(before), rows(after)
	return GraphDelta{Gained: lacking(now, old, before), Lost: lacking(old, now, after)}
}

// rows returns all access of a graph, one row for each principal, surface, action and pattern of requests, in canonical order.
func rows(g *Graph) []*DeltaRow {
	out := make([]*DeltaRow, 0, len(g.Grants))
	for _, grant := range g.Grants {
		if principal, surface, ok := g.Remote(grant); ok {
			out = append(out, row(g, grant, principal, surface))
		}
	}
	slices.SortStableFunc(out, compareRow)
	return uniteRows(out)
}

func row(g *Graph, grant Grant, p Principal, s Surface) *DeltaRow {
	r := &DeltaRow{
		Environment: grant.Environment, Origin: grant.Origin, Principal: p, Workloads: []addr.Address{grant.Workload}, Surface: s, Resource: grant.Resource,
		Action: grant.Action, Request: grant.Request, Except: grant.Except, Spans: grant.Spans, Sources: grant.Sources,
	}
	if e, ok := g.Environment(grant.Environment); ok {
		r.Tier = e.Tier
	}
	if resource, ok := g.Resource(grant.Resource); ok {
		r.Classification = resource.Classification
	}
	return r
}

// uniteRows joins the rows of workloads that are one principal. The rows' slices belong to the graph, and are not written to.
func uniteRows(sorted []*DeltaRow) []*DeltaRow {
	out := sorted[:0]
	for _, r := range sorted {
		if len(out) == 0 || compareRow(out[len(out)-1], r) != 0 {
			out = append(out, r)
			continue
		}
		last := out[len(out)-1]
		last.Workloads = sortedSet(append(last.Workloads, r.Workloads...))
		last.Spans = last.Spans.Union(r.Spans)
		last.Sources = slices.Concat(last.Sources, r.Sources)
	}
	return out
}

// lacking returns what rows give and the rows of another policy don't. Both are sorted.
func lacking(rows, others []*DeltaRow, other *Graph) []DeltaRow {
	var out []DeltaRow
	j := 0
	for _, r := range rows {
		for j < len(others) && compareEnds(others[j], r) < 0 {
			j++
		}
		var given Spans
		var partly []model.Request
		for k := j; k < len(others) && compareEnds(others[k], r) == 0; k++ {
			if covers(others[k], r) {
				given = given.Union(others[k].Spans)
			} else if !others[k].Request.Disjoint(r.Request) {
				partly = append(partly, others[k].Request)
			}
		}
		if spans := r.Spans.Subtract(given); len(spans) > 0 {
			differs := *r
			differs.Spans, differs.Whole, differs.Other = spans, r.Spans, given
			differs.Partly, differs.Sources = partly, meeting(r.Sources, spans)
			out = append(out, differs)
		}
	}
	return denied(out, other)
}

// covers reports whether a row gives every request that another one gives. It says no in cases where only several patterns together cover.
func covers(a, b *DeltaRow) bool {
	if !a.Request.Covers(b.Request) {
		return false
	}
	return !slices.ContainsFunc(a.Except, func(not model.Request) bool {
		harmless := not.Disjoint(b.Request) || slices.ContainsFunc(b.Except, func(also model.Request) bool { return also.Covers(not) })
		return !harmless
	})
}

// denied adds to rows the denies that take them in the policy that lacks them.
func denied(rows []DeltaRow, other *Graph) []DeltaRow {
	if len(rows) == 0 || len(other.Cuts) == 0 {
		return rows
	}
	type ends struct {
		principal Principal
		surface   Surface
		action    model.Action
	}
	cuts := map[ends][]DenySource{}
	for _, c := range other.Cuts {
		if p, s, ok := other.Remote(Grant{Environment: c.Environment, Origin: c.Environment, Workload: c.Workload, Resource: c.Resource, Action: c.Action}); ok {
			cuts[ends{p, s, c.Action}] = c.Denies
		}
	}
	for i, r := range rows {
		rows[i].Denies = cuts[ends{r.Principal, r.Surface, r.Action}]
	}
	return rows
}

// meeting returns the sources that give some of the spans.
func meeting(sources []Source, spans Spans) []Source {
	return slices.DeleteFunc(slices.Clone(sources), func(s Source) bool { return len(spans.Intersect(Spans{s.Span})) == 0 })
}

func compareRow(a, b *DeltaRow) int {
	if c := compareEnds(a, b); c != 0 {
		return c
	}
	return cmp.Or(model.CompareRequest(a.Request, b.Request), slices.CompareFunc(a.Except, b.Except, model.CompareRequest))
}

// compareEnds compares rows by all but requests.
func compareEnds(a, b *DeltaRow) int {
	if c := ComparePrincipal(a.Principal, b.Principal); c != 0 {
		return c
	}
	return cmp.Or(CompareSurface(a.Surface, b.Surface), cmp.Compare(actionIndex(a.Action), actionIndex(b.Action)))
}
