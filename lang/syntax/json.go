package syntax

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"gatehouse/lang/diag"
	"gatehouse/lang/schema"
)

// readJSON reads a file in HCL's JSON syntax: a property is an attribute or a block by the schema, labels are the keys below a block's
// type, an array stands for several blocks or bodies, a property "//" is a comment, and null where a block could stand is no block.
func (r *reader) readJSON(src []byte, name string) []*Block {
	root, failed := parseJSON(src, name)
	if failed != nil {
		mendJSON(src, name, failed)
		r.diags = append(r.diags, *failed)
		r.partial = true
		return nil
	}
	r.json = true
	return r.file(jsonBody{root})
}

// jsonBody is a block's content in JSON: an object, or an array of objects that count as one.
type jsonBody struct{ n *node }

func (j jsonBody) items(r *reader, s *schema.Block) (attrs []attrItem, blocks []blockItem) {
	what := "a file"
	if s.Type != "" {
		what = article(s.Type)
	}
	for _, m := range r.properties(j.n, "The body of "+what+" is an object.") {
		inner, isBlock := s.Block(m.key)
		_, isAttr := s.Attr(m.key)
		switch {
		case m.key == "//", s.Type == "" && m.key == "$schema": // comments, and where editors find the schema
		case isBlock:
			blocks = append(blocks, r.unpack(inner, m)...)
		case !isAttr && looksLikeBlock(s, m):
			blocks = append(blocks, unknownJSON(m))
		default:
			attrs = append(attrs, attrItem{name: m.key, nameRange: m.keyRange,
				whole: hcl.RangeBetween(m.keyRange, m.value.rng), value: jsonValue{m.value}})
		}
	}
	return attrs, blocks
}

// looksLikeBlock tells what an unknown property was meant to be: objects are blocks, but for one whose name is nearly that of a map.
func looksLikeBlock(s *schema.Block, m property) bool {
	for _, a := range s.Attrs {
		if a.Type == schema.Labels && diag.Nearest(m.key, []string{a.Name}) != "" {
			return false
		}
	}
	return m.value.kind == nodeObject ||
		m.value.kind == nodeArray && len(m.value.elems) > 0 && !slices.ContainsFunc(m.value.elems, func(e *node) bool { return e.kind != nodeObject })
}

// unknownJSON is a block of an unknown type. The names in it may be its labels.
func unknownJSON(m property) blockItem {
	h := header{blockType: m.key, typeRange: m.keyRange, decl: m.keyRange, whole: hcl.RangeBetween(m.keyRange, m.value.rng)}
	for _, n := range append([]*node{m.value}, m.value.elems...) {
		for _, inner := range n.members {
			h.labels = append(h.labels, Label{Value: inner.key, Range: inner.keyRange})
		}
	}
	return blockItem{header: h, body: jsonBody{&node{kind: nodeObject}}, json: &m}
}

// properties flattens an object, or an array of objects, in source order.
func (r *reader) properties(n *node, want string) []property {
	switch n.kind {
	case nodeNull:
		return nil
	case nodeObject:
		return n.members
	case nodeArray:
		var out []property
		for _, e := range n.elems {
			if e.kind != nodeObject {
				r.report(diag.WrongType, e.rng, jsonValue{e}.found().what+" stands where an object is wanted", want)
				continue
			}
			out = append(out, e.members...)
		}
		return out
	default:
		r.report(diag.WrongType, n.rng, jsonValue{n}.found().what+" stands where an object is wanted", want)
		return nil
	}
}

// unpack gives the blocks behind one property: of each label, or of each element of an array.
func (r *reader) unpack(s *schema.Block, m property) []blockItem {
	h := header{blockType: m.key, typeRange: m.keyRange, decl: m.keyRange}
	if s.Label == "" {
		return r.bodies(h, m.value)
	}
	if m.value.kind == nodeNull {
		return nil
	}
	want := fmt.Sprintf("Write %s.", r.shownBlock(s, strings.ToUpper(s.Label)))
	labels := r.properties(m.value, want)
	if len(labels) == 0 && m.value.kind == nodeObject {
		r.report(diag.WrongLabels, m.keyRange, fmt.Sprintf("%s lacks its %s", article(s.Type), s.Label), want)
	}
	var out []blockItem
	for _, label := range labels {
		if label.key == "//" {
			continue
		}
		named := h
		named.labels = []Label{{Value: label.key, Range: label.keyRange}}
		named.decl = label.keyRange
		if _, known := s.Attr(label.key); known && !label.value.bodies() {
			r.report(diag.WrongLabels, label.keyRange, fmt.Sprintf("%s lacks its %s", article(s.Type), s.Label), want)
			break
		}
		out = append(out, r.bodies(named, label.value)...)
	}
	return out
}

// bodies reports whether a value may be the body of a block, or a list of such.
func (n *node) bodies() bool {
	isBody := func(e *node) bool { return e.kind == nodeObject }
	return isBody(n) || n.kind == nodeArray && (len(n.elems) == 0 || slices.ContainsFunc(n.elems, isBody))
}

// bodies gives one block for an object, and one for each element of an array.
func (r *reader) bodies(h header, v *node) []blockItem {
	elems := []*node{v}
	switch v.kind {
	case nodeNull:
		return nil
	case nodeArray:
		elems = v.elems
	}
	out := make([]blockItem, 0, len(elems))
	for _, e := range elems {
		if e.kind != nodeObject {
			r.report(diag.WrongType, e.rng, jsonValue{e}.found().what+" stands where an object is wanted",
				fmt.Sprintf("The body of %s is an object.", article(h.blockType)))
			continue
		}
		h.whole = e.rng
		out = append(out, blockItem{header: h, body: jsonBody{e}})
	}
	return out
}

// jsonValue answers for a JSON value. A string is whatever is wanted: a text, a template, a reference or a word.
type jsonValue struct{ n *node }

func (v jsonValue) where() hcl.Range { return v.n.rng }

func (v jsonValue) text() (string, bool) {
	if v.n.kind != nodeString {
		return "", false
	}
	if !templated(v.n.str) {
		return v.n.str, true
	}
	e, found := v.parse()
	if found.shape != shapeLiteral {
		return "", false
	}
	return native(e).text()
}

func templated(s string) bool { return strings.Contains(s, "${") || strings.Contains(s, "%{") }

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
	return dotted(v.n.str)
}

func (v jsonValue) list() ([]value, bool) {
	if v.n.kind != nodeArray {
		return nil, false
	}
	out := make([]value, len(v.n.elems))
	for i, e := range v.n.elems {
		out[i] = jsonValue{e}
	}
	return out, true
}

func (v jsonValue) object() ([]member, bool) {
	if v.n.kind != nodeObject {
		return nil, false
	}
	out := make([]member, 0, len(v.n.members))
	for _, m := range v.n.members {
		key, literal := jsonValue{&node{kind: nodeString, str: m.key, rng: m.keyRange}}.text()
		out = append(out, member{key: key, keyRange: m.keyRange, odd: !literal, value: jsonValue{m.value}})
	}
	return out, true
}

func (v jsonValue) found() found {
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
	if reference || !templated(v.n.str) {
		return found{what: "the text " + quote(v.n.str)}
	}
	e, found := v.parse()
	if found.shape != shapeLiteral {
		return found
	}
	return native(e).found()
}
