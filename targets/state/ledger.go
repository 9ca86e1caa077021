package state

import (
	"context"
	"sync"

	"gatehouse/targets"
)

// Ledger makes claims one container at a time and saves many at once: what is asked for while a save runs goes into the next one. So a
// thousand containers written in parallel cost a few saves. It is safe for concurrent use.
type Ledger struct {
	store Store

	mu      sync.Mutex
	waiting *batch // gathers requests while a save runs; nil: none came
	running bool
}

// batch is what one save will hold.
type batch struct {
	entries []entry
	callers int                // who still wait for it
	cancel  context.CancelFunc // set while it is saved
	done    chan struct{}
	err     error
}

type entry struct {
	container targets.Key
	items     []string
	forget    bool
}

// NewLedger returns the ledger of a store.
func NewLedger(s Store) *Ledger { return &Ledger{store: s} }

// Claim returns once the items of a container are claimed for good: call it before granting them. A claim that stands already keeps its
// date; a doubtful one is made anew. After an error they may be claimed.
func (l *Ledger) Claim(ctx context.Context, container targets.Key, items ...string) error {
	return l.save(ctx, entry{container, items, false})
}

// Forget returns once the items of a container are claimed no longer: call it after revoking them. After an error they may be forgotten.
func (l *Ledger) Forget(ctx context.Context, container targets.Key, items ...string) error {
	return l.save(ctx, entry{container, items, true})
}

func (l *Ledger) save(ctx context.Context, e entry) error {
	if len(e.items) == 0 {
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	b := l.join(ctx, e)
	select {
	case <-b.done:
		return b.err
	case <-ctx.Done():
		l.leave(b)
		return context.Cause(ctx)
	}
}

// join puts an entry into the next save, and begins saving where nobody does.
func (l *Ledger) join(ctx context.Context, e entry) *batch {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waiting == nil {
		l.waiting = &batch{done: make(chan struct{})}
	}
	b := l.waiting
	b.entries = append(b.entries, e)
	b.callers++
	if !l.running {
		l.running = true
		// Nobody's end may be the end of a save that others wait for; where all have left, leave cancels it.
		go l.run(context.WithoutCancel(ctx))
	}
	return b
}

// leave ends a save for which nobody waits any more.
func (l *Ledger) leave(b *batch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b.callers--; b.callers == 0 && b.cancel != nil {
		b.cancel()
	}
}

// run saves batch after batch until none is waiting.
func (l *Ledger) run(ctx context.Context) {
	for {
		ctx, cancel := context.WithCancel(ctx)
		l.mu.Lock()
		b := l.waiting
		l.waiting, l.running = nil, b != nil
		if b != nil {
			if b.cancel = cancel; b.callers == 0 {
				cancel()
			}
		}
		l.mu.Unlock()
		if b == nil {
			cancel()
			return
		}
		b.err = l.store.Update(ctx, b.apply)
		cancel()
		close(b.done)
	}
}

// apply makes the changes of a batch, in the order in which they came.
func (b *batch) apply(c Claims) error {
	for _, e := range b.entries {
		for _, item := range e.items {
			switch {
			case e.forget:
				c.drop(e.container, item)
			case !c.Ours(e.container, item):
				c.set(e.container, item, Claim{})
			}
		}
	}
	return nil
}
