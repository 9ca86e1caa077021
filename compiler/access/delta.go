package access

import (
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// GraphDelta is how access differs between two policies, compared by remote names: renaming a workload that keeps its remote names
// changes nothing.
type GraphDelta struct {
	Gained []DeltaRow // canonical: by principal, surface, action
	Lost   []DeltaRow
}

// Empty reports whether nothing differs.
func (d GraphDelta) Empty() bool { return len(d.Gained) == 0 && len(d.Lost) == 0 }

// DeltaRow is access that one policy gives and the other doesn't; all but Spans speaks of the policy that gives it.
type DeltaRow struct {
	Environment    string
	Tier           model.Tier
	Principal      Principal
	Workloads      []addr.Address // whose principal it is, by a grant; sorted
	Surface        Surface
	Resource       addr.Address
	Classification model.Classification
	Action         model.Action
	Spans          Spans    // when: only what the other policy lacks
	Sources        []Source // whose span meets Spans
}
