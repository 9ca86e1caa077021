package lsp

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creachadair/jrpc2"
	"github.com/creachadair/jrpc2/channel"
	"github.com/creachadair/jrpc2/handler"
)

// talk is a conversation with a server in this process.
type talk struct {
	*jrpc2.Client
	t      *testing.T
	server *server
	log    *lockedBuffer
	said   chan publishParams
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// begin starts a server whose methods may be changed first.
func begin(t *testing.T, pause time.Duration, change func(*server, handler.Map)) *talk {
	t.Helper()
	log := &lockedBuffer{}
	s := newServer(Options{Now: func() time.Time { return time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC) }, Pause: pause, Log: log})
	methods := s.methods()
	if change != nil {
		change(s, methods)
	}
	client, srv := channel.Direct()
	s.rpc = jrpc2.NewServer(methods, &jrpc2.ServerOptions{AllowPush: true, DisableBuiltin: true, Concurrency: 256})
	s.rpc.Start(srv)
	c := &talk{t: t, server: s, log: log, said: make(chan publishParams, 100)}
	c.Client = jrpc2.NewClient(client, &jrpc2.ClientOptions{
		OnNotify: func(r *jrpc2.Request) {
			var p publishParams
			if r.Method() == "textDocument/publishDiagnostics" && r.UnmarshalParams(&p) == nil {
				c.said <- p
			}
		},
		OnCallback: func(context.Context, *jrpc2.Request) (any, error) { return nil, nil },
	})
	t.Cleanup(func() {
		_ = c.Close()
		s.close()
	})
	c.must("initialize", map[string]any{"capabilities": map[string]any{}})
	return c
}

func (c *talk) must(method string, params any) {
	c.t.Helper()
	if _, err := c.Call(c.t.Context(), method, params); err != nil {
		c.t.Fatalf("%s: %v", method, err)
	}
}

func (c *talk) tell(method string, params any) {
	c.t.Helper()
	if err := c.Notify(c.t.Context(), method, params); err != nil {
		c.t.Fatalf("%s: %v", method, err)
	}
}

func (c *talk) code(method string, params any) jrpc2.Code {
	c.t.Helper()
	_, err := c.Call(c.t.Context(), method, params)
	refused := (*jrpc2.Error)(nil)
	if !errors.As(err, &refused) {
		c.t.Fatalf("%s: %v", method, err)
	}
	return refused.Code
}

// policyFile writes a policy of one file, and opens it.
func (c *talk) policyFile(text string) string {
	c.t.Helper()
	path := filepath.Join(c.t.TempDir(), "policy.gate.hcl")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		c.t.Fatal(err)
	}
	c.tell("textDocument/didOpen", map[string]any{"textDocument": map[string]any{"uri": uriOf(path), "version": 1, "text": text}})
	return uriOf(path)
}

const small = "gatehouse {\n  policy = \"p\"\n  packs = []\n}\n"

// A method that panics is answered, told in the log, and the server goes on.
func TestPanicIsAnswered(t *testing.T) {
	c := begin(t, 0, func(s *server, m handler.Map) {
		m["panics"] = s.guard(initialized, func(context.Context, *jrpc2.Request) (any, error) { panic("a defect") })
	})
	if code := c.code("panics", nil); code != jrpc2.InternalError {
		t.Errorf("code %d", code)
	}
	if !strings.Contains(c.log.String(), "panics: a defect") {
		t.Errorf("the log says %q", c.log.String())
	}
	c.must("gatehouse/settled", nil)
}

// An analysis that panics leaves what was known before, and nobody waits for it for ever.
func TestPanicInAnalysis(t *testing.T) {
	c := begin(t, 0, nil)
	c.policyFile(small)
	c.must("gatehouse/settled", nil)
	c.server.o.Now = func() time.Time { panic("a defect") }
	c.server.mu.Lock()
	for _, p := range c.server.policies {
		p.touch()
	}
	c.server.mu.Unlock()
	c.must("gatehouse/settled", nil)
	if !strings.Contains(c.log.String(), "a defect") {
		t.Errorf("the log says %q", c.log.String())
	}
}

// A request that is cancelled is answered as that, while others are read on.
func TestCancel(t *testing.T) {
	begun := make(chan struct{})
	c := begin(t, 0, func(s *server, m handler.Map) {
		m["waits"] = s.guard(initialized, func(ctx context.Context, _ *jrpc2.Request) (any, error) {
			close(begun)
			<-ctx.Done()
			return nil, ctx.Err()
		})
	})
	answer := make(chan error, 1)
	go func() {
		_, err := c.Call(t.Context(), "waits", nil)
		answer <- err
	}()
	<-begun
	c.tell("$/cancelRequest", map[string]any{"id": 2}) // initialize was 1
	refused := (*jrpc2.Error)(nil)
	if err := <-answer; !errors.As(err, &refused) || refused.Code != requestCancelled {
		t.Errorf("answered %v", err)
	}
}

