package lsp

import (
	"context"
	"os"
	"path/filepath"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/compiler"
	"gatehouse/compiler/access"
	"gatehouse/compiler/navigate"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
	"gatehouse/lang/syntax"
)

// analysis is what was found out about a policy at one generation of changes.
type analysis struct {
	generation int
	index      *navigate.Index
	policy     *model.Policy // nil for a text that belongs to no policy
	graph      *access.Graph // nil where there are mistakes
	list       []finding
	text       func(file string) string
	versions   map[string]int // of the documents that were open, by name
}

// finding is a diagnostic, and the word that explains it: its code, or the guardrail that it comes from.
type finding struct {
	diag.Diagnostic
	word string
}

// analyse reads the policy and publishes what is wrong with it; then, where nothing is, it has the guardrails judge it and publishes that
// too. It gives up between stages once its context has ended.
func (p *policy) analyse(ctx context.Context, generation int) {
	a, err := p.understand(ctx, generation)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		p.server.logf("read %s: %v", p.key, err)
		p.finish(func() { p.read, p.analysed = generation, generation })
		return
	}
	judges := a.graph != nil
	p.finish(func() {
		p.last, p.read = a, generation
		if a.graph != nil {
			p.sound = a
		}
	})
	if generation != p.now() {
		return // the first one, which nothing supersedes
	}
	if !judges {
		p.publish(ctx, a, nil)
	} else {
		p.publish(ctx, a, p.findingsSoFar())
		findings := p.judged(ctx, a)
		if ctx.Err() != nil {
			return
		}
		p.remember(findings)
		p.publish(ctx, a, findings)
	}
	if ctx.Err() == nil {
		p.finish(func() { p.analysed = generation })
	}
}

// understand reads the policy's files with the unsaved texts over them. Once the context has ended no more is read nor made of it, and what
// comes out is of no use.
func (p *policy) understand(ctx context.Context, generation int) (*analysis, error) {
	unsaved, versions := p.open()
	a := &analysis{generation: generation, versions: versions}
	if p.root == "" {
		p.loose(a, unsaved)
		return a, nil
	}
	files := newOverlay(ctx, os.DirFS(p.root), unsaved)
	a.text = files.text
	var read []*navigate.File
	result, err := compiler.CompileWith(files, p.server.o.Now(), compiler.Options{
		Version: p.server.o.Version,
		Inputs:  p.server.o.Inputs,
		Ended:   func() bool { return ctx.Err() != nil },
		Read: func(tree syntax.Tree) {
			if ctx.Err() == nil {
				read = navigate.ReadTree(tree, files.text)
			}
		},
	})
	if err != nil {
		return nil, err
	}
	a.list = findings(result.Diagnostics)
	a.index, a.policy = navigate.NewIndex(p.carried(a, read)...), result.Policy
	if !result.Diagnostics.HasErrors() {
		a.graph = result.Graph
	}
	return a, nil
}

// open returns the policy's open texts and their versions.
func (p *policy) open() (texts map[string]string, versions map[string]int) {
	texts, versions = map[string]string{}, map[string]int{}
	for _, d := range p.documents() {
		texts[d.name], versions[d.name] = d.lines.text, d.version
	}
	return texts, versions
}

// loose reads a text that belongs to no policy: its form can be judged, its meaning not, and one note says why.
func (p *policy) loose(a *analysis, unsaved map[string]string) {
	a.text = func(name string) string { return unsaved[name] }
	tree, _, diags := syntax.LoadFiles(unsaved)
	a.index = navigate.NewIndex(navigate.ReadTree(tree, a.text)...)
	for _, d := range diags {
		if d.Code != diag.NoPolicy {
			a.list = append(a.list, finding{d, string(d.Code)})
		}
	}
	for name := range unsaved {
		at := hcl.Range{Filename: name, Start: hcl.InitialPos, End: hcl.InitialPos}
		a.list = append(a.list, finding{diag.Diagnostic{
			Code: diag.NoPolicy, Severity: note, Subject: at,
			Summary: "this file belongs to no policy",
			Detail: "No gatehouse block stands in its folder or in one above, so that only the form of the text is checked. To begin a policy, write " +
				"gatehouse { policy = \"NAME\" } into a file of the folder that shall be its root, or run gatehouse init there.",
		}, string(diag.NoPolicy)})
	}
}

// note is the severity of what is no mistake.
const note diag.Severity = 0

func findings(list diag.List) []finding {
	out := make([]finding, len(list))
	for i, d := range list {
		out[i] = finding{d, string(d.Code)}
	}
	return out
}

// path returns where a file of the policy lies.
func (p *policy) path(name string) string {
	if p.root == "" {
		return p.key
	}
	return filepath.Join(p.root, filepath.FromSlash(name))
}
