package google

import (
	"context"
	"sync"
	"time"
)

// Pace is how many requests Secret Manager is sent for one project in any minute. Zero is Google's quota of 600, a negative number means
// no limit: https://cloud.google.com/secret-manager/quotas. Others may use the same quota; what Google refuses for it is tried again.
type Pace struct{ Reads, Writes int }

const (
	quota  = 600
	window = time.Minute
)

// pace remembers when requests went out. As many as the quota has go at once, and each further one when a minute has passed since the
// one that many before it: no minute ever holds more.
type pace struct {
	limit Pace
	mu    sync.Mutex
	sent  map[string][]time.Time // by project and direction: the latest, oldest first, with those that are promised
}

func newPace(p Pace) *pace {
	if p.Reads == 0 {
		p.Reads = quota
	}
	if p.Writes == 0 {
		p.Writes = quota
	}
	return &pace{limit: p, sent: map[string][]time.Time{}}
}

// read waits until a project may be read from, and write until it may be written to.
func (p *pace) read(ctx context.Context, project string) error {
	return p.wait(ctx, project+" reads", p.limit.Reads)
}

func (p *pace) write(ctx context.Context, project string) error {
	return p.wait(ctx, project+" writes", p.limit.Writes)
}

func (p *pace) wait(ctx context.Context, key string, limit int) error {
	if limit < 0 {
		return ctx.Err()
	}
	delay := p.reserve(key, limit, time.Now())
	if delay <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// reserve takes the next free moment, and returns how far off it is.
func (p *pace) reserve(key string, limit int, now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	sent, at := p.sent[key], now
	if len(sent) >= limit {
		sent = sent[len(sent)-limit:]
		if free := sent[0].Add(window); free.After(at) {
			at = free
		}
		sent = sent[1:]
	}
	p.sent[key] = append(sent, at)
	return at.Sub(now)
}
