package access

import (
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// GraphDelta is how access differs between two policies, compared by remote names: renaming a workload that keeps its remote names
// changes nothing.
type GraphDelta struct {
	Gained []DeltaRow // canonical: by principal, surface, action, request
	Lost   []DeltaRow
}

// Extended reports whether a row is a change of time alone: the other policy gives the same access, at other times.
func (r *DeltaRow) Extended() bool { return len(r.Other) > 0 }

// Empty reports whether nothing differs.
func (d GraphDelta) Empty() bool { return len(d.Gained) == 0 && len(d.Lost) == 0 }

// DeltaRow is access that one policy gives and the other doesn't; all but Spans, Other, Partly and Denies speaks of the policy that gives it.
type DeltaRow struct {
	Environment    string     // the resource's
	Tier           model.Tier // of Environment
	Origin         string     // the workload's environment: another one, where an allow crosses
	Principal      Principal
	Workloads      []addr.Address // whose principal it is, by a grant; sorted
	Surface        Surface
	Resource       addr.Address
	Classification model.Classification
	Action         model.Action
	Request        model.Request   // zero: every request
	Except         []model.Request // requests that it doesn't hold for
	Spans          Spans           // when: only what the other policy lacks
	Whole          Spans           // when this policy gives it
	Other          Spans           // when the other policy gives it too; empty where it never does
	Partly         []model.Request // patterns of the other policy, at the same ends, that overlap with Request and don't cover it
	Sources        []Source        // whose span meets Spans
	Denies         []DenySource    // of the other policy, where they take what its allows declare
}
