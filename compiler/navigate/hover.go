package navigate

import (
	"fmt"
	"slices"
	"strings"

	"gatehouse/lang/addr"
	"gatehouse/lang/schema"
	"gatehouse/lang/syntax"
)

// Card is what a hover shows.
type Card struct {
	Markdown string
	Span     Span // what it speaks of
}

// Hover returns what is known of the place: of a name, what it is, what is declared of it and who reaches what by it; of a block's type, an
// attribute, one of its values or a function, the documentation. It is false where there is nothing to say.
func (v *View) Hover(f *File, offset int) (Card, bool) {
	if o, ok := v.Index.With(f).At(f.Name, offset); ok {
		return Card{v.describe(o), o.shown()}, true
	}
	if strings.HasSuffix(f.Name, syntax.JSONSuffix) {
		return Card{}, false
	}
	c := look(f.Text, offset)
	if c.silent || c.word.Start == c.word.End {
		return Card{}, false
	}
	doc := v.document(&c)
	return Card{doc, c.word}, doc != ""
}

// templateWords are what naming templates and the blocks of a for_each see.
var templateWords = map[string]string{
	"name":        "In a naming template: the declared name of the workload, store or secret.",
	"environment": "In a naming template: the name of the environment.",
	"labels":      "In a naming template: the labels of the workload, store or secret, as they are in the environment.",
	"each":        "In a block with for_each: the key and the value of the element that a declaration is made for.",
}

// document returns the table's words about a place that names nothing.
func (v *View) document(c *cursor) string {
	word := c.text[c.word.Start:c.word.End]
	if !c.quote {
		if i := slices.IndexFunc(v.Functions, func(fn Function) bool { return fn.Name == word }); i >= 0 && c.phase == atValue {
			return code(v.Functions[i].Signature) + "\n\n" + v.Functions[i].Doc
		}
	}
	first, _, _ := strings.Cut(word, ".")
	seen := c.inside(inTemplate) || first == "each" && c.phase == atValue && c.body().blockType != schema.Locals
	if doc, ok := templateWords[first]; ok && seen && !c.quote {
		return "**" + word + "**\n\n" + doc
	}
	s, ok := c.schema()
	switch {
	case !ok:
		return ""
	case c.phase == atValue:
		if doc := v.keyDoc(c, word); doc != "" {
			return doc
		}
		if i := slices.IndexFunc(v.Guardrails, func(g Guardrail) bool { return g.ID == word }); i >= 0 && c.head == guardrail {
			return "**" + v.Guardrails[i].Title + "**\n\n" + strings.TrimSpace(v.Guardrails[i].Doc)
		}
		if a, ok := s.Attr(c.head); ok && slices.Contains(a.Values, word) {
			return "**" + word + "**: a value of `" + a.Name + "`\n\n" + AttributeDoc(a)
		}
	case c.phase == atHead && !c.quote:
		if a, ok := s.Attr(word); ok {
			return "**" + a.Name + "**\n\n" + AttributeDoc(a)
		}
		if b, ok := s.Block(word); ok {
			return "**" + b.Type + "**\n\n" + BlockDoc(b)
		}
	}
	return ""
}

// describe says what a name is.
func (v *View) describe(o Occurrence) string {
	n := o.Name
	declared := v.Index.Declarations(Name{Kind: n.Kind, Name: n.Name})
	switch {
	case len(declared) == 0 && v.Policy == nil:
		return fmt.Sprintf("`%s`: the policy was not read yet.", n)
	case len(declared) == 0:
		return fmt.Sprintf("`%s` is not declared.", n)
	}
	c := &card{view: v, name: n}
	c.heading()
	known := slices.Contains(addr.Kinds(), addr.Kind(n.Kind))
	switch {
	case known && o.Key != "":
		c.line("The one of `%s`, with the key %q.", n, o.Key)
		c.name.Name += "-" + o.Key
		c.meaning()
	case known && v.Index.isMany(n):
		c.instances()
	case known:
		c.meaning()
	case n.Kind == kindVariable:
		c.variable()
	}
	return strings.TrimSpace(c.text.String())
}

// card is a description being written.
type card struct {
	view *View
	name Name
	text strings.Builder
}

func (c *card) line(format string, args ...any) { fmt.Fprintf(&c.text, format+"\n\n", args...) }

// heading shows the declaration itself: its header, for variables and locals all of it, and the comment above.
func (c *card) heading() {
	if all := c.view.symbolsOf(c.name); len(all) > 0 {
		c.symbol(all[0])
		return
	}
	if all := c.view.Index.Declarations(c.name); len(all) > 0 {
		text := c.view.Index.files[all[0].File].Text
		line, _, _ := strings.Cut(text[all[0].Span.Start:], "\n")
		c.line("%s", code(strings.TrimSpace(line)))
	}
}

func (c *card) symbol(s Symbol) {
	f := c.view.Index.files[s.File]
	shown := s.Word
	if s.Kind == kindVariable {
		shown = s.Whole
	}
	header := f.Text[shown.Start:shown.End]
	if strings.HasSuffix(s.File, syntax.JSONSuffix) {
		header = fmt.Sprintf("%s %q", s.Kind, s.Name)
	}
	c.line("%s", code(brief(header)))
	if doc := commentAbove(f.Text, s.Whole.Start); doc != "" {
		c.line("%s", doc)
	}
}

// brief keeps the first lines of a text.
func brief(text string) string {
	lines := strings.Split(text, "\n")
	if len(lines) > 12 {
		lines = append(lines[:12], "…")
	}
	return strings.Join(lines, "\n")
}

// meaning says what the policy means by a name, as far as it was understood.
func (c *card) meaning() {
	if c.view.Policy == nil {
		c.line("_The policy was not read yet._")
		return
	}
	a := c.name.address()
	switch a.Kind {
	case addr.Workload:
		c.workload(a)
	case addr.FeatureStore:
		c.store(a)
	case addr.Secret:
		c.secret(a)
	case addr.Group:
		c.group(a)
	case addr.Environment:
		c.environment(a)
	case addr.Allow:
		c.allow(a)
	case addr.Deny:
		c.deny(a)
	case addr.IdentityProvider:
		c.provider(a)
	case addr.Exception:
		c.exception(a)
	}
}

// instances lists what a block with for_each declares.
func (c *card) instances() {
	var found []string
	for i := range c.view.instances(c.name.Kind) {
		if i.base == (Name{Kind: c.name.Kind, Name: c.name.Name}) {
			found = append(found, "`"+i.thing.String()+"`")
		}
	}
	if len(found) == 0 {
		c.line("It declares one for each element of its for_each.")
		return
	}
	c.line("It declares:")
	c.list(found)
}

// stale warns of an answer that is older than the text.
func (c *card) stale() {
	if c.view.Stale {
		c.line("_As of the last state without mistakes._")
	}
}
