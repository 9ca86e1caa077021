package syntax

import (
	"bytes"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/diag"
	"gatehouse/lang/schema"
)

// reader turns one file into blocks, by the schema, and notes what it could not.
type reader struct {
	diags   diag.List
	meant   map[*Block][]string // attributes that a misspelt one stands for: they are not missing as well
	json    bool                // the file is in the JSON syntax: messages show it
	static  bool                // literals alone may stand in the attribute that is read
	partial bool                // some block may have been lost
	lost    []string            // labels of blocks of an unknown type
	noRoot  bool                // one of these was meant to be the gatehouse block
	kept    *kept               // where the tree is kept; nil: nowhere yet
	broken  []hcl.Range         // where the text itself is wrong; blocks around it lack things that nobody left out

	unreadable []hcl.Range // where the text was passed over, of the whole file; in order

	now    piece // of a native file: what is read
	tried  int   // mistakes that fixes were tried for
	reread int   // bytes of pieces that were parsed again for them
	trials int   // misspelt names that were read as another one

	settling bool // it is looked whether a fix leaves anything to say: what the text gives is judged here as far as it can be, and no other fix tried

	kindless []kindless // names in place of references

	attrsMeant, blocksMeant []misspelt // of the block that is read
}

// keep returns room for the tree.
func (r *reader) keep() *kept {
	if r.kept == nil {
		r.kept = &kept{}
	}
	return r.kept
}

// header is a block's first line.
type header struct {
	blockType string
	typeRange hcl.Range
	labels    []Label
	decl      hcl.Range
	whole     hcl.Range
}

// attrItem is an attribute as written, blockItem a block, and body what gives both, in source order. The schema tells a JSON body
// which of its properties are blocks.
type attrItem struct {
	name      string
	nameRange hcl.Range
	whole     hcl.Range
	value     value
}

type blockItem struct {
	header header
	body   body
	json   *property // in JSON, of an unknown type: all that it holds
}

type body interface {
	items(r *reader, s *schema.Block) ([]attrItem, []blockItem)
}

var fileSchema = schema.Block{Blocks: schema.File()}

// file reads a whole file's body.
func (r *reader) file(b body) []*Block {
	return r.body(&fileSchema, &Block{}, b, false).Blocks
}

// body fills a block with what of its body the schema knows. broken mutes what follows from a text that is wrong anyway.
func (r *reader) body(s *schema.Block, out *Block, b body, broken bool) *Block {
	attrs, blocks := b.items(r, s)
	out.Attrs = r.keep().attrs.take(len(attrs))[:0]
	if len(blocks) > 0 {
		out.Blocks = r.keep().inner.take(len(blocks))[:0]
	}
	attrsMeant, blocksMeant := r.attrsMeant, r.blocksMeant
	r.attrsMeant, r.blocksMeant = nil, nil
	written := placesOf(attrs)
	for i := range attrs {
		r.attr(s, out, &attrs[i], written)
	}
	r.rename(r.attrsMeant, out.room(s))
	var seen map[identity]*Block
	if s.Type != "" && len(blocks) > 0 { // names of the top are unique in a whole policy, which is more than one file
		seen = make(map[identity]*Block, len(blocks))
	}
	for i := range blocks {
		r.block(s, out, &blocks[i], seen, broken)
	}
	r.rename(r.blocksMeant, out.room(s))
	r.attrsMeant, r.blocksMeant = attrsMeant, blocksMeant
	return out
}

// places says where attributes stand in a block that has many, as locals may; nil: they are few enough to look through.
type places map[string]hcl.Range

func placesOf(attrs []attrItem) places {
	const few = 32
	if len(attrs) <= few {
		return nil
	}
	return make(places, len(attrs))
}

// first finds an attribute that was read already.
func (p places) first(out *Block, name string) (hcl.Range, bool) {
	if p != nil {
		at, ok := p[name]
		return at, ok
	}
	a, ok := out.Attr(name)
	return a.Range, ok
}

func (r *reader) attr(s *schema.Block, out *Block, item *attrItem, written places) {
	known, ok := s.Attr(item.name)
	switch {
	case !ok:
		r.unknownAttr(s, out, *item)
	case known.Refused != "":
		r.report(diag.UnknownAttribute, item.nameRange, fmt.Sprintf("%s takes no %s", article(s.Type), item.name), known.Refused)
	default:
		if first, twice := written.first(out, item.name); twice {
			r.duplicateAttr(item.name, item.nameRange, first)
			return
		}
		if written != nil {
			written[item.name] = item.whole
		}
		out.Attrs = append(out.Attrs, Attr{Name: known.Name, Expr: r.unbroken(known, item), Range: item.whole})
	}
}

// unbroken reads a value whose text the parser understood.
func (r *reader) unbroken(a *schema.Attribute, item *attrItem) Expr {
	if r.touches(item.whole) || r.torn(item.whole) {
		return Invalid{Range: item.value.where()}
	}
	return r.value(a, item.value)
}

