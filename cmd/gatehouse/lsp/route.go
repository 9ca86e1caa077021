package lsp

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/creachadair/jrpc2"
	"github.com/creachadair/jrpc2/handler"
)

// The error codes that the protocol adds to JSON-RPC's.
const (
	notInitialized   jrpc2.Code = -32002
	requestCancelled jrpc2.Code = -32800
	requestFailed    jrpc2.Code = -32803
)

// methods is everything that an editor may ask for.
func (s *server) methods() handler.Map {
	return handler.Map{
		"initialize":      s.guard(fresh, take(s.initialize)),
		"initialized":     s.guard(initialized, take(s.initialized)),
		"shutdown":        s.guard(initialized, take(s.shutdown)),
		"exit":            s.guard(shutDown, take(s.exit)),
		"$/cancelRequest": s.guard(shutDown, take(s.cancel)),
		"$/setTrace":      s.guard(initialized, take(s.ignore)),

		"textDocument/didOpen":                s.guard(initialized, take(s.didOpen)),
		"textDocument/didChange":              s.guard(initialized, take(s.didChange)),
		"textDocument/didSave":                s.guard(initialized, take(s.didSave)),
		"textDocument/didClose":               s.guard(initialized, take(s.didClose)),
		"workspace/didChangeWatchedFiles":     s.guard(initialized, take(s.filesChanged)),
		"workspace/didChangeWorkspaceFolders": s.guard(initialized, take(s.foldersChanged)),
		"workspace/didChangeConfiguration":    s.guard(initialized, take(s.ignore)),

		"textDocument/completion":        s.guard(initialized, take(s.completion)),
		"textDocument/hover":             s.guard(initialized, take(s.hover)),
		"textDocument/definition":        s.guard(initialized, take(s.definition)),
		"textDocument/references":        s.guard(initialized, take(s.references)),
		"textDocument/documentHighlight": s.guard(initialized, take(s.highlights)),
		"textDocument/prepareRename":     s.guard(initialized, take(s.prepareRename)),
		"textDocument/rename":            s.guard(initialized, take(s.rename)),
		"textDocument/documentSymbol":    s.guard(initialized, take(s.documentSymbols)),
		"workspace/symbol":               s.guard(initialized, take(s.workspaceSymbols)),
		"textDocument/formatting":        s.guard(initialized, take(s.formatting)),
		"textDocument/codeAction":        s.guard(initialized, take(s.codeActions)),
		"workspace/executeCommand":       s.guard(initialized, take(s.executeCommand)),
		"gatehouse/settled":              s.guard(initialized, take(s.settled)),
	}
}

// take makes a handler of a function of decoded parameters. Parameters of another form are refused.
func take[P, R any](f func(context.Context, P) (R, error)) jrpc2.Handler {
	return func(ctx context.Context, req *jrpc2.Request) (any, error) {
		var p P
		if req.HasParams() {
			if err := req.UnmarshalParams(&p); err != nil {
				return nil, jrpc2.Errorf(jrpc2.InvalidParams, "%s takes parameters of another form", req.Method())
			}
		}
		return f(ctx, p)
	}
}

// guard lets a handler run in its phase of the conversation, and keeps what it does wrong from ending the server.
func (s *server) guard(phase lifecycle, h jrpc2.Handler) jrpc2.Handler {
	return func(ctx context.Context, req *jrpc2.Request) (result any, err error) {
		defer func() {
			if cause := recover(); cause != nil {
				s.logf("%s: %v\n%s", req.Method(), cause, debug.Stack())
				result, err = nil, jrpc2.Errorf(jrpc2.InternalError, "%s failed: this is a defect of Gatehouse", req.Method())
			}
		}()
		if err := s.inPhase(phase); err != nil {
			return nil, err
		}
		result, err = h(ctx, req)
		if ctx.Err() != nil {
			return nil, jrpc2.Errorf(requestCancelled, "%s was cancelled", req.Method())
		}
		return result, answerable(err)
	}
}

// inPhase refuses what comes at the wrong time: shutDown stands for any time.
func (s *server) inPhase(wanted lifecycle) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case wanted == shutDown || wanted == s.phase:
		return nil
	case s.phase == fresh:
		return jrpc2.Errorf(notInitialized, "the server was not initialized")
	case s.phase == shutDown:
		return jrpc2.Errorf(jrpc2.InvalidRequest, "the server was shut down")
	default:
		return jrpc2.Errorf(jrpc2.InvalidRequest, "the server was initialized already")
	}
}

// answerable gives an error of ours the code of a request that failed; the text is for the person who asked.
func answerable(err error) error {
	if coded := (*jrpc2.Error)(nil); err == nil || errors.As(err, &coded) {
		return err
	}
	return jrpc2.Errorf(requestFailed, "%v", err)
}

// logf tells what went wrong in the server, to whoever keeps its log.
func (s *server) logf(format string, args ...any) {
	fmt.Fprintf(s.o.Log, "gatehouse lsp: "+format+"\n", args...)
}

// none is the result of what has none.
type none = *struct{}

func (s *server) ignore(context.Context, any) (none, error) { return nil, nil }
