package policies

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/metrics"
	"sync"
	"time"
)

// A judgement is bounded in time and in memory. OPA looks at its bounds between the steps of a rule, and in those of its functions that may
// take long; not in all of them. What is still in such a function some time after it was told to stop is left behind: its result is never
// looked at, and who asked has an answer.

const (
	// memoryBound is how much the program may hold while guardrails judge, and memoryOfGrant how much more for each grant. The built-in ones
	// need a tenth of it.
	memoryBound   = 1 << 30
	memoryOfGrant = 20 << 10

	// memoryGlance is how often the heap is looked at: seldom enough to cost nothing, and before a rule has filled many more gigabytes.
	memoryGlance = 20 * time.Millisecond
)

// allowance says how much a judgement may take.
type allowance struct {
	time     time.Duration
	memory   uint64        // bytes in the heap of the whole program
	patience time.Duration // with a rule that was told to stop
}

// within does the work until the bounds are reached; context.Cause then says which. The error of work that would not stop is a *Fault of
// the guardrail that is still running.
func within[T any](ctx context.Context, b allowance, work func(context.Context) (T, error)) (T, error) {
	ctx, stop := context.WithTimeoutCause(ctx, b.time, &slowError{b.time})
	defer stop()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go watchMemory(ctx, b.memory, cancel)
	now := &running{questions: map[*question]int{}}
	type outcome struct {
		value T
		err   error
	}
	done := make(chan outcome, 1)
	go func() {
		value, err := work(context.WithValue(ctx, runningKey{}, now))
		done <- outcome{value, err}
	}()
	select {
	case o := <-done:
		return o.value, o.err
	case <-ctx.Done():
	}
	select {
	case o := <-done:
		return o.value, o.err
	case <-time.After(b.patience):
		var none T
		return none, now.fault(ctx)
	}
}

// watchMemory ends a judgement once what is alive in the heap is more than it may be.
func watchMemory(ctx context.Context, most uint64, cancel context.CancelCauseFunc) {
	tick := time.NewTicker(memoryGlance)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if heap() <= most {
			continue
		}
		if runtime.GC(); heap() > most {
			cancel(&heavyError{most})
			return
		}
	}
}

// heap is how many bytes objects in the heap take, garbage that nobody has collected yet among them.
func heap() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// running are the questions that are being answered at a moment.
type running struct {
	mu        sync.Mutex
	questions map[*question]int
}

type runningKey struct{}

// began notes that a question is being answered; what it returns, that it has been.
func began(ctx context.Context, q *question) (ended func()) {
	r, noted := ctx.Value(runningKey{}).(*running)
	if !noted {
		return func() {}
	}
	r.add(q, 1)
	return func() { r.add(q, -1) }
}

func (r *running) add(q *question, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.questions[q] += n; r.questions[q] == 0 {
		delete(r.questions, q)
	}
}

// fault blames the first of the guardrails that are still running, by id.
func (r *running) fault(ctx context.Context) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	var first *question
	for q := range r.questions {
		if first == nil || q.guardrail.ID < first.guardrail.ID || q.guardrail.ID == first.guardrail.ID && q.level < first.level {
			first = q
		}
	}
	if first == nil {
		return fmt.Errorf("policies: %w", context.Cause(ctx))
	}
	return fmt.Errorf("policies: %w", first.failed(ctx, ctx.Err()))
}

// heavyError says that guardrails took more memory than they may.
type heavyError struct{ limit uint64 }

func (e *heavyError) Error() string {
	return fmt.Sprintf("took more than %d MB of memory", e.limit>>20)
}

// ended says why a judgement was ended, where it was by its bounds.
func ended(ctx context.Context) (why error, byBounds bool) {
	cause := context.Cause(ctx)
	var slow *slowError
	var heavy *heavyError
	return cause, errors.As(cause, &slow) || errors.As(cause, &heavy)
}
