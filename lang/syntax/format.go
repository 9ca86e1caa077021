package syntax

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"

	"gatehouse/lang/diag"
)

// Format returns the canonical layout of a policy file: for the native syntax HCL's own (two spaces, aligned equals signs), labels in quotes,
// no blank line at the edges of a file or block, never two in a row, and one line end at the end; for JSON two spaces. Lines end in LF, and a byte order
// mark goes, in both. Formatting changes no meaning, loses no comment, and changes nothing the second time.
//
// The name says which syntax the text is in and stands in the diagnostics. Text that can't be read comes back as it was, with the reasons;
// that a block or attribute is unknown is none.
func Format(src []byte, name string) ([]byte, diag.List) {
	if diags := readable(src, name); len(diags) > 0 {
		return src, diags
	}
	text := lineEnds.ReplaceAll(bytes.TrimPrefix(src, mark), []byte("$1"))
	if strings.HasSuffix(name, JSONSuffix) {
		return formatJSON(src, text), nil
	}
	return formatNative(src, quoteLabels(text)), nil
}

// lineEnds are carriage returns before the end of a line or of the text: one that stayed would make a CRLF with the line end that is added.
var lineEnds = regexp.MustCompile(`\r+(\n|$)`)

// readable reports why a text can't be parsed.
func readable(src []byte, name string) diag.List {
	if refused := limit(src, name); refused != nil {
		return diag.List{*refused}
	}
	if refused := limitNumber(src, name); refused != nil {
		return diag.List{*refused}
	}
	if strings.HasSuffix(name, JSONSuffix) {
		_, told := parseJSON(src, name)
		return told
	}
	r := &reader{}
	for _, p := range cut(src, pieceSize) {
		if p.odd {
			if refused := limitNative(p, name); refused != nil {
				r.diags = append(r.diags, *refused)
				continue
			}
		}
		_, found := hclsyntax.ParseConfig(p.src, name, p.start)
		r.syntaxErrors(syntaxOnly(found), p)
	}
	return r.diags.Sorted()
}

func syntaxOnly(found hcl.Diagnostics) []hcl.Diagnostic {
	out := make([]hcl.Diagnostic, 0, len(found))
	for _, d := range found {
		if d.Summary != redefined {
			out = append(out, *d)
		}
	}
	return out
}

func formatJSON(src, text []byte) []byte {
	var out bytes.Buffer
	if err := json.Indent(&out, bytes.TrimSpace(text), "", "  "); err != nil {
		return src
	}
	out.WriteByte('\n')
	return out.Bytes()
}

// formatNative lays text out until that changes nothing: HCL's formatter aligns by what it finds, so that a second pass may move a comment.
// Should the tokens ever come out as others, the text is left alone.
func formatNative(src, text []byte) []byte {
	out := text
	for range 4 {
		next := blankLines(hclwrite.Format(out))
		if bytes.Equal(next, out) {
			break
		}
		out = next
	}
	if !sameTokens(text, out) {
		return src
	}
	return out
}

// blankLines takes superfluous blank lines away. It goes by tokens, since the lines of a heredoc are not its business.
func blankLines(src []byte) []byte {
	list, _ := hclsyntax.LexConfig(src, "", hcl.InitialPos)
	out := make([]byte, 0, len(src)+1)
	ends, most, at := 0, 0, 0 // line ends in a row, how many there may be, and how far src was copied
	for _, t := range list {
		gap := src[at:t.Range.Start.Byte]
		at = t.Range.End.Byte
		if t.Type == hclsyntax.TokenNewline {
			if ends++; ends <= most {
				out = append(out, '\n')
			}
			continue
		}
		closing := t.Type == hclsyntax.TokenCBrace || t.Type == hclsyntax.TokenCBrack || t.Type == hclsyntax.TokenEOF
		if closing && bytes.HasSuffix(out, []byte("\n\n")) && ends > 1 {
			out = out[:len(out)-1]
		}
		out = append(append(out, gap...), t.Bytes...)
		ends, most = 0, 2
		if t.Type == hclsyntax.TokenOBrace || t.Type == hclsyntax.TokenOBrack {
			most = 1
		}
		if t.Type == hclsyntax.TokenComment && bytes.HasSuffix(t.Bytes, []byte("\n")) {
			ends = 1
		}
	}
	if len(out) > 0 && out[len(out)-1] != '\n' {
		out = append(out, '\n')
	}
	return out
}

// sameTokens compares two texts but for spaces, and for how many lines are blank.
func sameTokens(a, b []byte) bool {
	x, y := significant(a), significant(b)
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if x[i].Type != y[i].Type || !bytes.Equal(bytes.TrimRight(x[i].Bytes, " \t\n"), bytes.TrimRight(y[i].Bytes, " \t\n")) {
			return false
		}
	}
	return true
}

// significant drops line ends that follow a line end, a comment, an opening bracket or nothing, and those before the end.
func significant(src []byte) hclsyntax.Tokens {
	list, _ := hclsyntax.LexConfig(src, "", hcl.InitialPos)
	var out hclsyntax.Tokens
	for _, t := range list {
		if t.Type == hclsyntax.TokenEOF && len(out) > 0 && out[len(out)-1].Type == hclsyntax.TokenNewline {
			out = out[:len(out)-1]
		}
		if t.Type == hclsyntax.TokenNewline && (len(out) == 0 || out[len(out)-1].Type == hclsyntax.TokenNewline ||
			out[len(out)-1].Type == hclsyntax.TokenComment && bytes.HasSuffix(out[len(out)-1].Bytes, []byte("\n"))) {
			continue
		}
		out = append(out, t)
	}
	return out
}
