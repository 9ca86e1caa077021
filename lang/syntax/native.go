package syntax

import (
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"gatehouse/lang/diag"
	"gatehouse/lang/schema"
)

// readNative reads a file in the native syntax, piece by piece: canonical text by a reader of its own, anything else by the parser. A
// piece's parsed tree is dropped once it is read: blocks keep nothing of it but templates.
func (r *reader) readNative(src []byte, name string, f *fast) []*Block {
	var out []*Block
	f.name, f.file = name, string(src) // which what is read canonically shares
	for _, p := range cut(src, pieceSize) {
		blocks, ok := f.piece(p)
		if !ok {
			blocks = r.parsed(p, name)
		}
		out = append(out, blocks...)
	}
	return out
}

// parsed reads a piece by the parser, if it may see it.
func (r *reader) parsed(p piece, name string) []*Block {
	if p.odd {
		if refused := limitNative(p, name); refused != nil {
			r.diags = append(r.diags, *refused)
			r.partial = true
			return nil
		}
	}
	return r.piece(p, name)
}

// redefined is how the parser calls an attribute that is set twice, which is no mistake of syntax.
const redefined = "Attribute redefined"

func (r *reader) piece(p piece, name string) []*Block {
	f, diags := hclsyntax.ParseConfig(p.src, name, p.start)
	var twice []hcl.Range
	for _, d := range diags {
		if d.Summary == redefined && d.Subject != nil {
			twice = append(twice, *d.Subject)
		}
	}
	r.broken, r.now = nil, p
	r.syntaxErrors(syntaxOnly(diags), p)
	root, ok := f.Body.(*hclsyntax.Body)
	if !ok {
		return nil
	}
	r.redefined(p, root, twice)
	return r.file(nativeBody{root})
}

// nativeBody is a block's content in the native syntax.
type nativeBody struct{ b *hclsyntax.Body }

func (n nativeBody) items(*reader, *schema.Block) ([]attrItem, []blockItem) {
	attrs := make([]attrItem, 0, len(n.b.Attributes))
	for _, a := range n.b.Attributes {
		if a == nil { // a one-line block that could not be read
			continue
		}
		attrs = append(attrs, attrItem{name: a.Name, nameRange: a.NameRange, whole: hcl.RangeOver(a.SrcRange, a.Expr.Range()), value: native(a.Expr)})
	}
	slices.SortFunc(attrs, func(a, b attrItem) int { return a.nameRange.Start.Byte - b.nameRange.Start.Byte })
	blocks := make([]blockItem, 0, len(n.b.Blocks))
	for _, b := range n.b.Blocks {
		if b.Body == nil || b.OpenBraceRange == b.TypeRange { // the header could not be read
			continue
		}
		blocks = append(blocks, blockItem{header: nativeHeader(b), body: nativeBody{b.Body}})
	}
	return attrs, blocks
}

func nativeHeader(b *hclsyntax.Block) header {
	h := header{blockType: b.Type, typeRange: b.TypeRange, decl: b.DefRange(), whole: hcl.RangeBetween(b.TypeRange, b.CloseBraceRange)}
	if end := b.Body.EndRange; end.End.Byte > h.whole.End.Byte {
		h.whole.End = end.End
	}
	for i, label := range b.Labels {
		h.labels = append(h.labels, Label{Value: label, Range: b.LabelRanges[i]})
	}
	return h
}

// redefined reports attributes that the parser met twice in one body: it keeps the first only.
func (r *reader) redefined(p piece, root *hclsyntax.Body, places []hcl.Range) {
	for _, at := range places {
		name := p.slice(at)
		if first := innermost(root, at).Attributes[name]; first != nil {
			r.duplicateAttr(name, at, first.NameRange)
		}
	}
}

// innermost finds the body around a place. Blocks are in order.
func innermost(body *hclsyntax.Body, at hcl.Range) *hclsyntax.Body {
	for {
		i := sort.Search(len(body.Blocks), func(i int) bool { return body.Blocks[i].CloseBraceRange.End.Byte > at.Start.Byte })
		if i == len(body.Blocks) || body.Blocks[i].Body == nil || body.Blocks[i].OpenBraceRange.Start.Byte > at.Start.Byte {
			return body
		}
		body = body.Blocks[i].Body
	}
}

// syntaxErrors wraps what the parser found. One slip often makes it stumble again on the same line, or at the end of the file over
// what it skipped: of these only the first is kept, and of a quote that is no quote and its consequences, the quote.
func (r *reader) syntaxErrors(found []hcl.Diagnostic, p piece) {
	slices.SortStableFunc(found, func(a, b hcl.Diagnostic) int { return startOf(a) - startOf(b) })
	line := -1
	for i, d := range found {
		if d.Severity != hcl.DiagError || d.Subject == nil {
			continue
		}
		r.broken, r.partial = append(r.broken, *d.Subject), true
		if d.Subject.Start.Line == line {
			continue
		}
		line = d.Subject.Start.Line
		if quote, ok := oddQuote(found[i:], p); ok {
			summary, detail := oddQuoteMessage(p.slice(quote))
			r.report(diag.InvalidSyntax, quote, summary, detail)
			r.mendText(p, found, p.candidates(quote))
			continue
		}
		if open, fix, ok := p.unclosed(d); ok {
			r.diags = append(r.diags, open)
			r.mendText(p, found, []diag.Fix{fix})
			continue
		}
		summary, detail := p.inOurWords(d)
		r.report(diag.InvalidSyntax, *d.Subject, summary, detail)
		r.mendText(p, found, p.candidates(*d.Subject))
		if d.Summary == tornText {
			return // from here on, what is inside and what is outside of quotes is swapped
		}
	}
}

// oddQuote finds a single or typographic quote among what the parser found on the line of the first.
func oddQuote(found []hcl.Diagnostic, p piece) (hcl.Range, bool) {
	for _, d := range found {
		switch {
		case d.Subject == nil:
		case d.Subject.Start.Line != found[0].Subject.Start.Line:
			return hcl.Range{}, false
		default:
			at := d.Subject.Start.Byte - p.start.Byte
			if first, size := utf8.DecodeRune(p.src[at:]); isOddQuote(string(first)) {
				d.Subject.End.Byte = d.Subject.Start.Byte + size
				return *d.Subject, true
			}
		}
	}
	return hcl.Range{}, false
}

// tornText is how the parser calls a quoted text that isn't closed on its line.
const tornText = "Invalid multi-line string"

func startOf(d hcl.Diagnostic) int {
	if d.Subject == nil {
		return -1
	}
	return d.Subject.Start.Byte
}

func lowerFirst(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 || strings.ToUpper(s[:min(len(s), 4)]) == s[:min(len(s), 4)] {
		return s
	}
	return string(unicode.ToLower(first)) + s[size:]
}
