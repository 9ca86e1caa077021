package policies

import (
	"cmp"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// sourceKey is what one source of a grant depends on beside its allow.
type sourceKey struct{ allow, from, to addr.Address }

// granter returns a function from an index of lasting to the grant's term, joined with both ends. It remembers sources, since the grants
// of one allow share them, and so belongs to one goroutine.
func (p *projection) granter() func(int) *ast.Term {
	sources := map[sourceKey]*ast.Term{}
	source := func(s access.Source) *ast.Term {
		key := sourceKey{s.Allow, s.From.Addr, s.To.Addr}
		if sources[key] == nil {
			sources[key] = ast.ObjectTerm(p.sourceFields(s)...)
		}
		return sources[key]
	}
	return func(n int) *ast.Term {
		g := &p.graph.Grants[p.lasting[n]]
		origin := cmp.Or(g.Origin, g.Environment)
		begins, ends := bounds(hull(g.Spans))
		return ast.ObjectTerm(
			item("environment", p.environments[g.Environment]),
			item("origin", p.environments[origin]),
			item("crosses", ast.InternedTerm(origin != g.Environment)),
			item("workload", p.workloads[place{origin, g.Workload}]),
			item("resource", p.resources[place{g.Environment, g.Resource}]),
			item("action", actionTerm(g.Action)),
			item("request", requestTerm(g.Request)),
			item("except", list(g.Except, requestTerm)),
			item("held", p.held(n)),
			item("not_before", begins),
			item("expires", ends),
			item("active", ast.InternedTerm(g.Spans.Contains(p.at))),
			item("sources", list(g.Sources, source)),
		)
	}
}

// held lists the actions that a grant's workload has on its resource there.
func (p *projection) held(n int) *ast.Term {
	var found [2]bool // by model.Actions
	for i := p.first[n]; i < len(p.lasting) && p.first[i] == p.first[n]; i++ {
		if p.graph.Grants[p.lasting[i]].Action == model.Write {
			found[1] = true
		} else {
			found[0] = true
		}
	}
	switch found {
	case [2]bool{true, true}:
		return heldBoth
	case [2]bool{false, true}:
		return heldWrite
	default:
		return heldRead
	}
}

var (
	heldRead  = list([]model.Action{model.Read}, actionTerm)
	heldWrite = list([]model.Action{model.Write}, actionTerm)
	heldBoth  = list(model.Actions(), actionTerm)
)

// hull is the span from the first begin to the last end.
func hull(s access.Spans) access.Span { return access.Span{Start: s[0].Start, End: s[len(s)-1].End} }

// anyRequest is the request of nearly every grant.
var anyRequest = newRequestTerm(model.Request{})

func requestTerm(r model.Request) *ast.Term {
	if r == (model.Request{}) {
		return anyRequest
	}
	return newRequestTerm(r)
}

func newRequestTerm(r model.Request) *ast.Term {
	methods := strings.FieldsFunc(r.Methods, func(c rune) bool { return c == ',' })
	return ast.ObjectTerm(
		item("methods", list(methods, textTerm)),
		item("kind", textTerm(string(r.Kind))),
		item("path", textTerm(r.Path)),
	)
}

func (p *projection) sourceFields(s access.Source) [][2]*ast.Term {
	begins, ends := bounds(s.Span)
	return [][2]*ast.Term{
		item("allow", addressTerm(s.Allow)),
		item("folder", folderTerm(s.Decl)),
		item("reason", textTerm(s.Reason)),
		item("from", addressTerm(s.From.Addr)),
		item("by", p.by(s.From.Addr)),
		item("to", addressTerm(s.To.Addr)),
		item("not_before", begins),
		item("expires", ends),
	}
}

// by says how a source names its workload.
func (p *projection) by(from addr.Address) *ast.Term { return wordTerm(p.manner(from)) }

func (p *projection) manner(from addr.Address) string {
	switch {
	case from.Kind != addr.Group:
		return "name"
	case p.matching[from]:
		return "labels"
	default:
		return "list"
	}
}

// bounds returns both ends of a span as RFC 3339, null where there is none.
func bounds(s access.Span) (begins, ends *ast.Term) {
	begins, ends = ast.InternedNullTerm, ast.InternedNullTerm
	if t, ok := s.Begins(); ok {
		begins = textTerm(t.UTC().Format(time.RFC3339))
	}
	if t, ok := s.Ends(); ok {
		ends = textTerm(t.UTC().Format(time.RFC3339))
	}
	return begins, ends
}
