package sandbox

import (
	"context"
	"time"
)

// pollEvery is how often a waiting reader looks for the writes of other processes; those of its own process wake it at once.
const pollEvery = 20 * time.Millisecond

// Wait returns when the index is above the given one, or with the context's error.
func (s *Store) Wait(ctx context.Context, index uint64) error {
	var poll <-chan time.Time
	if s.journal != nil {
		ticker := time.NewTicker(pollEvery)
		defer ticker.Stop()
		poll = ticker.C
	}
	for {
		if err := s.refresh(); err != nil {
			return err
		}
		s.mu.RLock()
		now, changed := max(s.index, emptyIndex), s.changed
		s.mu.RUnlock()
		if now > index {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		case <-poll:
		}
	}
}
