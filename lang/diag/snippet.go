package diag

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/apparentlymart/go-textseg/v15/textseg"
	"github.com/hashicorp/hcl/v2"
)

// text is a file with the offsets of its lines.
type text struct {
	src   []byte
	lines []int
}

func (p *printer) text(file string) *text {
	if t, ok := p.texts[file]; ok {
		return t
	}
	t := &text{lines: []int{0}}
	if p.sources != nil {
		t.src = p.sources(file)
	}
	for i, c := range t.src {
		if c == '\n' {
			t.lines = append(t.lines, i+1)
		}
	}
	p.texts[file] = t
	return t
}

// line returns a line without its end, and the offset it begins at.
func (t *text) line(number int) (string, int, bool) {
	if number < 1 || number > len(t.lines) || len(t.src) == 0 {
		return "", 0, false
	}
	from, to := t.lines[number-1], len(t.src)
	if number < len(t.lines) {
		to = t.lines[number] - 1
	}
	return masked(string(bytes.TrimSuffix(t.src[from:to], []byte("\r")))), from, true
}

// snippet prints the lines of a range with its underline: all of a short one, the ends of a long one. It is false where the text isn't there
// (any more).
func (p *printer) snippet(margin int, r hcl.Range, sign rune, colour, label string) bool {
	t := p.text(r.Filename)
	if _, _, ok := t.line(r.Start.Line); !ok || r.Start.Byte > len(t.src) {
		return false
	}
	bar := strings.Repeat(" ", margin) + " " + p.paint(blue, "|")
	p.line(bar)
	end := max(r.Start.Line, r.End.Line)
	if end > r.Start.Line && r.End.Column <= 1 {
		end--
	}
	const most = 4
	for number := r.Start.Line; number <= end; number++ {
		if end-r.Start.Line >= most && number == r.Start.Line+2 {
			p.line(p.paint(blue, "..."))
			number = end - 1
			continue
		}
		p.source(margin, t, r, number, end, sign, colour, label)
	}
	return true
}

// source prints one line and the underline of what of it lies in the range.
func (p *printer) source(margin int, t *text, r hcl.Range, number, end int, sign rune, colour, label string) {
	line, offset, ok := t.line(number)
	if !ok {
		return
	}
	from, to := 0, len(line)
	if number == r.Start.Line {
		from = clamp(r.Start.Byte-offset, line)
	} else {
		from = len(line) - len(strings.TrimLeft(line, " \t"))
	}
	if number == r.End.Line {
		to = clamp(r.End.Byte-offset, line)
	}
	shown := cut(line, from, max(from, to), p.o.Width-margin-3)
	p.line(p.paint(blue, fmt.Sprintf("%*d |", margin, number)) + before(shown.text) + shown.text)
	underline := strings.Repeat(" ", shown.from) + p.paint(colour, strings.Repeat(string(sign), max(1, shown.to-shown.from)))
	if label != "" && number == end {
		underline += " " + p.paint(colour, oneLine(label))
	}
	p.line(strings.Repeat(" ", margin) + " " + p.paint(blue, "|") + " " + underline)
}

// before sets a line off from the bar; an empty line gets no trailing space.
func before(line string) string {
	if line == "" {
		return ""
	}
	return " "
}

func clamp(at int, line string) int { return max(0, min(at, len(line))) }

// shownLine is a line as it is printed: tabs widened, control characters shown, cut to a width around the range. from and to are columns.
type shownLine struct {
	text     string
	from, to int
}

// cut keeps the range's beginning in sight: of a line that is too wide, the part around it is shown between dots.
func cut(line string, from, to, width int) shownLine {
	width = max(width, 40)
	head, middle, tail := widen(line[:from]), widen(line[from:to]), widen(line[to:])
	s := shownLine{text: head + middle + tail, from: columns(head)}
	s.to = s.from + columns(middle)
	if columns(s.text) <= width {
		return s
	}
	if s.from > width/2 {
		dropped := s.from - width/3
		kept, gone := after(s.text, dropped)
		s.text, s.from, s.to = "…"+kept, s.from-gone+1, s.to-gone+1
	}
	if columns(s.text) > width {
		s.text = upTo(s.text, width-1) + "…"
	}
	s.to = min(s.to, columns(s.text))
	return s
}

// after drops the first columns of a text, and says how many went: a wide character goes whole.
func after(s string, drop int) (string, int) {
	gone := 0
	for gone < drop && s != "" {
		size, width := cluster(s)
		s, gone = s[size:], gone+width
	}
	return s, gone
}

func upTo(s string, keep int) string {
	at, used := 0, 0
	for at < len(s) {
		size, width := cluster(s[at:])
		if used+width > keep {
			break
		}
		at, used = at+size, used+width
	}
	return s[:at]
}

// widen makes a text of the policy safe to print in columns: a tab is four spaces, and control characters can't steer the terminal.
func widen(s string) string { return printable(strings.ReplaceAll(s, "\t", "    "), false) }

// printable replaces control characters, and those that reorder text, by a sign. Our own colours are let through where they are on.
func printable(s string, colours bool) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\x1b' && colours:
			return r
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r), r == utf8.RuneError:
			return '�'
		}
		return r
	}, s)
}

func oneLine(s string) string { return widen(strings.ReplaceAll(s, "\n", " ")) }

// columns counts what a text takes on a terminal.
func columns(s string) int {
	n := 0
	for s != "" {
		size, width := cluster(s)
		s, n = s[size:], n+width
	}
	return n
}

// cluster measures the first grapheme cluster: two columns for East Asian wide characters and emoji, none for a lone mark.
func cluster(s string) (size, width int) {
	if s[0] < utf8.RuneSelf && (len(s) == 1 || s[1] < utf8.RuneSelf) {
		return 1, 1
	}
	size, _, err := textseg.ScanGraphemeClusters([]byte(s[:min(len(s), 256)]), true)
	if err != nil || size == 0 {
		size = 1
	}
	first, _ := utf8.DecodeRuneInString(s)
	switch {
	case unicode.In(first, unicode.Mn, unicode.Me, unicode.Cf):
		return size, 0
	case isWide(first):
		return size, 2
	default:
		return size, 1
	}
}

// isWide follows the blocks that Unicode's East Asian Width (UAX #11) has as Wide or Fullwidth.
func isWide(r rune) bool {
	switch {
	case r < 0x1100:
		return false
	case r <= 0x115F, r >= 0x2E80 && r <= 0x303E, r >= 0x3041 && r <= 0x33FF, r >= 0x3400 && r <= 0x4DBF, r >= 0x4E00 && r <= 0x9FFF,
		r >= 0xA000 && r <= 0xA4CF, r >= 0xA960 && r <= 0xA97F, r >= 0xAC00 && r <= 0xD7A3, r >= 0xF900 && r <= 0xFAFF,
		r >= 0xFE30 && r <= 0xFE6F, r >= 0xFF00 && r <= 0xFF60, r >= 0xFFE0 && r <= 0xFFE6,
		r >= 0x1F300 && r <= 0x1F64F, r >= 0x1F680 && r <= 0x1F6FF, r >= 0x1F900 && r <= 0x1FAFF, r >= 0x20000 && r <= 0x3FFFD:
		return true
	}
	return false
}
