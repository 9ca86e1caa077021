package access

import (
	"cmp"
	"slices"
	"strings"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// Diff returns the access that one policy gives and another doesn't, for all time, by remote names: who is seen, what is guarded, which
// action and requests, when. Names of environments, workloads and allows don't count, nor does how the policy is written. Extending an
// expiry gains the time between the two ends. It does not depend on the moments that the graphs were built for.
//
// Requests are compared pattern by pattern and method by method: what another pattern covers, or several together, each for some of the methods,
// is nothing gained. Several that cover a path only together are not seen to: that is told as a difference, never the reverse.
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
		k := j
		for k < len(others) && compareEnds(others[k], r) == 0 {
			k++
		}
		out = append(out, r.beyond(others[j:k])...)
	}
	return denied(out, other)
}

// beyond returns what a row gives and others with the same ends don't: one row for the methods that differ at the same times.
func (r *DeltaRow) beyond(others []*DeltaRow) []DeltaRow {
	all := r.givenByMethods(others)
	every := slices.IndexFunc(all, func(d elsewhere) bool { return slices.Contains(d.methods, model.OtherMethod) })
	var out []DeltaRow
	for i, d := range all {
		differs := *r
		differs.Spans = r.Spans.Subtract(d.given)
		if i != every && every >= 0 {
			differs.Spans = differs.Spans.Subtract(r.Spans.Subtract(all[every].given)) // the row of every method tells that
		}
		if len(differs.Spans) == 0 {
			continue
		}
		differs.Request = r.Request.WithMethods(d.methods)
		differs.Except = differs.Request.Meeting(r.Except)
		differs.Whole, differs.Other, differs.Partly = r.Spans, d.given, nil
		differs.Sources = meeting(r.Sources, differs.Spans)
		for _, o := range others {
			if !o.Request.Disjoint(differs.Request) && !covers(o, &differs) {
				differs.Partly = append(differs.Partly, o.Request)
			}
		}
		out = append(out, differs)
	}
	slices.SortFunc(out, func(a, b DeltaRow) int { return model.CompareRequest(a.Request, b.Request) })
	return out
}

// elsewhere is when other rows give a row's requests of some methods.
type elsewhere struct {
	methods []string
	given   Spans
}

// givenByMethods tells methods apart that other rows give at different times.
func (r *DeltaRow) givenByMethods(others []*DeltaRow) []elsewhere {
	lists := [][]model.Request{{r.Request}, r.Except}
	narrowed := false
	for _, o := range others {
		lists = append(lists, []model.Request{o.Request}, o.Except)
		narrowed = narrowed || len(o.Except) > 0 || o.Request != (model.Request{})
	}
	methods := strings.Split(r.Request.Methods, ",")
	switch {
	case narrowed:
		methods = model.MethodsIn(lists...)
	case r.Request.Methods == "":
		methods = []string{model.OtherMethod}
	}
	var all []elsewhere
	for _, method := range methods {
		if !r.Request.Makes(method) {
			continue
		}
		given := r.givenBy(others, method)
		if i := slices.IndexFunc(all, func(d elsewhere) bool { return d.given.Equal(given) }); i >= 0 {
			all[i].methods = append(all[i].methods, method)
		} else {
			all = append(all, elsewhere{[]string{method}, given})
		}
	}
	return all
}

// givenBy returns when some rows give all of a row's requests of one method.
func (r *DeltaRow) givenBy(others []*DeltaRow, method string) Spans {
	one := *r
	one.Request = r.Request.WithMethods([]string{method})
	one.Except = slices.DeleteFunc(slices.Clone(r.Except), func(e model.Request) bool { return !e.Makes(method) })
	var given Spans
	for _, o := range others {
		if o.Request.Makes(method) && coversBy(o, &one, method) {
			given = given.Union(o.Spans)
		}
	}
	return given
}

// covers reports whether a row gives every request that another one gives.
func covers(a, b *DeltaRow) bool {
	return !slices.ContainsFunc(model.MethodsIn([]model.Request{a.Request, b.Request}, a.Except, b.Except), func(method string) bool {
		return b.Request.Makes(method) && !(a.Request.Makes(method) && coversBy(a, b, method))
	})
}

// coversBy reports whether a row gives every request of a method that another one gives.
func coversBy(a, b *DeltaRow, method string) bool {
	return a.Request.CoversPath(b.Request) && !slices.ContainsFunc(a.Except, func(not model.Request) bool {
		harmless := !not.Makes(method) || not.DisjointPath(b.Request) ||
			slices.ContainsFunc(b.Except, func(also model.Request) bool { return also.Makes(method) && also.CoversPath(not) })
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
	cuts := map[ends][]*Cut{}
	for i := range other.Cuts {
		c := &other.Cuts[i]
		if p, s, ok := other.Remote(Grant{Environment: c.Environment, Origin: c.Origin, Workload: c.Workload, Resource: c.Resource, Action: c.Action}); ok {
			at := ends{p, s, c.Action}
			cuts[at] = append(cuts[at], c)
		}
	}
	for i, r := range rows {
		for _, c := range cuts[ends{r.Principal, r.Surface, r.Action}] {
			if !c.Request.Disjoint(r.Request) {
				rows[i].Denies = addDenies(rows[i].Denies, c.Denies)
			}
		}
	}
	return rows
}

// addDenies adds what a list doesn't hold yet. It writes to neither.
func addDenies(list, more []DenySource) []DenySource {
	for _, d := range more {
		if !slices.Contains(list, d) {
			list = append(slices.Clip(list), d)
		}
	}
	return list
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
