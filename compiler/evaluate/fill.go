package evaluate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/schema"
	"gatehouse/lang/syntax"
)

// prepare makes every expression ready: names are looked up, and mistakes in them reported, before anything is evaluated.
func (ev *evaluator) prepare() {
	for _, b := range ev.in.Blocks {
		switch {
		case b.Type == schema.Variable:
			continue
		case b.Type == schema.Locals || len(b.Labels) == 0:
			ev.prepareBlock(b, sees{})
			continue
		}
		_, several := b.Attr(schema.ForEach)
		ev.prepareBlock(b, sees{each: several})
	}
}

func (ev *evaluator) prepareBlock(b *syntax.Block, s sees) {
	for _, a := range b.Attrs {
		if a.Name == schema.ForEach {
			ev.prepareExpr(a.Expr, sees{})
			continue
		}
		ev.prepareExpr(a.Expr, s)
	}
	for _, inner := range b.Blocks {
		ev.prepareBlock(inner, s)
	}
}

func (ev *evaluator) prepareExpr(e syntax.Expr, s sees) {
	switch e := e.(type) {
	case syntax.Computed:
		ev.prepareComputed(e, s)
	case syntax.Template:
		ev.prepareTemplate(e, s)
	case syntax.List:
		for _, elem := range e.Elems {
			ev.prepareExpr(elem, s)
		}
	case syntax.Object:
		for _, entry := range e.Entries {
			ev.prepareExpr(entry.Value, s)
		}
	}
}

// fillAll writes values where expressions stand, in every block and every declaration of a for_each.
func (ev *evaluator) fillAll() {
	ev.severals = slices.ContainsFunc(ev.blocks, func(d *declared) bool { return d.node != nil })
	ev.out.Blocks = make([]*syntax.Block, 0, len(ev.blocks))
	for _, d := range ev.blocks {
		switch {
		case d.dropped:
		case d.node == nil:
			ev.out.Blocks = append(ev.out.Blocks, ev.fill(ev.schemas[d.block.Type], d.block, nil))
		default:
			for _, key := range d.keys {
				if ev.exhausted {
					break
				}
				ev.out.Blocks = append(ev.out.Blocks, ev.fillInstance(d, d.instances[key]))
			}
		}
	}
}

func (ev *evaluator) fillInstance(d *declared, in *instance) *syntax.Block {
	key := in.key.AsString()
	b := *d.block
	b.Labels = []syntax.Label{{Value: d.block.Name() + "-" + key, Range: d.block.Labels[0].Range}}
	b.Instance = &syntax.Instance{Key: key, Range: in.at}
	b.Attrs = slices.DeleteFunc(slices.Clone(b.Attrs), func(a syntax.Attr) bool { return a.Name == schema.ForEach })
	ev.budget.begin()
	if ev.budget.spend(10+keepCost*len(b.Attrs)) != nil {
		ev.limit(in.at, nil)
	}
	return ev.fill(ev.schemas[b.Type], &b, in)
}

// fill returns a block without expressions: the same one where it has none.
func (ev *evaluator) fill(s *schema.Block, b *syntax.Block, in *instance) *syntax.Block {
	if !ev.severals && !blockComputes(b) || s == nil {
		return b
	}
	out := *b
	out.Attrs = slices.Clone(b.Attrs)
	for i, a := range out.Attrs {
		known, ok := s.Attr(a.Name)
		if !ok {
			continue
		}
		out.Attrs[i].Expr = ev.fillExpr(known, a.Expr, in)
	}
	out.Blocks = make([]*syntax.Block, 0, len(b.Blocks))
	for _, written := range b.Blocks {
		known, ok := s.Block(written.Type)
		if !ok {
			out.Blocks = append(out.Blocks, written)
			continue
		}
		for _, inner := range ev.overrides(written, &out) {
			out.Blocks = append(out.Blocks, ev.fill(known, inner, in))
		}
	}
	return &out
}

// overrides returns what an inner block stands for: an in block that names the block of several environments is one for each of them.
func (ev *evaluator) overrides(b, of *syntax.Block) []*syntax.Block {
	if b.Type != "in" || len(b.Labels) == 0 {
		return []*syntax.Block{b}
	}
	d := ev.kinds[addr.Environment][b.Name()]
	if d == nil && ev.unsure(addr.Environment, b.Name()) {
		of.Partial = true
		return nil
	}
	if d == nil || d.node == nil {
		return []*syntax.Block{b}
	}
	of.Partial = of.Partial || !d.node.known
	ev.budget.begin()
	if ev.budget.spend(elementCost*len(d.keys)) != nil {
		ev.limit(b.Decl, nil)
		return nil
	}
	out := make([]*syntax.Block, len(d.keys))
	for i, key := range d.keys {
		one := *b
		one.Labels = []syntax.Label{{Value: b.Name() + "-" + key, Range: b.Labels[0].Range}}
		one.Instance = &syntax.Instance{Key: key, Range: d.node.at}
		out[i] = &one
	}
	return out
}

