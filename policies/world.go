package policies

import (
	"time"

	"gatehouse/compiler/access"
)

// World is what guardrails judge: an access graph at a moment, and what the graph alone can't tell.
type World struct {
	Graph *access.Graph
	Time  time.Time

	// Base is the graph that a change is compared with, such as that of the branch it is to be merged into. Nil: input.delta knows
	// nothing, and the guardrails that judge changes are silent.
	Base *access.Graph

	// Losses returns what targets can't express, of every environment: access.Losses tells, for the capabilities of each target. It is
	// called at most once, and only where a rule asks for input.losses. Nil: none.
	Losses func() []access.Loss
}
