package policies

import (
	"maps"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// facts are counts over the whole policy, taken here because Rego would need a comprehension over every grant for each of them.
// They count what is granted now or later, each (workload, resource) once however many environments and actions there are.
type facts struct {
	reach   map[reachKey]int     // distinct resources that a workload reaches
	holders map[holdersKey]int   // distinct workloads that reach a resource, by tier
	total   map[addr.Address]int // distinct workloads that reach a resource in any tier
	there   map[place]int        // distinct workloads that reach a resource in an environment
}

type reachKey struct {
	workload addr.Address
	tier     model.Tier
	class    model.Classification
}

type holdersKey struct {
	resource addr.Address
	tier     model.Tier
}

// pair is a workload and a resource, in one tier or (with none) in any.
type pair struct {
	workload, resource addr.Address
	tier               model.Tier
}

func (p *projection) facts() facts {
	f := facts{map[reachKey]int{}, map[holdersKey]int{}, map[addr.Address]int{}, map[place]int{}}
	seen := make(map[pair]struct{}, 2*len(p.lasting))
	first := func(k pair) bool {
		before := len(seen)
		seen[k] = struct{}{}
		return len(seen) > before
	}
	for n, i := range p.lasting {
		g := &p.graph.Grants[i]
		if p.first[n] != n {
			continue // the same ends, by another action or request
		}
		f.there[place{g.Environment, g.Resource}]++
		tier := p.tiers[g.Environment]
		if first(pair{g.Workload, g.Resource, tier}) {
			f.reach[reachKey{g.Workload, tier, p.classes[g.Resource]}]++
			f.holders[holdersKey{g.Resource, tier}]++
		}
		if first(pair{g.Workload, g.Resource, ""}) {
			f.total[g.Resource]++
		}
	}
	return f
}

func tiers() []model.Tier { return []model.Tier{model.Production, model.Staging, model.Development} }

func (f facts) reachTerm(workload addr.Address) *ast.Term {
	var items [][2]*ast.Term
	for _, tier := range tiers() {
		var counts [][2]*ast.Term
		for _, class := range []model.Classification{model.Public, model.Internal, model.Confidential, model.Restricted} {
			counts = append(counts, item(string(class), ast.InternedTerm(f.reach[reachKey{workload, tier, class}])))
		}
		items = append(items, item(string(tier), ast.ObjectTerm(counts...)))
	}
	return ast.ObjectTerm(items...)
}

func (f facts) holdersTerm(resource addr.Address) *ast.Term {
	items := [][2]*ast.Term{item("total", ast.InternedTerm(f.total[resource]))}
	for _, tier := range tiers() {
		items = append(items, item(string(tier), ast.InternedTerm(f.holders[holdersKey{resource, tier}])))
	}
	return ast.ObjectTerm(items...)
}

// allow gathers what the graph says of one allow: the graph holds its parts in grants and cuts.
type allow struct {
	source   *access.Source
	from, to ends
	actions  []model.Action
}

// ends collects addresses that come mostly in runs; a map for each end of a hundred thousand allows would cost more than all else here.
type ends []addr.Address

func (e *ends) add(a addr.Address) {
	if n := len(*e); n == 0 || (*e)[n-1] != a {
		*e = append(*e, a)
	}
}

// sorted returns each address once.
func (e ends) sorted() []addr.Address {
	slices.SortFunc(e, addr.Compare)
	return slices.Compact(e)
}

// allows lists the allows that give something, or would but for a deny. The others are the compiler's to complain of.
func (p *projection) allows(read reads) *ast.Term {
	all := make(map[string]*allow, len(p.graph.Grants)/2) // by name: an address takes much longer to look up
	gather := func(sources []access.Source, action model.Action) {
		for i := range sources {
			s := &sources[i]
			a := all[s.Allow.Name]
			if a == nil {
				a = &allow{source: s}
				all[s.Allow.Name] = a
			}
			a.from.add(s.From.Addr)
			a.to.add(s.To.Addr)
			if !slices.Contains(a.actions, action) {
				a.actions = append(a.actions, action)
			}
		}
	}
	for i := range p.graph.Grants {
		gather(p.graph.Grants[i].Sources, p.graph.Grants[i].Action)
	}
	for i := range p.graph.Cuts {
		gather(p.graph.Cuts[i].Sources, p.graph.Cuts[i].Action)
	}
	return list(slices.Sorted(maps.Keys(all)), func(name string) *ast.Term { return all[name].term(read) })
}

func (a *allow) term(read reads) *ast.Term {
	o := object{make([][2]*ast.Term, 0, 8), "allows", read}
	o.put("address", func() *ast.Term { return addressTerm(a.source.Allow) })
	o.put("folder", func() *ast.Term { return folderTerm(a.source.Decl) })
	o.put("reason", func() *ast.Term { return textTerm(a.source.Reason) })
	o.put("from", func() *ast.Term { return list(a.from.sorted(), addressTerm) })
	o.put("to", func() *ast.Term { return list(a.to.sorted(), addressTerm) })
	o.put("actions", func() *ast.Term {
		return list(slices.DeleteFunc(model.Actions(), func(action model.Action) bool { return !slices.Contains(a.actions, action) }), actionTerm)
	})
	begins, ends := bounds(a.source.Span)
	o.put("not_before", func() *ast.Term { return begins })
	o.put("expires", func() *ast.Term { return ends })
	return ast.ObjectTerm(o.items...)
}
