package syntax

import (
	"bytes"
	"regexp"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/diag"
)

// mendJSON gives a mistake in the text of a JSON file the first fix that brings the reader further.
func mendJSON(src []byte, name string, failed *diag.Diagnostic) {
	if len(src) > mostMending || failed.Code != diag.InvalidSyntax {
		return
	}
	p := piece{src: src, start: hcl.InitialPos}
	at := failed.Subject
	if len(failed.Related) > 0 {
		at = failed.Related[0].Range
	}
	for _, f := range p.candidatesJSON(at) {
		mended, err := diag.Apply(src, name, f.Edits)
		if err != nil {
			continue
		}
		last := f.Edits[len(f.Edits)-1].Range.End.Byte + len(mended) - len(src)
		root, next := parseJSON(mended, name)
		if next == nil && settlesJSON(root, f.Edits[0].Range.Start.Byte, last) || next != nil && next.Code == diag.InvalidSyntax && next.Subject.Start.Byte > last {
			failed.Fixes = []diag.Fix{f}
			return
		}
	}
}

// settlesJSON reads a mended file by the table: is there nothing to say at the place of the fix that has none of its own?
func settlesJSON(root *node, from, to int) bool {
	trial := &reader{json: true, settling: true}
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

var bareWord = regexp.MustCompile(`^[A-Za-z_][\w.-]*`)

// candidatesJSON are the fixes that may help at a mistake: a comma too many or too few, an equals sign, quotes.
func (p piece) candidatesJSON(at hcl.Range) []diag.Fix {
	place, file := at.Start.Byte, at.Filename
	if place >= len(p.src) {
		return nil
	}
	begin := bytes.LastIndexByte(p.src[:place], '\n') + 1
	end := begin + len(bytes.SplitN(p.src[begin:], []byte("\n"), 2)[0])
	out := p.straightQuotes(file, begin, end)
	switch p.src[place] {
	case ',':
		out = append(out, diag.Replace(p.span(file, place, place+1), "", "delete the comma"))
	case '\t':
		out = append(out, diag.Replace(p.span(file, place, place+1), `\t`, "write \\t"))
	case '=':
		out = append(out, diag.Replace(p.span(file, place, place+1), ":", "write a colon"))
	}
	n := len(bytes.TrimRight(p.src[:place], " \t\r\n"))
	if end, ok := map[byte]string{'}': "]", ']': "}"}[p.src[place]]; ok && n > 0 && !bytes.ContainsRune([]byte("[{,:"), rune(p.src[n-1])) {
		out = append(out, diag.Replace(p.span(file, n, n), end, "write "+end))
	} else if !ok && n > 0 && p.src[place] != ':' {
		out = append(out, diag.Replace(p.span(file, n, n), ",", "put a comma between the elements"))
	}
	word := string(bareWord.Find(p.src[place:]))
	switch {
	case word == "":
	case pythonic[word] != "":
		out = append(out, diag.Replace(p.span(file, place, place+len(word)), pythonic[word], "write "+pythonic[word]))
	default:
		out = append(out, diag.Around(p.span(file, place, place+len(word)), `"`, `"`, "put it in quotes"))
	}
	return out
}
