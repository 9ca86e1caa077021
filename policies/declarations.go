package policies

import (
	"slices"
	"sync"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// This file projects what stands beside access: groups, providers, denies, exceptions, tests.

func (p *projection) groupTerm(g *model.Group) *ast.Term {
	by := "labels"
	if g.Match == nil {
		by = "list"
	}
	var environments []string
	for _, e := range p.graph.Environments {
		if len(g.Members[e.Name]) > 0 {
			environments = append(environments, e.Name)
		}
	}
	return ast.ObjectTerm(
		item("address", addressTerm(g.Addr)),
		item("folder", folderTerm(g.Decl)),
		item("by", textTerm(by)),
		item("match", labelsTerm(g.Match)),
		item("listed", list(g.Listed, refTerm)),
		item("members", list(environments, func(name string) *ast.Term {
			return ast.ObjectTerm(
				item("environment", textTerm(name)),
				item("tier", textTerm(string(p.tiers[name]))),
				item("workloads", list(g.Members[name], addressTerm)),
				item("of", ast.InternedTerm(p.populations[name])),
			)
		})),
	)
}

func refTerm(r model.Ref) *ast.Term { return addressTerm(r.Addr) }

// nameTerm is the name that a reference to an environment ends in.
func nameTerm(r model.Ref) *ast.Term { return textTerm(r.Addr.Name) }

func valueTerm(t model.Text) *ast.Term { return textTerm(t.Value) }

func providerTerm(p *model.IdentityProvider) *ast.Term {
	return ast.ObjectTerm(
		item("address", addressTerm(p.Addr)),
		item("folder", folderTerm(p.Decl)),
		item("environments", list(p.Environments, nameTerm)),
		item("issuer", valueTerm(p.Issuer)),
		item("audiences", list(p.Audiences, valueTerm)),
		item("claim", valueTerm(p.Claim)),
		item("max_ttl_seconds", secondsTerm(p.MaxTTL)),
	)
}

func testTerm(t *model.Test) *ast.Term {
	return ast.ObjectTerm(
		item("name", valueTerm(t.Name)),
		item("folder", folderTerm(t.Decl)),
		item("environments", list(t.Environments, nameTerm)),
		item("from", list(t.From, refTerm)),
		item("to", list(t.To, refTerm)),
		item("actions", list(t.Actions, actionTerm)),
		item("expect", textTerm(string(t.Expect))),
	)
}

// denies lists the denies, with what each takes and whether it could take anything.
func (p *projection) denies() *ast.Term {
	takes := map[addr.Address]int{}
	for i := range p.graph.Cuts {
		for _, d := range p.graph.Cuts[i].Denies {
			takes[d.Deny]++
		}
	}
	known := map[addr.Address][]access.Target{}
	for _, w := range p.graph.Workloads {
		for _, at := range w.Places {
			for _, principal := range at.Principals {
				known[w.Addr] = append(known[w.Addr], principal.Target)
			}
		}
	}
	for _, r := range p.graph.Resources {
		for _, at := range r.Places {
			known[r.Addr] = append(known[r.Addr], at.Surface.Target)
		}
	}
	return list(p.graph.Denies, func(d access.Deny) *ast.Term {
		return ast.ObjectTerm(
			item("address", addressTerm(d.Addr)),
			item("folder", folderTerm(d.Decl)),
			item("reason", textTerm(d.Reason)),
			item("workloads", list(d.Workloads, addressTerm)),
			item("resources", list(d.Resources, addressTerm)),
			item("actions", list(d.Actions, actionTerm)),
			item("requests", list(d.Requests, requestTerm)),
			item("takes", ast.InternedTerm(takes[d.Addr])),
			item("matches", ast.InternedTerm(meet(d, known))),
		)
	})
}

// meet reports whether some workload of a deny is somebody where one of its resources is held.
func meet(d access.Deny, known map[addr.Address][]access.Target) bool {
	var there []access.Target
	for _, r := range d.Resources {
		there = append(there, known[r]...)
	}
	return slices.ContainsFunc(d.Workloads, func(w addr.Address) bool {
		return slices.ContainsFunc(known[w], func(t access.Target) bool { return slices.Contains(there, t) })
	})
}

// exceptions returns a function from an exception to its term.
func (p *projection) exceptions() func(*model.Exception) *ast.Term {
	fields := p.exceptionFields()
	return func(e *model.Exception) *ast.Term { return ast.ObjectTerm(fields(e)...) }
}

func (p *projection) exceptionFields() func(*model.Exception) [][2]*ast.Term {
	owners, declared := sync.OnceValue(p.owners), sync.OnceValue(func() subjects { return newSubjects(p.graph) }) // most policies have no exception
	return func(e *model.Exception) [][2]*ast.Term {
		expires := ast.InternedNullTerm
		if !e.Expires.IsZero() {
			expires = textTerm(e.Expires.UTC().Format(time.RFC3339))
		}
		return [][2]*ast.Term{
			item("address", addressTerm(e.Addr)),
			item("folder", folderTerm(e.Decl)),
			item("guardrail", valueTerm(e.Guardrail)),
			item("subjects", list(e.Subjects, func(r model.Ref) *ast.Term {
				return ast.ObjectTerm(
					item("address", addressTerm(r.Addr)),
					item("owner", textTerm(owners()[r.Addr.Whole()])),
					item("folder", folderTerm(declared()[r.Addr])),
				)
			})),
			item("reason", valueTerm(e.Reason)),
			item("approved_by", valueTerm(e.ApprovedBy)),
			item("expires", expires),
			item("active", ast.InternedTerm(inForce(e, p.at))),
		}
	}
}

// owners returns who owns each workload, feature store and secret.
func (p *projection) owners() map[addr.Address]string {
	out := map[addr.Address]string{}
	for _, w := range p.graph.Workloads {
		out[w.Addr] = w.Owner
	}
	for _, r := range p.graph.Resources {
		out[r.Addr.Whole()] = r.Owner
	}
	return out
}

// judged is the document of scope exception.
func (p *projection) judged(known func(id string) bool, waives map[addr.Address]int) *ast.Term {
	fields := p.exceptionFields()
	return ast.ObjectTerm(append(p.head(), item("exceptions", list(p.graph.Exceptions, func(e *model.Exception) *ast.Term {
		return ast.ObjectTerm(append(fields(e),
			item("known", ast.InternedTerm(known(e.Guardrail.Value))),
			item("waives", ast.InternedTerm(waives[e.Addr])),
		)...)
	})))...)
}
