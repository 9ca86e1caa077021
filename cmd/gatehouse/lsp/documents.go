package lsp

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"

	"gatehouse/compiler/navigate"
	"gatehouse/lang/syntax"
)

// document is a text that is open in the editor. A change replaces it by another document, so that whoever holds one can read on.
type document struct {
	uri     string // as the editor writes it
	key     string // its path, or its URI where it has none
	name    string // its path relative to its policy's root, with slashes
	version int
	lines   lines
	policy  *policy
	file    func() *navigate.File // as it stands; read when somebody asks, since typing is faster than reading
	root    bool                  // it holds a gatehouse block
}

func (s *server) didOpen(_ context.Context, p openParams) (none, error) {
	d := &document{uri: p.TextDocument.URI, key: keyOf(p.TextDocument.URI), version: p.TextDocument.Version}
	if !readable(d.key) {
		return nil, nil // an editor may be set up to send all HCL; that is none of ours
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(d, p.TextDocument.Text)
	return nil, nil
}

// keyOf returns what tells a document from others: its path, however the editor spells its URI.
func keyOf(uri string) string {
	if path, ok := pathOf(uri); ok {
		return path
	}
	return uri
}

// readable reports whether a document is a text of the language. What was never saved has no name that says so, and is taken for one.
func readable(key string) bool {
	return syntax.IsPolicyFile(filepath.ToSlash(key)) || !filepath.IsAbs(key) && strings.HasPrefix(key, "untitled:")
}

// put makes a text the document's, finds its policy, and has that analysed. The caller holds the lock.
func (s *server) put(d *document, text string) {
	before := s.documents[d.key]
	d.lines = newLines(text)
	if before == nil {
		d.policy, d.name = s.home(d.key)
	} else {
		d.policy, d.name = before.policy, before.name
	}
	name := d.name
	d.file = sync.OnceValue(func() *navigate.File { return navigate.ReadFile(name, text) })
	d.root = strings.Contains(text, rootBlock) && holdsRoot(d.file())
	s.documents[d.key] = d
	if d.root != (before != nil && before.root) {
		s.rehome()
	}
	s.documents[d.key].policy.touch()
}

// rootBlock is the type of the block that makes a folder the root of a policy.
const rootBlock = "gatehouse"

func holdsRoot(f *navigate.File) bool {
	for _, symbol := range f.Symbols {
		if symbol.Kind == rootBlock {
			return true
		}
	}
	return false
}

func (s *server) didChange(_ context.Context, p changeParams) (none, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.documents[keyOf(p.TextDocument.URI)]
	if before == nil {
		return nil, nil
	}
	now := before.lines
	for _, change := range p.ContentChanges {
		text := change.Text
		if change.Range != nil {
			from, to := now.offset(change.Range.Start), now.offset(change.Range.End)
			if from > to {
				return nil, fmt.Errorf("%s: a change ends before it begins", before.uri)
			}
			text = now.text[:from] + change.Text + now.text[to:]
		}
		now = newLines(text)
	}
	d := &document{uri: before.uri, key: before.key, version: before.version + 1}
	if p.TextDocument.Version != nil {
		d.version = *p.TextDocument.Version
	}
	s.put(d, now.text)
	return nil, nil
}

// didSave looks at the disk again: other files, guardrails and roots may have changed with the saved one.
func (s *server) didSave(_ context.Context, p documentParams) (none, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rehome()
	if d := s.documents[keyOf(p.TextDocument.URI)]; d != nil {
		d.policy.forgetGuardrails()
		d.policy.touch()
	}
	return nil, nil
}

func (s *server) didClose(_ context.Context, p documentParams) (none, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.documents[keyOf(p.TextDocument.URI)]
	if d == nil {
		return nil, nil
	}
	delete(s.documents, d.key)
	if d.root {
		s.rehome()
	}
	d.policy.touch()
	s.retire()
	return nil, nil
}

// filesChanged is told of changes on the disk, those of saved documents too.
func (s *server) filesChanged(context.Context, any) (none, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rehome()
	for _, p := range s.policies {
		p.forgetGuardrails()
		p.touch()
	}
	return nil, nil
}

// open returns the document of a URI. One that isn't open is nobody's: the editor asks about what it shows.
func (s *server) open(uri string) (*document, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.documents[keyOf(uri)]
	if d == nil {
		return nil, fmt.Errorf("%s is not open", uri)
	}
	return d, nil
}
