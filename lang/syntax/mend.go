package syntax

import (
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"gatehouse/lang/diag"
	"gatehouse/lang/schema"
)

// mend gives the last diagnostic a fix. Only what is sure to be meant is one: applied, it leaves nothing more to say about the place, by
// the schema at least.
func (r *reader) mend(f diag.Fix) {
	last := &r.diags[len(r.diags)-1]
	last.Fixes = append(last.Fixes, f)
}

// trial is a reader that reads a value or a block of the same file in another place, to see what it has to say.
func (r *reader) trial() *reader {
	return &reader{json: r.json, static: r.static, now: r.now, settling: r.settling}
}

// mendWord writes another word in a name's or text's place, in the file's syntax.
func (r *reader) mendWord(at hcl.Range, word string, quoted bool) {
	text := word
	if r.json || quoted {
		text = strconv.Quote(word)
	}
	r.mend(diag.Replace(at, text, "write "+text))
}

// misspelt is a name whose right spelling is known, once all of its block is read: it may have been written beside it.
type misspelt struct {
	diagnostic int // in the reader's list
	at         hcl.Range
	meant      string
}

// rename mends names that can only have been meant as one other, where there is room for it.
func (r *reader) rename(names []misspelt, room func(name string, more int) bool) {
	count := map[string]int{}
	for _, n := range names {
		count[n.meant]++
	}
	for _, n := range names {
		if !room(n.meant, count[n.meant]) {
			continue
		}
		text := n.meant
		if r.json {
			text = strconv.Quote(text)
		}
		d := &r.diags[n.diagnostic]
		d.Fixes = append(d.Fixes, diag.Replace(n.at, text, "write "+text))
	}
}

// room tells whether a block can hold so many more attributes or blocks of one name.
func (b *Block) room(s *schema.Block) func(name string, more int) bool {
	return func(name string, more int) bool {
		if known, isBlock := s.Block(name); isBlock {
			return known.Repeat || known.Many || more == 1 && b.Child(name) == nil
		}
		_, has := b.Attr(name)
		return more == 1 && !has
	}
}

// mostTrials bounds how many misspelt names of a file are read once more as what they may have meant.
const mostTrials = 500

// attrMeant finds the attribute that a misspelt one stands for, if what there is to say of its value can be mended too.
func (r *reader) attrMeant(s *schema.Block, item attrItem) string {
	near := diag.Sure(item.name, attrNames(s))
	known, ok := s.Attr(near)
	if r.trials++; !ok || r.trials > mostTrials {
		return ""
	}
	trial := r.trial()
	if trial.value(known, item.value); !mendable(trial.diags) {
		return ""
	}
	return near
}

// blockMeant finds the block type that a misspelt one stands for, if what there is to say of the block can be mended too.
func (r *reader) blockMeant(s *schema.Block, item blockItem) string {
	near := diag.Sure(item.header.blockType, blockTypes(s))
	known, ok := s.Block(near)
	size := item.header.whole.End.Byte - item.header.whole.Start.Byte
	if r.trials++; !ok || r.trials > mostTrials || size > mostMending {
		return ""
	}
	trial, items := r.trial(), []blockItem{item}
	if item.json != nil {
		items = trial.unpack(nil, known, *item.json)
	}
	for _, i := range items {
		i.header.blockType, i.json = near, nil
		trial.block(s, &Block{}, &i, nil, false)
	}
	if !mendable(trial.diags) {
		return ""
	}
	return near
}

// mendable reports whether there is nothing to say, or nothing that has no fix of its own.
func mendable(l diag.List) bool {
	return !slices.ContainsFunc(l, func(d diag.Diagnostic) bool { return len(d.Fixes) == 0 })
}

// mendValue gives a value of another type, or of none, the fix that its place allows. It follows what the messages advise.
func (r *reader) mendValue(a *schema.Attribute, v value, whole bool) {
	switch v.(type) {
	case nativeValue, jsonValue:
	default:
		return // an expression gave it, and its place is the expression's
	}
	r.noteKindless(a, v, whole)
	at := v.where()
	parts, isRef := bareReference(v)
	text, isText := v.text()
	switch {
	case a.Type == schema.Reference && whole:
		r.mendSingle(a, v)
	case whole && isListType(a.Type):
		r.mendList(a, v)
	case a.Type == schema.Bool && isText && (text == "true" || text == "false"):
		r.mend(diag.Replace(at, text, "write "+text+" without quotes"))
	case r.json:
		if n, ok := v.(jsonValue); ok && n.n.kind == nodeNumber && takesText(a.Type) && !(whole && a.Type == schema.Labels) && timely(a, n.n.str) {
			r.mend(diag.Around(at, `"`, `"`, "put the value in quotes"))
		}
	case a.Type == schema.Time && r.now.isDate(v):
		r.mend(diag.Replace(at, `"`+r.now.slice(at)+`T00:00:00Z"`, "write the first second of that day, in quotes"))
	case a.Type == schema.Time && isNumber(v) && epoch(r.now.slice(at)) != "":
		r.mend(diag.Replace(at, strconv.Quote(epoch(r.now.slice(at))), "write that second as a time"))
	case whole && a.Type == schema.Labels: // quotes make no map of it
	case (isNumber(v) || isRef) && !timely(a, r.now.slice(at)):
	case a.Type == schema.References && !isRef:
		if parts, ok := textReference(v); ok && len(parts) > 1 {
			r.mend(diag.Replace(at, strings.Join(parts, "."), "write the reference without quotes"))
		}
	case a.Type == schema.Words && isText && slices.Contains(a.Values, text):
		r.mend(diag.Replace(at, text, "write "+text+" without quotes"))
	case a.Type == schema.Enum && isRef && len(parts) == 1 && slices.Contains(a.Values, parts[0]),
		takesText(a.Type) && (isRef && len(parts) == 1 || isNumber(v)):
		r.mend(diag.Around(at, `"`, `"`, "put the value in quotes"))
	}
}

