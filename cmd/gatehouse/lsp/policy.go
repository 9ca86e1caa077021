package lsp

import (
	"context"
	"runtime/debug"
	"sync"
	"time"

	"gatehouse/compiler/evaluate"
	"gatehouse/compiler/navigate"
	"gatehouse/policies"
)

// policy is one policy that is being looked at, or one text that belongs to none.
type policy struct {
	server *server
	key    string
	root   string // its folder; empty: a text that belongs to no policy

	changed chan struct{} // something has changed since the last analysis began
	hurry   chan struct{} // somebody waits: don't wait for a pause
	running context.Context
	stop    context.CancelFunc

	mu         sync.Mutex
	generation int // of changes
	analysed   int // the generation that the last complete analysis was of
	read       int // the generation whose diagnostics are published, its guardrails perhaps not
	finished   chan struct{}
	cancel     context.CancelFunc // of the running analysis
	last       *analysis          // nil: none yet
	sound      *analysis          // the last one without mistakes
	judge      *judge             // nil: guardrails have to be read

	publishing sync.Mutex
	published  map[string]string // by URI: what was said last, so that nothing is said twice
}

func newPolicy(s *server, key, root string) *policy {
	running, stop := context.WithCancel(s.running)
	return &policy{
		server: s, key: key, root: root, running: running, stop: stop,
		changed: make(chan struct{}, 1), hurry: make(chan struct{}, 1), finished: make(chan struct{}), published: map[string]string{},
	}
}

// touch notes that something has changed: the running analysis is superseded, and another one follows. The first is let finish: whoever opens
// a large policy and types at once would wait for ever for the names in it.
func (p *policy) touch() {
	p.mu.Lock()
	p.generation++
	if p.cancel != nil && p.last != nil {
		p.cancel()
	}
	p.mu.Unlock()
	poke(p.changed)
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func (p *policy) forgetGuardrails() {
	p.mu.Lock()
	p.judge = nil
	p.mu.Unlock()
}

// end stops all work, and takes back what was said.
func (p *policy) end() {
	p.stop()
	go p.retract()
}

// loop analyses the policy whenever it has changed, once typing rests.
func (p *policy) loop() {
	for p.wait() {
		ctx, cancel := context.WithCancel(p.running)
		p.mu.Lock()
		generation, known := p.generation, p.generation == p.analysed
		p.cancel = cancel
		p.mu.Unlock()
		if !known {
			p.guarded(ctx, generation)
		}
		cancel()
		p.finish(func() { p.cancel = nil })
	}
}

// finish changes the policy's state, and wakes whoever waits for a change of it.
func (p *policy) finish(change func()) {
	p.mu.Lock()
	change()
	close(p.finished)
	p.finished = make(chan struct{})
	p.mu.Unlock()
}

// wait returns when there is something to analyse and typing rests, or somebody can't wait; false when it is over.
func (p *policy) wait() bool {
	select {
	case <-p.changed:
	case <-p.running.Done():
		return false
	}
	pause := time.NewTimer(p.server.o.Pause)
	defer pause.Stop()
	for {
		select {
		case <-p.changed:
			pause.Reset(p.server.o.Pause)
		case <-p.hurry:
			return true
		case <-pause.C:
			return true
		case <-p.running.Done():
			return false
		}
	}
}

// guarded analyses, and survives a defect: then what was known before stays.
func (p *policy) guarded(ctx context.Context, generation int) {
	defer func() {
		if cause := recover(); cause != nil {
			p.server.logf("analyse %s: %v\n%s", p.key, cause, debug.Stack())
			p.finish(func() { p.read, p.analysed = max(p.read, generation), max(p.analysed, generation) })
		}
	}()
	p.analyse(ctx, generation)
}

// upTo waits until a generation is done, as far as done says.
func (p *policy) upTo(ctx context.Context, generation int, done func() int) error {
	for {
		p.mu.Lock()
		reached, finished := done() >= generation, p.finished
		p.mu.Unlock()
		if reached {
			return nil
		}
		poke(p.hurry)
		select {
		case <-finished:
		case <-ctx.Done():
			return ctx.Err()
		case <-p.running.Done():
			return nil
		}
	}
}

// settle waits until everything that has changed so far was analysed, guardrails and all.
func (p *policy) settle(ctx context.Context) error {
	return p.upTo(ctx, p.now(), func() int { return p.analysed })
}

// current waits until everything that has changed so far was read, but not longer than a person would: then what was known before has
// to do.
func (p *policy) current(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	_ = p.upTo(ctx, p.now(), func() int { return p.read })
}

// begun waits until the policy was read at all, but not for ever: then the open texts have to do.
func (p *policy) begun(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 20*patience)
	defer cancel()
	_ = p.upTo(ctx, 1, func() int { return p.read })
}

// patience is how long an answer waits for an analysis that would make it better.
const patience = 500 * time.Millisecond

func (p *policy) now() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.generation
}

// view returns the policy as it stands: the files that are open as they are now, the rest as they were last read.
func (p *policy) view() *navigate.View {
	p.mu.Lock()
	last, sound, generation := p.last, p.sound, p.generation
	p.mu.Unlock()
	v := &navigate.View{Index: navigate.NewIndex(), At: p.server.o.Now(), Packs: policies.Packs(), Guardrails: p.guardrails(), Functions: functions()}
	if last != nil {
		v.Index, v.Policy = last.index, last.policy
	}
	if sound != nil {
		v.Graph, v.Stale = sound.graph, sound.generation != generation
		if last.policy == nil || v.Stale && (len(last.policy.Environments) == 0 || len(last.torn()) > 0) {
			v.Policy = sound.policy // what stands in a torn file is gone from the last one
		}
	}
	for _, d := range p.documents() {
		if known, f := v.Index.File(d.name), d.standing(v.Index.File(d.name)); f != known {
			v.Index = v.Index.With(f)
		}
	}
	return v
}

// documents returns the policy's open documents.
func (p *policy) documents() []*document {
	s := p.server
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []*document
	for _, d := range s.documents {
		if d.policy == p {
			out = append(out, d)
		}
	}
	return out
}

// functions describes what expressions may call.
func functions() []navigate.Function {
	var out []navigate.Function
	for _, f := range evaluate.Functions() {
		doc := f.Doc + "\n\n```hcl\n" + f.Example + "  # " + f.Result + "\n```"
		out = append(out, navigate.Function{Name: f.Name, Signature: f.Usage, Doc: doc})
	}
	return out
}
