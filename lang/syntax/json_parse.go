package syntax

import (
	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/diag"
)

// node is a JSON value with its place. HCL's own JSON reader is not used: it hides its tree behind hcl.Body, needs a schema to be
// walked, recurses without a limit, and points at whole values where a key is meant.
type node struct {
	kind    nodeKind
	truth   bool
	str     string // of a string; of a number, as it is written
	elems   []*node
	members []property
	rng     hcl.Range
	of      *jsonRoom
}

type nodeKind uint8

const (
	nodeNull   nodeKind = iota
	nodeUnread          // what is wrong with it was told
	nodeBool
	nodeNumber
	nodeString
	nodeArray
	nodeObject
)

type property struct {
	key      string
	keyRange hcl.Range
	value    *node
}

// jsonParser reads one file by recursive descent, to a limited depth. Behind a mistake it goes on where it is sure of what follows.
type jsonParser struct {
	src   []byte
	text  string // the same: what is read shares it
	pos   hcl.Pos
	name  string
	depth int
	room  *jsonRoom
	slips jsonSlips
}

// parseJSON reads a text, and gives what is wrong with it in order of place.
func parseJSON(src []byte, name string) (*node, diag.List) {
	root, found := new(jsonRoom).parse(src, name)
	return root, found.told.Sorted()
}

// parse reads a file's text. Its nodes last until the next one is read. There are none where the text's brackets don't pair up.
func (room *jsonRoom) parse(src []byte, name string) (*node, *jsonSlips) {
	room.reset()
	p := &jsonParser{src: src, text: string(src), name: name, pos: hcl.InitialPos, room: room, slips: jsonSlips{astray: -1, loose: -1}}
	p.pos.Byte = len(byteOrderMark(src))
	p.gap()
	root := p.value()
	p.gap()
	if !p.slips.stopped && root.kind != nodeUnread && p.pos.Byte < len(p.src) {
		p.tear(p.character(p.pos), "text after the end", "A file holds one JSON value. Delete what follows it.")
	}
	if p.slips.torn || root.kind == nodeUnread {
		return nil, &p.slips
	}
	return root, &p.slips
}

// keep gives a node its place.
func (p *jsonParser) keep(n node) *node {
	n.of = p.room
	return p.room.nodes.one(n)
}

func (p *jsonParser) peek() byte {
	if p.pos.Byte < len(p.src) {
		return p.src[p.pos.Byte]
	}
	return 0
}

func (p *jsonParser) step() { p.pos.Byte++; p.pos.Column++ }

// space steps over blanks. It is small enough to be written out where it is called; comments are looked for where nothing else fits.
func (p *jsonParser) space() {
	for p.pos.Byte < len(p.src) {
		switch p.src[p.pos.Byte] {
		case '\n':
			p.pos.Byte, p.pos.Line, p.pos.Column = p.pos.Byte+1, p.pos.Line+1, 1
		case ' ', '\t':
			p.step()
		case '\r':
			p.pos.Byte++
		default:
			return
		}
	}
}

func (p *jsonParser) value() *node {
	start := p.pos
	switch c := p.peek(); {
	case c == '{' || c == '[':
		return p.nested(c)
	case c == '"':
		if s, ok := p.quoted(); ok {
			return p.keep(node{kind: nodeString, str: s, rng: p.from(start)})
		}
		return p.unread(start)
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		return p.word()
	case p.pos.Byte >= len(p.src):
		p.tear(p.character(start), "the file ends too early", "A JSON value is missing here. Is a bracket or brace not closed?")
		return p.unread(start)
	default:
		return p.oddValue()
	}
}

func (p *jsonParser) from(start hcl.Pos) hcl.Range {
	return hcl.Range{Filename: p.name, Start: start, End: p.pos}
}

func (p *jsonParser) nested(open byte) *node {
	start := p.pos
	if p.depth++; p.depth > maxNesting {
		at := hcl.Range{Filename: p.name, Start: start, End: start}
		at.End.Byte, at.End.Column = start.Byte+1, start.Column+1
		return p.tooDeep(at)
	}
	p.step()
	n, pending := node{kind: nodeArray}, &p.room.pending
	if open == '{' {
		from := len(pending.members)
		p.elements('}', "object", start, p.property)
		n.kind, n.members = nodeObject, p.room.members.keep(pending.members[from:])
		pending.members = pending.members[:from]
	} else {
		from := len(pending.elems)
		p.elements(']', "array", start, p.element)
		n.elems = p.room.elems.keep(pending.elems[from:])
		pending.elems = pending.elems[:from]
	}
	p.depth--
	n.rng = p.from(start)
	return p.keep(n)
}

// elements reads what stands between brackets, separated by commas.
func (p *jsonParser) elements(end byte, what string, open hcl.Pos, one func()) {
	p.space()
	if c := p.peek(); c == end || (c == '/' || c == '#') && p.gap() && p.peek() == end {
		p.step()
		return
	}
	for !p.slips.stopped {
		one()
		p.space()
		switch p.peek() {
		case end:
			p.step()
			return
		case ',':
			if p.comma(end, what) {
				return
			}
		default:
			if p.unseparated(end, what, open) {
				return
			}
		}
	}
}

// comma steps over one. It is true where the end follows, which is a mistake.
func (p *jsonParser) comma(end byte, what string) (ended bool) {
	at := p.pos
	p.step()
	p.space()
	if c := p.peek(); c == '"' || c >= '0' && c != end {
		return false
	}
	return p.oddComma(end, what, at)
}

// oddComma steps over what follows a comma and is no element. It is true where the end follows.
func (p *jsonParser) oddComma(end byte, what string, at hcl.Pos) (ended bool) {
	for p.gap(); p.peek() == ',' && !p.slips.stopped; p.gap() {
		p.slips.unsure = true
		p.slip(p.place(p.pos, 1), "two commas stand in a row", "One comma stands between two elements. Delete the other.")
		p.step()
	}
	if p.peek() != end {
		return false
	}
	p.slips.unsure = true // a closing bracket too many comes along with it
	p.slip(p.place(at, 1), "a comma before the end of an "+what, "JSON has no comma after the last element. Delete it.")
	p.step()
	p.slips.ended = p.pos.Byte
	return true
}

// place is a range of some columns on one line.
func (p *jsonParser) place(at hcl.Pos, size int) hcl.Range {
	end := at
	end.Byte, end.Column = at.Byte+size, at.Column+size
	return hcl.Range{Filename: p.name, Start: at, End: end}
}

func (p *jsonParser) element() {
	v := p.value()
	p.room.pending.elems = append(p.room.pending.elems, v)
}

func (p *jsonParser) property() {
	start := p.pos
	key, ok := "", false
	if p.peek() == '"' {
		key, ok = p.quoted()
	} else {
		key, ok = p.oddName()
	}
	if !ok {
		p.stray()
		return
	}
	member := property{key: key, keyRange: p.from(start)}
	if p.space(); p.peek() == ':' {
		p.step()
	} else if !p.oddColon(start) {
		p.stray()
		return
	}
	p.space()
	member.value = p.value()
	p.room.pending.members = append(p.room.pending.members, member)
}
