package navigate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/addr"
	"gatehouse/lang/schema"
)

// statements proposes the attributes and blocks that a body may hold and doesn't hold yet.
func (w *writer) statements() {
	s, ok := w.cursor.schema()
	if !ok {
		return
	}
	body := w.cursor.body()
	assigned := assigns.MatchString(w.cursor.text[w.cursor.word.End:])
	for i := range s.Attrs {
		a := &s.Attrs[i]
		if a.Refused == "" && !body.has(a.Name, w.cursor.word.Start) && !body.has(a.Instead, w.cursor.word.Start) {
			w.add(w.attribute(a, assigned))
		}
	}
	for i := range s.Blocks {
		b := &s.Blocks[i]
		if !assigned && (b.Repeat || b.Many || !w.stands(b.Type, body)) {
			w.add(blockProposal(b, s.Type == ""))
		}
	}
}

// stands reports whether a block that may stand once stands already: in this body, or, at the top, in any file.
func (w *writer) stands(blockType string, body *frame) bool {
	if body.blockType == "" {
		for _, name := range w.view.Index.names {
			for _, s := range w.view.Index.files[name].Symbols {
				if s.Kind == blockType {
					return true
				}
			}
		}
	}
	return slices.ContainsFunc(body.blocks, func(h header) bool { return h.blockType == blockType })
}

func (w *writer) attribute(a *schema.Attribute, assigned bool) Proposal {
	p := Proposal{Kind: ProposeAttribute, Label: a.Name, Detail: typeWords(a), Doc: AttributeDoc(a), Rank: 2}
	if a.Required {
		p.Rank, p.Detail = 1, "required, "+p.Detail
	}
	p.Text = a.Name
	if !assigned {
		p.Text, p.Snippet = a.Name+" = ", a.Name+" = "+skeleton(a, 1)
	}
	if !assigned && a.Type == schema.Time {
		p.Snippet = fmt.Sprintf(`%s = "${1|%s|}"`, a.Name, strings.Join(w.view.ends(), ","))
	}
	return p
}

func blockProposal(b *schema.Block, top bool) Proposal {
	p := Proposal{Kind: ProposeBlock, Label: b.Type, Detail: "block", Doc: BlockDoc(b), Rank: 3}
	if b.Required {
		p.Rank = 1
	}
	if top {
		p.Rank = 1
	}
	p.Text = b.Type + " {"
	if b.Label != "" {
		p.Text = b.Type + ` "`
	}
	p.Snippet = blockSnippet(b)
	return p
}

// label proposes what may stand between a block's type and its brace: environments, where the label is one's name.
func (w *writer) label() {
	c := &w.cursor
	s, ok := c.schema()
	if !ok || c.labels > 0 {
		return
	}
	block, ok := s.Block(c.head)
	if !ok || block.Label != string(addr.Environment) {
		return
	}
	stands, here := w.overridden(block), w.environments()
	for _, n := range w.view.Index.declared(string(addr.Environment)) {
		detail := n.String()
		if w.view.Index.isMany(n) {
			detail = "each of " + detail
		}
		of := func(label string) bool {
			base, _ := w.view.Index.instance(Name{Kind: n.Kind, Name: label})
			return base == n
		}
		if !slices.ContainsFunc(stands, of) {
			w.environment(n.Name, detail, slices.ContainsFunc(here, of))
		}
	}
	for i := range w.view.instances(string(addr.Environment)) {
		if !slices.Contains(stands, i.thing.Name) && !slices.Contains(stands, i.base.Name) {
			w.environment(i.thing.Name, i.String(), slices.Contains(here, i.thing.Name) || slices.Contains(here, i.base.Name))
		}
	}
}

// environments returns the names of those that the thing is in, as far as its list is written out: of a for_each's, NAME-KEY or the block's.
func (w *writer) environments() []string {
	var out []string
	if e := w.cursor.body().written(w.cursor.text, "environments"); e != nil {
		elements, _ := hcl.ExprList(e)
		for _, one := range elements {
			t, _ := hcl.AbsTraversalForExpr(one)
			if path := steps(t); len(path) > 1 && path[0] == string(addr.Environment) {
				out = append(out, strings.Join(path[1:], "-"))
			}
		}
	}
	return out
}

// overridden returns the labels of the other blocks of a type beside the place.
func (w *writer) overridden(block *schema.Block) []string {
	c := &w.cursor
	var out []string
	for _, b := range c.body().blocks {
		if b.blockType == block.Type && b.label != c.text[c.word.Start:c.word.End] {
			out = append(out, b.label)
		}
	}
	return out
}

// environment proposes one's name as a label, unless it is what stands there; first those that the thing is in.
func (w *writer) environment(name, reference string, here bool) {
	p := w.quoted(name, reference)
	if !here {
		p.Rank = 2
	}
	if c := &w.cursor; name != c.text[c.word.Start:c.word.End] {
		w.add(p)
	}
}
