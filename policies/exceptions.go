package policies

import (
	"time"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
)

// ExceptionState is an exception of a policy, and how it stands.
type ExceptionState struct {
	Address    addr.Address   `json:"address"`
	Guardrail  string         `json:"guardrail"`
	Subjects   []addr.Address `json:"subjects"`
	Reason     string         `json:"reason"`
	ApprovedBy string         `json:"approved_by"`
	Expires    time.Time      `json:"expires,omitzero"` // zero: never
	InForce    bool           `json:"in_force"`
	Waives     int            `json:"waives"` // findings
	Range      hcl.Range      `json:"-"`
}

// Exceptions lists the exceptions of a policy by address, with how many of the findings each waives.
func Exceptions(g *access.Graph, at time.Time, results Results) []ExceptionState {
	waives := waive(g, at, append(Results{}, results...), nil)
	out := make([]ExceptionState, 0, len(g.Exceptions))
	for _, e := range g.Exceptions {
		state := ExceptionState{
			Address: e.Addr, Guardrail: e.Guardrail.Value, Reason: e.Reason.Value, ApprovedBy: e.ApprovedBy.Value,
			Expires: e.Expires, InForce: inForce(e, at), Waives: waives[e.Addr], Range: e.Decl,
		}
		for _, s := range e.Subjects {
			state.Subjects = append(state.Subjects, s.Addr)
		}
		out = append(out, state)
	}
	return out
}
