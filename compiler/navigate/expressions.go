package navigate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gatehouse/lang/addr"
	"gatehouse/lang/schema"
)

// free proposes everything, where any value may stand.
func (w *writer) free() {
	if w.cursor.quote {
		return
	}
	w.expressions(2)
	w.anyReference()
}

func (w *writer) anyReference() {
	kinds := make([]string, 0, len(addr.Kinds()))
	for _, k := range addr.Kinds() {
		kinds = append(kinds, string(k))
	}
	w.references(&schema.Attribute{Type: schema.Value, Kinds: kinds})
}

// inExpression proposes what may stand between ${ and }.
func (w *writer) inExpression() {
	a, ok := w.cursor.attribute()
	if !ok || a.Static || w.cursor.quote {
		return
	}
	if a.Type == schema.Template {
		for _, n := range []string{"name", "environment"} {
			w.word(n, "of the naming template", 1)
		}
		for _, key := range slices.Sorted(maps.Keys(w.view.Index.labels())) {
			w.word("labels."+key, "of the naming template", 2)
		}
	}
	w.expressions(3)
	if !w.json {
		return // a reference in quotes is a text, and no text is made of one
	}
	switch a.Type {
	case schema.Value:
		w.anyReference()
	case schema.References, schema.Reference:
		w.references(&schema.Attribute{Type: schema.Value, Kinds: a.Kinds})
	}
}

// expressions proposes variables, locals and functions, and what a for_each gives.
func (w *writer) expressions(rank int) {
	for _, n := range w.view.Index.declared(kindVariable, kindLocal) {
		if n.Kind == kindLocal && w.cursor.body().blockType == schema.Locals && n.Name == w.cursor.head {
			continue // what is being declared
		}
		w.word(n.String(), w.view.inOneLine(n, w.view.symbolsOf(n)), rank)
	}
	w.within(rank)
	if w.seesEach() {
		w.word("each.key", "of this block's for_each", rank)
		w.word("each.value", "of this block's for_each", rank)
	}
	for _, fn := range w.view.Functions {
		if w.cursor.before == "" || !strings.HasPrefix(fn.Name, w.cursor.before) {
			w.more = true
			continue
		}
		w.add(Proposal{
			Kind: ProposeWord, Label: fn.Name, Detail: fn.Signature, Doc: fn.Doc, Text: fn.Name + "(", Snippet: fmt.Sprintf("%s($1)", fn.Name), Rank: rank + 1,
		})
	}
}

// word proposes a name that stands for a value, if it fits what was begun.
func (w *writer) word(name, detail string, rank int) {
	if strings.Contains(name, w.cursor.before) {
		w.add(Proposal{Kind: ProposeWord, Label: name, Detail: detail, Text: name, Rank: rank})
	}
}

// seesEach reports whether each.key means something: in a block with for_each, but not in what gives it its elements.
func (w *writer) seesEach() bool {
	c := &w.cursor
	block := c.outermost()
	s, known := schema.Find(schema.File(), block.blockType)
	if !known || s.Any != nil || !block.has(schema.ForEach, -1) {
		return false
	}
	_, takes := s.Attr(schema.ForEach)
	return takes && !(c.phase == atValue && c.head == schema.ForEach && c.body() == block)
}
