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
func (p *projection) granter() func(int32) *ast.Term {
	sources := map[sourceKey]*ast.Term{}
	source := func(s access.Source) *ast.Term {
		key := sourceKey{s.Allow, s.From.Addr, s.To.Addr}
		if sources[key] == nil {
			sources[key] = ast.ObjectTerm(p.sourceFields(s)...)
		}
		return sources[key]
	}
	return func(n int32) *ast.Term {
		l := p.lasting[n]
		g := &p.graph.Grants[l.grant]
		origin := cmp.Or(g.Origin, g.Environment)
		begins, ends := bounds(hull(g.Spans))
		return ast.ObjectTerm(
			item("environment", p.environments[g.Environment]),
			item("origin", p.environments[origin]),
			item("crosses", ast.InternedTerm(origin != g.Environment)),
			item("workload", p.workloadShown(l.workload, origin)),
			item("resource", p.resourceShown(l.resource, g.Environment)),
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
func (p *projection) held(n int32) *ast.Term {
	var found [2]bool // by model.Actions
	for i := int(p.lasting[n].first); i < len(p.lasting) && p.lasting[i].first == p.lasting[n].first; i++ {
		if p.graph.Grants[p.lasting[i].grant].Action == model.Write {
			found[1] = true
		} else {
			found[0] = true
		}
	}
	return actionsTerm(found)
}

// actionsTerm lists those of model.Actions that are given.
func actionsTerm(given [2]bool) *ast.Term {
	switch given {
	case [2]bool{true, true}:
		return readAndWrite
	case [2]bool{false, true}:
		return writeAlone
	case [2]bool{true, false}:
		return readAlone
	default:
		return ast.InternedEmptyArray
	}
}

var (
	readAlone    = list([]model.Action{model.Read}, actionTerm)
	writeAlone   = list([]model.Action{model.Write}, actionTerm)
	readAndWrite = list(model.Actions(), actionTerm)
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
func bounds(s access.Span) (begins, ends *ast.Term) { return beginTerm(s), endTerm(s) }

func beginTerm(s access.Span) *ast.Term { return momentTerm(s.Begins()) }

func endTerm(s access.Span) *ast.Term { return momentTerm(s.Ends()) }

func momentTerm(t time.Time, there bool) *ast.Term {
	if !there {
		return ast.InternedNullTerm
	}
	return textTerm(t.UTC().Format(time.RFC3339))
}
