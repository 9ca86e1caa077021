package syntax

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// jsonValue answers for a JSON value. A string is whatever is wanted: a text, a template, a reference or a word.
type jsonValue struct{ n *node }

func (v jsonValue) where() hcl.Range { return v.n.rng }

func (v jsonValue) text() (string, bool) {
	if v.n.kind != nodeString {
		return "", false
	}
	if !Templated(v.n.str) {
		return v.n.str, true
	}
	e, found := v.parse()
	if found.shape != shapeLiteral {
		return "", false
	}
	return native(e).text()
}

// Templated reports whether the text of a JSON string holds what has to be evaluated.
func Templated(s string) bool { return strings.Contains(s, "${") || strings.Contains(s, "%{") }

// parse reads a string as a template of the native syntax, whose nesting is limited first.
func (v jsonValue) parse() (hclsyntax.Expression, found) {
	if tooDeep := limitTemplate([]byte(v.n.str)); tooDeep {
		return nil, found{shape: shapeTooDeep}
	}
	start := v.n.rng.Start
	start.Byte, start.Column = start.Byte+1, start.Column+1
	e, diags := hclsyntax.ParseTemplate([]byte(v.n.str), v.n.rng.Filename, start)
	if !diags.HasErrors() {
		return e, found{}
	}
	broken := found{shape: shapeBroken}
	for _, d := range diags {
		moved := *d
		moved.Subject = &v.n.rng // escapes shift what the parser counted
		broken.broken = append(broken.broken, moved)
	}
	return nil, broken
}

func (v jsonValue) template() (hcl.Expression, bool) {
	if v.n.kind != nodeString {
		return nil, false
	}
	e, found := v.parse()
	return e, found.shape == shapeLiteral
}

func (v jsonValue) boolean() (bool, bool) { return v.n.truth, v.n.kind == nodeBool }

func (v jsonValue) reference() ([]string, bool) {
	if v.n.kind != nodeString {
		return nil, false
	}
	name, parts := dottedName(v.n.str)
	if parts == 0 {
		return nil, false
	}
	return v.n.of.split(name, parts), true
}

func (v jsonValue) list() ([]value, bool) {
	if v.n.kind != nodeArray {
		return nil, false
	}
	t := &v.n.of.taken
	t.values = t.values[:0]
	for _, e := range v.n.elems {
		t.values = append(t.values, jsonValue{e})
	}
	return v.n.of.listed.keep(t.values), true
}

func (v jsonValue) object() ([]member, bool) {
	if v.n.kind != nodeObject {
		return nil, false
	}
	t := &v.n.of.taken
	t.members = t.members[:0]
	for _, m := range v.n.members {
		key, literal := m.key, true
		if Templated(key) {
			key, literal = jsonValue{&node{kind: nodeString, str: m.key, rng: m.keyRange}}.text()
		}
		t.members = append(t.members, member{key: key, keyRange: m.keyRange, odd: !literal, value: jsonValue{m.value}})
	}
	return v.n.of.keyed.keep(t.members), true
}

// shape is found's, for one that is asked of every reference: a text that is one is not put into words.
func (v jsonValue) shape() shape {
	if v.n.kind == nodeString {
		if name, parts := dottedName(v.n.str); parts > 0 {
			return shapeOfName(name)
		}
	}
	return v.found().shape
}

// shapeOfName says whether a dotted name stands for something computed.
func shapeOfName(name string) shape {
	if first, _, _ := strings.Cut(name, "."); slices.Contains(variables, first) {
		return shapeComputed
	}
	return shapeLiteral
}

// unread reports whether something in the value could not be read.
func (n *node) unread() bool {
	return n.kind == nodeUnread || slices.ContainsFunc(n.elems, (*node).unread) ||
		slices.ContainsFunc(n.members, func(m property) bool { return m.value.unread() })
}

func (v jsonValue) found() found {
	if v.n.of != nil && v.n.of.unread && v.n.unread() {
		return found{shape: shapeTold}
	}
	switch v.n.kind {
	case nodeNull:
		return found{what: null}
	case nodeBool:
		return found{what: fmt.Sprint(v.n.truth)}
	case nodeNumber:
		return found{what: "a number"}
	case nodeArray:
		return found{what: "a list"}
	case nodeObject:
		return found{what: "an object"}
	}
	parts, reference := dotted(v.n.str)
	if reference && slices.Contains(variables, parts[0]) {
		return found{shape: shapeComputed, what: "the variable " + strings.Join(parts, ".")}
	}
	if !reference && v.bare() != nil {
		return found{shape: shapeComputed, what: "a reference with an index"}
	}
	if reference || !Templated(v.n.str) {
		return found{what: "the text " + quote(v.n.str)}
	}
	e, found := v.parse()
	if found.shape != shapeLiteral {
		return found
	}
	return native(e).found()
}
