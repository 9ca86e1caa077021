package syntax

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/apparentlymart/go-textseg/v15/textseg"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"gatehouse/lang/diag"
)

// Fixes of text that doesn't parse are guesses at what people of other languages write, each tried on the text: one is kept only if the
// parser then finds less to say, and nothing any more where the fix is. The bounds keep a file of thousands of mistakes cheap.
const (
	mostTried   = 50       // mistakes in one file that fixes are tried for
	mostMending = 64 << 10 // bytes of a piece that is parsed again
)

// mendText gives the last diagnostic the first of some fixes that helps.
func (r *reader) mendText(p piece, found []hcl.Diagnostic, candidates []diag.Fix) {
	if r.tried++; r.tried > mostTried || len(p.src) > mostMending {
		return
	}
	for _, f := range candidates {
		if p.helps(f, len(found)) {
			r.mend(f)
			return
		}
	}
}

// helps tries a fix.
func (p piece) helps(f diag.Fix, errors int) bool {
	edits := make([]diag.Edit, len(f.Edits))
	for i, e := range f.Edits {
		e.Range.Start.Byte -= p.start.Byte
		e.Range.End.Byte -= p.start.Byte
		edits[i] = e
	}
	file := edits[0].Range.Filename
	src, err := diag.Apply(p.src, file, edits)
	if err != nil {
		return false
	}
	if mended := (piece{src: src, start: p.start}); limitNative(mended, file) != nil {
		return false
	}
	_, left := hclsyntax.ParseConfig(src, file, p.start)
	rest := syntaxOnly(left)
	for _, d := range rest {
		if d.Subject != nil && d.Subject.Start.Line >= edits[0].Range.Start.Line && d.Subject.Start.Line <= edits[len(edits)-1].Range.End.Line {
			return false
		}
	}
	return len(rest) < errors
}

// span returns the range of a part of the piece's text, with its columns counted as the parser counts them.
func (p piece) span(file string, from, to int) hcl.Range {
	return hcl.Range{Filename: file, Start: p.pos(from), End: p.pos(to)}
}

func (p piece) pos(at int) hcl.Pos {
	begin := bytes.LastIndexByte(p.src[:at], '\n') + 1
	columns, err := textseg.TokenCount(p.src[begin:at], textseg.ScanGraphemeClusters)
	if err != nil {
		columns = at - begin
	}
	return hcl.Pos{Line: p.start.Line + bytes.Count(p.src[:at], []byte{'\n'}), Column: columns + 1, Byte: p.start.Byte + at}
}

// setting takes a line apart: name, sign, value. The value ends before a comma, a semicolon or a comment at the end of the line.
var setting = regexp.MustCompile(`^\s*([A-Za-z_][\w-]*)[ \t]*(:=|=>|==|:|=|)[ \t]*(.*?)([,;]?)[ \t]*(?:(?:#|//).*)?\r?$`)

// candidates are the fixes that may help on the line of a mistake, the most specific first.
func (p piece) candidates(at hcl.Range) []diag.Fix {
	place := at.Start.Byte - p.start.Byte
	if place < 0 || place > len(p.src) {
		return nil
	}
	begin := bytes.LastIndexByte(p.src[:place], '\n') + 1
	end := begin + len(p.src[begin:])
	if n := bytes.IndexByte(p.src[begin:], '\n'); n >= 0 {
		end = begin + n
	}
	file := at.Filename
	out := p.straightQuotes(file, begin, end)
	if n := len(bytes.TrimRight(p.src[:place], " \t\r\n")); n > 0 && place < len(p.src) {
		out = append(out, diag.Replace(p.span(file, n, n), ",", "put a comma between the elements"))
		if c := p.src[place]; c == ',' || c == ';' {
			out = append(out, diag.Replace(p.span(file, place, place+1), "", "delete the "+map[byte]string{',': "comma", ';': "semicolon"}[c]))
		}
	}
	if equals := bytes.TrimLeft(bytes.TrimPrefix(p.src[place:], []byte("=")), " \t"); p.src[min(place, len(p.src)-1)] == '=' && bytes.HasPrefix(equals, []byte("{")) {
		out = append(out, diag.Replace(p.span(file, place, len(p.src)-len(equals)), "", "delete the equals sign"))
	}
	if brace := bytes.TrimLeft(p.src[place:], " \t\r\n"); len(brace) > 0 && brace[0] == '{' {
		out = append(out, diag.Replace(p.span(file, place, len(p.src)-len(brace)), " ", "put the brace on the block's line"))
	}
	if m := mapHeader.FindSubmatchIndex(p.src[begin:end]); m != nil {
		out = append(out, diag.Replace(p.span(file, begin+m[3], begin+m[4]), " = ", "put an equals sign before the map"))
	}
	return append(out, p.attribute(file, begin, setting.FindSubmatchIndex(p.src[begin:end]))...)
}

