// Package lsp is the language server: it speaks the Language Server Protocol with an editor, keeps the texts that are open there, and
// turns what packages compiler, policies and compiler/navigate know into the protocol's messages. It holds no knowledge of the language.
//
// Each policy (the folder of a gatehouse block) whose files are open, or that a workspace folder belongs to, is analysed as a whole, over the
// unsaved texts: when typing pauses, and at once when a request needs it. A change makes a running analysis of the same policy
// superseded: it ends at its next stage, is not published, and another one starts, so that there is never more than one. Questions about
// names don't wait for it: the files that changed are read by themselves, and only who reaches what may be one analysis old, which the
// answer then says.
//
// Guardrails judge what has no mistakes, and the policy's own tests run, after the diagnostics were published; what they find follows.
//
// Beside the protocol there is one request, gatehouse/settled: it answers when everything that was sent before it was analysed and
// published. Scripts use it, so that they need not wait for time to pass.
package lsp

import (
	"context"
	"io"
	"os"
	"sync"
	"time"

	"github.com/creachadair/jrpc2"
	"github.com/creachadair/jrpc2/channel"

	"gatehouse/compiler"
	"gatehouse/compiler/access"
	"gatehouse/lang/diag"
	"gatehouse/policies"
)

// Options is what a server needs to know of its surroundings.
type Options struct {
	Version string           // of the program
	Inputs  compiler.Inputs  // the values of variables
	Now     func() time.Time // the moment that questions are answered for
	Pause   time.Duration    // for which typing must rest before a policy is analysed
	Log     io.Writer        // for what goes wrong in the server itself; never the protocol's stream

	// Targets says what remote systems can't express of a graph, and what none of them applies; nil: nothing is known of any.
	Targets func(*access.Graph, time.Time) ([]access.Loss, diag.List)
}

// Pause is a good Options.Pause for people.
const Pause = 150 * time.Millisecond

// Serve speaks the protocol on a stream of requests and one of answers until the editor says exit, the stream ends or the context does. It
// returns the exit code that the protocol asks for: 0 after a shutdown, 1 without one.
func Serve(ctx context.Context, in io.Reader, out io.Writer, o Options) int {
	s := newServer(o)
	defer s.close()
	s.rpc = jrpc2.NewServer(s.methods(), &jrpc2.ServerOptions{
		AllowPush:      true,
		DisableBuiltin: true,
		Concurrency:    256, // a request that waits must not keep others, and cancellations, from being read
		Logger:         nil,
	})
	s.rpc.Start(channel.LSP(in, unclosed{out}))
	ended := make(chan struct{})
	go func() {
		_ = s.rpc.Wait() // whatever ended the stream, there is nobody left to tell
		close(ended)
	}()
	select {
	case <-ended:
	case <-s.exited:
	case <-ctx.Done():
	}
	return s.exitCode()
}

// unclosed keeps the server from closing a stream that isn't its own.
type unclosed struct{ io.Writer }

func (unclosed) Close() error { return nil }

// server is one conversation with an editor.
type server struct {
	o          Options
	rpc        *jrpc2.Server
	pages      pages
	guardrails func() []policies.Guardrail // the built-in ones, read once
	running    context.Context             // ends with the conversation
	stop       context.CancelFunc
	exited     chan struct{}
	exiting    sync.Once

	mu        sync.Mutex
	phase     lifecycle
	client    clientCapabilities
	folders   []string             // of the workspace
	documents map[string]*document // open ones, by path or, where there is none, by URI
	policies  map[string]*policy   // by key
}

// lifecycle is how far the conversation has come.
type lifecycle uint8

const (
	fresh lifecycle = iota
	initialized
	shutDown
)

func newServer(o Options) *server {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = os.Stderr
	}
	if o.Targets == nil {
		o.Targets = func(*access.Graph, time.Time) ([]access.Loss, diag.List) { return nil, nil }
	}
	running, stop := context.WithCancel(context.Background())
	return &server{
		o: o, guardrails: sync.OnceValue(builtIn), running: running, stop: stop, exited: make(chan struct{}),
		documents: map[string]*document{}, policies: map[string]*policy{},
	}
}

// builtIn describes the built-in guardrails. They are part of the program: that they can't be read is shown by its tests.
func builtIn() []policies.Guardrail {
	all, err := policies.Catalogue()
	if err != nil {
		return nil
	}
	return all
}

func (s *server) close() {
	s.stop()
	s.pages.remove()
}

func (s *server) exitCode() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.phase == shutDown {
		return 0
	}
	return 1
}
