package syntax

import (
	"encoding/json"
	"fmt"

	"github.com/apparentlymart/go-textseg/v15/textseg"
	"github.com/hashicorp/hcl/v2"
)

// quoted reads a string; false: something is wrong with it, and was told. Columns count grapheme clusters, as in the native syntax.
func (p *jsonParser) quoted() (text string, ok bool) {
	start, escapes, sound := p.pos, false, true
	p.step()
	for p.plain(); p.pos.Byte < len(p.src); p.plain() {
		switch c := p.src[p.pos.Byte]; {
		case c == '"':
			p.step()
			if !sound {
				return "", false
			}
			return p.unquote(start, escapes)
		case c == '\\':
			escapes = true
			if p.step(); p.pos.Byte < len(p.src) && p.peek() < 0x80 && !plainJSON[p.peek()] {
				p.step() // an escaped quote ends nothing
			}
		case c == '\n' || c == '\r':
			return p.tornText(start)
		case c < 0x20:
			sound = false
			p.controlCharacter(c)
		default:
			p.cluster()
		}
	}
	return p.tornText(start)
}

// controlCharacter steps over one that stands inside of a text.
func (p *jsonParser) controlCharacter(c byte) {
	if c == '\t' {
		p.slip(p.place(p.pos, 1), "a tab stands inside of a text", "Write \\t for it.")
	} else {
		p.slip(p.place(p.pos, 1), fmt.Sprintf("a control character (U+%04X) stands inside of a text", c), fmt.Sprintf("Write \\u%04x for it.", c))
	}
	p.step()
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

func (p *jsonParser) unquote(start hcl.Pos, escapes bool) (text string, ok bool) {
	if !escapes {
		return p.text[start.Byte+1 : p.pos.Byte-1], true
	}
	var s string // the result itself would be moved to the heap, for every text
	if err := json.Unmarshal(p.src[start.Byte:p.pos.Byte], &s); err != nil {
		p.slip(p.from(start), "a text holds an unknown escape", `After a backslash stands one of " \ / b f n r t, or u and four hexadecimal digits.`)
		return "", false
	}
	return s, true
}

func (p *jsonParser) number() *node {
	start := p.pos
	for c := p.peek(); c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' || c == 'e' || c == 'E'; c = p.peek() {
		p.step()
	}
	if p.bare() || !json.Valid(p.src[start.Byte:p.pos.Byte]) {
		for p.bare() {
			p.step()
		}
		p.slip(p.from(start), "not a number", "Texts stand in double quotes.")
		return p.unread(start)
	}
	return p.keep(node{kind: nodeNumber, str: p.text[start.Byte:p.pos.Byte], rng: p.from(start)})
}

// bare reports whether a part of what people write without quotes stands here: a name, a reference, an address, a date.
func (p *jsonParser) bare() bool {
	switch c := p.peek(); {
	case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9':
		return true
	case c == ':':
		next := p.pos.Byte + 1
		return next < len(p.src) && (p.src[next] == '/' || p.src[next] >= '0' && p.src[next] <= '9')
	case c == '/':
		next := p.pos.Byte + 1
		return next < len(p.src) && p.src[next] != '*' && (p.src[next] != '/' || p.src[p.pos.Byte-1] == ':')
	default:
		return c == '_' || c == '.' || c == '-' || c == '@' || c == '+'
	}
}

func (p *jsonParser) word() *node {
	start := p.pos
	for p.bare() {
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
		p.slip(at, "a bare word", "In JSON, texts and references stand in double quotes.")
		return p.unread(start)
	}
}
