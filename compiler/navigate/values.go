package navigate

import (
	"slices"
	"strings"
	"time"

	"gatehouse/lang/schema"
)

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
		return
	case schema.Value:
		if a.Static {
			w.given()
		} else {
			w.free()
		}
		return
	}
	if !a.Static && !w.cursor.quote && !w.cursor.atKey {
		w.expressions(9)
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

// quoted proposes a text: with quotes, unless the place is inside of some.
func (w *writer) quoted(text, detail string) Proposal {
	p := Proposal{Kind: ProposeValue, Label: text, Detail: detail, Text: quote(text), Rank: 1}
	switch c := &w.cursor; {
	case !c.quote:
	case w.json && !c.inside(inTemplate) && !c.inside(inIndex): // the text of a JSON string is a template, and escaped as JSON does
		p.Text = literal.Replace(text)
	default:
		p.Text = strings.TrimSuffix(strings.TrimPrefix(p.Text, `"`), `"`)
	}
	return p
}

// literal keeps a text from being taken for a template.
var literal = strings.NewReplacer("${", "$${", "%{", "%%{")

// quote writes a text as the native syntax does.
func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(literal.Replace(text)) + `"`
}

// texts proposes what is known of free texts: owners that were named before, packs, guardrails.
func (w *writer) texts(a *schema.Attribute) {
	if a.Name == guardrail {
		w.guardrails()
		return
	}
	values := map[string][]string{
		"packs": w.view.Packs, "methods": {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"},
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

// guardrail is the attribute that names one.
const guardrail = "guardrail"

func (w *writer) guardrails() {
	for _, g := range w.view.Guardrails {
		if !w.written(g.ID) {
			p := w.quoted(g.ID, g.Title)
			p.Doc = g.Doc
			w.add(p)
		}
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
	if w.cursor.quote || w.cursor.before != "" || a.Type == schema.Texts && w.cursor.inside(inList) {
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
