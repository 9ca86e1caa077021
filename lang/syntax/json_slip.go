package syntax

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/diag"
)

// mostSlips bounds what is told of one JSON file. Behind the last of them it is not read on.
const mostSlips = 100

// jsonSlips is what is wrong with a text, and how its reader goes on behind it. One slip often makes what follows look wrong as well: of a line only the
// first is told, and where something was passed over, nothing about brackets any more.
type jsonSlips struct {
	told    diag.List
	lost    []hcl.Range // where something was passed over
	torn    bool        // its brackets don't pair up, so that nobody knows what stands in what
	stopped bool        // nothing more is read
	unsure  bool        // a bracket may be what was wrong

	lines   []int // of which something was told
	noticed int   // the last line on which something was noticed
	count   int   // of all, told or not
	astray  int   // an element could not be read on from here; it is passed over to its end
	loose   int   // the comma before here may have been lost with something else
	comment int   // where the last comment ended
	ended   int   // where something ended last that had a comma before its end
}

// slip tells a mistake behind which the reader goes on.
func (p *jsonParser) slip(at hcl.Range, summary, detail string) {
	p.slipOn(at.Start.Line, at, summary, detail)
}

// slipOn tells a mistake that was made on another line than the one on which it is noticed.
func (p *jsonParser) slipOn(line int, at hcl.Range, summary, detail string) {
	p.note(line, invalid(at, summary, detail))
}

func (p *jsonParser) note(line int, d diag.Diagnostic) {
	s := &p.slips
	if s.count++; s.count >= mostSlips {
		s.stopped, s.lost = true, append(s.lost, p.place(p.pos, 0))
	}
	p.tell(line, d)
}

func (p *jsonParser) tell(line int, d diag.Diagnostic) {
	s := &p.slips
	before := slices.ContainsFunc(s.told, func(t diag.Diagnostic) bool { return t.Subject.Start == d.Subject.Start })
	if !before && !slices.Contains(s.lines, line) {
		s.told, s.lines = append(s.told, d), append(s.lines, line)
	}
	s.noticed = p.pos.Line
}

// tear tells that brackets don't pair up, and ends the reading. Nothing is told where that may only follow from what was told before.
func (p *jsonParser) tear(at hcl.Range, summary, detail string, related ...diag.Related) {
	p.giveUp()
	if p.sure() {
		d := invalid(at, summary, detail)
		d.Related = related
		p.tell(at.Start.Line, d)
	}
}

// sure reports whether a bracket that has no other one can't only follow from what was told before.
func (p *jsonParser) sure() bool { return !p.slips.unsure && p.slips.noticed != p.pos.Line }

// giveUp ends the reading where something was told already.
func (p *jsonParser) giveUp() { p.slips.torn, p.slips.stopped = true, true }

func (p *jsonParser) tooDeep(at hcl.Range) *node {
	p.giveUp()
	p.tell(at.Start.Line, *refuse(diag.TooDeep, at, "nested too deeply", tooDeepDetail))
	return p.unread(at.Start)
}

// unread is a value with which something is wrong.
func (p *jsonParser) unread(start hcl.Pos) *node {
	p.room.unread = true
	return p.keep(node{kind: nodeUnread, rng: p.from(start)})
}

// lose notes a place at which something was passed over.
func (p *jsonParser) lose(at hcl.Range) {
	p.slips.lost, p.slips.unsure = append(p.slips.lost, at), true
}

// stray notes that what stands here belongs to an element that can't be read on.
func (p *jsonParser) stray() {
	p.slips.astray = p.pos.Byte
	p.lose(p.place(p.pos, 0))
}

// character is the range of the one at a place.
func (p *jsonParser) character(at hcl.Pos) hcl.Range {
	if at.Byte >= len(p.src) || p.src[at.Byte] == '\n' {
		return p.place(at, 0)
	}
	_, size := utf8.DecodeRune(p.src[at.Byte:])
	out := p.place(at, size)
	out.End.Column = at.Column + 1
	return out
}

// moveTo steps to a later place.
func (p *jsonParser) moveTo(end int) {
	passed := p.text[p.pos.Byte:end]
	p.pos.Byte = end
	if n := strings.LastIndexByte(passed, '\n'); n >= 0 {
		p.pos.Line, p.pos.Column = p.pos.Line+strings.Count(passed, "\n"), 1
		passed = passed[n+1:]
	}
	if strings.IndexFunc(passed, func(c rune) bool { return c >= utf8.RuneSelf }) < 0 {
		p.pos.Column += len(passed) // there may be thousands of comments
		return
	}
	p.pos.Column += columns(passed)
}

// rest is what stands on the line from here on.
func (p *jsonParser) rest() string {
	line, _, _ := strings.Cut(p.text[p.pos.Byte:], "\n")
	return strings.TrimSuffix(line, "\r")
}
