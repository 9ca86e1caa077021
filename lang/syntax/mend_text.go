package syntax

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/apparentlymart/go-textseg/v15/textseg"
	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/diag"
	"gatehouse/lang/schema"
)

// Fixes of text that doesn't parse are guesses at what people of other languages write, each tried on the text: one is kept only if the
// parser then finds less to say, and nothing any more where the fix is. The bounds keep a file of thousands of mistakes cheap.
const (
	mostTried   = 50       // mistakes in one file that fixes are tried for
	mostMending = 64 << 10 // bytes of a piece that is parsed again
	mostReread  = 1 << 20  // bytes of pieces that are parsed again for one file
	longestLine = 2_000    // bytes of a line that is looked at sign by sign: a minified file is one line
)

// mendText gives the last diagnostic the first of some fixes that is sure, and reads on with it, or else with the first that helps.
func (r *reader) mendText(d *draft, candidates []diag.Fix) (mended bool) {
	if r.tried++; r.tried > mostTried || len(d.now.src) > mostMending {
		return false
	}
	var better *diag.Fix
	var left []hcl.Diagnostic
	for _, f := range candidates {
		if r.reread += len(d.now.src); r.reread > mostReread {
			break
		}
		rest, helps, sure := r.try(d.now, f, d.found)
		if sure {
			if origin, ok := d.origin(f); ok {
				r.mend(origin)
				return d.mend(f, rest)
			}
		}
		if helps && better == nil {
			better, left = &f, rest
		}
	}
	return better != nil && d.mend(*better, left)
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

// line returns where the line of a place begins and ends.
func (p piece) line(at int) (begin, end int) {
	begin = bytes.LastIndexByte(p.src[:at], '\n') + 1
	if n := bytes.IndexByte(p.src[begin:], '\n'); n >= 0 {
		return begin, begin + n
	}
	return begin, len(p.src)
}

// setting takes a line apart: name, sign, value, and a comma or semicolon behind it. Two slashes inside of a word are no comment: it is an address.
var setting = regexp.MustCompile(`^\s*([A-Za-z_][\w-]*)[ \t]*(:=|=>|==|:|=|)[ \t]*(.*?)([,;]?)[ \t]*(?:#.*|[ \t]//.*)?\r?$`)

// candidates are the fixes that may help on the line of a mistake, the most specific first.
func (p piece) candidates(at hcl.Range) []diag.Fix {
	place := at.Start.Byte - p.start.Byte
	if place < 0 || place > len(p.src) {
		return nil
	}
	begin, end := p.line(place)
	file := at.Filename
	var out []diag.Fix
	if end-begin <= longestLine {
		out = slices.Concat(p.straightQuotes(file, begin, end), p.plainCharacters(file, begin, end), p.doubledBackslashes(file, begin, end))
	}
	if n := len(bytes.TrimRight(p.src[:place], " \t\r\n")); n > 0 && place < len(p.src) {
		if !p.endsHeredoc(n) {
			out = append(out, diag.Replace(p.span(file, n, n), ",", "put a comma between the elements"))
		}
		if c := p.src[place]; c == ',' || c == ';' {
			out = append(out, diag.Replace(p.span(file, place, place+1), "", "delete the "+map[byte]string{',': "comma", ';': "semicolon"}[c]))
		}
		if p.src[place] == ';' && end-begin <= longestLine {
			out = append(out, p.linesOfTheirOwn(file, begin, end)...)
		}
	}
	out = append(out, p.header(file, begin, end, at.End.Byte-p.start.Byte)...)
	if m := mapHeader.FindSubmatchIndex(p.src[begin:end]); m != nil {
		out = append(out, diag.Replace(p.span(file, begin+m[3], begin+m[4]), " = ", "put an equals sign before the map"))
	}
	return append(out, p.attribute(file, begin, setting.FindSubmatchIndex(p.src[begin:end]))...)
}

// endsHeredoc reports whether a line that ends somewhere ends a heredoc as well: with anything behind its marker, all that follows would be its text.
func (p piece) endsHeredoc(end int) bool {
	begin, _ := p.line(end)
	marker := bytes.TrimSpace(p.src[begin:end])
	above := p.src[:begin]
	return len(marker) > 0 && (bytes.Contains(above, append([]byte("<<"), marker...)) || bytes.Contains(above, append([]byte("<<-"), marker...)))
}

// linesOfTheirOwn puts what stands behind the semicolons of a line on lines of their own.
func (p piece) linesOfTheirOwn(file string, begin, end int) []diag.Fix {
	line := p.src[begin:end]
	indent := string(line[:len(line)-len(bytes.TrimLeft(line, " \t"))])
	var edits []diag.Edit
	for i, c := range p.outside(begin, end) {
		if c != ';' {
			continue
		}
		rest := bytes.TrimLeft(line[i+1:], " \t\r")
		edit := diag.Edit{Range: p.span(file, begin+i, end-len(rest)), Text: "\n" + indent}
		if len(rest) == 0 || rest[0] == '#' {
			edit = diag.Edit{Range: p.span(file, begin+i, begin+i+1)}
		}
		edits = append(edits, edit)
	}
	if len(edits) == 0 {
		return nil
	}
	return []diag.Fix{{Message: "put each attribute on a line of its own", Edits: edits}}
}

// mapHeader is the beginning of a map that was written as a block: the attributes of the table whose values are maps.
var mapHeader = regexp.MustCompile(`^\s*(labels|match)\s*(\{)`)

// attribute guesses at a line that was meant to set an attribute: its sign, or its value, or both, and with them what ends the line in other
// languages.
func (p piece) attribute(file string, begin int, m []int) (out []diag.Fix) {
	if m == nil {
		return nil
	}
	for i := range m {
		m[i] += begin
	}
	name := string(p.src[m[2]:m[3]])
	sign, hasSign := p.equals(file, m)
	value, hasValue := p.quoted(file, m)
	ending := diag.Edit{Range: p.span(file, m[8], m[9])}
	guess := func(message string, edits ...diag.Edit) {
		out = append(out, diag.Fix{Message: message, Edits: edits})
		if m[8] < m[9] {
			out = append(out, diag.Fix{Message: message, Edits: append(slices.Clone(edits), ending)})
		}
	}
	switch setting := "write " + name + " = …"; {
	case hasSign:
		guess(setting, sign)
		if hasValue {
			guess(setting, append([]diag.Edit{sign}, value...)...)
		}
	case hasValue && m[4] < m[5]:
		message := "put the value in quotes"
		if len(value) == 1 {
			message = "put the opening quote"
		}
		guess(message, value...)
	}
	return out
}

// equals puts an equals sign where the line has another one, or none before what can only be a value.
func (p piece) equals(file string, m []int) (diag.Edit, bool) {
	at := p.span(file, m[4], m[5])
	switch sign := string(p.src[m[4]:m[5]]); {
	case sign == "=", sign == "" && !beginsValue.Match(p.src[m[6]:m[7]]):
		return diag.Edit{}, false
	case sign == "":
		return diag.Edit{Range: p.span(file, m[6], m[6]), Text: "= "}, true
	case sign == ":":
		return diag.Edit{Range: at, Text: " ="}, true
	default:
		return diag.Edit{Range: at, Text: "="}, true
	}
}

// quoted puts quotes around a value that is a text to people, or the one that it lacks before it.
func (p piece) quoted(file string, m []int) ([]diag.Edit, bool) {
	value, at := p.src[m[6]:m[7]], p.span(file, m[6], m[7])
	switch {
	case bareText.Match(value) && !unfinished.Match(value):
		return diag.Around(at, `"`, `"`, "").Edits, true
	case halfQuoted.Match(value):
		return diag.Replace(p.span(file, m[6], m[6]), `"`, "").Edits, true
	}
	return nil, false
}

var (
	// bareText is a value that is one word to people and not to the parser, such as ml@acme.example, 30d or 2027-03-01T00:00:00Z.
	bareText = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9@.:/_+-]*$`)
	// unfinished is the beginning of an expression that somebody has not written to its end.
	unfinished = regexp.MustCompile(`^[A-Za-z_][\w-]*(?:\.[\w.-]*)+$`)
	// halfQuoted is a text that has its closing quote only.
	halfQuoted = regexp.MustCompile(`^[^"'\s\[\]{}()$%=,][^"'\[\]{}()$%=,]*"$`)
	// beginsValue tells a value from a label or from a stray word. A text has to be closed.
	beginsValue = regexp.MustCompile(`^(?:"(?:[^"\\]|\\.)*"|[\[0-9]|(?:true|false)$)`)
)

// blockHeader is a line that was meant to begin a block: type, labels, a sign or none, the brace, and what stands behind it.
var blockHeader = regexp.MustCompile(`^([ \t]*)([A-Za-z_][\w-]*)((?:[ \t]+"[^"]*")*)([ \t]*(?::=|=>|==|:|=)?[ \t]*)\{([ \t]*)(.*?)\r?$`)

// header are the fixes of a block's first line: without a sign, with its brace, and with nothing behind it.
func (p piece) header(file string, begin, end, behind int) (out []diag.Fix) {
	if brace := bytes.TrimLeft(p.src[behind:], " \t\r\n"); len(brace) > 0 && brace[0] == '{' && bytes.IndexByte(p.src[behind:len(p.src)-len(brace)], '\n') >= 0 {
		out = append(out, diag.Replace(p.span(file, behind, len(p.src)-len(brace)), " ", "put the brace on the block's line"))
	}
	m := blockHeader.FindSubmatchIndex(p.src[begin:end])
	if m == nil {
		return out
	}
	for i := range m {
		m[i] += begin
	}
	labelled := m[6] < m[7]
	if sign := string(bytes.TrimSpace(p.src[m[8]:m[9]])); sign != "" && (labelled || blockWords[string(p.src[m[4]:m[5]])]) {
		out = append(out, diag.Replace(p.span(file, m[8], m[9]), " ", "delete the "+map[bool]string{true: "colon", false: "equals sign"}[sign == ":"]))
	}
	if rest := bytes.TrimSpace(p.src[m[12]:m[13]]); len(rest) > 0 && bytes.IndexByte(rest, '}') < 0 {
		out = append(out, diag.Replace(p.span(file, m[10], m[11]), "\n"+string(p.src[m[2]:m[3]])+"  ", "put the attribute on a line of its own"))
	}
	return out
}

// blockWords are the types of all blocks that the table knows.
var blockWords = func() map[string]bool {
	out := map[string]bool{}
	var note func([]schema.Block)
	note = func(blocks []schema.Block) {
		for _, b := range blocks {
			out[b.Type] = true
			note(b.Blocks)
		}
	}
	note(schema.File())
	return out
}()

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

// isDate reports whether a value is a day that stands without quotes, which the parser takes for a sum.
func (p piece) isDate(v value) bool {
	if !isNumber(v) {
		return false
	}
	_, err := time.Parse(time.DateOnly, p.slice(v.where()))
	return err == nil
}