// mapHeader is the beginning of a map that was written as a block: the attributes of the table whose values are maps.
var mapHeader = regexp.MustCompile(`^\s*(labels|match)\s*(\{)`)

// attribute guesses at a line that was meant to set an attribute.
func (p piece) attribute(file string, begin int, m []int) []diag.Fix {
	if m == nil {
		return nil
	}
	name, sign := string(p.src[begin+m[2]:begin+m[3]]), string(p.src[begin+m[4]:begin+m[5]])
	value := string(p.src[begin+m[6] : begin+m[7]])
	from, to := begin+m[6], begin+m[7]
	switch {
	case sign == "" && value != "" && strings.ContainsRune(`"[{0123456789tf`, rune(value[0])):
		return []diag.Fix{diag.Replace(p.span(file, from, from), "= ", "write "+name+" = …")}
	case sign == "=" && bareText.MatchString(value):
		return []diag.Fix{diag.Around(p.span(file, from, to), `"`, `"`, "put the value in quotes")}
	case sign == ":":
		return []diag.Fix{diag.Replace(p.span(file, begin+m[4], begin+m[5]), " =", "write "+name+" = …")}
	case sign != "" && sign != "=":
		return []diag.Fix{diag.Replace(p.span(file, begin+m[4], begin+m[5]), "=", "write "+name+" = …")}
	}
	return nil
}

// bareText is a value that is one word to people and not to the parser, such as ml@acme.example, 30d or 2027-03-01T00:00:00Z.
var bareText = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9@.:/_+-]*$`)

// straightQuotes replaces the quotes of a line that are none, where they come in pairs and no straight ones stand between them.
func (p piece) straightQuotes(file string, begin, end int) []diag.Fix {
	var edits []diag.Edit
	text := string(p.src[begin:end])
	if comment := strings.IndexByte(text, '#'); comment >= 0 {
		text = text[:comment]
	}
	straight := false
	for i, c := range text {
		switch {
		case c == '"':
			straight = !straight
		case !straight && isOddQuote(string(c)):
			edits = append(edits, diag.Edit{Range: p.span(file, begin+i, begin+i+len(string(c))), Text: `"`})
		}
	}
	if len(edits) == 0 || len(edits)%2 == 1 {
		return nil
	}
	return []diag.Fix{{Message: "write straight quotes", Edits: edits}}
}

// ours says in the words of a policy what the parser says of HCL at large. What stands in no row is said as the parser does.
var ours = map[string][2]string{
	"Invalid single-argument block definition": {"a block on one line holds one attribute",
		"Put each attribute on a line of its own, between the line with { and the line with }."},
	"Invalid block definition": {"this is neither an attribute nor a block",
		`An attribute is NAME = VALUE. A block's header ends with {, on the same line.`},
	"Missing newline after argument": {"something follows the value on its line",
		"An attribute ends with its line. Is the value a text, which stands in quotes, or is a line end missing?"},
	"Unclosed configuration block": {"a brace is not closed",
		"The block that it opens has no }. Is one missing here, or in a block inside of it?"},
	"Unterminated tuple constructor expression":       {"a list is not closed", "Write ] after its last element."},
	"Unterminated object constructor expression":      {"a map is not closed", "Write } after its last entry."},
	"Unterminated function call":                      {"a call is not closed", "Write ) after its last argument."},
	"Unbalanced parentheses":                          {"a parenthesis is not closed", "Write ) where the expression ends."},
	"Unclosed index brackets":                         {"an index is not closed", "Write ] after it."},
	"Missing close bracket on index":                  {"an index is not closed", "Write ] after it."},
	"Missing item separator":                          {"a comma is missing", "Elements of a list have commas between them: write one before this."},
	"Missing argument separator":                      {"a comma is missing", "Arguments of a function have commas between them: write one before this."},
	"Missing attribute separator":                     {"a comma is missing", "Entries of a map have commas or line ends between them."},
	"Missing attribute value":                         {"an entry of a map has no value", "Write KEY = VALUE. A key that is more than one word stands in quotes."},
	"Missing key/value separator":                     {"an entry of a map has no value", "Write KEY = VALUE. A key that is more than one word stands in quotes."},
	"Missing expression":                              {"a value is missing", valueIs},
	"Invalid expression":                              {"a value is wanted here", valueIs},
	"Missing false expression in conditional":         {"a condition has no second value", "Write CONDITION ? VALUE : OTHER."},
	"Invalid 'for' expression":                        {"a for expression can't be read", "Write [for ITEM in LIST : VALUE], or {for KEY, ITEM in MAP : KEY => VALUE}."},
	"Unclosed template interpolation sequence":        {"an interpolation is not closed", "Write } where the expression ends. " + dollar},
	"Extra characters after interpolation expression": {"an interpolation holds more than an expression", "Write } where the expression ends. " + dollar},
	"Missing newline after block definition":          {"something follows a block on its line", "A block ends with its line."},
	"Invalid attribute name":                          {"a name is wanted behind the dot", "Texts are joined in one: \"${a}${b}\". What a map holds under a text is MAP[\"text\"]."},
	"Invalid escape sequence":                         {"a backslash stands for nothing here", `In a text stand \n, \t, \", \\ for a backslash itself, and \u with four hexadecimal digits.`},
	"Unsupported operator":                            {"there is no such operator", "Conditions are joined by && and ||, and turned around by !."},
	tornText:                                          {"a text is not closed on its line", `Add the closing quote ". A line end inside of a text is written \n.`},
}

