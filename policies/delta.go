package policies

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// This file projects what a change does to access, and what targets can't express of it.

// delta is what changes between the world's base and its graph.
func (p *projection) delta() *ast.Term {
	if p.world.Base == nil {
		return ast.ObjectTerm(item("known", ast.InternedTerm(false)), item("gained", ast.ArrayTerm()), item("lost", ast.ArrayTerm()))
	}
	d := access.Diff(p.world.Base, p.graph)
	before, after := newSide(p.world.Base), newSide(p.graph)
	return ast.ObjectTerm(
		item("known", ast.InternedTerm(true)),
		item("gained", list(d.Gained, func(r access.DeltaRow) *ast.Term { return p.row(r, after, before) })),
		item("lost", list(d.Lost, func(r access.DeltaRow) *ast.Term { return p.row(r, before, after) })),
	)
}

// side is one of two policies that are compared.
type side struct {
	graph   *access.Graph
	reasons map[addr.Address]string // of allows that give something
	reached map[reached]struct{}    // at any time
}

// reached is who reaches what how, by remote names.
type reached struct {
	principal access.Principal
	surface   access.Surface
	action    model.Action
}

func newSide(g *access.Graph) *side {
	s := &side{g, map[addr.Address]string{}, map[reached]struct{}{}}
	for i := range g.Grants {
		grant := &g.Grants[i]
		for j := range grant.Sources {
			s.reasons[grant.Sources[j].Allow] = grant.Sources[j].Reason
		}
		if principal, surface, ok := g.Remote(*grant); ok {
			s.reached[reached{principal, surface, grant.Action}] = struct{}{}
		}
	}
	return s
}

// row is access of one side that the other one lacks.
func (p *projection) row(r access.DeltaRow, s, other *side) *ast.Term {
	begins, ends := bounds(hull(r.Spans))
	_, changed := other.reached[reached{r.Principal, r.Surface, r.Action}]
	return ast.ObjectTerm(
		item("environment", textTerm(r.Environment)),
		item("tier", textTerm(string(r.Tier))),
		item("principal", principalTerm(r.Principal)),
		item("workloads", list(r.Workloads, s.workload)),
		item("resource", s.resource(r.Resource)),
		item("action", actionTerm(r.Action)),
		item("request", requestTerm(r.Request)),
		item("not_before", begins),
		item("expires", ends),
		item("changed", ast.InternedTerm(changed)),
		item("sources", list(r.Sources, func(source access.Source) *ast.Term {
			old := ast.InternedNullTerm
			if reason, there := other.reasons[source.Allow]; there {
				old = textTerm(reason)
			}
			return ast.ObjectTerm(append(p.sourceFields(source), item("old_reason", old))...)
		})),
	)
}

func (s *side) workload(a addr.Address) *ast.Term {
	w, ok := s.graph.Workload(a)
	if !ok {
		return ast.ObjectTerm()
	}
	return ast.ObjectTerm(fieldsOf(workloadColumns(), w)...)
}

func (s *side) resource(a addr.Address) *ast.Term {
	r, ok := s.graph.Resource(a)
	if !ok {
		return ast.ObjectTerm()
	}
	return ast.ObjectTerm(fieldsOf(resourceColumns(), r)...)
}

// losses lists what targets can't express.
func (p *projection) losses() *ast.Term {
	if p.world.Losses == nil {
		return ast.ArrayTerm()
	}
	return list(p.world.Losses(), func(l access.Loss) *ast.Term {
		var allows []addr.Address
		for i := range l.Sources {
			allows = append(allows, l.Sources[i].Allow)
		}
		slices.SortFunc(allows, addr.Compare)
		return ast.ObjectTerm(
			item("kind", textTerm(string(l.Kind))),
			item("environment", textTerm(l.Environment)),
			item("tier", textTerm(string(p.tiers[l.Environment]))),
			item("target", textTerm(string(l.Target))),
			item("principal", principalTerm(l.Principal)),
			item("surface", textTerm(l.Surface.Name)),
			item("workloads", list(l.Workloads, addressTerm)),
			item("allows", list(slices.Compact(allows), addressTerm)),
			item("detail", textTerm(l.Detail)),
		)
	})
}
