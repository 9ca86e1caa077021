package resolve

import (
	"runtime"
	"sync"
	"sync/atomic"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// allowShare is how many allows are resolved at a time.
const allowShare = 500

// resolveAllows resolves the allows, of which a large policy has very many, side by side: none has to do with another. Only what there is to
// say about one has, since suggestions have a budget for all: a share with anything to say is resolved again afterwards, in its turn.
func (r *resolver) resolveAllows() {
	blocks := r.blocks[addr.Allow]
	allows := make([]model.Allow, len(blocks))
	shares := (len(blocks) + allowShare - 1) / allowShare
	silent := make([]bool, shares)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), shares) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < shares; i = int(next.Add(1)) - 1 {
				from, to := shareOf(i, len(blocks))
				silent[i] = r.resolveSilently(blocks[from:to], allows[from:to])
			}
		})
	}
	workers.Wait()
	for i := range shares {
		if silent[i] {
			continue
		}
		from, to := shareOf(i, len(blocks))
		for j := from; j < to; j++ {
			r.current = &blocks[j]
			allows[j] = r.allow(&blocks[j])
		}
	}
	r.current = nil
	r.policy.Allows = make([]*model.Allow, 0, len(allows))
	for i := range allows {
		if !blocks[i].second && !blocks[i].vain {
			r.policy.Allows = append(r.policy.Allows, &allows[i])
		}
	}
}

func shareOf(i, all int) (from, to int) { return i * allowShare, min((i+1)*allowShare, all) }

// resolveSilently resolves a share of the allows, and changes nothing but what it gives; false where there is something to say about one.
func (r *resolver) resolveSilently(blocks []declaration, out []model.Allow) bool {
	apart := *r
	apart.diags, apart.refs = nil, nil
	apart.spent = suggestionBudget // nobody would read them
	for i := range blocks {
		apart.current = &blocks[i]
		out[i] = apart.allow(&blocks[i])
		if len(apart.diags) > 0 {
			return false
		}
	}
	return true
}