const (
	valueIs = "A value is a text in quotes, a number, true or false, a reference, a list in [ ], a map in { }, or an expression of these."
	dollar  = "For the two characters ${ themselves write $${."
)

// inOurWords is the summary and the detail of what the parser found.
func (p piece) inOurWords(d hcl.Diagnostic) (summary, detail string) {
	if strings.Contains(d.Detail, "must not be used when defining a block") {
		return "a block has no equals sign", "Delete it."
	}
	if begin := bytes.LastIndexByte(p.src[:d.Subject.Start.Byte-p.start.Byte], '\n') + 1; mapHeader.Match(p.src[begin:]) {
		return p.notAnAttribute(d)
	}
	if strings.HasPrefix(d.Detail, "Template sequences are not allowed in this string") {
		return p.computedLabel(*d.Subject)
	}
	if words, ok := ours[d.Summary]; ok {
		return words[0], words[1]
	}
	if d.Summary == "Argument or block definition required" && len(d.Detail) > len(d.Summary) {
		return p.notAnAttribute(d)
	}
	return lowerFirst(d.Summary), d.Detail
}

// computedLabel speaks of a label with an expression in it.
func (p piece) computedLabel(at hcl.Range) (summary, detail string) {
	from := at.Start.Byte - p.start.Byte
	begin := bytes.LastIndexByte(p.src[:from], '\n') + 1
	if word, _, _ := strings.Cut(strings.TrimSpace(string(p.src[begin:from])), " "); word == "in" {
		return "a label is never computed", "Write the environment's name out. A block in \"NAME\", where the block of environment.NAME has for_each, " +
			"holds in all of its environments that the thing is in; its attributes see each.key."
	}
	return "a label is never computed", "Write the name out. For several declarations by one block, give it a for_each."
}

// notAnAttribute speaks of a word that begins neither an attribute nor a block: a map without its equals sign, a colon, a stray word.
func (p piece) notAnAttribute(d hcl.Diagnostic) (summary, detail string) {
	from := d.Subject.Start.Byte - p.start.Byte
	begin := bytes.LastIndexByte(p.src[:from], '\n') + 1
	header := strings.Fields(string(p.src[begin:from]))
	if m := mapHeader.FindSubmatch(p.src[begin:]); m != nil {
		return string(m[1]) + " is a map, not a block", fmt.Sprintf("A map has an equals sign, and a value for each key: %s = { team = \"fraud\" }.", m[1])
	}
	if len(header) == 2 && header[1] == "{" {
		return header[0] + " is not written as a block is", "Each attribute of a block stands on a line of its own, as NAME = VALUE."
	}
	if word := p.slice(*d.Subject); hclsyntax.ValidIdentifier(strings.TrimSuffix(word, ":")) {
		word = strings.TrimSuffix(word, ":")
		return word + " is neither an attribute nor a block", fmt.Sprintf("An attribute is written with an equals sign: %s = VALUE. "+
			"A block's header ends with {, on the same line.", word)
	}
	return "an attribute or a block is wanted here", "Inside of a block stand attributes, NAME = VALUE, and blocks, NAME { … }, each on a line of its own."
}

// isDate reports whether a value is a day that stands without quotes, which the parser takes for a sum.
func (p piece) isDate(v value) bool {
	if !isNumber(v) {
		return false
	}
	_, err := time.Parse(time.DateOnly, p.slice(v.where()))
	return err == nil
}