func (ev *evaluator) fillExpr(a *schema.Attribute, e syntax.Expr, in *instance) syntax.Expr {
	switch e := e.(type) {
	case syntax.Computed:
		v, ok := ev.value(ev.prepared[e.HCL], in)
		if !ok {
			return syntax.Invalid{Range: e.Range}
		}
		out, diags := syntax.ReadValue(a, v, e.Range)
		ev.adopt(diags, in)
		if list, ok := out.(syntax.List); ok {
			return ev.fillGiven(a, list, e, in)
		}
		return ev.fillExpr(a, ev.untold(out), in)
	case syntax.List:
		return ev.fillList(a, e, in)
	case syntax.Object:
		return ev.fillObject(a, e, in)
	case syntax.Template:
		return ev.scope(e, in)
	case syntax.Reference:
		return ev.one(e, in)
	}
	return e
}

// untold is what an expression gave; Invalid where it is a reference to nothing, which was reported where it is written.
func (ev *evaluator) untold(e syntax.Expr) syntax.Expr {
	if ref, ok := e.(syntax.Reference); ok && len(ref.Parts) > 1 && ev.unknown[ref.Parts[0]+"."+ref.Parts[1]] {
		return syntax.Invalid{Range: ref.Range}
	}
	return e
}

// fillGiven is a list that one expression gave whole.
func (ev *evaluator) fillGiven(a *schema.Attribute, list syntax.List, c syntax.Computed, in *instance) syntax.Expr {
	if !ev.affords(len(list.Elems), c.Range, in) {
		return syntax.Invalid{Range: c.Range}
	}
	m := &made{giver: syntax.Giver{Range: c.Range, Varies: varies(c)}}
	for _, e := range list.Elems {
		m.add(ev.several(a, nil, ev.untold(e), in))
	}
	return ev.withVain(syntax.List{Elems: m.elems, Range: list.Range, Made: m.by}, []syntax.Expr{c})
}

// made is a list in the making, with who gives each element.
type made struct {
	elems []syntax.Expr
	by    []syntax.Giver
	giver syntax.Giver
}

func (m *made) add(elems []syntax.Expr) {
	for _, e := range elems {
		m.elems, m.by = append(m.elems, e), append(m.by, m.giver)
	}
}

func (ev *evaluator) fillList(a *schema.Attribute, list syntax.List, in *instance) syntax.Expr {
	m := &made{elems: make([]syntax.Expr, 0, len(list.Elems)), by: make([]syntax.Giver, 0, len(list.Elems))}
	plain := in == nil // every element stands for itself alone
	for _, e := range list.Elems {
		elems := ev.fillElement(a, e, in)
		c, computed := e.(syntax.Computed)
		alone := len(elems) == 1 && !computed && elems[0].Where() == e.Where()
		m.giver = syntax.Giver{Range: e.Where(), Varies: computed && varies(c), Literal: in == nil && alone && !ev.standsForSeveral(e)}
		plain = plain && m.giver.Literal
		m.add(elems)
	}
	if !ev.affords(len(m.elems)-len(list.Elems), list.Range, in) {
		return syntax.Invalid{Range: list.Range}
	}
	if plain {
		m.by = nil
	}
	return ev.withVain(syntax.List{Elems: m.elems, Range: list.Range, Made: m.by}, list.Elems)
}

// fillElement returns what an element of a list stands for.
func (ev *evaluator) fillElement(a *schema.Attribute, e syntax.Expr, in *instance) []syntax.Expr {
	c, ok := e.(syntax.Computed)
	if !ok {
		return ev.several(a, nil, e, in)
	}
	v, ok := ev.value(ev.prepared[c.HCL], in)
	if !ok {
		return []syntax.Expr{syntax.Invalid{Range: c.Range}}
	}
	elems, diags := syntax.ReadElement(a, v, c.Range)
	ev.adopt(diags, in)
	var out []syntax.Expr
	for _, elem := range elems {
		out = ev.several(a, out, ev.untold(elem), in)
	}
	return out
}

// standsForSeveral reports whether an element is the name of a block with for_each.
func (ev *evaluator) standsForSeveral(e syntax.Expr) bool {
	ref, ok := e.(syntax.Reference)
	if !ok || len(ref.Parts) < 2 {
		return false
	}
	d := ev.kinds[addr.Kind(ref.Parts[0])][ref.Parts[1]]
	return d != nil && d.node != nil
}

// varies reports whether an expression hangs on what may have another value elsewhere, or another time.
func varies(c syntax.Computed) bool {
	return slices.ContainsFunc(c.HCL.Variables(), func(t hcl.Traversal) bool {
		return slices.Contains([]string{"var", "local", "each"}, t.RootName())
	})
}

