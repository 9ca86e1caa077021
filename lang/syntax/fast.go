package syntax

import (
	"bytes"

	"gatehouse/lang/schema"
)

// This file and its kin (fast_*.go) read the canonical part of the native syntax without the HCL parser, some twenty times as fast: blocks
// with quoted labels, attributes, quoted texts without escapes and templates, dotted names, true and false, lists, maps, comments. It is
// what nearly all of a large policy is made of.
//
// There is one opinion of what a policy says, and it is hclsyntax's. Whatever is not canonical, and whatever would be reported, is read
// again by the parser: this reader has no messages of its own. That both see the same, to the byte and the column, is what
// FuzzFast compares.

// fast is a reader of canonical text, and of one piece at a time. The room that it reads into is used again for the next piece: blocks
// keep nothing of it but what is kept on purpose, and strings, which share the file's text.
type fast struct {
	src  bytes.Buffer // what was read of the file: another one's room before, and after
	name string       // of the file
	file string       // its whole text
	cursor
	asked bool     // somebody wanted what only the parser has
	json  jsonRoom // for files in the JSON syntax

	values  slab[fastValue]
	listed  slab[value]
	keyed   slab[member]
	attrs   slab[attrItem]
	blocks  slab[blockItem]
	bodies  slab[fastBody]
	kept    kept     // the tree, of all pieces and files
	pending struct { // what is being read, in a stack for each kind
		values  []value
		members []member
		attrs   []attrItem
		blocks  []blockItem
	}
}

// fastNesting is how deep canonical text may nest. The language's own depth is three.
const fastNesting = 16

// piece returns a piece's blocks; false where the parser has to read it whole. A piece with a few items that aren't canonical is taken apart, so that
// one template costs no more than its own block. Where anything is to be reported, how far one mistake reaches is the whole piece's matter.
func (f *fast) piece(p piece) ([]*Block, bool) {
	if p.odd {
		return nil, false
	}
	if blocks, ok := f.read(p); ok {
		return blocks, true
	}
	var out []*Block
	items := recut(p)
	for _, item := range items {
		if item.odd || len(items) == 1 || item.start != p.start && byteOrderMark(item.src) != nil { // which the parser takes at the beginning only
			return nil, false
		}
		blocks, ok := f.read(item)
		if !ok {
			trial := reader{kept: &f.kept}
			if blocks = trial.piece(item, f.name); !trial.silent() {
				return nil, false
			}
		}
		out = append(out, blocks...)
	}
	return out, true
}

// read returns the blocks of canonical text; false where it isn't, or where something is to be said of it.
func (f *fast) read(p piece) ([]*Block, bool) {
	from := p.start.Byte
	f.cursor = cursor{text: f.file[from : from+len(p.src)], base: from, line: p.start.Line}
	f.asked = false
	f.reset()
	body := f.body(0)
	if body == nil {
		return nil, false
	}
	trial := reader{kept: &f.kept}
	blocks := trial.file(body)
	return blocks, trial.silent() && !f.asked
}

func (f *fast) reset() {
	f.values.reset()
	f.listed.reset()
	f.keyed.reset()
	f.attrs.reset()
	f.blocks.reset()
	f.bodies.reset()
	p := &f.pending
	p.values, p.members, p.attrs, p.blocks = p.values[:0], p.members[:0], p.attrs[:0], p.blocks[:0]
}

// silent reports whether nothing was found wrong.
func (r *reader) silent() bool {
	return len(r.diags) == 0 && !r.partial && len(r.lost) == 0 && !r.noRoot
}

// fastBody is a block's content.
type fastBody struct {
	attrs  []attrItem
	blocks []blockItem
}

func (b *fastBody) items(*reader, *schema.Block) ([]attrItem, []blockItem) { return b.attrs, b.blocks }

// slab gives out room in runs, so that a piece costs no allocation once the first ones have made enough of it.
type slab[T any] struct{ room []T }

// slabMost bounds the room that a slab makes at a time, in values, and what of it is kept for the next text.
const slabMost = 16 << 10

// keep copies a run and returns the copy.
func (s *slab[T]) keep(run []T) []T {
	if len(run) == 0 {
		return nil
	}
	if len(s.room)+len(run) > cap(s.room) {
		s.room = make([]T, 0, max(s.more(), len(run))) // what was given out stays where it is
	}
	from := len(s.room)
	s.room = append(s.room, run...)
	return s.room[from:len(s.room):len(s.room)]
}

// one keeps a single value and returns its place.
func (s *slab[T]) one(v T) *T {
	if len(s.room) == cap(s.room) {
		s.room = make([]T, 0, s.more())
	}
	s.room = append(s.room, v)
	return &s.room[len(s.room)-1]
}

func (s *slab[T]) more() int { return min(max(2*cap(s.room), 64), slabMost) }

func (s *slab[T]) reset() { s.room = emptied(s.room) }

// emptied is a stack that is used again, unless it grew out of proportion.
func emptied[T any](stack []T) []T {
	if cap(stack) > slabMost {
		return nil
	}
	return stack[:0]
}
