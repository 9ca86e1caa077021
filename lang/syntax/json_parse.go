package syntax

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/apparentlymart/go-textseg/v15/textseg"
	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/diag"
)

// node is a JSON value with its place. HCL's own JSON reader is not used: it hides its tree behind hcl.Body, needs a schema to be
// walked, recurses without a limit, and points at whole values where a key is meant.
type node struct {
	kind    nodeKind
	str     string // of a string; of a number, as it is written
	truth   bool
	elems   []*node
	members []property
	rng     hcl.Range
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
	pos    hcl.Pos
	name   string
	depth  int
	failed *diag.Diagnostic
}

func parseJSON(src []byte, name string) (*node, *diag.Diagnostic) {
	p := &jsonParser{src: src, name: name, pos: hcl.InitialPos}
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
		s := p.text()
		return &node{kind: nodeString, str: s, rng: p.from(start)}
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
	n := &node{kind: nodeArray}
	if open == '{' {
		n.kind = nodeObject
		p.elements('}', "object", start, func() { p.property(n) })
	} else {
		p.elements(']', "array", start, func() { n.elems = append(n.elems, p.value()) })
	}
	p.depth--
	n.rng = p.from(start)
	return n
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
		default:
			p.fail(at, "a comma is missing", fmt.Sprintf("The elements of an %s are separated by commas, and its end is %c.", what, end))
		}
	}
}

func (p *jsonParser) property(n *node) {
	start := p.pos
	if p.peek() != '"' {
		if p.peek() == '/' {
			p.fail(start, "JSON has no comments", "Write a property instead: \"//\": \"…\".")
			return
		}
		p.fail(start, "a property's name is missing", "An object holds \"name\": value, with the name in double quotes.")
		return
	}
	member := property{key: p.text(), keyRange: p.from(start)}
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
	n.members = append(n.members, member)
}

// text reads a string. Columns count grapheme clusters, as in the native syntax.
func (p *jsonParser) text() string {
	start := p.pos
	p.step()
	for p.pos.Byte < len(p.src) {
		switch c := p.src[p.pos.Byte]; {
		case c == '"':
			p.step()
			return p.unquote(start)
		case c == '\\' && p.pos.Byte+1 < len(p.src) && p.src[p.pos.Byte+1] < 0x80:
			p.step()
			p.step()
		case c < 0x20:
			p.fail(start, "a text is not closed", "A text ends with a double quote on the same line. A line break inside it is written \\n.")
			return ""
		case c < 0x80:
			p.step()
		default:
			p.cluster()
		}
	}
	p.fail(start, "a text is not closed", "A text ends with a double quote on the same line.")
	return ""
}

// cluster steps over non-ASCII characters. A cluster is cut before an ASCII one, since a quote ends the text whatever it combines with.
func (p *jsonParser) cluster() {
	size, _, _ := textseg.ScanGraphemeClusters(p.src[p.pos.Byte:], true)
	for i := range size {
		if i > 0 && p.src[p.pos.Byte+i] < 0x80 {
			size = i
			break
		}
	}
	p.pos.Byte += max(size, 1)
	p.pos.Column++
}

func (p *jsonParser) unquote(start hcl.Pos) string {
	raw := p.src[start.Byte:p.pos.Byte]
	if inner := string(raw[1 : len(raw)-1]); !strings.Contains(inner, "\\") {
		return inner
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		p.failOver(p.from(start), diag.InvalidSyntax, "a text holds an unknown escape",
			`After a backslash stands one of " \ / b f n r t, or u and four hexadecimal digits.`)
	}
	return s
}

func (p *jsonParser) number() *node {
	start := p.pos
	for c := p.peek(); c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'; c = p.peek() {
		p.step()
	}
	if at := p.from(start); !json.Valid(p.src[start.Byte:p.pos.Byte]) {
		return p.failOver(at, diag.InvalidSyntax, "not a number", "Texts stand in double quotes.")
	}
	return &node{kind: nodeNumber, str: string(p.src[start.Byte:p.pos.Byte]), rng: p.from(start)}
}

func (p *jsonParser) word() *node {
	start := p.pos
	for c := p.peek(); c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == '-'; c = p.peek() {
		p.step()
	}
	switch at := p.from(start); string(p.src[start.Byte:p.pos.Byte]) {
	case "true":
		return &node{kind: nodeBool, truth: true, rng: at}
	case "false":
		return &node{kind: nodeBool, rng: at}
	case "null":
		return &node{kind: nodeNull, rng: at}
	default:
		return p.failOver(at, diag.InvalidSyntax, "a bare word", "In JSON, texts and references stand in double quotes.")
	}
}