func (r *reader) duplicateAttr(name string, at, first hcl.Range) {
	r.diags = append(r.diags, diag.Diagnostic{
		Code: diag.DuplicateAttribute, Severity: diag.Error, Subject: at,
		Summary: fmt.Sprintf("%s is set twice", name),
		Detail:  "Only one value can hold. Keep one of the two lines.",
		Related: []diag.Related{{Message: "first set here", Range: first}},
	})
}

func (r *reader) unknownAttr(s *schema.Block, out *Block, item attrItem) {
	if inner, isBlock := s.Block(item.name); isBlock && s.Type == "" {
		r.noRoot = r.noRoot || item.name == "gatehouse"
		r.partial = true
		r.report(diag.WrongType, item.nameRange, fmt.Sprintf("%s is a block, not an attribute", item.name),
			fmt.Sprintf("Write %s, without the equals sign.", r.shownBlock(inner, strings.ToUpper(inner.Label))))
		r.mendBlock(inner, item)
		return
	}
	if s.Type == "" {
		r.noRoot = r.noRoot || diag.Nearest(item.name, []string{"gatehouse"}) != ""
		r.report(diag.UnknownAttribute, item.nameRange, fmt.Sprintf("%q stands outside of any block", item.name),
			"A policy file holds blocks only: "+listed(blockTypes(s))+". Put the attribute into the block it belongs to.")
		return
	}
	out.Partial = true
	if inner, isBlock := s.Block(item.name); isBlock {
		r.report(diag.WrongType, item.nameRange, fmt.Sprintf("%s is a block, not an attribute", item.name),
			fmt.Sprintf("Write %s, without the equals sign.", r.shownBlock(inner, strings.ToUpper(inner.Label))))
		r.mendBlock(inner, item)
		return
	}
	if near := diag.Nearest(item.name, attrNames(s)); near != "" {
		if r.meant == nil {
			r.meant = map[*Block][]string{}
		}
		r.meant[out] = append(r.meant[out], near)
	}
	r.report(diag.UnknownAttribute, item.nameRange, fmt.Sprintf("%s has no attribute %q", article(s.Type), item.name),
		suggestion(item.name, attrNames(s))+contents(s))
	if near := r.attrMeant(s, item); near != "" {
		r.attrsMeant = append(r.attrsMeant, misspelt{len(r.diags) - 1, item.nameRange, near})
	}
}

func (r *reader) block(s *schema.Block, out *Block, item *blockItem, seen map[identity]*Block, broken bool) {
	h := &item.header
	known, ok := s.Block(h.blockType)
	if !ok {
		out.Partial = true
		r.unknownBlock(s, *h, broken)
		r.loseAttributes(s, item)
		if near := r.blockMeant(s, *item); near != "" && !broken {
			r.blocksMeant = append(r.blocksMeant, misspelt{len(r.diags) - 1, h.typeRange, near})
		}
		return
	}
	broken = r.touches(h.whole)
	block := r.body(known, r.keep().block(Block{Type: known.Type, Labels: h.labels, Decl: h.decl}), item.body, broken)
	if !broken {
		r.missing(known, block)
	}
	if !r.labels(known, block, h) {
		out.Partial = true
		return
	}
	if seen != nil && !known.Many {
		if first := seen[identify(known, block)]; first != nil {
			r.duplicateBlock(block, first)
			return
		}
		seen[identify(known, block)] = block
	}
	out.Blocks = append(out.Blocks, block)
}

// loseAttributes notes what a block without a label declares at the top level, as locals does under another name.
func (r *reader) loseAttributes(s *schema.Block, item *blockItem) {
	if s.Type != "" || len(item.header.labels) > 0 {
		return
	}
	attrs, _ := item.body.items(r, &schema.Block{})
	for _, a := range attrs {
		r.lost = append(r.lost, a.name)
	}
}

// unknownBlock stays silent inside a broken block: a brace that is not closed makes all that follows seem to lie inside. Not so of an attribute that is
// written as a block.
func (r *reader) unknownBlock(s *schema.Block, h header, broken bool) {
	for _, label := range h.labels {
		r.lost = append(r.lost, label.Value)
	}
	a, isAttr := s.Attr(h.blockType) // which means the same wherever a brace is missing
	if broken && (!isAttr || r.touches(h.whole)) {
		return
	}
	if diag.Nearest(h.blockType, blockTypes(s)) == "gatehouse" {
		r.noRoot = true
	}
	if isAttr {
		r.report(diag.WrongType, h.typeRange, fmt.Sprintf("%s is an attribute, not a block", h.blockType),
			fmt.Sprintf("Write %s.", r.shown(a.Name, a.Example)))
		r.mendMap(a, h)
		return
	}
	if s.Type == "" {
		r.report(diag.UnknownBlock, h.typeRange, fmt.Sprintf("no block type %q", h.blockType),
			suggestion(h.blockType, blockTypes(s))+"A policy file holds: "+listed(blockTypes(s))+".")
		return
	}
	detail := suggestion(h.blockType, blockTypes(s)) + contents(s)
	if _, top := fileSchema.Block(h.blockType); top {
		detail = fmt.Sprintf("%s stands at the top of a file, not inside of another block. Is a closing brace missing above?", upperFirst(article(h.blockType)))
	}
	r.report(diag.UnknownBlock, h.typeRange, fmt.Sprintf("%s has no block %q", article(s.Type), h.blockType), detail)
}