// mendBlock takes away the equals sign before a block, where what is in the braces is a block's body.
func (r *reader) mendBlock(s *schema.Block, item attrItem) {
	v, ok := item.value.(nativeValue)
	if _, isObject := v.e.(*hclsyntax.ObjectConsExpr); !ok || !isObject || s.Label != "" {
		return
	}
	f := diag.Replace(hcl.Range{Filename: item.nameRange.Filename, Start: item.nameRange.End, End: v.where().Start}, " ", "delete the equals sign")
	r.mendWhole(f)
}

// mendWhole gives the last diagnostic a fix after which the whole piece can be read.
func (r *reader) mendWhole(f diag.Fix) {
	if r.settling {
		return
	}
	if _, _, sure := r.try(r.now, f, make([]hcl.Diagnostic, 1)); sure {
		r.mend(f)
	}
}

// mendMap puts an equals sign between an attribute's name and its map.
func (r *reader) mendMap(a *schema.Attribute, h header) {
	if r.json || a.Type != schema.Labels || len(h.labels) > 0 {
		return
	}
	at := h.typeRange
	at.Start = at.End
	r.mendWhole(diag.Replace(at, " =", "put an equals sign before the map"))
}

// mendList puts a single element in brackets, if it would be read there without a complaint.
func (r *reader) mendList(a *schema.Attribute, v value) {
	if parts, ok := v.reference(); ok && a.Type == schema.References && !slices.Contains(a.Kinds, parts[0]) {
		return
	}
	trial := r.trial()
	if trial.element(a, v); len(trial.diags) == 0 {
		r.mend(diag.Around(v.where(), "[", "]", "put it in brackets"))
		return
	}
	if len(trial.diags) != 1 || len(trial.diags[0].Fixes) != 1 || len(trial.diags[0].Fixes[0].Edits) != 1 {
		return
	}
	inner := trial.diags[0].Fixes[0].Edits[0]
	r.mend(diag.Replace(inner.Range, "["+inner.Text+"]", "write ["+inner.Text+"]"))
}

// mendSingle takes the brackets of a list with one element away.
func (r *reader) mendSingle(a *schema.Attribute, v value) {
	elems, ok := v.list()
	if !ok || len(elems) != 1 {
		if parts, ok := textReference(v); ok && len(parts) > 1 && !r.json {
			r.mend(diag.Replace(v.where(), strings.Join(parts, "."), "write the reference without quotes"))
		}
		return
	}
	parts, ok := elems[0].reference()
	if trial := r.trial(); !ok || trial.single(a, elems[0]) == nil || len(trial.diags) > 0 {
		return
	}
	text := strings.Join(parts, ".")
	if r.json {
		text = strconv.Quote(text)
	}
	r.mend(diag.Replace(v.where(), text, "write it without brackets"))
}

func isListType(t schema.Type) bool {
	return t == schema.References || t == schema.Words || t == schema.Texts
}

// takesText reports whether a type's values, or its elements, stand in quotes and may be any text.
func takesText(t schema.Type) bool {
	switch t {
	case schema.Text, schema.Template, schema.Time, schema.Duration, schema.Texts, schema.Labels:
		return true
	}
	return false
}

// bareReference is a dotted name that stands without quotes.
func bareReference(v value) ([]string, bool) {
	if n, ok := v.(nativeValue); ok {
		return n.reference()
	}
	return nil, false
}

// isNumber reports whether a value is a number or, as 2027-03-01 is, a sum of numbers that nobody means.
func isNumber(v value) bool {
	n, ok := v.(nativeValue)
	return ok && numbers(n.e)
}

func numbers(e hclsyntax.Expression) bool {
	switch e := e.(type) {
	case *hclsyntax.LiteralValueExpr:
		return e.Val.IsKnown() && !e.Val.IsNull() && e.Val.Type() == cty.Number
	case *hclsyntax.BinaryOpExpr:
		return e.Op == hclsyntax.OpSubtract && numbers(e.LHS) && numbers(e.RHS)
	}
	return false
}
