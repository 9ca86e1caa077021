package lsp

import (
	"slices"

	"gatehouse/compiler/navigate"
	"gatehouse/lang/diag"
)

// tornCodes are the mistakes for which a part of a file is not read at all.
var tornCodes = []diag.Code{diag.InvalidSyntax, diag.InvalidText, diag.TooDeep, diag.TooLarge, diag.UnreadableFile}

// torn returns the files that could not be read whole.
func (a *analysis) torn() []string {
	var out []string
	for _, f := range a.list {
		if slices.Contains(tornCodes, f.Code) {
			out = append(out, f.Subject.Filename)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// torn returns the files of the last analysis that could not be read whole.
func (p *policy) torn() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last == nil {
		return nil
	}
	return p.last.torn()
}

// carried gives the torn files of an analysis what the one before it still knew of them.
func (p *policy) carried(a *analysis, read []*navigate.File) []*navigate.File {
	p.mu.Lock()
	last := p.last
	p.mu.Unlock()
	if last == nil {
		return read
	}
	for _, name := range a.torn() {
		before := last.index.File(name)
		if i := slices.IndexFunc(read, func(f *navigate.File) bool { return f.Name == name }); i >= 0 {
			read[i] = read[i].Carry(before)
		} else if before != nil {
			read = append(read, (&navigate.File{Name: name, Text: a.text(name)}).Carry(before))
		}
	}
	return read
}

// standing returns a document's file as it stands; where that is torn, with what was known of it before.
func (d *document) standing(known *navigate.File) *navigate.File {
	if known != nil && known.Text == d.lines.text {
		return known
	}
	f := d.file()
	if f.Torn {
		return f.Carry(known)
	}
	return f
}
