package syntax

import (
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

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
	return r.tree(p, f, diags)
}

// tree reads what the parser made of a piece.
func (r *reader) tree(p piece, f *hcl.File, diags hcl.Diagnostics) []*Block {
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

// syntaxErrors reports what the parser found. One slip often makes it stumble again on the same line, or further down: of a line only the first is
// kept, and where a fix is known, the text is read on with it.
func (r *reader) syntaxErrors(found []hcl.Diagnostic, p piece) {
	if len(found) == 0 {
		return
	}
	r.partial = true
	for _, d := range inOrder(found) {
		if d.Subject != nil {
			r.broken = append(r.broken, *d.Subject)
		}
	}
	d := &draft{whole: p, now: p, found: found, told: p.start.Byte - 1}
	for r.slip(d) {
	}
	slices.SortFunc(r.broken, func(a, b hcl.Range) int { return a.Start.Byte - b.Start.Byte })
}

// slip reports the first mistake that has not been told; false: there is none, or none that could be told from what follows of this one.
func (r *reader) slip(d *draft) bool {
	for ; d.next < len(d.found); d.next++ {
		f := d.found[d.next]
		if f.Severity != hcl.DiagError || f.Subject == nil {
			continue
		}
		if at, _ := d.at(f.Subject.Start.Byte); at <= d.told {
			continue
		}
		said, candidates := d.now.slip(d.found[d.next:], r.tried < mostTried && len(d.now.src) <= mostMending)
		told := d.origins(said)
		r.diags, r.broken = append(r.diags, told), append(r.broken, told.Subject)
		at, _ := d.at(f.Subject.Start.Byte)
		_, end := d.whole.line(min(max(at, told.Subject.Start.Byte)-d.whole.start.Byte, len(d.whole.src)))
		d.told = d.whole.start.Byte + end
		return r.mendText(d, candidates) || !swaps[f.Summary]
	}
	return false
}

// swaps are mistakes behind which what is inside and what is outside of quotes is swapped.
var swaps = map[string]bool{tornText: true, unclosedInterpolation: true}

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

// unclosedInterpolation is how it calls ${ without its brace.
const unclosedInterpolation = "Unclosed template interpolation sequence"

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
