package targets

import (
	"cmp"
	"slices"
	"strings"

	"gatehouse/compiler/access"
)

// Orphan is what a policy still owns in an environment that it declares no more, as far as a journal knows.
type Orphan struct {
	Environment string
	Target      access.Target
	Containers  []Key // sorted
}

// LeftBehind returns what a journal's records say that a policy has written and not deleted since, in environments other than these: by
// environment, then target. Where nobody saw how a write ended, it counts as done and a deletion as not.
//
// It finds an environment whose block was deleted together with every mention of it: nobody looks at a remote system that the policy
// doesn't name. It knows only what this journal has recorded.
func LeftBehind(records []Record, policy string, environments []string) []Orphan {
	ends := map[string]Status{}
	for _, r := range records {
		if r.Phase == PhaseDone {
			ends[r.ID] = r.Result
		}
	}
	type place struct {
		environment string
		target      access.Target
	}
	held := map[place]map[Key]bool{}
	for _, r := range records {
		if r.Policy != policy || slices.Contains(environments, r.Environment) {
			continue
		}
		at := place{r.Environment, r.Target}
		if held[at] == nil {
			held[at] = map[Key]bool{}
		}
		switch end, ended := ends[r.ID]; {
		case r.Phase == PhaseEmpty:
			clear(held[at])
		case r.Phase != PhaseBegin, ended && end != Done:
		case r.Op != Delete:
			held[at][r.Container] = true
		case ended:
			delete(held[at], r.Container)
		}
	}
	var out []Orphan
	for at, keys := range held {
		if len(keys) > 0 {
			out = append(out, Orphan{at.environment, at.target, sortedKeys(keys)})
		}
	}
	slices.SortFunc(out, func(a, b Orphan) int {
		return cmp.Or(strings.Compare(a.Environment, b.Environment), cmp.Compare(a.Target, b.Target))
	})
	return out
}

func sortedKeys(keys map[Key]bool) []Key {
	out := make([]Key, 0, len(keys))
	for k := range keys {
		out = append(out, k)
	}
	slices.SortFunc(out, CompareKey)
	return out
}

// emptied records for each site of a retired environment in which nothing of ours is left that it is so: what the journal thinks is there
// may have been taken away by others.
func (r *run) emptied(g *access.Graph) error {
	for i := range r.sites {
		v := &r.sites[i].view
		if e, ok := g.Environment(v.Site.Environment); !ok || !e.Retired || !r.empty(i) {
			continue
		}
		if err := r.journal.Append(Record{
			Phase: PhaseEmpty, Time: r.options.Now().UTC(), Who: r.options.Who,
			Policy: r.plan.Policy, Environment: v.Site.Environment, Target: v.Proof.Target,
		}); err != nil {
			return err
		}
	}
	return nil
}

// empty reports whether every container of ours at a site has been deleted.
func (r *run) empty(site int) bool {
	v := &r.sites[site].view
	if len(v.Live.Unknown) > 0 {
		return false
	}
	for i := range v.Live.Containers {
		c := &v.Live.Containers[i]
		if !v.ours(c) {
			continue
		}
		place, ok := r.places[site][c.Key]
		if !ok || r.outcome.Results[place].Op != Delete || !r.outcome.Results[place].Settled() {
			return false
		}
	}
	return true
}
