package navigate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gatehouse/lang/addr"
	"gatehouse/lang/schema"
	"gatehouse/lang/syntax"
)

// ProposalKind says what a proposal is, for the sign that an editor puts beside it.
type ProposalKind uint8

// The kinds of proposals.
const (
	ProposeBlock ProposalKind = iota + 1
	ProposeAttribute
	ProposeValue
	ProposeReference
	ProposeWord // a name in an expression: var, a template's name, a function
)

// Proposal is one thing that may be written at a place.
type Proposal struct {
	Kind    ProposalKind
	Label   string // what the list shows
	Detail  string // one line beside it
	Doc     string // Markdown; may be empty
	Text    string // what is written, as plain text
	Snippet string // the same with places to fill in, in the language server protocol's notation; empty: Text
	Replace Span   // what it replaces
	Rank    int    // lower comes first
}

// Complete returns what may be written at an offset of a native file, in order of rank. Nothing is proposed in comments, in JSON,
// and where the table of the language knows nothing. With more, another answer may be had once more was typed: functions, and names of
// which there are very many, are only proposed to who has begun to write them.
func (v *View) Complete(f *File, offset int) (list []Proposal, more bool) {
	if strings.HasSuffix(f.Name, syntax.JSONSuffix) {
		return nil, false
	}
	c := look(f.Text, offset)
	if c.silent {
		return nil, false
	}
	w := writer{view: v, cursor: c, file: f}
	w.propose()
	for i := range w.out {
		if w.out[i].Replace == (Span{}) {
			w.out[i].Replace = c.word
		}
	}
	slices.SortStableFunc(w.out, func(a, b Proposal) int { return a.Rank - b.Rank }) // the table's own order means something
	return w.out, w.more
}

// writer collects proposals for one place.
type writer struct {
	view   *View
	file   *File
	cursor cursor
	out    []Proposal
	more   bool
}

func (w *writer) add(p Proposal) { w.out = append(w.out, p) }

func (w *writer) propose() {
	c := &w.cursor
	inner := c.inner()
	switch {
	case inner.kind == inTemplate:
		w.inExpression()
	case c.phase == atHead:
		if !c.quote {
			w.statements()
		}
	case c.phase == atLabel:
		w.label()
	default:
		if a, ok := c.attribute(); ok {
			w.value(a)
		} else if s, ok := c.schema(); ok && s.Any != nil {
			w.free()
		}
	}
}

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
		if a.Refused == "" && !body.has(a.Name, w.cursor.word.Start) {
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
	for _, n := range w.view.Index.declared(string(addr.Environment)) {
		if slices.Contains(c.body().blocks, header{block.Type, n.Name}) && !strings.Contains(w.cursor.text[c.word.Start:c.word.End], n.Name) {
			continue
		}
		w.add(w.quoted(n.Name, n.String()))
	}
}

// quoted proposes a text: with quotes, unless the place is inside of some.
func (w *writer) quoted(text, detail string) Proposal {
	p := Proposal{Kind: ProposeValue, Label: text, Detail: detail, Text: quote(text), Rank: 1}
	if w.cursor.quote {
		p.Text = strings.TrimSuffix(strings.TrimPrefix(p.Text, `"`), `"`)
	}
	return p
}

// quote writes a text as the native syntax does.
func quote(text string) string {
	text = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "${", "$${", "%{", "%%{", "\n", `\n`).Replace(text)
	return `"` + text + `"`
}

// value proposes what an attribute may be set to.
func (w *writer) value(a *schema.Attribute) {
	switch a.Type {
	case schema.Enum:
		w.words(a.Values, a.Default, true)
	case schema.Bool:
		w.words([]string{"true", "false"}, a.Default, false)
	case schema.Words:
		w.listed(a.Values, a.Default)
	case schema.References, schema.Reference:
		w.references(a)
	case schema.Labels:
		w.labels()
	case schema.Texts, schema.Text:
		w.texts(a)
	case schema.Time:
		w.times()
	case schema.Duration, schema.Template:
		w.example(a)
	case schema.ValueType:
		w.types()
	case schema.Value:
		if !a.Static {
			w.free()
		}
		return
	}
	if !a.Static && !w.cursor.quote && (w.cursor.inner().kind != inObject || w.cursor.inner().value) {
		w.expressions(3)
	}
}

