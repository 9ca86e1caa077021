package policies

import (
	"slices"
	"sync/atomic"

	"github.com/open-policy-agent/opa/v1/ast"

	"gatehouse/lang/addr"
)

// ends numbers the workloads or the resources of a graph, and each of their places. It holds their terms as grants show them, which are made when
// a grant first asks: of a large policy few ever do.
type ends struct {
	number       map[addr.Address]int32
	start        []int32  // number of the first place of each
	environments []string // by place: sorted for each end
	shown        []atomic.Pointer[ast.Term]
}

// newEnds numbers elements and their places, which one tells by its address and by calling there with each of its environments, sorted.
func newEnds[T any](all []T, one func(e *T, there func(environment string)) addr.Address) ends {
	e := ends{number: make(map[addr.Address]int32, len(all)), start: make([]int32, len(all)+1), environments: make([]string, 0, len(all))}
	there := func(environment string) { e.environments = append(e.environments, environment) }
	for i := range all {
		e.number[one(&all[i], there)] = int32(i)
		e.start[i+1] = int32(len(e.environments))
	}
	e.shown = make([]atomic.Pointer[ast.Term], len(e.environments))
	return e
}

// of returns the number of an end, -1 where the graph has none of that address.
func (e *ends) of(a addr.Address) int32 {
	if n, ok := e.number[a]; ok {
		return n
	}
	return -1
}

// term returns the term of a place. Should two goroutines make it at a time, both terms are right. The term of no place is empty.
func (e *ends) term(place int32, build func() *ast.Term) *ast.Term {
	if place < 0 {
		return ast.InternedEmptyObject
	}
	if t := e.shown[place].Load(); t != nil {
		return t
	}
	t := build()
	e.shown[place].Store(t)
	return t
}

// place returns the number of a place of the nth end, -1 where it isn't there.
func (e *ends) place(n int32, environment string) int32 {
	if n < 0 {
		return -1
	}
	i, there := slices.BinarySearch(e.environments[e.start[n]:e.start[n+1]], environment)
	if !there {
		return -1
	}
	return e.start[n] + int32(i)
}

// workloadShown is a workload in an environment, as a grant shows it.
func (p *projection) workloadShown(n int32, environment string) *ast.Term {
	place := p.workloads.place(n, environment)
	return p.workloads.term(place, func() *ast.Term {
		w := &p.graph.Workloads[n]
		labels := labelsTerm(w.Places[place-p.workloads.start[n]].Labels)
		return ast.ObjectTerm(append(fieldsOf(workloadColumns(), w), item("labels", labels))...)
	})
}

// resourceShown is a resource in an environment, as a grant shows it.
func (p *projection) resourceShown(n int32, environment string) *ast.Term {
	place := p.resources.place(n, environment)
	return p.resources.term(place, func() *ast.Term {
		r := &p.graph.Resources[n]
		labels := labelsTerm(r.Places[place-p.resources.start[n]].Labels)
		return ast.ObjectTerm(append(fieldsOf(resourceColumns(), r), item("labels", labels))...)
	})
}
