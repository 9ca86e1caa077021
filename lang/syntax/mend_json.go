package syntax

import (
	"bytes"
	"regexp"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/diag"
)

// mendJSON gives the mistakes in the text of a JSON file the first fix that brings the reader further, each.
func mendJSON(src []byte, name string, found *jsonSlips) {
	if len(src) > mostMending {
		return
	}
	p := piece{src: src, start: hcl.InitialPos}
	for i := range found.told[:min(len(found.told), mostTried)] {
		if d := &found.told[i]; d.Code == diag.InvalidSyntax {
			d.Fixes = p.mendsJSON(name, d, found)
		}
	}
}

func (p piece) mendsJSON(name string, d *diag.Diagnostic, found *jsonSlips) []diag.Fix {
	at := d.Subject
	if len(d.Related) > 0 {
		at = d.Related[0].Range
	}
	for _, f := range p.candidatesJSON(at) {
		mended, err := diag.Apply(p.src, name, f.Edits)
		if err != nil {
			continue
		}
		last := f.Edits[len(f.Edits)-1].Range.End.Byte + len(mended) - len(p.src)
		root, rest := new(jsonRoom).parse(mended, name)
		moved := d.Subject.Start.Byte + len(mended) - len(p.src)
		if rest.upTo(max(last, moved)) >= found.upTo(max(f.Edits[len(f.Edits)-1].Range.End.Byte, d.Subject.Start.Byte)) || root == nil && (!found.torn || rest.tooDeep()) {
			continue
		}
		if root == nil || settlesJSON(root, rest, f.Edits[0].Range.Start.Byte, last) {
			return []diag.Fix{f}
		}
	}
	return nil
}

// upTo counts the mistakes that begin up to a place.
func (s *jsonSlips) upTo(last int) (n int) {
	for _, d := range s.told {
		if d.Subject.Start.Byte <= last {
			n++
		}
	}
	return n
}

func (s *jsonSlips) tooDeep() bool {
	return slices.ContainsFunc(s.told, func(d diag.Diagnostic) bool { return d.Code == diag.TooDeep })
}

// settlesJSON reads a mended file by the table: is there nothing to say at the place of the fix that has none of its own?
func settlesJSON(root *node, rest *jsonSlips, from, to int) bool {
	trial := &reader{json: true, settling: true}
	trial.passOver(rest)
	trial.file(jsonBody{root})
	for _, d := range trial.diags {
		if d.Subject.Start.Byte <= to && d.Subject.End.Byte >= from && len(d.Fixes) == 0 {
			return false
		}
	}
	return true
}

// pythonic are the words that a program which prints no JSON has for three values.
var pythonic = map[string]string{"True": "true", "False": "false", "None": "null"}

var bareWord = regexp.MustCompile(`^[\w.+-][\w.@:/+-]*$`)

// candidatesJSON are the fixes that may help at a mistake: a comma too many or too few, an equals sign, quotes.
func (p piece) candidatesJSON(at hcl.Range) []diag.Fix {
	place, file := at.Start.Byte, at.Filename
	if place >= len(p.src) {
		return nil
	}
	begin := bytes.LastIndexByte(p.src[:place], '\n') + 1
	end := begin + len(bytes.SplitN(p.src[begin:], []byte("\n"), 2)[0])
	var out []diag.Fix
	if end-begin <= longestLine {
		out = p.straightQuotes(file, begin, end)
	}
	switch p.src[place] {
	case ',':
		out = append(out, diag.Replace(p.span(file, place, place+1), "", "delete the comma"))
	case '\t':
		out = append(out, diag.Replace(p.span(file, place, place+1), `\t`, "write \\t"))
	case '=':
		out = append(out, diag.Replace(p.span(file, place, place+1), ":", "write a colon"))
	case ';':
		out = append(out, diag.Replace(p.span(file, place, place+1), ",", "write a comma"))
	}
	if p.src[place] == ':' || p.src[place] == '"' {
		out = append(out, p.endsArray(file, begin)...)
	}
	n := len(bytes.TrimRight(p.src[:place], " \t\r\n"))
	if end, ok := map[byte]string{'}': "]", ']': "}"}[p.src[place]]; ok && n > 0 && !bytes.ContainsRune([]byte("[{,:"), rune(p.src[n-1])) {
		out = append(out, diag.Replace(p.span(file, n, n), end, "write "+end))
	} else if !ok && n > 0 && p.src[place] != ':' {
		out = append(out, diag.Replace(p.span(file, n, n), ",", "put a comma between the elements"))
	}
	word := string(bareWord.Find(p.src[place:at.End.Byte]))
	switch {
	case word == "":
	case pythonic[word] != "":
		out = append(out, diag.Replace(p.span(file, place, place+len(word)), pythonic[word], "write "+pythonic[word]))
	default:
		out = append(out, diag.Around(p.span(file, place, place+len(word)), `"`, `"`, "put it in quotes"))
	}
	return out
}

// endsArray closes an array before a line that begins with a property.
func (p piece) endsArray(file string, begin int) []diag.Fix {
	n, end := len(bytes.TrimRight(p.src[:begin], " \t\r\n")), "],"
	if n > 0 && p.src[n-1] == ',' {
		n, end = n-1, "]"
	}
	return []diag.Fix{diag.Replace(p.span(file, n, n), end, "write ]")}
}
