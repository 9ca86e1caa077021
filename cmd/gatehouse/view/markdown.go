package view

import (
	"fmt"
	"io"
	"strings"
	"unicode"
)

// Markdown for a comment on a merge request. Everything that comes from a policy or from a rule is text there and nothing else: it can open no
// markup, mention nobody, and link nowhere. Names, places and reasons stand in code spans, in which no host looks for mentions; sentences are
// escaped.

// maxComment bounds a comment, in bytes: GitHub refuses comments of more than 65,536 characters.
const maxComment = 60_000

// comment collects the parts of a comment that still fit.
type comment struct {
	text strings.Builder
	left int // parts that did not fit
}

// add appends a part if it fits whole.
func (c *comment) add(part string) bool {
	if c.left > 0 || c.text.Len()+len(part) > maxComment {
		c.left++
		return false
	}
	c.text.WriteString(part)
	return true
}

// end writes the comment, and says what is missing.
func (c *comment) end(w io.Writer, what string) {
	if c.left > 0 {
		fmt.Fprintf(&c.text, "\n_%s not shown here: a comment has no room for more. The other formats tell all._\n", count(c.left, what))
	}
	_, _ = io.WriteString(w, c.text.String())
}

// code is a code span: the fence is longer than any run of backticks inside.
func code(s string) string {
	s = printable(s)
	if s == "" {
		return ""
	}
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") {
		s = " " + s + " "
	}
	return fence + s + fence
}

// cell is what may stand in a row of a table: a bar would end the cell, in code too.
func cell(s string) string { return strings.ReplaceAll(s, "|", "\\|") }

// prose is a sentence without markup. What hosts make of text that is no markup (mentions, references to issues, bare addresses) is broken
// by a space of no width behind the character that begins it.
func prose(s string) string {
	var out strings.Builder
	for _, r := range printable(s) {
		switch {
		case r == '&':
			out.WriteString("&amp;")
		case r == '<':
			out.WriteString("&lt;")
		case r == '>':
			out.WriteString("&gt;")
		case strings.ContainsRune("\\`*_{}[]()!|~^=+-.", r):
			out.WriteRune('\\')
			out.WriteRune(r)
		case strings.ContainsRune("@#%$:/", r):
			out.WriteRune(r)
			out.WriteRune('\u200b')
		default:
			out.WriteRune(r)
		}
	}
	return out.String()
}

// printable is one line of text, without what steers a reader's screen: controls, and marks that turn the direction of writing.
func printable(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\r':
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, s))
}

// folded is a part that opens on a click.
func folded(summary, body string) string {
	return fmt.Sprintf("\n<details><summary>%s</summary>\n\n%s\n</details>\n", summary, strings.TrimRight(body, "\n"))
}
