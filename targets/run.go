package targets

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// looks is how often a container that somebody keeps changing is looked at again.
const looks = 3

// run is one apply on its way. Results are written to places of their own, so that the outcome doesn't depend on who is faster.
type run struct {
	ctx      context.Context
	plan     Plan
	sites    []sealedSite
	options  ApplyOptions
	journal  Journal
	progress func(Progress)

	outcome Outcome
	places  []map[Key]int // for each site: the result of a change
	begun   time.Time
	writes  atomic.Int64

	mu   sync.Mutex // progress
	done int
}

// batch is a stretch of one site's changes that may go at the same time: one class, none requiring another.
type batch struct {
	site    int
	class   Class
	changes []*Change
}

func newRun(ctx context.Context, s sealed, o ApplyOptions, j Journal, progress func(Progress)) *run {
	r := &run{ctx: ctx, plan: s.plan, sites: s.sites, options: o, journal: j, progress: progress, begun: o.Now()}
	r.outcome = Outcome{Results: []Result{}, Blocked: []BlockedNotice{}}
	for _, s := range s.plan.Sites {
		place := map[Key]int{}
		for _, c := range s.Changes {
			place[c.Key] = len(r.outcome.Results)
			r.outcome.Results = append(r.outcome.Results, Result{
				Environment: s.Environment, Target: s.Target, Key: c.Key, Op: c.Op, Class: c.Class, Status: Left})
		}
		r.places = append(r.places, place)
		for _, n := range s.Notices {
			if n.Blocking {
				r.outcome.Blocked = append(r.outcome.Blocked, BlockedNotice{s.Environment, s.Target, n})
			}
		}
	}
	return r
}

// all writes every environment.
func (r *run) all() {
	for i := 0; i < len(r.plan.Sites); {
		var queues [][]batch
		held := false
		for j := i; i < len(r.plan.Sites) && r.plan.Sites[i].Environment == r.plan.Sites[j].Environment; i++ {
			held = r.sentence(i) || held
			queues = append(queues, batches(i, r.sites[i].changes))
		}
		r.environment(queues, held)
	}
}

// sentence records what was decided about changes that are not to be written, and reports whether a narrowing among them is not settled.
func (r *run) sentence(site int) (held bool) {
	for _, c := range r.plan.Sites[site].Changes {
		verdict, ok := r.sites[site].verdicts[c.Key]
		if !ok {
			continue
		}
		result := r.result(site, c.Key)
		result.Status, result.Reason = verdict.Status, verdict.Reason
		r.report(*result)
		held = held || c.Class == Narrowing && !result.Settled()
	}
	return held
}

// batches cuts a site's changes, in the order of the plan.
func batches(site int, changes []Change) []batch {
	var out []batch
	inside := map[Key]bool{}
	for i := range changes {
		c := &changes[i]
		fits := len(out) > 0 && out[len(out)-1].class == c.Class
		for _, k := range c.Requires {
			fits = fits && !inside[k]
		}
		if !fits {
			out = append(out, batch{site: site, class: c.Class})
			clear(inside)
		}
		last := &out[len(out)-1]
		last.changes = append(last.changes, c)
		inside[c.Key] = true
	}
	return out
}

// environment takes the narrowest batch that is next at any site, until none is left.
func (r *run) environment(queues [][]batch, held bool) {
	for {
		next := -1
		for i, q := range queues {
			if len(q) > 0 && (next < 0 || rank(q[0].class) < rank(queues[next][0].class)) {
				next = i
			}
		}
		if next < 0 {
			return
		}
		b := queues[next][0]
		queues[next] = queues[next][1:]
		r.batch(b, held)
		held = held || b.class == Narrowing && !r.settled(b)
	}
}

func (r *run) settled(b batch) bool {
	for _, c := range b.changes {
		if !r.result(b.site, c.Key).Settled() {
			return false
		}
	}
	return true
}

func (r *run) result(site int, k Key) *Result { return &r.outcome.Results[r.places[site][k]] }

// batch deals with the changes of a batch, a few at a time.
func (r *run) batch(b batch, held bool) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(r.options.Parallel, len(b.changes)) {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(b.changes) {
					return
				}
				c := b.changes[i]
				result := r.result(b.site, c.Key)
				r.change(b.site, c, held, result)
				r.report(*result)
			}
		})
	}
	wg.Wait()
}

func (r *run) report(result Result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done++
	r.progress(Progress{result, r.done, len(r.outcome.Results)})
}

// change deals with one change.
func (r *run) change(site int, c *Change, held bool, result *Result) {
	if r.ctx.Err() != nil {
		result.Status, result.Reason = Left, "the apply was interrupted before it"
		return
	}
	if held && c.Class == Widening {
		result.Status, result.Reason = Held, "a narrowing in this environment was not done: nothing is opened before"
		return
	}
	for _, k := range c.Requires {
		if place, ok := r.places[site][k]; !ok || !r.outcome.Results[place].Settled() {
			result.Status, result.Reason = Held, fmt.Sprintf("%s must be written before, and was not", k)
			return
		}
	}
	r.write(site, *c, result)
}

// write writes a container, looking again as long as others change it.
func (r *run) write(site int, c Change, result *Result) {
	v := &r.sites[site].view
	for look := 0; ; look++ {
		token, err := r.record(v, c)
		if err == nil {
			result.Status, result.Token = Done, token
			return
		}
		if !errors.Is(err, ErrMoved) {
			result.Status, result.Reason, result.Token = Failed, err.Error(), token
			return
		}
		if look == looks {
			result.Status, result.Reason = Refused, fmt.Sprintf("somebody keeps changing it: plan again (%v)", err)
			return
		}
		next, verdict, err := v.again(r.ctx, c, DiffOptions{r.plan.Adopt, r.plan.Release})
		if err != nil {
			result.Status, result.Reason = Failed, err.Error()
			return
		}
		if next == nil {
			result.Status, result.Reason = verdict.Status, verdict.Reason
			return
		}
		c = *next
	}
}

// record writes once, between two records of the journal. Without the first nothing is written; without the second the write
// stands, and the change counts as failed because nobody could prove it later.
func (r *run) record(v *View, c Change) (Token, error) {
	rec := Record{
		Phase: PhaseBegin, ID: fmt.Sprintf("%.19s-%d-%d", r.plan.Digest, r.begun.UnixNano(), r.writes.Add(1)),
		Time: r.options.Now().UTC(), Who: r.options.Who,
		Policy: r.plan.Policy, Environment: v.Site.Environment, Target: v.Proof.Target,
		Container: c.Key, Op: c.Op, TokenBefore: c.Token, Before: c.Before, After: c.After, Items: c.Items,
	}
	if err := r.journal.Append(rec); err != nil {
		return "", fmt.Errorf("nothing was written: %w", err)
	}
	token, err := v.Site.Conn.Write(context.WithoutCancel(r.ctx), c)
	rec.Phase, rec.Time, rec.Before, rec.After, rec.Items = PhaseDone, r.options.Now().UTC(), nil, nil, nil
	if rec.Result, rec.TokenAfter = Done, token; err != nil {
		rec.Result, rec.Error = Failed, err.Error()
	}
	if unrecorded := r.journal.Append(rec); unrecorded != nil && err == nil {
		return token, fmt.Errorf("it was written, but not recorded: %w", unrecorded)
	}
	return token, err
}
