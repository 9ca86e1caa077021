package syntax

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// cursor walks over a text and knows where it is.
type cursor struct {
	text string
	at   int
	base int // of the text in its file
	line int
	left int // where the line begins, moved to the right by every byte that is no column
}

func (c *cursor) pos() hcl.Pos {
	return hcl.Pos{Line: c.line, Column: c.at - c.left + 1, Byte: c.base + c.at}
}

func (c *cursor) ended() bool { return c.at >= len(c.text) }

// next returns the next byte, NUL at the end: no policy file holds one.
func (c *cursor) next() byte {
	if c.at < len(c.text) {
		return c.text[c.at]
	}
	return 0
}

func (c *cursor) spaces() {
	for c.at < len(c.text) && (c.text[c.at] == ' ' || c.text[c.at] == '\t') {
		c.at++
	}
}

// atComment reports whether a comment to the end of the line begins here. The other kind is the parser's.
func (c *cursor) atComment() bool {
	return c.next() == '#' || strings.HasPrefix(c.text[c.at:], "//")
}

// newline steps over the end of a line, a comment before it included; false where something else follows. The end of the text ends
// a line too.
func (c *cursor) newline() bool {
	if c.atComment() {
		n := strings.IndexByte(c.text[c.at:], '\n')
		if n < 0 {
			c.at = len(c.text)
			return true
		}
		c.at += n
	}
	if c.ended() {
		return true
	}
	if c.text[c.at] != '\n' {
		return false
	}
	c.at++
	c.line++
	c.left = c.at
	return true
}

// blank steps over spaces, lines and comments.
func (c *cursor) blank() {
	for {
		c.spaces()
		if c.ended() || !c.newline() {
			return
		}
	}
}

// lineEnds steps over what ends an item.
func (c *cursor) lineEnds() bool {
	c.spaces()
	return c.newline()
}

// word reads an identifier, ASCII only; "" where none begins.
func (c *cursor) word() string {
	from := c.at
	if !isWordStart(c.next()) {
		return ""
	}
	for c.at++; c.at < len(c.text) && classes[c.text[c.at]] == isWord && c.text[c.at] < 0x80; c.at++ {
	}
	return c.text[from:c.at]
}

func isWordStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_'
}

// plainText are the bytes that stand for themselves in a quoted text: all but its end, escapes, what may begin a template, and control
// characters.
var plainText = func() (t [256]bool) {
	for c := range t {
		t[c] = c >= ' ' && c != '"' && c != '\\' && c != '$' && c != '%' || c == '\t'
	}
	return t
}()

// quoted reads a text in quotes, up to behind its end. plain is false where it holds more than ASCII: then it comes as values do, in
// Unicode's normal form C.
func (c *cursor) quoted() (text string, plain, ok bool) {
	c.at++
	from := c.at
	var all byte
	for c.at < len(c.text) && plainText[c.text[c.at]] {
		all |= c.text[c.at]
		c.at++
	}
	if c.next() != '"' {
		return "", false, false
	}
	text, plain = c.text[from:c.at], all < 0x80
	c.at++
	if !plain {
		c.left += len(text) - columns(text)
		text = cty.NormalizeString(text)
	}
	return text, plain, true
}

// columns counts grapheme clusters, which is what a column is to the parser. The scanner is hcl's own, so that both have one Unicode.
func columns(text string) int {
	all := func(data []byte, _ bool) (int, []byte, error) { return len(data), data, nil }
	scanner := hcl.NewRangeScannerFragment([]byte(text), "", hcl.InitialPos, all)
	scanner.Scan()
	return scanner.Range().End.Column - 1
}
