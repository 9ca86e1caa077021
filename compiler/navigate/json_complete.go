package navigate

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"gatehouse/lang/schema"
	"gatehouse/lang/syntax"
)

// completeJSON proposes what a native file would at the same place, inside of a string. Keys and closed sets of words are for the JSON Schema,
// which knows them; what is declared it can't.
func (v *View) completeJSON(f *File, offset int) (list []Proposal, more bool) {
	p := lookJSON(f.Text, offset)
	if p == nil {
		return nil, false
	}
	n := native{place: p}
	if !n.write() {
		return nil, false
	}
	c := look(n.text.String(), n.from+p.text.offset(offset))
	if c.silent {
		return nil, false
	}
	w := writer{view: v, cursor: c, file: f, json: true}
	w.propose()
	for _, one := range w.sorted() {
		if one, ok := n.inJSON(one); ok {
			list = append(list, one)
		}
	}
	return list, w.more
}

// native is what the native syntax would say around a place in JSON: enough of it to ask what may stand there.
type native struct {
	place   *jsonPlace
	text    strings.Builder
	from    int  // where the string's text begins
	words   bool // only names of values may stand there
	wrapped bool // and in ${…}
}

// write writes blocks down to the attribute, its siblings' names, and the string; false: nothing of ours stands there.
func (n *native) write() bool {
	at := &schema.Block{Blocks: schema.File()}
	var labelled *schema.Block // whose label is the next key
	for i, f := range n.place.frames {
		if f.array {
			continue // of several blocks
		}
		key, isKey := n.place.keys[i], n.place.isKey && i == len(n.place.frames)-1
		if labelled != nil {
			if isKey {
				return n.label(labelled, f)
			}
			fmt.Fprintf(&n.text, "%s %s {\n", labelled.Type, quote(key))
			at, labelled = labelled, nil
			continue
		}
		n.siblings(at, f, key)
		if a, ok := at.Attr(key); ok && !isKey && bare.MatchString(key) {
			return n.attribute(a, n.place.frames[i+1:], n.place.keys[i+1:])
		}
		block, ok := at.Block(key)
		switch {
		case !ok || isKey:
			return false
		case block.Label != "":
			labelled = block
		default:
			n.text.WriteString(block.Type + " {\n")
			at = block
		}
	}
	return false
}

// siblings names the attributes beside a key.
func (n *native) siblings(of *schema.Block, f *jsonFrame, key string) {
	for _, k := range f.keys {
		if _, ok := of.Attr(k); ok && k != key && bare.MatchString(k) {
			n.text.WriteString(k + " = 0\n")
		}
	}
}

// label writes a block up to the inside of its label.
func (n *native) label(b *schema.Block, f *jsonFrame) bool {
	for _, k := range f.keys {
		fmt.Fprintf(&n.text, "%s %s {}\n", b.Type, quote(k))
	}
	n.text.WriteString(b.Type + ` "`)
	n.string(true)
	return true
}

// plain is an element of a list that can be written as it is.
var plain = regexp.MustCompile(`^(\$\{)?([\w.-]+(\["[^"\]$%\\]*"\][\w.-]*)?)\}?$`)

// attribute writes an attribute up to the inside of the string.
func (n *native) attribute(a *schema.Attribute, frames []*jsonFrame, keys []string) bool {
	n.text.WriteString(a.Name + " = ")
	listed, isKey := false, false
	for i, f := range frames {
		if isKey = n.place.isKey && i == len(frames)-1; f.array {
			listed = true
			n.elements(a, f)
			continue
		}
		n.text.WriteString("{ ")
		for _, k := range f.keys {
			if k != keys[i] && bare.MatchString(k) {
				n.text.WriteString(k + " = 0, ")
			}
		}
		if !isKey && bare.MatchString(keys[i]) {
			n.text.WriteString(keys[i] + " = ")
		}
	}
	return n.value(a, listed, isKey)
}

func (n *native) elements(a *schema.Attribute, f *jsonFrame) {
	n.text.WriteByte('[')
	for _, word := range f.words {
		found := plain.FindStringSubmatch(word)
		switch {
		case word == n.place.text.text:
		case a.Type == schema.Texts:
			n.text.WriteString(quote(word) + ", ")
		case found != nil:
			n.text.WriteString(found[2] + ", ")
		}
	}
}

// value writes the string as what it is in the place of an attribute's value: an expression, or a text.
func (n *native) value(a *schema.Attribute, listed, isKey bool) bool {
	quoted := syntax.Templated(n.place.text.text)
	if a.Static && (quoted || a.Type == schema.Value) || isKey && a.Type != schema.Labels {
		return false
	}
	switch a.Type {
	case schema.Reference, schema.ValueType:
	case schema.References:
		n.words = !listed // a reference stands in an array, what gives a list may stand alone
	case schema.Bool, schema.Words:
		n.words = true
	case schema.Value, schema.Enum, schema.Duration:
		n.words, n.wrapped = a.Type != schema.Value, true // by itself it would be a text
	case schema.Labels:
		quoted = quoted || !isKey
	default:
		quoted = true
	}
	if quoted && syntax.Templated(n.place.text.text) {
		n.words, n.wrapped = false, false
	}
	if quoted {
		n.text.WriteByte('"')
	}
	n.string(quoted)
	return true
}

// string writes the string's own text, each byte in its place. In quotes, what would end them is blotted out.
func (n *native) string(quoted bool) {
	n.from = n.text.Len()
	text := []byte(n.place.text.text)
	open := 0 // braces of a template
	for i, c := range text {
		switch inside := open > 0; {
		case c == '\n' || c == '\r':
			text[i] = ' '
		case quoted && !inside && (c == '"' || c == '\\'):
			text[i] = ' '
		case c == '{' && (inside || i > 0 && (text[i-1] == '$' || text[i-1] == '%')):
			open++
		case c == '}' && inside:
			open--
		}
	}
	n.text.Write(text)
	n.text.WriteByte('\n')
}

// inJSON makes a proposal one for the JSON string; false: it is none for it.
func (n *native) inJSON(p Proposal) (Proposal, bool) {
	t := n.place.text
	from, to := p.Replace.Start-n.from, p.Replace.End-n.from
	whole := from == 0 && to == len(t.text)
	isFunction := p.Snippet != "" && p.Kind == ProposeWord
	if from < 0 || to > len(t.text) || n.words && p.Kind != ProposeWord || n.wrapped && (!whole || isFunction) {
		return p, false
	}
	if isFunction && (n.words || !syntax.Templated(t.text)) {
		return p, false // a call stands in ${…} alone
	}
	if n.wrapped {
		p.Text = "${" + p.Text + "}"
	}
	p.Replace, p.Text = t.span(from, to), jsonEscaped(p.Text)
	if !isFunction {
		p.Snippet = ""
	}
	return p, true
}

func jsonEscaped(text string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if e.Encode(text) != nil {
		return text // not reached: every text is one in JSON
	}
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(b.String()), `"`), `"`)
}