// words proposes the values of a closed set.
func (w *writer) words(values []string, normal string, quoted bool) {
	if w.cursor.quote != quoted && w.cursor.quote {
		return
	}
	for i, value := range values {
		p := Proposal{Kind: ProposeValue, Label: value, Text: value, Rank: 1}
		if quoted {
			p = w.quoted(value, "")
		}
		if normal == quote(value) || normal == value {
			p.Detail = "the default"
		}
		p.Rank += i // the table's order means something: public before internal
		w.add(p)
	}
}

// listed proposes elements of a list of words; outside of its brackets, with them.
func (w *writer) listed(values []string, normal string) {
	if w.cursor.quote {
		return
	}
	bare := !w.cursor.inside(inList)
	for _, value := range values {
		if w.elementStands(value) {
			continue
		}
		p := Proposal{Kind: ProposeValue, Label: value, Text: value, Rank: 1}
		if bare {
			p.Text = "[" + value + "]"
		}
		if normal == "["+value+"]" {
			p.Detail = "the default"
		}
		w.add(p)
	}
}

// elementStands reports whether the list around the place holds a word already, elsewhere than at the place.
func (w *writer) elementStands(word string) bool {
	f := w.cursor.inner()
	if f.kind != inList {
		return false
	}
	here := w.cursor.text[w.cursor.word.Start:w.cursor.word.End]
	return word != here && slices.Contains(f.words, word)
}

// mostProposed bounds a list of references; an editor asks again when more has been typed.
const mostProposed = 200

// references proposes everything declared of the kinds that may stand here.
func (w *writer) references(a *schema.Attribute) {
	if w.cursor.quote {
		return
	}
	brackets := a.Type == schema.References && !w.cursor.inside(inList) && !w.cursor.inside(inParens)
	for _, n := range w.view.Index.declared(a.Kinds...) {
		text := n.String()
		if !strings.Contains(text, w.cursor.before) || w.elementStands(text) {
			continue
		}
		if len(w.out) >= mostProposed {
			w.more = true
			break
		}
		p := Proposal{Kind: ProposeReference, Label: text, Detail: w.view.inOneLine(n), Doc: w.view.docOf(n), Text: text, Rank: 1}
		if n.Surface != "" {
			p.Rank = 2
		}
		if brackets {
			p.Text = "[" + text + "]"
		}
		w.add(p)
	}
	w.instances(a.Kinds)
}

// labels proposes keys that something is labelled with, and the values of the key that stands before the place.
func (w *writer) labels() {
	known := w.view.Index.labels()
	c := &w.cursor
	switch f := c.inner(); {
	case f.kind != inObject:
		w.add(Proposal{Kind: ProposeValue, Label: "{ … }", Text: "{ ", Snippet: "{ $1 = \"$2\" }", Rank: 1})
	case f.value:
		for _, value := range known[c.objects] {
			if !w.written(value) {
				w.add(w.quoted(value, ""))
			}
		}
	default:
		for _, key := range slices.Sorted(maps.Keys(known)) {
			if f.has(key, c.word.Start) {
				continue
			}
			p := Proposal{Kind: ProposeValue, Label: key, Detail: strings.Join(some(known[key], 4), ", "), Text: key, Rank: 1}
			if !assigns.MatchString(c.text[c.word.End:]) && !c.quote {
				p.Text, p.Snippet = key+" = ", key+` = "$1"`
			}
			w.add(p)
		}
	}
}

// written reports whether a text is what stands at the place already: the file that is being written knows it from there.
func (w *writer) written(text string) bool {
	return text == "" || w.cursor.quote && text == w.cursor.text[w.cursor.word.Start:w.cursor.word.End]
}

func some(words []string, most int) []string {
	if len(words) <= most {
		return words
	}
	return append(slices.Clone(words[:most]), "…")
}

