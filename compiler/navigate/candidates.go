package navigate

import (
	"slices"
	"strings"

	"gatehouse/lang/addr"
	"gatehouse/lang/schema"
)

// mostProposed bounds a list of references; an editor asks again when more has been typed.
const mostProposed = 200

// references proposes everything declared of the kinds that may stand here. Where exactly one thing is meant, a block with for_each is none.
func (w *writer) references(a *schema.Attribute) {
	if w.cursor.quote {
		return
	}
	brackets := a.Type == schema.References && !w.cursor.inside(inList) && !w.cursor.inside(inParens)
	alone := a.Type == schema.Reference
	for _, n := range w.view.Index.declared(a.Kinds...) {
		if !w.fits(n.String()) || alone && w.view.Index.isMany(n) || w.isAround(n) {
			continue
		}
		p := Proposal{Label: n.String(), Rank: 1}
		if n.Surface != "" {
			p.Rank = 2
		}
		if len(w.out) < mostProposed {
			blocks := w.view.symbolsOf(n)
			p.Detail, p.Doc = w.view.inOneLine(n, blocks), w.view.docOf(blocks)
		}
		if !w.candidate(p, brackets) {
			return
		}
	}
	w.instances(a.Kinds, brackets)
}

// instances proposes the single declarations of blocks with for_each, in the form that was begun.
func (w *writer) instances(kinds []string, brackets bool) {
	if strings.HasPrefix(w.cursor.text[w.cursor.word.End:], "[") {
		return // its key stands already
	}
	for i := range w.view.instances(kinds...) {
		spellings, detail := []string{i.String()}, i.thing.String()
		if w.isAround(i.base) {
			continue
		}
		if strings.HasPrefix(w.cursor.before, i.base.String()+"-") {
			spellings, detail = w.view.Index.spellings(i), i.String()
		} else if w.elementStands(i.thing.String()) {
			continue
		}
		for _, text := range spellings {
			if w.fits(text) && !w.candidate(Proposal{Label: text, Detail: detail, Rank: 2}, brackets) {
				return
			}
		}
	}
}

// isAround reports whether a name is that of the block that the place is in: a group isn't its own member, nor an exception excepted by itself.
func (w *writer) isAround(n Name) bool {
	block := w.cursor.outermost()
	return n.Kind == block.blockType && n.Name == block.label
}

// fits reports whether a reference goes on with what was begun, and doesn't stand already.
func (w *writer) fits(reference string) bool {
	return strings.Contains(reference, w.cursor.before) && !w.elementStands(reference)
}

// candidate proposes a reference, which its label is; false: there are too many already.
func (w *writer) candidate(p Proposal, brackets bool) bool {
	if len(w.out) >= mostProposed {
		w.more = true
		return false
	}
	p.Kind, p.Text = ProposeReference, p.Label
	if brackets {
		p.Text = "[" + p.Label + "]"
	}
	w.add(p)
	return true
}

// keys proposes what may stand in the brackets behind a name: the keys of a block with for_each, and what gives one.
func (w *writer) keys() {
	kind, name, dotted := strings.Cut(w.cursor.inner().head, ".")
	n := Name{Kind: kind, Name: name}
	switch isKind := slices.Contains(addr.Kinds(), addr.Kind(kind)); {
	case isKind && !dotted: // workload["x"] is workload.x
		for _, n := range w.view.Index.declared(kind) {
			if n.Surface == "" && !w.view.Index.isMany(n) && !w.isAround(n) {
				w.key(n.Name, n.String())
			}
		}
		for i := range w.view.instances(kind) {
			if !w.isAround(i.base) {
				w.key(i.thing.Name, i.thing.String())
			}
		}
	case !isKind:
		for _, f := range w.held(strings.Split(w.cursor.inner().head, ".")) {
			w.key(f.name, f.detail())
		}
	case !w.view.Index.isMany(n) || w.isAround(n):
		return
	default:
		for i := range w.view.instances(kind) {
			if i.base == n {
				w.key(i.key, i.thing.String())
			}
		}
	}
	if !w.cursor.quote {
		w.expressions(9)
	}
}

// key proposes a text in brackets, and closes what isn't closed yet.
func (w *writer) key(key, detail string) {
	c := &w.cursor
	outer, here := c.frames[len(c.frames)-2], c.text[c.word.Start:c.word.End]
	if key != here && slices.Contains(outer.words, c.inner().head+"["+quote(key)+"]") {
		return
	}
	p := w.quoted(key, detail)
	rest := c.text[c.word.End:]
	if c.quote {
		closed := false
		if rest, closed = strings.CutPrefix(rest, `"`); !closed {
			p.Text += `"`
		}
	}
	if !strings.HasPrefix(strings.TrimLeft(rest, " \t"), "]") {
		p.Text += "]"
	}
	w.add(p)
}

// surfaces proposes what may stand behind feature_store.x["key"]: the surfaces that the store has; and behind var.x["key"]: what that holds.
func (w *writer) surfaces() {
	kind, name, _ := strings.Cut(w.cursor.of, ".")
	if kind == "var" || kind == kindLocal || kind == "each" {
		w.ofElement()
		return
	}
	behind := Span{w.cursor.word.Start + 1, w.cursor.word.End} // the dot stays
	for _, n := range w.view.Index.declared(kind) {
		if n.Name == name && n.Surface != "" {
			w.add(Proposal{Kind: ProposeReference, Label: n.Surface, Detail: n.String(), Text: n.Surface, Replace: behind, Rank: 1})
		}
	}
}
