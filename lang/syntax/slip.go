package syntax

import (
	"bytes"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"gatehouse/lang/diag"
)

// slip says in the words of a policy what the first of some mistakes is and, where that is asked for, what may have been meant.
func (p piece) slip(found []hcl.Diagnostic, mends bool) (diag.Diagnostic, []diag.Fix) {
	said, fixes := p.named(found)
	if !mends {
		return said, nil
	}
	return said, append(fixes, p.candidates(said.Subject)...)
}

// named tells a mistake, with the fixes that it alone has.
func (p piece) named(found []hcl.Diagnostic) (diag.Diagnostic, []diag.Fix) {
	d := found[0]
	if quote, ok := oddQuote(found, p); ok {
		summary, detail := oddQuoteMessage(p.slice(quote))
		return invalid(quote, summary, detail), nil
	}
	file, at := d.Subject.Filename, d.Subject.Start.Byte-p.start.Byte
	begin, end := p.line(at)
	if odd, ok := p.oddCharacter(file, begin, end); ok {
		return odd, nil
	}
	if open, fix, ok := p.unclosed(d); ok {
		return open, []diag.Fix{fix}
	}
	if open, ok := p.unclosedHeredoc(d); ok {
		return open, nil
	}
	if half, ok := p.unopened(file, begin, end); ok {
		return half, nil
	}
	summary, detail := p.inOurWords(d)
	switch d.Summary {
	case "Invalid expression":
		if number, ok := p.halfNumber(at); ok {
			whole := p.span(file, at, at+len(number))
			return invalid(whole, summary, detail), []diag.Fix{diag.Replace(whole, "0"+number, "write 0"+number)}
		}
	case tornText:
		return invalid(p.tornFrom(file, begin, end), summary, detail), nil
	case unclosedInterpolation:
		text := bytes.TrimRight(p.src[at:end], " \t\r")
		return invalid(p.span(file, at, at+len(text)), summary, detail), p.closedInterpolation(file, at, end)
	}
	return invalid(*d.Subject, summary, detail), nil
}

func invalid(at hcl.Range, summary, detail string) diag.Diagnostic {
	return diag.Diagnostic{Code: diag.InvalidSyntax, Severity: diag.Error, Subject: at, Summary: summary, Detail: detail}
}

// unopened finds a text that has its closing quote only.
func (p piece) unopened(file string, begin, end int) (diag.Diagnostic, bool) {
	m := setting.FindSubmatchIndex(p.src[begin:end])
	if m == nil || !halfQuoted.Match(p.src[begin+m[6]:begin+m[7]]) {
		return diag.Diagnostic{}, false
	}
	return invalid(p.span(file, begin+m[6], begin+m[7]), "a text lacks its opening quote", `A text stands between two quotes: write " before it.`), true
}

// tornFrom is the text on a line that has no closing quote, from its opening one.
func (p piece) tornFrom(file string, begin, end int) hcl.Range {
	open, last := -1, end
	for i := begin; i < end; i++ {
		switch {
		case p.src[i] == '\\' && open >= 0:
			i++
		case p.src[i] == '"' && open >= 0:
			open = -1
		case p.src[i] == '"':
			open = i
		}
	}
	if open < 0 {
		return p.span(file, end, end)
	}
	for last > open+1 && (p.src[last-1] == ' ' || p.src[last-1] == '\t' || p.src[last-1] == '\r') {
		last--
	}
	return p.span(file, open, last)
}

// closedInterpolation puts the brace before the quote that ends the text.
func (p piece) closedInterpolation(file string, at, end int) []diag.Fix {
	quote := bytes.IndexByte(p.src[at:end], '"')
	if quote < 0 {
		return nil
	}
	return []diag.Fix{diag.Replace(p.span(file, at+quote, at+quote), "}", "close the interpolation")}
}

// unclosedHeredoc says where a text begins that runs to the end of the file, since nothing closes it.
func (p piece) unclosedHeredoc(d hcl.Diagnostic) (diag.Diagnostic, bool) {
	if d.Summary != "Unterminated template string" {
		return diag.Diagnostic{}, false
	}
	list, _ := hclsyntax.LexConfig(p.src, d.Subject.Filename, p.start)
	var open *hclsyntax.Token
	for i, t := range list {
		switch t.Type {
		case hclsyntax.TokenOHeredoc:
			open = &list[i]
		case hclsyntax.TokenCHeredoc:
			open = nil
		}
	}
	if open == nil {
		return diag.Diagnostic{}, false
	}
	begins := string(bytes.TrimSpace(open.Bytes))
	marker := string(bytes.TrimLeft([]byte(begins), "<-"))
	at := open.Range.Start.Byte - p.start.Byte
	return invalid(p.span(d.Subject.Filename, at, at+len(begins)), "the text that begins with "+begins+" is not closed",
		"It ends with a line that holds "+marker+" alone."), true
}
