package lsp

import (
	"context"
	"strings"

	"gatehouse/lang/syntax"
)

func (s *server) initialize(_ context.Context, p initializeParams) (initializeResult, error) {
	folders := p.WorkspaceFolders
	if len(folders) == 0 && p.RootURI != "" {
		folders = []workspaceFolder{{URI: p.RootURI}}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.phase, s.client = initialized, p.Capabilities
	s.addFolders(folders)
	return initializeResult{Capabilities: capabilities(), ServerInfo: serverInfo{"gatehouse", s.o.Version}}, nil
}

// capabilities is what the server does for its client.
func capabilities() map[string]any {
	return map[string]any{
		"positionEncoding": "utf-16",
		"textDocumentSync": map[string]any{"openClose": true, "change": 2, "save": map[string]any{"includeText": false}},
		"completionProvider": map[string]any{
			"triggerCharacters": []string{".", "\"", "[", "{"}, // a space would open the list where nobody asks for one
		},
		"hoverProvider":              true,
		"definitionProvider":         true,
		"referencesProvider":         true,
		"documentHighlightProvider":  true,
		"renameProvider":             map[string]any{"prepareProvider": true},
		"documentSymbolProvider":     true,
		"workspaceSymbolProvider":    true,
		"documentFormattingProvider": true,
		"codeActionProvider":         map[string]any{"codeActionKinds": []string{quickFix, fixAll}},
		"executeCommandProvider":     map[string]any{"commands": []string{explainCommand}},
		"workspace": map[string]any{
			"workspaceFolders": map[string]any{"supported": true, "changeNotifications": true},
		},
	}
}

// initialized asks the editor to tell of files that change on the disk: those of policies, and guardrails.
func (s *server) initialized(context.Context, any) (none, error) {
	s.mu.Lock()
	watches := s.client.Workspace.DidChangeWatchedFiles.DynamicRegistration
	s.mu.Unlock()
	if !watches {
		return nil, nil
	}
	var watchers []map[string]any
	for _, ending := range []string{syntax.NativeSuffix, syntax.JSONSuffix, ".rego"} {
		watchers = append(watchers, map[string]any{"globPattern": "**/*" + ending})
	}
	go s.ask("client/registerCapability", map[string]any{"registrations": []map[string]any{{
		"id": "files", "method": "workspace/didChangeWatchedFiles", "registerOptions": map[string]any{"watchers": watchers},
	}}})
	return nil, nil
}

// ask sends a request whose answer changes nothing; it must not run in a handler of a notification, which holds up what follows.
func (s *server) ask(method string, params any) {
	if _, err := s.rpc.Callback(s.running, method, params); err != nil && s.running.Err() == nil {
		s.logf("%s: %v", method, err)
	}
}

// tell sends a notification. An editor that is gone hears nothing, and the stream's end ends the server.
func (s *server) tell(method string, params any) {
	if err := s.rpc.Notify(s.running, method, params); err != nil && s.running.Err() == nil {
		s.logf("%s: %v", method, err)
	}
}

// show puts a message before the person.
func (s *server) show(severity int, text string) {
	s.tell("window/showMessage", messageParams{severity, text})
}

func (s *server) shutdown(context.Context, any) (none, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.phase = shutDown
	return nil, nil
}

func (s *server) exit(context.Context, any) (none, error) {
	s.exiting.Do(func() { close(s.exited) })
	return nil, nil
}

// cancel ends a request's context. One that is answered already has none.
func (s *server) cancel(_ context.Context, p cancelParams) (none, error) {
	s.rpc.CancelRequest(strings.TrimSpace(string(p.ID)))
	return nil, nil
}
