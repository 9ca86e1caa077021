package access

import (
	"time"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// WhoCan returns who reaches a resource.
func WhoCan(g *Graph, action model.Action, resource addr.Address, environment string, at time.Time) []Answer {
	return nil
}

// Why explains whether a workload reaches a resource.
func Why(g *Graph, workload addr.Address, action model.Action, resource addr.Address, environment string, at time.Time) Explanation {
	return Explanation{}
}
