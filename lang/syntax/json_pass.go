package syntax

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/diag"
)

// unseparated looks at what stands behind an element in a comma's or the end's place. It is true where the object or array ends all the same.
func (p *jsonParser) unseparated(end byte, what string, open hcl.Pos) (ended bool) {
	if p.gap() && p.peek() == end {
		p.step()
		return true
	}
	c, s := p.peek(), &p.slips
	switch {
	case s.stopped:
		return true
	case c == ',':
		return p.comma(end, what)
	case p.pos.Byte >= len(p.src):
		p.tear(p.place(open, 1), fmt.Sprintf("an %s is not closed", what), fmt.Sprintf("Write %c where it ends.", end))
		return true
	case end == ']' && (c == ':' || c == '}' || p.beginsProperty(p.pos)):
		return p.unclosedArray(open)
	case end == '}' && c == ']':
		p.tear(p.place(open, 1), "an object is not closed", "Write } after its last property.", p.noticed())
		return true
	case end == '}' && c == ':' && p.nameForValue():
		return false
	case s.astray == p.pos.Byte:
		if end == '}' && p.beginsProperty(p.pos) {
			return false
		}
	case s.loose == p.pos.Byte && p.beginsElement(end):
		return false
	default:
		p.slipOn(p.doubt(), p.character(p.pos), "a comma is missing", fmt.Sprintf("The elements of an %s are separated by commas, and its end is %c.", what, end))
		if p.beginsElement(end) {
			return false
		}
		p.lose(p.place(p.pos, 0))
	}
	return p.pass(end, what)
}

// doubt notes what else may be wrong between two elements than that a comma is missing: a bracket beside it, or a quote where they touch. It
// gives the line that the comma is missing on.
func (p *jsonParser) doubt() (line int) {
	s := &p.slips
	behind := len(strings.TrimRight(p.text[:p.pos.Byte], " \t\r\n"))
	line = p.pos.Line - strings.Count(p.text[behind:p.pos.Byte], "\n")
	before, next := p.src[behind-1], p.peek()
	s.unsure = s.unsure || s.noticed == line || before == '}' || before == ']' || next == '{' || next == '['
	if behind == p.pos.Byte && (before == '"' || next == '"') {
		p.lose(p.place(p.pos, 0))
	}
	if behind == s.ended {
		return s.lines[len(s.lines)-1] // the bracket before it may be too many
	}
	return line
}

// nameForValue goes back to a name that was read as the value of the property before it, which has none.
func (p *jsonParser) nameForValue() bool {
	members := p.room.pending.members
	if len(members) == 0 {
		return false
	}
	last := members[len(members)-1]
	if last.value.kind != nodeString || last.value.rng.End.Byte > p.pos.Byte || !p.beginsProperty(last.value.rng.Start) {
		return false
	}
	p.slips.unsure = true // it may be the value's opening brace that is missing
	p.slip(last.keyRange, quote(last.key)+" has no value", `An object holds "name": value. Write the value, or the brace that opens it.`)
	last.value.kind = nodeUnread
	p.room.unread = true
	p.pos = last.value.rng.Start
	last.value.rng.End = p.pos
	return true
}

func (p *jsonParser) noticed() diag.Related {
	return diag.Related{Message: "noticed here", Range: p.place(p.pos, 1)}
}

// beginsElement reports whether the next element of an object or array seems to begin here.
func (p *jsonParser) beginsElement(end byte) bool {
	switch c := p.peek(); {
	case c == '"':
		return true
	case end == '}':
		return false
	default:
		return c == '{' || c == '[' || c == '-' || classes[c] == isWord && c < 0x80
	}
}

// beginsProperty reports whether a line begins at a place, with a name and a colon.
func (p *jsonParser) beginsProperty(at hcl.Pos) bool {
	if !p.beginsLine(at) || at.Byte >= len(p.src) || p.src[at.Byte] != '"' {
		return false
	}
	name, rest, ok := strings.Cut(p.text[at.Byte+1:min(len(p.text), at.Byte+mostName)], `"`)
	return ok && !strings.ContainsAny(name, "\n\\") && strings.HasPrefix(strings.TrimLeft(rest, " \t"), ":")
}

// beginsLine reports whether nothing but blanks stands before a place on its line.
func (p *jsonParser) beginsLine(at hcl.Pos) bool {
	before := p.text[:at.Byte]
	return strings.TrimLeft(before[strings.LastIndexByte(before, '\n')+1:], " \t") == ""
}

// mostName bounds how far a name and its colon are looked for.
const mostName = 200

// unclosedArray ends an array that a property or a brace follows, where that is sure: at the beginning of a line.
func (p *jsonParser) unclosedArray(open hcl.Pos) (ended bool) {
	at, related := p.place(open, 1), p.noticed()
	elems := p.room.pending.elems
	last := elems[len(elems)-1]
	if p.peek() == ':' {
		name := last
		if len(elems) < 2 || elems[len(elems)-2].rng.Start.Byte < open.Byte || name.kind != nodeString || !p.beginsProperty(name.rng.Start) {
			p.tear(at, "an array is not closed", "Write ] after its last element.", related)
			return true
		}
		p.room.pending.elems = elems[:len(elems)-1]
		last = elems[len(elems)-2]
	} else if p.peek() == '}' && !p.closesLater(open) {
		p.tear(at, "an array is not closed", "Write ] after its last element.", related)
		return true
	}
	if p.sure() {
		d := invalid(at, "an array is not closed", "Write ] after its last element.")
		d.Related = []diag.Related{related}
		p.note(at.Start.Line, d)
	}
	p.slips.lost = append(p.slips.lost, at)
	p.pos = last.rng.End
	p.loosen()
	return true
}

// closesLater reports whether the brace that stands here is the first on its line and belongs to an earlier line than the bracket's.
func (p *jsonParser) closesLater(open hcl.Pos) bool {
	if !p.beginsLine(p.pos) {
		return false
	}
	line, _, _ := strings.Cut(p.text[open.Byte+1:], "\n")
	return strings.TrimSpace(line) != ""
}

// pass steps over what could not be read, to a comma, the end of what it stands in, or a line that begins with a text. It is true where nothing is read on.
func (p *jsonParser) pass(end byte, what string) (ended bool) {
	if !p.passElement() {
		p.giveUp()
		return true
	}
	switch c := p.peek(); {
	case c == end:
		p.step()
		return true
	case c == ',':
		return p.comma(end, what)
	case c == '}' || c == ']':
		p.giveUp()
		return true
	}
	return false
}

func (p *jsonParser) passElement() bool {
	var open []byte
	line := p.pos.Line
	for p.gap(); p.pos.Byte < len(p.src) && !p.slips.stopped; p.gap() {
		c := p.peek()
		if len(open) == 0 && (c == ',' || c == '}' || c == ']' || c == '"' && p.pos.Line > line) {
			return true
		}
		line = p.pos.Line
		switch c {
		case '{', '[':
			open = append(open, c)
		case '}', ']':
			if open[len(open)-1] != pairs[c] {
				return false
			}
			open = open[:len(open)-1]
		case '"':
			if _, ok := p.quoted(); !ok && p.slips.torn {
				return false
			}
			continue
		}
		if c < utf8.RuneSelf {
			p.step()
		} else {
			p.cluster()
		}
	}
	return false
}
