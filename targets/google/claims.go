package google

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"gatehouse/targets"
	"gatehouse/targets/state"
)

// claims is what a connection knows of what is ours.
type claims struct {
	store  state.Store   // nil: nothing is ours
	ledger *state.Ledger // nil alike

	mu     sync.Mutex
	steady bool // known was read since the first write: whoever writes holds the state's lock, so that it changes here alone
	known  map[claim]bool
	idle   map[targets.Key][]string // claims without an item, as last seen
}

// claim names one claim.
type claim struct {
	container targets.Key
	item      string
}

func newClaims(s state.Store) *claims {
	c := &claims{store: s, known: map[claim]bool{}, idle: map[targets.Key][]string{}}
	if s != nil {
		c.ledger = state.NewLedger(s)
	}
	return c
}

// read returns the state.
func (c *claims) read(ctx context.Context) (state.State, error) {
	if c.store == nil {
		return state.State{Standing: state.Kept}, nil
	}
	return c.store.Read(ctx)
}

// note remembers which claims on a container have no item: an earlier apply died between two steps.
func (c *claims) note(container targets.Container, s state.Claims) {
	keys := make([]string, len(container.Items))
	for i, item := range container.Items {
		keys[i] = item.Key
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.idle[container.Key] = s.Idle(container.Key, keys)
}

// untidy returns the containers with claims that have no item, sorted.
func (c *claims) untidy() []targets.Key {
	c.mu.Lock()
	defer c.mu.Unlock()
	var out []targets.Key
	for k, items := range c.idle {
		if len(items) > 0 {
			out = append(out, k)
		}
	}
	slices.SortFunc(out, targets.CompareKey)
	return out
}

// tidied says that a container's claims have ended that had no item.
func (c *claims) tidied(k targets.Key) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.idle, k)
}

// make claims items before they are granted. It returns those whose claims are new, which end where the grant certainly fails.
func (c *claims) make(ctx context.Context, container targets.Key, items []string) (fresh []string, err error) {
	if c.ledger == nil {
		return nil, errNoState
	}
	if err := c.settle(ctx); err != nil {
		return nil, err
	}
	if err := c.ledger.Claim(ctx, container, items...); err != nil {
		return nil, fmt.Errorf("nothing was granted: %w", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, item := range items {
		if k := (claim{container, item}); !c.known[k] {
			c.known[k] = true
			fresh = append(fresh, item)
		}
	}
	return fresh, nil
}

// settle learns, once, what was claimed before this connection claims anything.
func (c *claims) settle(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.steady {
		return nil
	}
	s, err := c.read(ctx)
	if err != nil {
		return err
	}
	for _, container := range s.Claims.Containers() {
		for _, item := range s.Claims.Items(container) {
			if s.Claims.Ours(container, item) {
				c.known[claim{container, item}] = true
			}
		}
	}
	c.steady = true
	return nil
}

// end forgets what was revoked, and claims that never came to anything, but for what is granted now.
func (c *claims) end(ctx context.Context, container targets.Key, revoked, granted []string) error {
	c.mu.Lock()
	gone := append(slices.Clone(c.idle[container]), revoked...)
	c.mu.Unlock()
	gone = slices.DeleteFunc(gone, func(item string) bool { return slices.Contains(granted, item) })
	slices.Sort(gone)
	return c.forget(ctx, container, slices.Compact(gone))
}

func (c *claims) forget(ctx context.Context, container targets.Key, items []string) error {
	if len(items) == 0 {
		return nil
	}
	if err := c.ledger.Forget(ctx, container, items...); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, item := range items {
		delete(c.known, claim{container, item})
	}
	return nil
}
