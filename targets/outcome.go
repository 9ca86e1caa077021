package targets

import (
	"fmt"

	"gatehouse/compiler/access"
)

// Status is what became of a change.
type Status string

// The statuses. Done and Already mean that the container holds what is wanted.
const (
	Done    Status = "done"    // written
	Already Status = "already" // somebody else made it so since the plan
	Refused Status = "refused" // somebody else made it something else since the plan: plan again
	Failed  Status = "failed"  // the write failed, or its record did
	Held    Status = "held"    // not tried, since something that must come before was not done
	Left    Status = "left"    // not tried, since the apply was interrupted
)

// Result is what became of one change of a plan.
type Result struct {
	Environment string        `json:"environment"`
	Target      access.Target `json:"target"`
	Key         Key           `json:"object"`
	Op          Op            `json:"op"`
	Class       Class         `json:"class"`
	Status      Status        `json:"status"`
	Token       Token         `json:"token,omitempty"`  // after a write
	Reason      string        `json:"reason,omitempty"` // why it is neither done nor already so
}

// Settled reports whether the container holds what is wanted.
func (r Result) Settled() bool { return r.Status == Done || r.Status == Already }

// BlockedNotice is a blocking notice of a plan, with its site.
type BlockedNotice struct {
	Environment string        `json:"environment"`
	Target      access.Target `json:"target"`
	Notice
}

// Outcome is what an apply has done: a result for each change, in the order of the plan, whatever order the writes ended in.
type Outcome struct {
	Results []Result        `json:"results"`
	Blocked []BlockedNotice `json:"blocked"` // what the plan left alone although the policy wants it
}

// Complete reports whether the policy is in force: every change is settled and nothing was blocked. Otherwise apply exits with 1.
func (o Outcome) Complete() bool {
	for _, r := range o.Results {
		if !r.Settled() {
			return false
		}
	}
	return len(o.Blocked) == 0
}

// Count returns how many results have a status.
func (o Outcome) Count(s Status) int {
	n := 0
	for _, r := range o.Results {
		if r.Status == s {
			n++
		}
	}
	return n
}

// RefusedKind says why an apply did not begin.
type RefusedKind string

// The refusals of a whole plan. Nothing has been written.
const (
	RefusedPolicy RefusedKind = "policy" // the policy is not the one that was planned
	RefusedTime   RefusedKind = "time"   // access began or ended since the plan
	RefusedBrake  RefusedKind = "brake"  // it removes too much
	RefusedSite   RefusedKind = "site"   // the plan names a site that isn't there
)

// RefusedError says that a plan was refused before anything was written.
type RefusedError struct {
	Kind   RefusedKind
	Detail string
}

func (e *RefusedError) Error() string { return fmt.Sprintf("the plan is refused: %s", e.Detail) }
