package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/creachadair/jrpc2"
	"github.com/creachadair/jrpc2/channel"
	"github.com/rogpeppe/go-internal/txtar"
)

// editor is a client of the language server, with files on the disk and texts that are open.
type editor struct {
	t       *testing.T
	root    string
	process *exec.Cmd
	client  *jrpc2.Client

	marked map[string]string // the files, with their marks
	opened map[string]int    // versions of the texts that are open

	mu       sync.Mutex
	said     map[string]published // by file
	messages []string             // that the server wanted shown
	news     chan struct{}        // a page was shown
}

type published struct {
	URI         string `json:"uri"`
	Version     *int   `json:"version"`
	Diagnostics []struct {
		Range    span   `json:"range"`
		Severity int    `json:"severity"`
		Code     string `json:"code"`
		Message  string `json:"message"`
		Related  []struct {
			Location place  `json:"location"`
			Message  string `json:"message"`
		} `json:"relatedInformation"`
		CodeDescription struct {
			Href string `json:"href"`
		} `json:"codeDescription"`
	} `json:"diagnostics"`
}

type spot struct {
	Line      int `json:"line"`
	Character int `json:"character"`
}

type span struct {
	Start spot `json:"start"`
	End   spot `json:"end"`
}

type place struct {
	URI   string `json:"uri"`
	Range span   `json:"range"`
}

// marks are names of places in the files of a case: ⟨here⟩.
var marks = regexp.MustCompile(`⟨([a-z0-9-]+)⟩`)

func unmarked(text string) string { return marks.ReplaceAllString(text, "") }

// startEditor writes a case's files, and starts the program as an editor that knows everything about the protocol.
func startEditor(t *testing.T, files []txtar.File) *editor {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	e := &editor{t: t, root: root, marked: map[string]string{}, opened: map[string]int{}, said: map[string]published{}, news: make(chan struct{}, 8)}
	for _, f := range files {
		name, unsaved := strings.CutSuffix(f.Name, " (unsaved)")
		e.marked[name] = string(f.Data)
		if !unsaved {
			e.write(name, unmarked(string(f.Data)))
		}
	}
	e.start()
	e.call("initialize", json.RawMessage(`{"processId": null, "rootUri": "`+uriPrefix(root)+`", "capabilities": {
		"textDocument": {"completion": {"completionItem": {"snippetSupport": true}}, "publishDiagnostics": {"relatedInformation": true},
			"documentSymbol": {"hierarchicalDocumentSymbolSupport": true}},
		"workspace": {"didChangeWatchedFiles": {"dynamicRegistration": true}},
		"window": {"showDocument": {"support": true}}}}`), nil)
	e.tell("initialized", map[string]any{})
	return e
}

func (e *editor) start() {
	e.process = exec.Command("gatehouse", "lsp", "--stdio")
	e.process.Stderr = os.Stderr
	in, err := e.process.StdinPipe()
	if err != nil {
		e.t.Fatal(err)
	}
	out, err := e.process.StdoutPipe()
	if err != nil {
		e.t.Fatal(err)
	}
	if err := e.process.Start(); err != nil {
		e.t.Fatal(err)
	}
	e.client = jrpc2.NewClient(inOrder{channel.LSP(out, in), e.hear}, &jrpc2.ClientOptions{OnCallback: e.asked})
	e.t.Cleanup(func() {
		_ = e.client.Close() // ends the program's input, and so the program
		_ = e.process.Wait()
	})
}

func uriPrefix(root string) string { return (&url.URL{Scheme: "file", Path: root}).String() + "/" }

func (e *editor) uri(file string) string { return uriPrefix(e.root) + file }

func (e *editor) write(file, text string) {
	path := filepath.Join(e.root, filepath.FromSlash(file))
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		e.t.Fatal(err)
	}
}

// inOrder hands out notifications before what comes after them: the client itself handles each message on its own.
type inOrder struct {
	channel.Channel
	hear func(method string, params json.RawMessage)
}

