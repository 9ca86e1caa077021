package google

import (
	"context"
	"sync"
	"time"
)

// Pace is how many requests Secret Manager is sent for one project in any minute. Zero means Google's quota of 600, a negative number
// no limit: https://cloud.google.com/secret-manager/quotas. Others may use the same quota; what Google refuses for it is tried again.
type Pace struct{ Reads, Writes int }

const (
	quota  = 600
	window = time.Minute
)

// pace has as many places as a quota, for each project and direction. A request takes one and gives it back a minute later: as many as the
// quota go at once, and no minute ever holds more.
type pace struct {
	limit  Pace
	mu     sync.Mutex
	places map[string]chan struct{}
}

func newPace(p Pace) *pace {
	if p.Reads == 0 {
		p.Reads = quota
	}
	if p.Writes == 0 {
		p.Writes = quota
	}
	return &pace{limit: p, places: map[string]chan struct{}{}}
}

// read waits until a project may be read from, and write until it may be written to.
func (p *pace) read(ctx context.Context, project string) error {
	return p.wait(ctx, project+" reads", p.limit.Reads)
}

func (p *pace) write(ctx context.Context, project string) error {
	return p.wait(ctx, project+" writes", p.limit.Writes)
}

func (p *pace) wait(ctx context.Context, key string, limit int) error {
	if limit < 0 || ctx.Err() != nil {
		return context.Cause(ctx)
	}
	places := p.of(key, limit)
	select {
	case places <- struct{}{}:
		time.AfterFunc(window, func() { <-places })
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (p *pace) of(key string, limit int) chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.places[key] == nil {
		p.places[key] = make(chan struct{}, limit)
	}
	return p.places[key]
}
