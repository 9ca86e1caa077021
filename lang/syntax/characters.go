package syntax

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/diag"
)

// character is one that looks like another one, or like nothing, and comes along when text is copied.
type character struct{ name, meant string }

var characters = map[rune]character{
	'\u00A0': {"NO-BREAK SPACE", " "}, '\u202F': {"NARROW NO-BREAK SPACE", " "}, '\u3000': {"IDEOGRAPHIC SPACE", " "}, '\u2003': {"EM SPACE", " "},
	'\u2002': {"EN SPACE", " "}, '\u2009': {"THIN SPACE", " "}, '\u200A': {"HAIR SPACE", " "}, '\u2007': {"FIGURE SPACE", " "},
	'\u200B': {"ZERO WIDTH SPACE", ""}, '\u200C': {"ZERO WIDTH NON-JOINER", ""}, '\u200D': {"ZERO WIDTH JOINER", ""}, '\u2060': {"WORD JOINER", ""},
	'\uFEFF': {"BYTE ORDER MARK", ""}, '\u00AD': {"SOFT HYPHEN", ""}, '\u200E': {"LEFT-TO-RIGHT MARK", ""}, '\u200F': {"RIGHT-TO-LEFT MARK", ""},
	'\u2010': {"HYPHEN", "-"}, '\u2011': {"NON-BREAKING HYPHEN", "-"}, '\u2012': {"FIGURE DASH", "-"}, '\u2013': {"EN DASH", "-"},
	'\u2014': {"EM DASH", "-"}, '\u2212': {"MINUS SIGN", "-"}, '\uFF1D': {"FULLWIDTH EQUALS SIGN", "="}, '\uFF0C': {"FULLWIDTH COMMA", ","},
	'\u037E': {"GREEK QUESTION MARK", ";"}, '\r': {"CARRIAGE RETURN", ""},
}

// oddCharacter finds the first of these on a line, outside of texts and comments.
func (p piece) oddCharacter(file string, begin, end int) (diag.Diagnostic, bool) {
	for i, c := range p.outside(begin, end) {
		known, ok := characters[c]
		odd := c > unicode.MaxASCII && !unicode.IsLetter(c) && !isOddQuote(string(c)) && !unicode.IsMark(c) && !unicode.IsDigit(c)
		if !ok && !odd {
			continue
		}
		at := p.span(file, begin+i, begin+i+len(string(c)))
		switch {
		case c == '\r':
			return invalid(at, "a carriage return (U+000D) alone ends no line", "Save the file with line ends of the form LF or CR LF."), true
		case ok && known.meant == "":
			return invalid(at, fmt.Sprintf("a %s (U+%04X) stands here", strings.ToLower(known.name), c), "It can't be seen, and belongs to no word of the language. Delete it."), true
		case ok:
			return invalid(at, fmt.Sprintf("%s (U+%04X) stands here", diag.Article(strings.ToLower(known.name)), c), fmt.Sprintf("It only looks like %q. Write that.", known.meant)), true
		default:
			return invalid(at, fmt.Sprintf("the character %q (%U) has no meaning here", c, c), "It may stand inside of texts and comments only."), true
		}
	}
	return diag.Diagnostic{}, false
}

// outside are the characters of a line that stand in no text and no comment, by their place in the line.
func (p piece) outside(begin, end int) func(yield func(int, rune) bool) {
	line := strings.TrimSuffix(string(p.src[begin:end]), "\r")
	return func(yield func(int, rune) bool) {
		quoted, skip := false, 0 // skip: where a comment or an escape ends
		for i, c := range line {
			switch {
			case i < skip:
			case quoted && c == '\\':
				skip = i + 2
			case c == '"':
				quoted = !quoted
			case quoted:
			case c == '#' || strings.HasPrefix(line[i:], "//"):
				return
			case strings.HasPrefix(line[i:], "/*"):
				length := strings.Index(line[i+2:], "*/")
				if length < 0 {
					return
				}
				skip = i + 2 + length + 2
			case !yield(i, c):
				return
			}
		}
	}
}

// plainCharacters writes what was meant in place of all such characters of a line.
func (p piece) plainCharacters(file string, begin, end int) []diag.Fix {
	var edits []diag.Edit
	for i, c := range p.outside(begin, end) {
		if known, ok := characters[c]; ok && c != '\r' {
			edits = append(edits, diag.Edit{Range: p.span(file, begin+i, begin+i+len(string(c))), Text: known.meant})
		}
	}
	if len(edits) == 0 {
		return nil
	}
	return []diag.Fix{{Message: "write plain characters", Edits: edits}}
}

// doubledBackslashes writes a second backslash where one begins no escape.
func (p piece) doubledBackslashes(file string, begin, end int) []diag.Fix {
	var edits []diag.Edit
	for i := begin; i < end-1; i++ {
		if p.src[i] != '\\' {
			continue
		}
		if !strings.ContainsRune(`nrt"\uU`, rune(p.src[i+1])) {
			at := p.span(file, i, i)
			edits = append(edits, diag.Edit{Range: hcl.Range{Filename: file, Start: at.Start, End: at.Start}, Text: `\`})
		}
		i++
	}
	if len(edits) == 0 {
		return nil
	}
	return []diag.Fix{{Message: "write the backslash twice", Edits: edits}}
}
