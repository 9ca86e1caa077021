package lsp

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/compiler/navigate"
	"gatehouse/lang/diag"
)

// mostShown bounds the diagnostics of one file: an editor slows down, and nobody reads more.
const mostShown = 500

// publish tells the editor what is wrong in every file, and of files where nothing is wrong any more. Nothing is said of a text that has
// changed meanwhile, and nothing is said twice. Files that aren't open come first.
func (p *policy) publish(ctx context.Context, a *analysis, more []finding) {
	p.publishing.Lock()
	defer p.publishing.Unlock()
	said := p.say(a, append(slices.Clone(a.list), more...))
	for _, uri := range p.order(a, said) {
		if ctx.Err() != nil {
			return
		}
		params := said[uri]
		text, err := json.Marshal(params)
		if err != nil {
			p.server.logf("publish %s: %v", uri, err)
			continue
		}
		if p.published[uri] == string(text) || !p.owns(uri, params.Version) {
			continue
		}
		p.published[uri] = string(text)
		if len(params.Diagnostics) == 0 && params.Version == nil {
			delete(p.published, uri)
		}
		p.server.tell("textDocument/publishDiagnostics", params)
	}
}

// say groups diagnostics by file. Open files and those of which something was said before are there even where there is nothing to say.
func (p *policy) say(a *analysis, list []finding) map[string]publishParams {
	said := map[string]publishParams{}
	for uri := range p.published {
		said[uri] = publishParams{URI: uri, Diagnostics: []diagnostic{}}
	}
	for name, version := range a.versions {
		uri := p.uri(name)
		said[uri] = publishParams{URI: uri, Version: &version, Diagnostics: []diagnostic{}}
	}
	texts := &counted{text: a.text, lines: map[string]lines{}}
	for _, f := range list {
		name := p.placed(a, f.Subject.Filename)
		uri := p.uri(name)
		one, known := said[uri]
		if !known {
			one = publishParams{URI: uri}
		}
		if len(one.Diagnostics) < mostShown {
			f.Subject.Filename = name
			one.Diagnostics = append(one.Diagnostics, p.diagnostic(f, texts))
		}
		said[uri] = one
	}
	return said
}

// placed gives a diagnostic without a place one: the first open file of the root folder, or the first open one.
func (p *policy) placed(a *analysis, name string) string {
	if name != "" {
		return name
	}
	open := slices.Sorted(maps.Keys(a.versions))
	if i := slices.IndexFunc(open, func(n string) bool { return !strings.Contains(n, "/") }); i >= 0 {
		return open[i]
	}
	if len(open) > 0 {
		return open[0]
	}
	return "policy.gate.hcl"
}

// order puts files that aren't open before those that are, and each by name.
func (p *policy) order(a *analysis, said map[string]publishParams) []string {
	return slices.SortedFunc(maps.Keys(said), func(x, y string) int {
		if open := said[x].Version != nil; open != (said[y].Version != nil) {
			if open {
				return 1
			}
			return -1
		}
		return strings.Compare(x, y)
	})
}

// owns reports whether diagnostics of a file are this policy's to publish: an open file is its policy's alone, in the version that was
// analysed.
func (p *policy) owns(uri string, version *int) bool {
	s := p.server
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.documents[keyOf(uri)]
	if d == nil {
		return true
	}
	return d.policy == p && version != nil && *version == d.version
}

// retract takes back what was said about files that nobody else speaks of.
func (p *policy) retract() {
	p.publishing.Lock()
	defer p.publishing.Unlock()
	for _, uri := range slices.Sorted(maps.Keys(p.published)) {
		if p.owns(uri, nil) {
			p.server.tell("textDocument/publishDiagnostics", publishParams{URI: uri, Diagnostics: []diagnostic{}})
		}
	}
	p.published = map[string]string{}
}

// uri returns a file's URI as the editor spells it, where it is open.
func (p *policy) uri(name string) string {
	path := p.path(name)
	s := p.server
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.documents[path]; d != nil {
		return d.uri
	}
	if !filepath.IsAbs(path) {
		return path
	}
	return uriOf(path)
}

// counted counts the lines of texts once.
type counted struct {
	text  func(string) string
	lines map[string]lines
}

func (c *counted) in(file string) lines {
	l, ok := c.lines[file]
	if !ok {
		l = newLines(c.text(file))
		c.lines[file] = l
	}
	return l
}

// diagnostic writes a finding as the protocol does.
func (p *policy) diagnostic(f finding, texts *counted) diagnostic {
	d := diagnostic{
		Range: rangeOf(f.Subject, texts), Code: f.word, Source: "gatehouse", Severity: severityInfo, Message: f.Summary,
		CodeDescription: p.server.describes(f.word),
	}
	switch f.Severity {
	case diag.Error:
		d.Severity = severityError
	case diag.Warning:
		d.Severity = severityWarning
	}
	if f.Detail != "" {
		d.Message += "\n" + f.Detail
	}
	for _, r := range f.Related {
		if r.Range.Filename == "" {
			d.Message += "\n" + r.Message
			continue
		}
		at := location{p.uri(r.Range.Filename), rangeOf(r.Range, texts)}
		if p.server.client.TextDocument.PublishDiagnostics.RelatedInformation {
			d.Related = append(d.Related, relatedPlace{at, r.Message})
		} else {
			d.Message += fmt.Sprintf("\n%s: %s:%d", r.Message, r.Range.Filename, r.Range.Start.Line)
		}
	}
	return d
}

func rangeOf(r hcl.Range, texts *counted) textRange {
	return texts.in(r.Filename).span(navigate.Span{Start: r.Start.Byte, End: r.End.Byte})
}
