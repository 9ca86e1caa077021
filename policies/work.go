package policies

import (
	"context"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// chunkSize is how many grants a rule of scope grant sees at once. Anything from 10 to 300 is within a few per cent of the best; one at a
// time costs half as much again, all at once twice.
const chunkSize = 100

// task is a document and the questions to ask about it. The document is built by whoever does the task.
type task struct {
	input     func() *ast.Term
	questions []question
}

// tasks divides the work. The whole document is built while the grants are sifted. The first guardrail of scope policy, which waits for it, is
// asked first and the others come last, so that nobody else waits.
func (e *Engine) tasks(ctx context.Context, cancel topdown.Cancel, p *projection) []task {
	var wide []task
	for _, whole := range e.documents(p, PolicyScope) {
		for one := range slices.Chunk(e.questions[PolicyScope], 1) {
			wide = append(wide, task{whole, one})
		}
	}
	early := min(1, len(wide))
	for _, first := range wide[:early] {
		go first.input()
	}
	return slices.Concat(wide[:early], e.sift(ctx, cancel, p), wide[early:])
}

// chunks has questions asked about grants, which are indices of lasting.
func (e *Engine) chunks(p *projection, questions []question, grants []int32) []task {
	if len(questions) == 0 {
		return nil
	}
	var out []task
	for some := range slices.Chunk(grants, chunkSize) {
		out = append(out, task{func() *ast.Term { return p.chunk(some) }, questions})
	}
	return out
}

// documents returns what builds each document of a scope. Exceptions are shown as if they waived nothing.
func (e *Engine) documents(p *projection, scope Scope) []func() *ast.Term {
	switch scope {
	case GrantScope:
		var out []func() *ast.Term
		for grants := range slices.Chunk(indices(len(p.lasting)), chunkSize) {
			out = append(out, func() *ast.Term { return p.chunk(grants) })
		}
		return out
	case ExceptionScope:
		return []func() *ast.Term{func() *ast.Term { return p.judged(func(string) bool { return true }, nil) }}
	default:
		return []func() *ast.Term{sync.OnceValue(func() *ast.Term { return p.whole(e.reads) })}
	}
}

// work does tasks on every processor. Of several failures the one of the first task is returned, whatever the schedule was: only
// tasks behind a failed one are left undone.
func (e *Engine) work(ctx context.Context, cancel topdown.Cancel, tasks []task) ([]finding, error) {
	found, err := e.perform(ctx, cancel, tasks)
	return slices.Concat(found...), err
}

// perform is work, and tells the findings of each task apart.
func (e *Engine) perform(ctx context.Context, cancel topdown.Cancel, tasks []task) ([][]finding, error) {
	found := make([][]finding, len(tasks))
	failures := make([]error, len(tasks))
	var next, failed atomic.Int64
	failed.Store(math.MaxInt64)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(tasks)) {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(tasks)) && i < failed.Load(); i = next.Add(1) - 1 {
				if found[i], failures[i] = e.do(ctx, cancel, tasks[i]); failures[i] != nil {
					lower(&failed, i)
				}
			}
		})
	}
	workers.Wait()
	if i := failed.Load(); i < int64(len(tasks)) {
		return nil, failures[i]
	}
	return found, nil
}

// lower takes v down to i, unless it is lower already.
func lower(v *atomic.Int64, i int64) {
	for current := v.Load(); i < current; current = v.Load() {
		if v.CompareAndSwap(current, i) {
			return
		}
	}
}

func (e *Engine) do(ctx context.Context, cancel topdown.Cancel, t task) ([]finding, error) {
	input := t.input()
	var out []finding
	for i := range t.questions {
		found, err := t.questions[i].run(ctx, cancel, e.store, input)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}
