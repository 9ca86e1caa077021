package access

import (
	"time"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
)

// Build returns the access that a policy declares.
func Build(p *model.Policy, at time.Time) (*Graph, diag.List) { return &Graph{Policy: p.Name}, nil }

// Lower says what a target can express of an environment's access.
func Lower(g *Graph, environment string, c Capabilities, at time.Time) ([]Edge, []Loss) { return nil, nil }

// Canonical merges and sorts edges.
func Canonical(edges []Edge) []Edge { return edges }

// Subtract returns what a gives and b doesn't.
func Subtract(a, b []Edge) []Edge { return nil }

// Equal reports whether two sets of edges give the same access.
func Equal(a, b []Edge) bool { return true }

// Reaches reports whether a principal reaches a surface by an edge of its own.
func Reaches(edges []Edge, p Principal, s Surface, v Verb, at time.Time) bool { return false }

// Closure follows acts-as edges to a fixed point.
func Closure(edges []Edge) []Edge { return edges }

// Diff compares the access of two policies.
func Diff(before, after *Graph) GraphDelta { return GraphDelta{} }

// WhoCan returns who reaches a resource.
func WhoCan(g *Graph, action model.Action, resource addr.Address, environment string, at time.Time) []Answer { return nil }

// Why explains whether a workload reaches a resource.
func Why(g *Graph, workload addr.Address, action model.Action, resource addr.Address, environment string, at time.Time) Explanation {
	return Explanation{}
}