// affords pays for elements that nobody wrote one by one. Each may be told about, and is kept for the rest of the run.
func (ev *evaluator) affords(elems int, at hcl.Range, in *instance) bool {
	if elems <= 0 {
		return true
	}
	ev.budget.begin()
	if ev.budget.spend(elementCost*elems) == nil {
		return true
	}
	ev.limit(at, in)
	return false
}

// several appends an element of a list. The name of a block with for_each stands for all its declarations.
func (ev *evaluator) several(a *schema.Attribute, out []syntax.Expr, e syntax.Expr, in *instance) []syntax.Expr {
	ref, ok := e.(syntax.Reference)
	if !ok || len(ref.Parts) < 2 || !slices.Contains(a.Kinds, ref.Parts[0]) {
		return append(out, e) // what can't stand here is told once
	}
	d := ev.kinds[addr.Kind(ref.Parts[0])][ref.Parts[1]]
	switch {
	case d == nil:
		return append(out, ev.undeclaredKey(ref, in))
	case d.node == nil:
		return append(out, e)
	case !d.node.known:
		return append(out, syntax.Invalid{Range: ref.Range})
	case !d.hasPart(ref.Parts[2:]):
		summary, detail := d.noPart(ref.Parts[2])
		ev.reportIn(in, diag.WrongReference, ref.Range, summary, detail)
		ev.mendSurface(d, ref)
		return append(out, syntax.Invalid{Range: ref.Range})
	}
	for _, key := range d.keys {
		parts := slices.Concat([]string{ref.Parts[0], ref.Parts[1] + "-" + key}, ref.Parts[2:])
		out = append(out, syntax.Reference{Parts: parts, Range: ref.Range})
	}
	return out
}

// mendSurface corrects a misspelt surface of all declarations of a for_each, where the reference stands at its place itself.
func (ev *evaluator) mendSurface(d *declared, ref syntax.Reference) {
	near := diag.Sure(ref.Parts[2], d.surfaces())
	_, isKey := d.instances[ref.Parts[2]]
	if near == "" || isKey || len(ref.Parts) > 3 {
		return
	}
	better := d.addr() + "." + near
	switch width := ref.Range.End.Byte - ref.Range.Start.Byte; {
	case width == len(strings.Join(ref.Parts, ".")):
		ev.mend(diag.Replace(ref.Range, better, "write "+better))
	case width == len(strings.Join(ref.Parts, "."))+2 && strings.HasSuffix(ref.Range.Filename, syntax.JSONSuffix):
		ev.mend(diag.Replace(ref.Range, strconv.Quote(better), "write "+strconv.Quote(better)))
	}
}

// one is a reference where only one may stand.
func (ev *evaluator) one(ref syntax.Reference, in *instance) syntax.Expr {
	if len(ref.Parts) < 2 {
		return ref
	}
	d := ev.kinds[addr.Kind(ref.Parts[0])][ref.Parts[1]]
	switch {
	case d == nil:
		return ev.undeclaredKey(ref, in)
	case d.node == nil:
		return ref
	}
	if d.node.known {
		ev.reportIn(in, diag.WrongReference, ref.Range, strings.Join(ref.Parts, ".")+" is several things",
			fmt.Sprintf("Its block has for_each, and one of its declarations is wanted here. Write %s[KEY].", d.addr()))
	}
	return syntax.Invalid{Range: ref.Range}
}

// undeclaredKey is a reference to nothing that is declared. One that begins as the declarations of a for_each do lacks its key, and is told here, where keys are
// known, unless another name is near: all others are for resolve to tell.
func (ev *evaluator) undeclaredKey(ref syntax.Reference, in *instance) syntax.Expr {
	kind, name := addr.Kind(ref.Parts[0]), ref.Parts[1]
	if ev.unsure(kind, name) {
		return syntax.Invalid{Range: ref.Range}
	}
	of, key := ev.instanceOf(kind, name)
	if of == nil || ev.lost(name) {
		return ref
	}
	if near := ev.near(kind, name); near != "" && near != of.block.Name() {
		return ref
	}
	d := of.noKey(key, ref.Range)[0]
	ev.reportIn(in, diag.UnknownReference, ref.Range, d.Summary, d.Detail)
	return syntax.Invalid{Range: ref.Range}
}

func (ev *evaluator) fillObject(a *schema.Attribute, o syntax.Object, in *instance) syntax.Expr {
	entries := slices.Clone(o.Entries)
	for i, entry := range entries {
		c, ok := entry.Value.(syntax.Computed)
		if !ok {
			continue
		}
		entries[i].Value = syntax.Invalid{Range: c.Range}
		if v, ok := ev.value(ev.prepared[c.HCL], in); ok {
			value, diags := syntax.ReadEntry(a, entry.Key.Value, v, c)
			ev.adopt(diags, in)
			entries[i].Value = value
		}
	}
	return syntax.Object{Entries: entries, Range: o.Range}
}
