// Package page opens the report's page in a real browser, without a window, from a file, as a reviewer does.
package page

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	cdpruntime "github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"gatehouse/cmd/gatehouse/page"
	"gatehouse/cmd/gatehouse/view"
	"gatehouse/compiler"
	"gatehouse/compiler/access"
	"gatehouse/policies"
)

var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// browser returns the path of Chromium. Where there is none the tests of the page are skipped on a person's machine, which says so, and fail in
// CI, which installs one.
func browser(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal("no Chromium: .ci/run installs one")
	}
	t.Skip("no Chromium on this machine: install it to test the page")
	return ""
}

// evidence compiles and judges a policy, as the command does.
func evidence(t testing.TB, files map[string]string) view.Evidence {
	t.Helper()
	tree := fstest.MapFS{}
	for name, text := range files {
		tree[name] = &fstest.MapFile{Data: []byte(text)}
	}
	result, err := compiler.Compile(tree, noon)
	if err != nil || result.Graph == nil {
		t.Fatalf("compile: %v %v", err, result.Diagnostics)
	}
	engine, diags, err := policies.Prepare(context.Background(), policies.For(result.Policy, tree))
	if err != nil || diags.HasErrors() {
		t.Fatal(err, diags)
	}
	results, err := engine.Evaluate(context.Background(), result.Graph, noon)
	if err != nil {
		t.Fatal(err)
	}
	tests := access.RunTests(result.Graph, noon)
	return view.Evidence{
		Findings: view.Findings{Policy: result.Policy.Name, Time: noon, Graph: result.Graph, Results: results, Guardrails: engine.Guardrails(), Source: result.Sources.Bytes},
		Version:  "v0.0.0-test", Digest: strings.Repeat("0123456789abcdef", 4), Tests: tests, Coverage: access.CoverageOf(result.Graph, tests),
	}
}

// shared is the one browser of all tests: to start it costs more than all that they do.
var shared struct {
	once sync.Once
	ctx  context.Context
	stop []func()
}

func TestMain(m *testing.M) {
	code := m.Run()
	for _, stop := range slices.Backward(shared.stop) {
		stop()
	}
	os.Exit(code)
}

// window starts the browser.
func window(t testing.TB) context.Context {
	t.Helper()
	path := browser(t)
	shared.once.Do(func() {
		dir, err := os.MkdirTemp("", "gatehouse-page-")
		if err != nil {
			t.Fatal(err)
		}
		options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
			chromedp.UserDataDir(dir), chromedp.WindowSize(1500, 1000),
			chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-quic", true))
		allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
		ctx, cancel := chromedp.NewContext(allocator)
		shared.stop = []func(){func() { _ = os.RemoveAll(dir) }, stop, cancel}
		if err := chromedp.Do(ctx); err != nil {
			t.Fatal(err)
		}
		shared.ctx = ctx
	})
	if shared.ctx == nil {
		t.Fatal("the browser didn't start")
	}
	return shared.ctx
}

// tab is a page that is open.
type tab struct {
	t   testing.TB
	ctx context.Context

	mu       sync.Mutex
	problems []string // what the page asked the network for, threw or logged
}

// open writes the page to a file and opens it from there.
func open(t testing.TB, e view.Evidence) *tab {
	t.Helper()
	var text bytes.Buffer
	if err := page.Write(&text, e); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "report.html")
	if err := os.WriteFile(file, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return visit(t, file)
}

func visit(t testing.TB, file string) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(window(t))
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx}
	if err := chromedp.Listen(ctx, b.listen); err != nil {
		t.Fatal(err)
	}
	call(b, network.Enable, network.EnableParams{})
	b.run(chromedp.Navigate("file://"+file), chromedp.WaitReady(chromedp.CSS(`html[data-ready="yes"]`)), chromedp.WaitVisible(chromedp.CSS(`[role=gridcell], #nothing:not([hidden])`)))
	return b
}

func (b *tab) listen(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if !strings.HasPrefix(e.Request.URL, "file://") && !strings.HasPrefix(e.Request.URL, "data:") {
			b.problems = append(b.problems, "asked for "+e.Request.URL)
		}
	case *cdpruntime.EventExceptionThrown:
		b.problems = append(b.problems, "threw "+e.ExceptionDetails.Text)
	case *cdpruntime.EventConsoleAPICalled:
		b.problems = append(b.problems, fmt.Sprintf("logged %d values by console.%s", len(e.Args), e.Type))
	}
}

func (b *tab) run(actions ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, end := context.WithTimeout(b.ctx, time.Minute)
	defer end()
	b.must(chromedp.Do(ctx, actions...))
}

func (b *tab) must(err error) {
	b.t.Helper()
	if err != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.t.Fatalf("%v; the page %v", err, b.problems)
	}
}

// call sends a command of the browser's protocol.
func call[P, R any](b *tab, c cdp.Command[P, R], params P) R {
	b.t.Helper()
	out, err := chromedp.Run(b.ctx, func(ctx context.Context, t *chromedp.Target) (R, error) { return cdp.Call(ctx, t, c, params) })
	b.must(err)
	return out
}

// eval returns what an expression gives.
func eval[T any](b *tab, expression string) T {
	b.t.Helper()
	out, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	b.must(err)
	return out
}

// quiet fails where the page asked for anything, threw or logged.
func (b *tab) quiet() {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.problems {
		b.t.Errorf("the page %s", p)
	}
}
