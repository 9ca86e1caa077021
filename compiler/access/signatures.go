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
func Lower(g *Graph, environment string, c Capabilities, at time.Time) ([]Edge, []Loss) {
	return nil, nil
}

// Diff compares the access of two policies.
func Diff(before, after *Graph) GraphDelta { return GraphDelta{} }

// WhoCan returns who reaches a resource.
func WhoCan(g *Graph, action model.Action, resource addr.Address, environment string, at time.Time) []Answer {
	return nil
}

// Why explains whether a workload reaches a resource.
func Why(g *Graph, workload addr.Address, action model.Action, resource addr.Address, environment string, at time.Time) Explanation {
	return Explanation{}
}