func (c inOrder) Recv() ([]byte, error) {
	message, err := c.Channel.Recv()
	var m struct {
		ID     json.RawMessage `json:"id"`
		Method string          `json:"method"`
		Params json.RawMessage `json:"params"`
	}
	if json.Unmarshal(message, &m) == nil && m.Method != "" && m.ID == nil {
		c.hear(m.Method, m.Params)
	}
	return message, err
}

// hear keeps what the server says by itself.
func (e *editor) hear(method string, params json.RawMessage) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch method {
	case "textDocument/publishDiagnostics":
		var p published
		if err := json.Unmarshal(params, &p); err != nil {
			e.t.Errorf("publishDiagnostics: %v", err)
		}
		e.said[strings.TrimPrefix(p.URI, uriPrefix(e.root))] = p
	case "window/showMessage":
		var p struct {
			Message string `json:"message"`
		}
		if err := json.Unmarshal(params, &p); err != nil {
			e.t.Errorf("showMessage: %v", err)
		}
		e.messages = append(e.messages, p.Message)
	}
}

// asked answers what the server asks.
func (e *editor) asked(_ context.Context, r *jrpc2.Request) (any, error) {
	if r.Method() == "window/showDocument" {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.messages = append(e.messages, "shows "+r.ParamString())
		e.news <- struct{}{}
	}
	return nil, nil
}

// call asks the server; an error is its own, and any other failure ends the test.
func (e *editor) call(method string, params, result any) error {
	ctx, cancel := context.WithTimeout(e.t.Context(), 30*time.Second)
	defer cancel()
	answer, err := e.client.Call(ctx, method, params)
	if refused := (*jrpc2.Error)(nil); errors.As(err, &refused) {
		return refused
	}
	if err != nil {
		e.t.Fatalf("%s: %v", method, err)
	}
	if result == nil {
		return nil
	}
	if err := answer.UnmarshalResult(result); err != nil && !errors.Is(err, io.EOF) {
		e.t.Fatalf("%s: %v in %s", method, err, answer.ResultString())
	}
	return nil
}

func (e *editor) tell(method string, params any) {
	if err := e.client.Notify(e.t.Context(), method, params); err != nil {
		e.t.Fatalf("%s: %v", method, err)
	}
}

// settle waits until the server has analysed and published everything.
func (e *editor) settle() {
	if err := e.call("gatehouse/settled", nil, nil); err != nil {
		e.t.Fatal(err)
	}
}

// heard returns what the server wanted shown since it was last asked.
func (e *editor) heard() []string {
	e.settle()
	e.mu.Lock()
	defer e.mu.Unlock()
	out := e.messages
	e.messages = nil
	return out
}

// at finds a mark in the files.
func (e *editor) at(mark string) (file string, where spot) {
	for name, text := range e.marked {
		before, _, ok := strings.Cut(text, "⟨"+mark+"⟩")
		if ok {
			return name, spotOf(unmarked(before))
		}
	}
	e.t.Fatalf("no mark %s", mark)
	return "", spot{}
}

// spotOf returns where a text ends, in the protocol's units.
func spotOf(text string) spot {
	last := text[strings.LastIndexByte(text, '\n')+1:]
	return spot{strings.Count(text, "\n"), len(utf16.Encode([]rune(last)))}
}

// byteOf is the inverse of spotOf, in the whole text.
func byteOf(text string, s spot) int {
	at := 0
	for range s.Line {
		at += strings.IndexByte(text[at:], '\n') + 1
	}
	units := 0
	for i, r := range text[at:] {
		if units >= s.Character {
			return at + i
		}
		units += utf16.RuneLen(r)
	}
	return len(text)
}

func (e *editor) placed(mark string) map[string]any {
	file, where := e.at(mark)
	if e.opened[file] == 0 {
		e.t.Fatalf("%s is not open", file)
	}
	return map[string]any{"textDocument": map[string]any{"uri": e.uri(file)}, "position": where}
}