// Nothing is done before initialize, and nothing but exit after shutdown.
func TestLifecycle(t *testing.T) {
	c := begin(t, 0, nil)
	c.server.phase = fresh
	if code := c.code("textDocument/hover", map[string]any{}); code != notInitialized {
		t.Errorf("before initialize: code %d", code)
	}
	c.must("initialize", map[string]any{"capabilities": map[string]any{}})
	if code := c.code("initialize", map[string]any{}); code != jrpc2.InvalidRequest {
		t.Errorf("initialize again: code %d", code)
	}
	c.must("shutdown", nil)
	if code := c.code("textDocument/hover", map[string]any{}); code != jrpc2.InvalidRequest {
		t.Errorf("after shutdown: code %d", code)
	}
	c.tell("exit", nil)
	<-c.server.exited
	if code := c.server.exitCode(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// While one types, nothing is said of what stood there a moment ago: only what rests is analysed, or what somebody waits for.
func TestSuperseded(t *testing.T) {
	c := begin(t, time.Hour, nil)
	uri := c.policyFile(small)
	for version := 2; version < 50; version++ {
		c.tell("textDocument/didChange", map[string]any{
			"textDocument":   map[string]any{"uri": uri, "version": version},
			"contentChanges": []any{map[string]any{"text": small + strings.Repeat("x\n", version)}},
		})
	}
	c.must("gatehouse/settled", nil)
	select {
	case p := <-c.said:
		if p.Version == nil || *p.Version != 49 {
			t.Errorf("version %v was published", p.Version)
		}
	case <-t.Context().Done():
		t.Fatal("nothing was published")
	}
	if len(c.said) > 0 {
		t.Errorf("more was published: %v", <-c.said)
	}
}

// The first analysis goes on though the text has changed meanwhile, so that there are names to speak of; the next one is of the latest text.
func TestFirstAnalysisIsKept(t *testing.T) {
	c := begin(t, 0, nil)
	asked, gate := make(chan struct{}), make(chan struct{})
	c.server.o.Now = func() time.Time { // an analysis asks before it reads
		asked <- struct{}{}
		<-gate
		return time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	}
	uri := c.policyFile(small)
	<-asked
	for version := 2; version < 5; version++ {
		c.tell("textDocument/didChange", map[string]any{
			"textDocument":   map[string]any{"uri": uri, "version": version},
			"contentChanges": []any{map[string]any{"text": small}},
		})
	}
	c.code("textDocument/hover", positionParams{TextDocument: documentID{URI: "file:///none"}}) // behind the changes
	gate <- struct{}{}
	<-asked
	c.server.mu.Lock()
	for _, p := range c.server.policies {
		p.mu.Lock()
		if p.last == nil || p.last.generation != 1 || p.generation != 4 {
			t.Errorf("%+v was analysed, and %d is to be", p.last, p.generation)
		}
		p.mu.Unlock()
	}
	c.server.mu.Unlock()
	go func() {
		for range asked { // whatever else asks for the time
		}
	}()
	close(gate)
	c.must("gatehouse/settled", nil)
	if p := <-c.said; p.Version == nil || *p.Version != 4 {
		t.Errorf("version %v was published", p.Version)
	}
}

// A stream that ends, or holds what is no message, ends the server with the code that says that nobody took leave.
func TestServeEnds(t *testing.T) {
	for _, in := range []string{"", "Content-Length: 5\r\n\r\n{", "nonsense\r\n\r\n", "Content-Length: 2\r\n\r\n{}"} {
		var out bytes.Buffer
		if code := Serve(t.Context(), strings.NewReader(in), &out, Options{Log: io.Discard}); code != 1 {
			t.Errorf("%q: exit code %d", in, code)
		}
	}
}

// What is no request is answered, and the next one is read.
func TestServeAnswersWhatIsNoRequest(t *testing.T) {
	in, write := io.Pipe()
	read, out := io.Pipe()
	ended := make(chan int, 1)
	go func() { ended <- Serve(t.Context(), in, out, Options{Log: io.Discard}) }()
	answers := channel.LSP(read, nil)
	for _, c := range []struct{ request, want string }{
		{"{not json}", `"code":-32700`},
		{`{"jsonrpc":"2.0","id":"x","method":"nothing"}`, `"id":"x"`},
		{`{"jsonrpc":"2.0","id":7,"method":"textDocument/hover"}`, `"code":-32002`},
	} {
		if _, err := fmt.Fprintf(write, "Content-Length: %d\r\n\r\n%s", len(c.request), c.request); err != nil {
			t.Fatal(err)
		}
		answer, err := answers.Recv()
		if refused := (*channel.ContentTypeMismatchError)(nil); err != nil && !errors.As(err, &refused) {
			t.Fatal(err)
		}
		if !strings.Contains(string(answer), c.want) {
			t.Errorf("%s: no %s in %s", c.request, c.want, answer)
		}
	}
	write.Close()
	if code := <-ended; code != 1 {
		t.Errorf("exit code %d", code)
	}
}

// Explanations lie in a folder that goes with the server.
func TestPages(t *testing.T) {
	c := begin(t, 0, nil)
	at := c.server.describes("unknown-reference")
	if at == nil {
		t.Fatal("no page")
	}
	path, _ := pathOf(at.Href)
	if text, err := os.ReadFile(path); err != nil || !strings.HasPrefix(string(text), "# unknown-reference") {
		t.Errorf("%s: %q, %v", path, text, err)
	}
	if c.server.describes("ownership/owner-is-set") == nil {
		t.Error("a guardrail has no page")
	}
	if c.server.describes("nothing") != nil {
		t.Error("a word that is none has a page")
	}
	c.server.pages.remove()
	if _, err := os.Stat(path); err == nil {
		t.Error("the page is still there")
	}
}
