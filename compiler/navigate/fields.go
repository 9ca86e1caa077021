package navigate

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"gatehouse/lang/schema"
	"gatehouse/lang/syntax"
)

// within proposes what the value of a variable, a local or each.value holds, once a dot was written behind it.
func (w *writer) within(rank int) {
	path := strings.Split(w.cursor.before, ".")
	behind := path[:len(path)-1]
	for _, f := range w.held(behind) {
		if bare.MatchString(f.name) {
			w.word(strings.Join(behind, ".")+"."+f.name, f.detail(), rank)
		}
	}
}

// held returns what is known to stand in what a path leads to.
func (w *writer) held(path []string) []field {
	s := w.shapeOf(path)
	if s == nil {
		return nil
	}
	return append(slices.Clip(s.fields), s.known...)
}

// shapeOf returns the form of what a path leads to, as seen from the place.
func (w *writer) shapeOf(path []string) *shape {
	if len(path) > 1 && path[0] == "each" && path[1] == "value" && w.seesEach() {
		return w.view.Index.follow(w.elements(), path[2:], mostLike)
	}
	if len(path) == 0 || path[0] != "var" && path[0] != kindLocal {
		return nil
	}
	return w.view.Index.shapeOf(path, mostLike)
}

// elements returns the form of each.value: of what for_each's value holds.
func (w *writer) elements() *shape {
	e := w.cursor.outermost().written(w.cursor.text, schema.ForEach)
	if e == nil {
		return nil
	}
	return w.view.Index.follow(valueShape(e), []string{anyKey}, mostLike)
}

// ofElement proposes what stands behind var.x["key"].
func (w *writer) ofElement() {
	path := strings.Split(w.cursor.of+"."+anyKey+w.cursor.before, ".")
	last := Span{w.cursor.word.Start + strings.LastIndexByte(w.cursor.before, '.') + 1, w.cursor.word.End}
	for _, f := range w.held(path[:len(path)-1]) {
		if bare.MatchString(f.name) {
			w.add(Proposal{Kind: ProposeWord, Label: f.name, Detail: f.detail(), Text: f.name, Replace: last, Rank: 1})
		}
	}
}

var beginsValue = regexp.MustCompile(`^[\w-]+[ \t]*=[ \t]*`)

// written parses the value of an attribute of a block that is being written; nil: it has none that can be read.
func (f *frame) written(text, name string) hclsyntax.Expression {
	for _, m := range f.attrs {
		from := m.at + len(beginsValue.FindString(text[m.at:]))
		if m.name != name || from == m.at {
			continue
		}
		s := newScanner(text)
		s.at = from
		for s.at < len(text) {
			next := strings.IndexByte(text[s.at:], '\n') + 1
			if next == 0 {
				next = len(text) - s.at
			}
			if s.run(s.at + next); len(s.stack) == 1 && !s.silent {
				break
			}
			s.silent = false
		}
		e, problem := syntax.ParseExpression(text[from:min(s.at, len(text))])
		if problem == "" {
			return e
		}
	}
	return nil
}

// given proposes what a variable's type takes as its default.
func (w *writer) given() {
	c := &w.cursor
	s, ok := w.wanted()
	switch {
	case !ok || c.quote && c.inner().kind != inObject:
	case c.atKey:
		w.missing(s)
	case s.words == "bool":
		w.words([]string{"true", "false"}, "", false)
	case s.fields != nil && !c.quote:
		w.add(Proposal{Kind: ProposeValue, Label: "{ … }", Detail: s.words, Text: "{ ", Snippet: s.skeleton(), Rank: 1})
	}
}

// wanted returns the form of what is written at the place inside of a default: of an object's key, that of the object.
func (w *writer) wanted() (*shape, bool) {
	c := &w.cursor
	body := c.body()
	t := body.written(c.text, "type")
	if body.blockType != schema.Variable || c.head != "default" || t == nil || c.inside(inParens) {
		return nil, false
	}
	s := w.view.Index.follow(typeShape(t), c.path, mostLike)
	return s, s != nil
}

// missing proposes the keys that an object lacks.
func (w *writer) missing(s *shape) {
	c := &w.cursor
	assigned := assigns.MatchString(c.text[c.word.End:])
	for _, f := range s.fields {
		if c.inner().has(f.name, c.word.Start) {
			continue
		}
		p := Proposal{Kind: ProposeAttribute, Label: f.name, Detail: f.detail(), Text: f.name, Rank: 2}
		if !f.optional {
			p.Rank, p.Detail = 1, "required, "+p.Detail
		}
		if key := f.key(); !assigned && !c.quote {
			p.Text, p.Snippet = key+" = ", key+" = "+f.is.place(1)
		}
		w.add(p)
	}
}

func (f field) key() string {
	if bare.MatchString(f.name) {
		return f.name
	}
	return quote(f.name)
}

// skeleton writes an object with what it requires, as a snippet.
func (s *shape) skeleton() string {
	var parts []string
	for _, f := range s.fields {
		if !f.optional {
			parts = append(parts, escape(f.key())+" = "+f.is.place(len(parts)+1))
		}
	}
	if len(parts) == 0 {
		return "{ $1 }"
	}
	return "{ " + strings.Join(parts, ", ") + " }"
}

// place writes a value of the form as a snippet with one place to fill in.
func (s *shape) place(n int) string {
	switch {
	case s.words == "string":
		return fmt.Sprintf(`"$%d"`, n)
	case s.words == "bool":
		return fmt.Sprintf("${%d|true,false|}", n)
	case s.fields != nil || strings.HasPrefix(s.words, "map("):
		return fmt.Sprintf("{ $%d }", n)
	case s.each != nil:
		return fmt.Sprintf("[$%d]", n)
	default:
		return fmt.Sprintf("$%d", n)
	}
}
