package policies

import (
	"time"

	"github.com/open-policy-agent/opa/v1/ast"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
)

// sourceKey is what one source of a grant depends on beside its allow.
type sourceKey struct{ allow, from, to addr.Address }

// granter returns a function from a grant's index to its term, joined with both ends. It remembers sources, since the grants of one
// allow share them, and so belongs to one goroutine.
func (p *projection) granter() func(int) *ast.Term {
	sources := map[sourceKey]*ast.Term{}
	source := func(s access.Source) *ast.Term {
		key := sourceKey{s.Allow, s.From.Addr, s.To.Addr}
		if sources[key] == nil {
			sources[key] = sourceTerm(s)
		}
		return sources[key]
	}
	return func(i int) *ast.Term {
		g := &p.graph.Grants[i]
		begins, ends := bounds(access.Span{Start: g.Spans[0].Start, End: g.Spans[len(g.Spans)-1].End})
		return ast.ObjectTerm(
			item("environment", p.environments[g.Environment]),
			item("workload", p.workloads[place{g.Environment, g.Workload}]),
			item("resource", p.resources[g.Resource]),
			item("action", actionTerm(g.Action)),
			item("not_before", begins),
			item("expires", ends),
			item("active", ast.InternedTerm(g.Spans.Contains(p.at))),
			item("sources", list(g.Sources, source)),
		)
	}
}

func sourceTerm(s access.Source) *ast.Term {
	begins, ends := bounds(s.Span)
	return ast.ObjectTerm(
		item("allow", addressTerm(s.Allow)),
		item("folder", folderTerm(s.Decl)),
		item("reason", textTerm(s.Reason)),
		item("from", addressTerm(s.From.Addr)),
		item("to", addressTerm(s.To.Addr)),
		item("not_before", begins),
		item("expires", ends),
	)
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
