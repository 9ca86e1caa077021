package access

import (
	"time"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// Means says how a workload comes by access.
type Means string

// The means. All but Declared are effective access that nobody declared for the workload.
const (
	Declared     Means = "declared"        // a grant of its own
	SharedName   Means = "shared-identity" // another holder of its principal has the grant
	CoarseAction Means = "coarse-action"   // it has a grant of another action, which the target can't tell from the one asked for
)

// Answer is one workload that reaches a resource.
type Answer struct {
	Environment string       // of the resource
	Home        string       // of the workload: Environment, but for a principal that reaches across
	Workload    addr.Address // who reaches
	Resource    addr.Address // with its surface
	Action      model.Action // that was granted: the one asked for, but for CoarseAction
	Principal   Principal
	Surface     Surface
	Means       Means
	Grantee     addr.Address // whose grant it is: Workload, but for SharedName
	Spans       Spans        // of the grant
	Sources     []Source
}

// Verdict is what Why finds.
type Verdict string

// The verdicts. The first three mean yes.
const (
	YesDeclared   Verdict = "declared"
	YesShared     Verdict = "shared-identity"
	YesCoarse     Verdict = "coarse-action"
	NoDeclaration Verdict = "not-declared"          // no such workload, resource or environment
	NoCommon      Verdict = "no-common-environment" // the workload or the resource doesn't exist in the environment
	NoDenied      Verdict = "denied"
	NoNotYet      Verdict = "not-yet"
	NoExpired     Verdict = "expired"
	NoOtherAction Verdict = "other-action" // allowed, but another action
	NoAllow       Verdict = "no-allow"
)

// Explanation is why a workload reaches a surface or doesn't. Everything found is kept, whatever the verdict.
type Explanation struct {
	Workload    addr.Address
	Action      model.Action
	Resource    addr.Address // with its surface, where there is one
	Environment string
	At          time.Time

	Allowed bool // what is true out there: the verdict is one of the first three
	Verdict Verdict

	Missing   []addr.Address // NoDeclaration: what isn't declared. NoCommon: what doesn't exist in the environment
	Principal Principal      // who the target sees; zero where there is none
	Surface   Surface        // what the target guards; zero where there is none
	Grants    []Grant        // the workload's own grants of the action here: at most one
	Others    []Grant        // its grants of other actions on the surface here
	Elsewhere []Grant        // its grants of the action on the resource in other environments
	Cuts      []Cut          // allows of the action here that a deny takes away
	Denies    []Deny         // denies that cover it, whether or not anything is allowed
	Shared    []Answer       // what it reaches by its principal's other holders, at the time
}
