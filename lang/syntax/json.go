package syntax

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/diag"
	"gatehouse/lang/schema"
)

// readJSON reads a file in HCL's JSON syntax: a property is an attribute or a block by the schema, labels are the keys below a block's
// type, an array stands for several blocks or bodies, a property "//" is a comment, and null where a block could stand is no block.
func (r *reader) readJSON(src []byte, name string, room *jsonRoom) []*Block {
	root, found := room.parse(src, name)
	if len(found.told) > 0 {
		mendJSON(src, name, found)
		r.diags = append(r.diags, found.told...)
		r.partial = true
		r.passOver(found)
	}
	if root == nil {
		return nil
	}
	r.json = true
	return r.file(jsonBody{root})
}

// passOver notes where something of a file was passed over.
func (r *reader) passOver(found *jsonSlips) {
	r.unreadable = append(r.unreadable, found.lost...)
	slices.SortFunc(r.unreadable, func(a, b hcl.Range) int { return a.Start.Byte - b.Start.Byte })
}

// jsonBody is a block's content in JSON: an object, or an array of objects that count as one.
type jsonBody struct{ n *node }

func (j jsonBody) items(r *reader, s *schema.Block) (attrs []attrItem, blocks []blockItem) {
	want := func() string {
		if s.Type == "" {
			return "The body of a file is an object."
		}
		return "The body of " + article(s.Type) + " is an object."
	}
	room := j.n.of
	t := &room.taken
	t.attrs, t.blocks = t.attrs[:0], t.blocks[:0]
	for _, m := range r.properties(j.n, want) {
		inner, isBlock := s.Block(m.key)
		_, isAttr := s.Attr(m.key)
		switch {
		case m.key == "//", s.Type == "" && m.key == "$schema": // comments, and where editors find the schema
		case isBlock:
			t.blocks = r.unpack(t.blocks, inner, m)
		case !isAttr && looksLikeBlock(s, m):
			t.blocks = append(t.blocks, unknownJSON(m))
		default:
			t.attrs = append(t.attrs, attrItem{name: m.key, nameRange: m.keyRange,
				whole: hcl.RangeBetween(m.keyRange, m.value.rng), value: jsonValue{m.value}})
		}
	}
	return room.attrs.keep(t.attrs), room.blocks.keep(t.blocks)
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
	return blockItem{header: h, body: jsonBody{&node{kind: nodeObject, of: m.value.of}}, json: &m}
}

// properties flattens an object, or an array of objects, in source order.
func (r *reader) properties(n *node, want func() string) []property {
	switch n.kind {
	case nodeNull, nodeUnread:
		return nil
	case nodeObject:
		return n.members
	case nodeArray:
		var out []property
		for _, e := range n.elems {
			if e.kind == nodeUnread || e.kind != nodeObject && r.touches(e.rng) {
				continue
			}
			if e.kind != nodeObject {
				r.report(diag.WrongType, e.rng, jsonValue{e}.found().what+" stands where an object is wanted", want())
				continue
			}
			out = append(out, e.members...)
		}
		return out
	default:
		if r.touches(n.rng) {
			return nil
		}
		r.report(diag.WrongType, n.rng, jsonValue{n}.found().what+" stands where an object is wanted", want())
		return nil
	}
}

// unpack appends the blocks behind one property: of each label, or of each element of an array.
func (r *reader) unpack(out []blockItem, s *schema.Block, m property) []blockItem {
	h := header{blockType: m.key, typeRange: m.keyRange, decl: m.keyRange}
	if s.Label == "" {
		return r.bodies(out, h, m.value)
	}
	if m.value.kind == nodeNull || m.value.kind == nodeUnread {
		return out
	}
	want := func() string { return fmt.Sprintf("Write %s.", r.shownBlock(s, strings.ToUpper(s.Label))) }
	labels := r.properties(m.value, want)
	if len(labels) == 0 && m.value.kind == nodeObject && !r.touches(m.value.rng) {
		r.report(diag.WrongLabels, m.keyRange, fmt.Sprintf("%s lacks its %s", article(s.Type), s.Label), want())
	}
	for _, label := range labels {
		if label.key == "//" {
			continue
		}
		named := h
		named.labels = r.keep().labels.keep([]Label{{Value: label.key, Range: label.keyRange}})
		named.decl = label.keyRange
		if _, known := s.Attr(label.key); known && !label.value.bodies() {
			r.report(diag.WrongLabels, label.keyRange, fmt.Sprintf("%s lacks its %s", article(s.Type), s.Label), want())
			break
		}
		out = r.bodies(out, named, label.value)
	}
	return out
}

// bodies reports whether a value may be the body of a block, or a list of such.
func (n *node) bodies() bool {
	isBody := func(e *node) bool { return e.kind == nodeObject }
	return isBody(n) || n.kind == nodeArray && (len(n.elems) == 0 || slices.ContainsFunc(n.elems, isBody))
}

// bodies appends one block for an object, and one for each element of an array.
func (r *reader) bodies(out []blockItem, h header, v *node) []blockItem {
	switch v.kind {
	case nodeNull, nodeUnread:
		return out
	case nodeArray:
		for _, e := range v.elems {
			if len(v.elems) > 1 {
				h.decl = e.rng // they share the key
			}
			out = r.oneBody(out, h, e)
		}
		return out
	}
	return r.oneBody(out, h, v)
}

func (r *reader) oneBody(out []blockItem, h header, v *node) []blockItem {
	if v.kind == nodeUnread || v.kind != nodeObject && r.touches(v.rng) {
		return out
	}
	if v.kind != nodeObject {
		r.report(diag.WrongType, v.rng, jsonValue{v}.found().what+" stands where an object is wanted",
			fmt.Sprintf("The body of %s is an object.", article(h.blockType)))
		return out
	}
	h.whole = v.rng
	return append(out, blockItem{header: h, body: jsonBody{v}})
}
