package syntax

import (
	"encoding/json"
	"fmt"

	"github.com/apparentlymart/go-textseg/v15/textseg"
	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/diag"
)

// quoted reads a string. Columns count grapheme clusters, as in the native syntax.
func (p *jsonParser) quoted() string {
	start, escapes := p.pos, false
	p.step()
	for p.plain(); p.pos.Byte < len(p.src); p.plain() {
		switch c := p.src[p.pos.Byte]; {
		case c == '"':
			p.step()
			return p.unquote(start, escapes)
		case c == '\\':
			escapes = true
			if p.step(); p.pos.Byte < len(p.src) && p.peek() < 0x80 && !plainJSON[p.peek()] {
				p.step() // an escaped quote ends nothing
			}
		case c == '\t':
			p.fail(p.pos, "a tab stands inside of a text", "Write \\t for it.")
			return ""
		case c < 0x20 && c != '\n' && c != '\r':
			p.fail(p.pos, fmt.Sprintf("a control character (U+%04X) stands inside of a text", c), fmt.Sprintf("Write \\u%04x for it.", c))
			return ""
		case c < 0x20:
			p.fail(start, "a text is not closed", "A text ends with a double quote on the same line. A line break inside it is written \\n.")
			return ""
		default:
			p.cluster()
		}
	}
	p.fail(start, "a text is not closed", "A text ends with a double quote on the same line.")
	return ""
}

// plain steps over what stands for itself, each byte a column but for the last one, with which a mark may combine.
func (p *jsonParser) plain() {
	from, end := p.pos.Byte, p.pos.Byte
	for end < len(p.text) && plainJSON[p.text[end]] {
		end++
	}
	combines := end > from && end < len(p.text) && p.text[end] >= 0x80
	if combines {
		end--
	}
	p.pos.Byte, p.pos.Column = end, p.pos.Column+end-from
	if combines {
		p.cluster()
	}
}

// plainJSON is ASCII but for the end of a text, escapes and control characters.
var plainJSON = func() (t [256]bool) {
	for c := byte(' '); c < 0x80; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// cluster steps over non-ASCII characters that are one column, with one of ASCII that they may begin with. It ends before any other ASCII one,
// since a quote ends the text whatever it combines with.
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

func (p *jsonParser) unquote(start hcl.Pos, escapes bool) string {
	if !escapes {
		return p.text[start.Byte+1 : p.pos.Byte-1]
	}
	var s string
	if err := json.Unmarshal(p.src[start.Byte:p.pos.Byte], &s); err != nil {
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
	return p.keep(node{kind: nodeNumber, str: p.text[start.Byte:p.pos.Byte], rng: p.from(start)})
}

func (p *jsonParser) word() *node {
	start := p.pos
	for c := p.peek(); c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == '-'; c = p.peek() {
		p.step()
	}
	switch at := p.from(start); p.text[start.Byte:p.pos.Byte] {
	case "true":
		return p.keep(node{kind: nodeBool, truth: true, rng: at})
	case "false":
		return p.keep(node{kind: nodeBool, rng: at})
	case "null":
		return p.keep(node{kind: nodeNull, rng: at})
	default:
		return p.failOver(at, diag.InvalidSyntax, "a bare word", "In JSON, texts and references stand in double quotes.")
	}
}
