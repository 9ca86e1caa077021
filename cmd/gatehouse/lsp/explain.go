package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"gatehouse/lang/diag"
	"gatehouse/policies"
)

// explainCommand shows what a code or a guardrail means, as gatehouse explain does.
const explainCommand = "gatehouse.explain"

// pages are explanations as files, since a diagnostic can only point at a page by its URI, and the program brings its pages along. They
// lie in a temporary folder for as long as the server runs.
type pages struct {
	mu      sync.Mutex
	folder  string
	written map[string]string // by word: the page's URI; empty where there is none
}

// uri returns the page of a word, which is written when it is first asked for, and "" where there is none.
func (p *pages) uri(word string, text func(string) string) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if uri, ok := p.written[word]; ok {
		return uri
	}
	if p.written == nil {
		p.written = map[string]string{}
	}
	p.written[word] = p.write(word, text(word))
	return p.written[word]
}

func (p *pages) write(word, text string) string {
	if text == "" {
		return ""
	}
	if p.folder == "" {
		folder, err := os.MkdirTemp("", "gatehouse-explain-*")
		if err != nil {
			return "" // without a page the diagnostic is still whole
		}
		p.folder = folder
	}
	path := filepath.Join(p.folder, strings.ReplaceAll(word, "/", "-")+".md")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return ""
	}
	return uriOf(path)
}

func (p *pages) remove() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.folder != "" {
		_ = os.RemoveAll(p.folder) // a page that stays in the temporary folder harms nobody
	}
	p.folder, p.written = "", nil
}

// describes points at the page of a code or guardrail.
func (s *server) describes(word string) *codeDescription {
	if uri := s.pages.uri(word, s.explanation); uri != "" {
		return &codeDescription{uri}
	}
	return nil
}

// explanation returns what a code or a built-in guardrail means, in Markdown; "" for a word that is neither.
func (s *server) explanation(word string) string {
	if page, ok := diag.Page(diag.Code(word)); ok {
		return page
	}
	for _, g := range s.guardrails() {
		if g.ID == word {
			return guardrailPage(g)
		}
	}
	return ""
}

func guardrailPage(g policies.Guardrail) string {
	return fmt.Sprintf("# %s\n\n%s.\n\n%s", g.ID, strings.TrimSuffix(g.Title, "."), guardrailText(g))
}

// guardrailText is what there is to say of a guardrail beside its title.
func guardrailText(g policies.Guardrail) string {
	var b strings.Builder
	for _, part := range []string{g.Description, g.Rationale, g.Remedy} {
		if part != "" {
			fmt.Fprintf(&b, "%s\n\n", part)
		}
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// executeCommand shows an explanation: as a page, where the editor can open one, else as a message.
func (s *server) executeCommand(_ context.Context, p commandParams) (none, error) {
	var word string
	if p.Command != explainCommand {
		return nil, fmt.Errorf("no command %q", p.Command)
	}
	if len(p.Arguments) != 1 || json.Unmarshal(p.Arguments[0], &word) != nil {
		return nil, fmt.Errorf("%s takes one code or guardrail", explainCommand)
	}
	text := s.explanation(word)
	if text == "" {
		return nil, fmt.Errorf("no code or built-in guardrail %q", word)
	}
	s.mu.Lock()
	shows := s.client.Window.ShowDocument.Support
	s.mu.Unlock()
	if uri := s.pages.uri(word, s.explanation); shows && uri != "" {
		go s.ask("window/showDocument", showDocumentParams{URI: uri, TakeFocus: true})
		return nil, nil
	}
	if e, ok := diag.Explain(diag.Code(word)); ok {
		text = fmt.Sprintf("%s: %s %s", e.Code, e.Meaning, e.Remedy) // a page is too long for a message
	}
	s.show(severityInfo, strings.TrimPrefix(strings.TrimSpace(text), "# "))
	return nil, nil
}
