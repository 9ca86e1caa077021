package access

import (
	"cmp"
	"slices"

	"gatehouse/lang/addr"
)

// Diff returns the access that one policy gives and another doesn't, for all time, by remote names: who is seen, what is guarded, which
// action, when. Names of environments, workloads and allows don't count, nor does how the policy is written. Extending an expiry
// gains the time between the two ends.
func Diff(before, after *Graph) GraphDelta {
	old, now := rows(before), rows(after)
	return GraphDelta{Gained: lacking(now, old), Lost: lacking(old, now)}
}

// rows returns all access of a graph, one row for each principal, surface and action, in canonical order.
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
		Environment: grant.Environment, Principal: p, Workloads: []addr.Address{grant.Workload}, Surface: s, Resource: grant.Resource,
		Action: grant.Action, Spans: grant.Spans, Sources: grant.Sources,
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

// lacking returns what rows give and others don't. Both are sorted.
func lacking(rows, others []*DeltaRow) []DeltaRow {
	var out []DeltaRow
	j := 0
	for _, r := range rows {
		for j < len(others) && compareRow(others[j], r) < 0 {
			j++
		}
		spans := r.Spans
		if j < len(others) && compareRow(others[j], r) == 0 {
			spans = spans.Subtract(others[j].Spans)
		}
		if len(spans) > 0 {
			differs := *r
			differs.Spans, differs.Sources = spans, meeting(r.Sources, spans)
			out = append(out, differs)
		}
	}
	return out
}

// meeting returns the sources that give some of the spans.
func meeting(sources []Source, spans Spans) []Source {
	return slices.DeleteFunc(slices.Clone(sources), func(s Source) bool { return len(spans.Intersect(Spans{s.Span})) == 0 })
}

func compareRow(a, b *DeltaRow) int {
	if c := ComparePrincipal(a.Principal, b.Principal); c != 0 {
		return c
	}
	return cmp.Or(CompareSurface(a.Surface, b.Surface), cmp.Compare(actionIndex(a.Action), actionIndex(b.Action)))
}
