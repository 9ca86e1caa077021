package policies

import (
	"cmp"
	"slices"
	"sync/atomic"

	"github.com/open-policy-agent/opa/v1/ast"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
)

// ends numbers the workloads or the resources of a graph, and each of their places. It holds their terms as grants show them, which are made when
// a grant first asks: of a large policy few ever do.
type ends struct {
	number map[addr.Address]int32
	start  []int32 // number of the first place of each
	shown  []atomic.Pointer[ast.Term]
}

func newEnds(n int, one func(i int) (a addr.Address, places int)) ends {
	e := ends{make(map[addr.Address]int32, n), make([]int32, n+1), nil}
	for i := range n {
		a, places := one(i)
		e.number[a] = int32(i)
		e.start[i+1] = e.start[i] + int32(places)
	}
	e.shown = make([]atomic.Pointer[ast.Term], e.start[n])
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

// workloadPlace returns the number of a place of the nth workload, -1 where it isn't there.
func (p *projection) workloadPlace(n int32, environment string) int32 {
	if n < 0 {
		return -1
	}
	i, there := slices.BinarySearchFunc(p.graph.Workloads[n].Places, environment, func(at access.WorkloadPlace, name string) int {
		return cmp.Compare(at.Environment, name)
	})
	if !there {
		return -1
	}
	return p.workloads.start[n] + int32(i)
}

// resourcePlace is workloadPlace for resources.
func (p *projection) resourcePlace(n int32, environment string) int32 {
	if n < 0 {
		return -1
	}
	i, there := slices.BinarySearchFunc(p.graph.Resources[n].Places, environment, func(at access.ResourcePlace, name string) int {
		return cmp.Compare(at.Environment, name)
	})
	if !there {
		return -1
	}
	return p.resources.start[n] + int32(i)
}

// workloadShown is a workload in an environment, as a grant shows it.
func (p *projection) workloadShown(n int32, environment string) *ast.Term {
	place := p.workloadPlace(n, environment)
	return p.workloads.term(place, func() *ast.Term {
		w := &p.graph.Workloads[n]
		labels := labelsTerm(w.Places[place-p.workloads.start[n]].Labels)
		return ast.ObjectTerm(append(fieldsOf(workloadColumns(), w), item("labels", labels))...)
	})
}

// resourceShown is a resource in an environment, as a grant shows it.
func (p *projection) resourceShown(n int32, environment string) *ast.Term {
	place := p.resourcePlace(n, environment)
	return p.resources.term(place, func() *ast.Term {
		r := &p.graph.Resources[n]
		labels := labelsTerm(r.Places[place-p.resources.start[n]].Labels)
		return ast.ObjectTerm(append(fieldsOf(resourceColumns(), r), item("labels", labels))...)
	})
}