// texts proposes what is known of free texts: owners that were named before, packs, guardrails.
func (w *writer) texts(a *schema.Attribute) {
	values := map[string][]string{
		"packs": w.view.Packs, "guardrail": w.view.Guardrails, "methods": {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"},
	}[a.Name]
	if a.Name == "owner" {
		values = w.view.Index.owners()
	}
	for _, value := range values {
		if w.elementStands(value) || w.written(value) {
			continue
		}
		p := w.quoted(value, "")
		if a.Type == schema.Texts && !w.cursor.inside(inList) && !w.cursor.quote {
			p.Text = "[" + p.Text + "]"
		}
		w.add(p)
	}
	if len(values) == 0 {
		w.example(a)
	}
}

// times proposes the ends that people choose most, at midnight in UTC.
func (w *writer) times() {
	ends := w.view.ends()
	for i, when := range []string{"in a month", "in 3 months", "in 6 months", "in a year"} {
		w.add(w.quoted(ends[i], when))
	}
}

func (v *View) ends() []string {
	today := v.At.UTC().Truncate(24 * time.Hour)
	var out []string
	for _, months := range []int{1, 3, 6, 12} {
		out = append(out, today.AddDate(0, months, 0).Format(time.RFC3339))
	}
	return out
}

// example proposes the table's example, so that one sees the form.
func (w *writer) example(a *schema.Attribute) {
	if w.cursor.quote || a.Type == schema.Texts && w.cursor.inside(inList) {
		return
	}
	w.add(Proposal{Kind: ProposeValue, Label: a.Example, Detail: "for example", Text: a.Example, Snippet: skeleton(a, 1), Rank: 2})
}

// types proposes the types of variables.
func (w *writer) types() {
	for i, t := range []string{"string", "bool", "number", "any"} {
		w.add(Proposal{Kind: ProposeValue, Label: t, Text: t, Rank: 1 + i})
	}
	for _, t := range []string{"list", "map", "set"} {
		w.add(Proposal{Kind: ProposeValue, Label: t + "(…)", Text: t + "(", Snippet: t + "(${1:string})", Rank: 5})
	}
	w.add(Proposal{Kind: ProposeValue, Label: "object({ … })", Text: "object({ ", Snippet: "object({ ${1:name} = ${2:string} })", Rank: 5})
}

// instances proposes the single declarations of blocks with for_each.
func (w *writer) instances(kinds []string) {
	if !w.cursor.inside(inList) || len(w.view.Index.many) == 0 {
		return
	}
	for _, a := range w.view.things() {
		if !slices.Contains(kinds, string(a.Kind)) || len(w.out) >= mostProposed {
			continue
		}
		base, key := w.view.Index.instance(nameOf(a))
		if key == "" {
			continue
		}
		text := fmt.Sprintf("%s[%q]", base, key)
		w.add(Proposal{Kind: ProposeReference, Label: text, Detail: a.String(), Text: text, Rank: 2})
	}
}

// free proposes everything, where any value may stand.
func (w *writer) free() {
	if w.cursor.quote {
		return
	}
	w.expressions(2)
	kinds := make([]string, 0, len(addr.Kinds()))
	for _, k := range addr.Kinds() {
		kinds = append(kinds, string(k))
	}
	w.references(&schema.Attribute{Type: schema.Reference, Kinds: kinds})
}

// inExpression proposes what may stand between ${ and }.
func (w *writer) inExpression() {
	if a, ok := w.cursor.attribute(); ok && a.Type == schema.Template {
		for _, n := range []string{"name", "environment"} {
			w.add(Proposal{Kind: ProposeWord, Label: n, Detail: "of the naming template", Text: n, Rank: 1})
		}
		for _, key := range slices.Sorted(maps.Keys(w.view.Index.labels())) {
			w.add(Proposal{Kind: ProposeWord, Label: "labels." + key, Detail: "of the naming template", Text: "labels." + key, Rank: 2})
		}
	}
	w.expressions(3)
}

// expressions proposes variables, locals and functions.
func (w *writer) expressions(rank int) {
	for _, n := range w.view.Index.declared(kindVariable, kindLocal) {
		if n.Kind == kindLocal && n.Name == w.cursor.head {
			continue // what is being declared
		}
		w.add(Proposal{Kind: ProposeWord, Label: n.String(), Detail: w.view.inOneLine(n), Text: n.String(), Rank: rank})
	}
	if w.cursor.body().has(schema.ForEach, -1) {
		for _, n := range []string{"each.key", "each.value"} {
			w.add(Proposal{Kind: ProposeWord, Label: n, Detail: "of this block's for_each", Text: n, Rank: rank})
		}
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
