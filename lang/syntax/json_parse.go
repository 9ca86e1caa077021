package syntax

import (
	"fmt"

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
	nodeNull nodeKind = iota
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

// jsonParser reads one file by recursive descent, to a limited depth. It stops at the first mistake: in JSON nothing marks where a
// reader could safely go on.
type jsonParser struct {
	src    []byte
	text   string // the same: what is read shares it
	pos    hcl.Pos
	name   string
	depth  int
	failed *diag.Diagnostic
	room   *jsonRoom
}

func parseJSON(src []byte, name string) (*node, *diag.Diagnostic) {
	return new(jsonRoom).parse(src, name)
}

// parse reads a file's text. Its nodes last until the next one is read.
func (room *jsonRoom) parse(src []byte, name string) (*node, *diag.Diagnostic) {
	room.reset()
	p := &jsonParser{src: src, text: string(src), name: name, pos: hcl.InitialPos, room: room}
	p.pos.Byte = len(byteOrderMark(src))
	p.space()
	root := p.value()
	p.space()
	if p.failed == nil && p.pos.Byte < len(p.src) {
		p.fail(p.pos, "text after the end", "A file holds one JSON value. Delete what follows it.")
	}
	return root, p.failed
}

// fail notes the first mistake, with the character at a place as its subject.
func (p *jsonParser) fail(at hcl.Pos, summary, detail string) *node {
	end := at
	if at.Byte < len(p.src) && p.src[at.Byte] != '\n' {
		end.Byte, end.Column = end.Byte+1, end.Column+1
		for end.Byte < len(p.src) && p.src[end.Byte]&0xC0 == 0x80 {
			end.Byte++
		}
	}
	if quote := string(p.src[at.Byte:end.Byte]); isOddQuote(quote) {
		summary, detail = oddQuoteMessage(quote)
	}
	return p.failOver(hcl.Range{Filename: p.name, Start: at, End: end}, diag.InvalidSyntax, summary, detail)
}

func (p *jsonParser) failOver(at hcl.Range, code diag.Code, summary, detail string) *node {
	if p.failed == nil {
		p.failed = &diag.Diagnostic{Code: code, Severity: diag.Error, Subject: at, Summary: summary, Detail: detail}
	}
	return &node{rng: at}
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
		s := p.quoted()
		return p.keep(node{kind: nodeString, str: s, rng: p.from(start)})
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
		return p.word()
	case p.pos.Byte >= len(p.src):
		return p.fail(start, "the file ends too early", "A JSON value is missing here. Is a bracket or brace not closed?")
	default:
		return p.fail(start, "a JSON value is missing here", "A value begins with a brace, a bracket, a quote, a digit, true, false or null.")
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
		return p.failOver(at, diag.TooDeep, "nested too deeply", tooDeepDetail)
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
	if p.peek() == end {
		p.step()
		return
	}
	for p.failed == nil {
		one()
		p.space()
		switch at := p.pos; {
		case p.failed != nil:
		case p.peek() == end:
			p.step()
			return
		case p.peek() == ',':
			p.step()
			p.space()
			if p.peek() == end {
				p.fail(at, "a comma before the end of an "+what, "JSON has no comma after the last element. Delete it.")
			}
		case p.pos.Byte >= len(p.src):
			p.fail(open, fmt.Sprintf("an %s is not closed", what), fmt.Sprintf("Write %c where it ends.", end))
		case end == ']' && (p.peek() == ':' || p.peek() == '}'):
			p.unclosed(open, at, "an array is not closed", "Write ] after its last element.")
		case end == '}' && p.peek() == ']':
			p.unclosed(open, at, "an object is not closed", "Write } after its last property.")
		default:
			p.fail(at, "a comma is missing", fmt.Sprintf("The elements of an %s are separated by commas, and its end is %c.", what, end))
		}
	}
}

// unclosed speaks of a bracket that something else than its end follows.
func (p *jsonParser) unclosed(open, at hcl.Pos, summary, detail string) {
	p.failOver(p.place(open, 1), diag.InvalidSyntax, summary, detail)
	if len(p.failed.Related) == 0 && p.failed.Subject.Start == open {
		p.failed.Related = []diag.Related{{Message: "noticed here", Range: p.place(at, 1)}}
	}
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
	if p.peek() != '"' {
		if p.peek() == '/' {
			p.fail(start, "JSON has no comments", "Write a property instead: \"//\": \"…\".")
			return
		}
		p.fail(start, "a property's name is missing", "An object holds \"name\": value, with the name in double quotes.")
		return
	}
	member := property{key: p.quoted(), keyRange: p.from(start)}
	p.space()
	if p.failed == nil && p.peek() != ':' {
		p.fail(p.pos, "a colon is missing", "An object holds \"name\": value, with a colon between the two.")
	}
	if p.failed != nil {
		return
	}
	p.step()
	p.space()
	member.value = p.value()
	p.room.pending.members = append(p.room.pending.members, member)
}
