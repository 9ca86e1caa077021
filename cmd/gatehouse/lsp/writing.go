package lsp

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gatehouse/compiler/navigate"
	"gatehouse/lang/diag"
	"gatehouse/lang/syntax"
)

// The protocol's kinds of completion items, for the sign beside each.
var itemKinds = map[navigate.ProposalKind]int{
	navigate.ProposeBlock:     7,  // class
	navigate.ProposeAttribute: 10, // property
	navigate.ProposeValue:     12, // value
	navigate.ProposeReference: 18, // reference
	navigate.ProposeWord:      6,  // variable
}

const (
	plainText = 1
	asSnippet = 2
)

func (s *server) completion(ctx context.Context, p positionParams) (completionList, error) {
	q, err := s.question(ctx, p)
	if err != nil {
		return completionList{}, err
	}
	s.mu.Lock()
	snippets := s.client.TextDocument.Completion.CompletionItem.SnippetSupport
	s.mu.Unlock()
	list := completionList{Items: []completionItem{}}
	proposals, more := q.view.Complete(q.here(), q.offset)
	list.IsIncomplete = more
	for i, proposal := range proposals {
		list.Items = append(list.Items, item(proposal, i, snippets, q.lines))
	}
	return list, nil
}

func item(p navigate.Proposal, order int, snippets bool, text lines) completionItem {
	c := completionItem{
		Label: p.Label, Kind: itemKinds[p.Kind], Detail: p.Detail, Documentation: markdown(p.Doc),
		SortText: fmt.Sprintf("%04d", order), FilterText: p.Label, InsertTextFormat: plainText,
		TextEdit: &textEdit{text.span(p.Replace), p.Text},
	}
	if p.Snippet != "" && snippets {
		c.InsertTextFormat, c.TextEdit.NewText = asSnippet, p.Snippet
	}
	return c
}

// formatting answers with the lines that change. A text that can't be read is left as it is: its diagnostics say why.
func (s *server) formatting(_ context.Context, p documentParams) ([]textEdit, error) {
	d, err := s.open(p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	formatted, _ := syntax.Format([]byte(d.lines.text), d.name)
	return changedLines(d.lines, string(formatted)), nil
}

// changedLines replaces what lies between the first and the last line that differ, so that the editor keeps its cursor where it can.
func changedLines(from lines, to string) []textEdit {
	if from.text == to {
		return []textEdit{}
	}
	before, after := strings.SplitAfter(from.text, "\n"), strings.SplitAfter(to, "\n")
	start := 0
	for len(before) > 0 && len(after) > 0 && before[0] == after[0] {
		start += len(before[0])
		before, after = before[1:], after[1:]
	}
	end := len(from.text)
	for len(before) > 0 && len(after) > 0 && before[len(before)-1] == after[len(after)-1] {
		end -= len(before[len(before)-1])
		before, after = before[:len(before)-1], after[:len(after)-1]
	}
	return []textEdit{{from.span(navigate.Span{Start: start, End: end}), strings.Join(after, "")}}
}

// The kinds of code actions.
const (
	quickFix = "quickfix"
	fixAll   = "source.fixAll.gatehouse"
)

// codeActions offers the fixes of the diagnostics in a range, their explanations, and all sure fixes of the file at once.
func (s *server) codeActions(ctx context.Context, p actionParams) ([]codeAction, error) {
	d, err := s.open(p.TextDocument.URI)
	if err != nil {
		return nil, err
	}
	d.policy.current(ctx)
	found, a := d.policy.known(d)
	if a == nil {
		return []codeAction{}, nil
	}
	texts := &counted{text: a.text, lines: map[string]lines{}}
	from, to := d.lines.offset(p.Range.Start), d.lines.offset(p.Range.End)
	out := []codeAction{}
	var words []string
	for _, f := range found {
		if f.Subject.Start.Byte > to || f.Subject.End.Byte < from {
			continue
		}
		shown := d.policy.diagnostic(f, texts)
		if wants(p.Context.Only, quickFix) {
			for i, fix := range f.Fixes {
				out = append(out, codeAction{
					Title: upperFirst(fix.Message), Kind: quickFix, Diagnostics: []diagnostic{shown}, IsPreferred: i == 0,
					Edit: d.policy.edit(fix.Edits, texts),
				})
			}
		}
		words = append(words, f.word)
	}
	if len(p.Context.Only) == 0 {
		slices.Sort(words)
		for _, word := range slices.Compact(words) {
			out = append(out, codeAction{Title: "Explain " + word, Command: &command{"Explain " + word, explainCommand, []string{word}}})
		}
	}
	if edits := sure(found); len(edits) > 0 && wants(p.Context.Only, fixAll) {
		out = append(out, codeAction{Title: "Fix all that is sure in this file", Kind: fixAll, Edit: d.policy.edit(edits, texts)})
	}
	return out, nil
}

// wants reports whether an editor asks for actions of a kind: none named means all, and a kind includes those below it.
func wants(only []string, kind string) bool {
	if len(only) == 0 {
		return kind != fixAll // this one changes what nobody looks at, and is only for who asks
	}
	return slices.ContainsFunc(only, func(o string) bool { return o == kind || strings.HasPrefix(kind, o+".") })
}

// sure returns the edits of the first fix of every diagnostic, but for those that overlap with an earlier one's.
func sure(found []finding) []diag.Edit {
	var out []diag.Edit
	for _, f := range found {
		if len(f.Fixes) == 0 || slices.ContainsFunc(f.Fixes[0].Edits, func(e diag.Edit) bool { return overlaps(e, out) }) {
			continue
		}
		out = append(out, f.Fixes[0].Edits...)
	}
	return out
}

func overlaps(e diag.Edit, others []diag.Edit) bool {
	return slices.ContainsFunc(others, func(o diag.Edit) bool {
		return o.Range.Filename == e.Range.Filename && e.Range.Start.Byte <= o.Range.End.Byte && o.Range.Start.Byte <= e.Range.End.Byte
	})
}

// known returns what was last found wrong with a document, if it is still of its text, and the analysis that found it.
func (p *policy) known(d *document) ([]finding, *analysis) {
	more := p.findingsSoFar()
	p.mu.Lock()
	a := p.last
	p.mu.Unlock()
	if a == nil || a.versions[d.name] != d.version {
		return nil, nil
	}
	if a.graph == nil {
		more = nil
	}
	var out []finding
	for _, f := range slices.Concat(a.list, more) {
		if f.Subject.Filename == d.name {
			out = append(out, f)
		}
	}
	return out, a
}

func (p *policy) edit(edits []diag.Edit, texts *counted) *workspaceEdit {
	out := &workspaceEdit{Changes: map[string][]textEdit{}}
	for _, e := range edits {
		uri := p.uri(e.Range.Filename)
		out.Changes[uri] = append(out.Changes[uri], textEdit{rangeOf(e.Range, texts), e.Text})
	}
	return out
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