// labels checks a block's labels, and reports whether the block can be named.
func (r *reader) labels(s *schema.Block, b *Block, h *header) bool {
	want := 0
	if s.Label != "" {
		want = 1
	}
	switch {
	case len(b.Labels) == want:
		return true
	case len(b.Labels) < want:
		r.report(diag.WrongLabels, h.decl, fmt.Sprintf("%s lacks its %s", article(s.Type), s.Label),
			fmt.Sprintf("Write %s.", r.shownBlock(s, strings.ToUpper(s.Label))))
		return false
	case want == 0:
		r.report(diag.WrongLabels, b.Labels[0].Range, fmt.Sprintf("%s takes no label", article(s.Type)),
			fmt.Sprintf("Write %s.", r.shownBlock(s, "")))
	default:
		r.report(diag.WrongLabels, b.Labels[1].Range, fmt.Sprintf("%s takes one label only, its %s", article(s.Type), s.Label),
			fmt.Sprintf("Write %s.", r.shownBlock(s, b.Labels[0].Value)))
	}
	b.Labels = b.Labels[:want]
	return true
}

func (r *reader) missing(s *schema.Block, b *Block) {
	for i := range s.Attrs {
		a := &s.Attrs[i]
		if !a.Required || slices.Contains(r.meant[b], a.Name) {
			continue
		}
		if _, ok := b.Attr(a.Name); !ok {
			r.report(diag.MissingAttribute, b.Decl, fmt.Sprintf("%s lacks %s", title(b), a.Name),
				fmt.Sprintf("%s Add, for example: %s", a.Doc, r.shown(a.Name, a.Example)))
		}
	}
	for i := range s.Blocks {
		if c := &s.Blocks[i]; c.Required && b.Child(c.Type) == nil {
			r.report(diag.MissingBlock, b.Decl, fmt.Sprintf("%s lacks its %s block", title(b), c.Type), c.Doc)
		}
	}
}

// identity is what may stand once in a block: an inner block's type, with its label where there is one.
type identity struct{ blockType, label string }

func identify(s *schema.Block, b *Block) identity {
	if s.Repeat {
		return identity{b.Type, b.Name()}
	}
	return identity{blockType: b.Type}
}

func (r *reader) duplicateBlock(b, first *Block) {
	r.diags = append(r.diags, diag.Diagnostic{
		Code: diag.DuplicateBlock, Severity: diag.Error, Subject: b.Decl,
		Summary: title(b) + " stands twice",
		Detail:  "Merge the two into one.",
		Related: []diag.Related{{Message: "first here", Range: first.Decl}},
	})
}

// touches reports whether the text inside a range is broken. The broken places are in order.
func (r *reader) touches(whole hcl.Range) bool {
	return begins(r.broken, whole) || begins(r.unreadable, whole)
}

// torn tells of a value that something follows on its line, where the parser did not: behind a first mistake it passes over others. What it took for
// the value is a part of it.
func (r *reader) torn(whole hcl.Range) bool {
	if r.json || len(r.broken) == 0 {
		return false
	}
	from := whole.End.Byte - r.now.start.Byte
	_, end := r.now.line(from)
	rest := bytes.TrimLeft(r.now.src[from:end], " \t\r")
	if len(rest) == 0 || bytes.IndexByte([]byte("#/,;}"), rest[0]) >= 0 {
		return false
	}
	begin, word := end-len(rest), bytes.IndexAny(rest, " \t\r")
	if word < 0 {
		word = len(rest)
	}
	at := r.now.span(whole.Filename, begin, begin+word)
	if !r.touches(at) {
		said := ours["Missing newline after argument"]
		r.report(diag.InvalidSyntax, at, said[0], said[1])
	}
	return true
}

// begins reports whether one of some places, which are in order, begins inside of a range.
func begins(places []hcl.Range, whole hcl.Range) bool {
	if len(places) == 0 {
		return false
	}
	i := sort.Search(len(places), func(i int) bool { return places[i].Start.Byte >= whole.Start.Byte })
	return i < len(places) && places[i].Start.Byte <= whole.End.Byte
}

func (r *reader) report(code diag.Code, at hcl.Range, summary, detail string) {
	r.diags = append(r.diags, diag.Diagnostic{Code: code, Severity: diag.Error, Summary: summary, Detail: detail, Subject: at})
}
