package google

import (
	"encoding/json"
	"errors"
	"fmt"

	"gatehouse/targets"
)

// Merge returns the policy to write: what is live, without what is to go, with what is wanted. All else stays: bindings of others, members
// that were deleted, audit configs, and the etag, which makes the write fail where somebody was faster. It fails where Google would
// refuse the sum of ours and theirs.
//
// A policy exists as long as its secret does: it is never deleted, so that the body is never nil.
func (Driver) Merge(want, live *targets.Container, remove []string, _ targets.Owner) (json.RawMessage, error) {
	if want == nil && live == nil {
		return nil, errors.New("google: merge: neither a wanted container nor a live one")
	}
	var wanted []grant
	p := policy{}
	var key targets.Key
	var err error
	if live != nil {
		key = live.Key
		if p, err = parsePolicy(live.Body); err != nil {
			return nil, fmt.Errorf("google: merge %s: %w", key, err)
		}
	}
	if want != nil {
		key = want.Key
		declared, err := parsePolicy(want.Body)
		if err != nil {
			return nil, fmt.Errorf("google: merge %s: %w", key, err)
		}
		wanted = declared.grants
	}
	goes := map[string]bool{}
	for _, k := range remove {
		goes[k] = true
	}
	next := p.without(func(g grant) bool { return goes[g.key()] }).with(wanted)
	if err := next.tally().refused(); err != nil && len(next.minus(p)) > 0 {
		return nil, fmt.Errorf("google: merge %s: %w", key, err)
	}
	body, err := next.encode()
	if err != nil {
		return nil, fmt.Errorf("google: merge %s: %w", key, err)
	}
	return body, nil
}

// Tombstone is false: without a binding nobody reaches a secret, so that leaving never widens access.
func (Driver) Tombstone(targets.Container) (targets.Container, bool) {
	return targets.Container{}, false
}
