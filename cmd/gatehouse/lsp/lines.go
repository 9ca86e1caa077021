package lsp

import (
	"sort"
	"unicode/utf8"

	"gatehouse/compiler/navigate"
)

// lines counts a text as the protocol does: lines that end in LF, CRLF or CR, and characters in UTF-16 code units.
type lines struct {
	text   string
	starts []int // of each line, in bytes
}

func newLines(text string) lines {
	l := lines{text, []int{0}}
	for i := 0; i < len(text); i++ {
		if text[i] == '\n' || text[i] == '\r' && (i+1 == len(text) || text[i+1] != '\n') {
			l.starts = append(l.starts, i+1)
		}
	}
	return l
}

// offset returns the byte that a position stands for. One behind the end of its line is the line's end, one behind the text's the
// text's, and one inside of a character the character's beginning.
func (l lines) offset(p position) int {
	if p.Line < 0 {
		return 0
	}
	if p.Line >= len(l.starts) {
		return len(l.text)
	}
	at, units := l.starts[p.Line], 0
	for at < len(l.text) && l.text[at] != '\n' && l.text[at] != '\r' {
		r, size := utf8.DecodeRuneInString(l.text[at:])
		if units += width(r); units > p.Character {
			break
		}
		at += size
	}
	return at
}

// position is the inverse of offset.
func (l lines) position(offset int) position {
	offset = min(max(offset, 0), len(l.text))
	line := sort.SearchInts(l.starts, offset+1) - 1
	units := 0
	for at := l.starts[line]; at < offset; {
		r, size := utf8.DecodeRuneInString(l.text[at:])
		if at+size > offset {
			break
		}
		units += width(r)
		at += size
	}
	return position{line, units}
}

func (l lines) span(s navigate.Span) textRange {
	return textRange{l.position(s.Start), l.position(s.End)}
}

// width is how many UTF-16 code units a character takes.
func width(r rune) int {
	if r >= 0x10000 {
		return 2
	}
	return 1
}
