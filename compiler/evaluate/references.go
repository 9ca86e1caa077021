package evaluate

import (
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/syntax"
)

// mention is a reference that was written inside of an expression.
type mention struct {
	kind addr.Kind
	name string
	at   hcl.Range
	key  *string   // what stands in brackets behind it
	mend hcl.Range // the name alone, where it can be mended
}

// reference copies a reference: workload.a, feature_store.x.online, workload.trainer["fraud"]. The name of a block with for_each alone is the map
// of its declarations.
func (w *rewriter) reference(kind addr.Kind, e *hclsyntax.ScopeTraversalExpr) hclsyntax.Expression {
	name, rest, ok := firstWord(e.Traversal[1:])
	if !ok {
		w.report(diag.InvalidExpr, e.SrcRange, fmt.Sprintf("%s stands without a name", kind),
			fmt.Sprintf("Write %s.NAME. Whoever is meant is listed, or grouped by labels.", kind))
		return e
	}
	if d := w.ev.kinds[kind][name]; d != nil && d.node != nil {
		return w.ofSeveral(d, rest, e)
	}
	parts, behind := words([]string{string(kind), name}, rest)
	m := mention{kind: kind, name: name, at: w.place(e.SrcRange), mend: w.nameIn(e.Traversal[1])}
	switch {
	case len(behind) > 0 && !w.ev.begins(kind, name):
		if key, _, ok := firstWord(behind); ok && len(parts) == 2 {
			m.key = &key
		}
		w.ev.pending, w.out.broken = append(w.ev.pending, m), true
		return e
	case len(behind) > 0:
		w.report(diag.InvalidExpr, e.SrcRange, fmt.Sprintf("%s.%s has no elements", kind, name),
			fmt.Sprintf("Only a block with for_each has elements by key. Write %s.%s.", kind, name))
		return e
	}
	w.ev.pending = append(w.ev.pending, m)
	return &hclsyntax.LiteralValueExpr{Val: syntax.ReferenceVal(parts, m.at), SrcRange: e.SrcRange}
}

// nameIn is the place of a name behind a dot; none where it stands otherwise.
func (w *rewriter) nameIn(step hcl.Traverser) hcl.Range {
	attr, ok := step.(hcl.TraverseAttr)
	if at := attr.SrcRange; ok && !w.out.loose && at.End.Byte-at.Start.Byte == len(attr.Name)+1 {
		at.Start.Byte, at.Start.Column = at.Start.Byte+1, at.Start.Column+1
		return at
	}
	return hcl.Range{}
}

// begins reports whether a name is declared, or may be by a for_each, before it is known what these declare.
func (ev *evaluator) begins(kind addr.Kind, name string) bool {
	if _, declared := ev.kinds[kind][name]; declared {
		return true
	}
	for d := range ev.beginning(kind, name) {
		if d.node != nil {
			return true
		}
	}
	return false
}

// beginning yields the blocks whose name, and a dash, a name begins with, and what stands behind the dash.
func (ev *evaluator) beginning(kind addr.Kind, name string) iter.Seq2[*declared, string] {
	return func(yield func(*declared, string) bool) {
		for i := range len(name) {
			if d := ev.kinds[kind][name[:i]]; name[i] == '-' && d != nil && !yield(d, name[i+1:]) {
				return
			}
		}
	}
}

// undeclared reports whether a value is a reference to nothing, which is told where it is written.
func (ev *evaluator) undeclared(v cty.Value) bool {
	ref, ok := syntax.AsReference(v)
	return ok && len(ref.Parts) > 1 && !ev.begins(addr.Kind(ref.Parts[0]), ref.Parts[1])
}

// ofSeveral copies a reference to a block with for_each: to one of its declarations by a key that is written out, or to all of them.
func (w *rewriter) ofSeveral(d *declared, rest hcl.Traversal, e *hclsyntax.ScopeTraversalExpr) hclsyntax.Expression {
	at := w.place(e.SrcRange)
	w.out.needs = append(w.out.needs, need{d.node, at})
	if key, behind, ok := firstWord(rest); ok && len(rest) > 0 {
		if _, isIndex := rest[0].(hcl.TraverseIndex); isIndex {
			surface, odd := words(nil, behind)
			if len(surface) == 1 && d.block.Type == string(addr.FeatureStore) && !d.hasPart(surface) {
				w.noSurface(d, key, behind[0])
				return e
			}
			if len(odd) == 0 {
				return &keyed{ScopeTraversalExpr: *e, of: d, key: key, surface: surface, at: at}
			}
		}
	}
	surface, rest := words(nil, rest)
	if !d.hasPart(surface) {
		summary, detail := d.noPart(surface[0])
		w.report(diag.WrongReference, e.SrcRange, summary, detail)
		return e
	}
	return w.counted(&constant{ScopeTraversalExpr: *e, value: func() cty.Value { return d.references(surface, at) }, rest: rest})
}

// noSurface reports a step behind feature_store.orders["daily"] that is no surface.
func (w *rewriter) noSurface(d *declared, key string, step hcl.Traverser) {
	word, surfaces := keyOf(step).AsString(), d.surfaces()
	whole := fmt.Sprintf("%s[%q]", d.addr(), clipped(key))
	forms := []string{whole}
	for _, s := range surfaces {
		forms = append(forms, whole+"."+s)
	}
	if len(surfaces) > 0 {
		forms = forms[1:]
	}
	w.report(diag.WrongReference, step.SourceRange(), fmt.Sprintf("a feature store has no surface %q", clipped(word)), "Write "+diag.Listed(forms, "or")+".")
	if near := diag.Sure(word, surfaces); near != "" && !w.out.loose {
		w.ev.mend(diag.Replace(step.SourceRange(), "."+near, "write "+whole+"."+near))
	}
}

// firstWord takes the first step, if it is a name or a text in brackets.
func firstWord(t hcl.Traversal) (name string, rest hcl.Traversal, ok bool) {
	if len(t) == 0 {
		return "", nil, false
	}
	switch step := t[0].(type) {
	case hcl.TraverseAttr:
		return step.Name, t[1:], true
	case hcl.TraverseIndex:
		if text, err := convert.Convert(step.Key, cty.String); err == nil && text.IsKnown() && !text.IsNull() {
			return text.AsString(), t[1:], true
		}
	}
	return "", nil, false
}

// words takes the names at the beginning of the steps.
func words(out []string, t hcl.Traversal) ([]string, hcl.Traversal) {
	for len(t) > 0 {
		attr, ok := t[0].(hcl.TraverseAttr)
		if !ok {
			break
		}
		out, t = append(out, attr.Name), t[1:]
	}
	return out, t
}

// keyed is workload.trainer["fraud"], or a surface of such a thing.
type keyed struct {
	hclsyntax.ScopeTraversalExpr
	of      *declared
	key     string
	surface []string
	at      hcl.Range
}

func (k *keyed) Value(*hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	if v, ok := k.of.reference(k.key, k.surface, k.at); ok {
		return v, nil
	}
	return cty.DynamicVal, k.of.noKey(k.key, k.at)
}

// noKey tells of a key that a for_each doesn't have.
func (d *declared) noKey(key string, at hcl.Range) hcl.Diagnostics {
	detail := "Its for_each is empty: it declares nothing."
	if near := diag.Nearest(key, d.keys); near != "" {
		detail = fmt.Sprintf("Did you mean %s[%q]?", d.addr(), near)
	} else if len(d.keys) > 0 {
		detail = keysAre(d.keys)
	}
	return tell(at, diag.UnknownReference, fmt.Sprintf("%s has no key %q", d.addr(), key), detail)
}

// byName copies workload[NAME], where an expression says the name.
func (w *rewriter) byName(kind addr.Kind, e *hclsyntax.IndexExpr) hclsyntax.Expression {
	w.out.needs = append(w.out.needs, need{w.ev.allOf(kind), w.place(e.SrcRange)})
	return w.counted(&chosen{IndexExpr: hclsyntax.IndexExpr{Collection: e.Collection, Key: w.expr(e.Key), SrcRange: e.SrcRange,
		OpenRange: e.OpenRange, BracketRange: e.BracketRange}, ev: w.ev, kind: kind, at: w.place(e.SrcRange)})
}

type chosen struct {
	hclsyntax.IndexExpr
	ev   *evaluator
	kind addr.Kind
	at   hcl.Range
}

func (c *chosen) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	key, diags := c.Key.Value(ctx)
	if diags.HasErrors() || !key.IsKnown() {
		return cty.DynamicVal, diags
	}
	text, err := convert.Convert(key, cty.String)
	if err != nil || text.IsNull() {
		return cty.DynamicVal, append(diags, tell(c.Key.Range(), diag.InvalidExpr, "a name is wanted here, which is a text", fmt.Sprintf("Write %s[NAME].", c.kind))...)
	}
	name := text.AsString()
	d := c.ev.kinds[c.kind][name]
	of, ending := c.ev.instanceOf(c.kind, name)
	switch {
	case d != nil && d.node != nil:
		return d.references(nil, c.at), diags
	case d != nil, of != nil && of.instances[ending] != nil, c.ev.lost(name):
		return syntax.ReferenceVal([]string{string(c.kind), name}, c.at), diags
	case of != nil:
		return cty.DynamicVal, append(diags, of.noKey(ending, c.at)...)
	}
	summary, detail := c.ev.undeclaredName(c.kind, name)
	return cty.DynamicVal, append(diags, tell(c.at, diag.UnknownReference, summary, detail)...)
}

// instanceOf finds the block with for_each that declares NAME-KEY, or would if it had the key; nil: no block's name begins it, or the keys aren't
// known.
func (ev *evaluator) instanceOf(kind addr.Kind, name string) (of *declared, key string) {
	for d, rest := range ev.beginning(kind, name) {
		if d.node == nil || !d.node.known {
			continue
		}
		if _, declares := d.instances[rest]; declares || of == nil {
			of, key = d, rest
		}
	}
	return of, key
}

// unsure reports whether a name may be that of a declaration of a for_each of which it isn't known what it declares.
func (ev *evaluator) unsure(kind addr.Kind, name string) bool {
	for d := range ev.beginning(kind, name) {
		if d.unsure {
			return true
		}
	}
	return false
}

// undeclaredName says that nothing declares a name, and what to do about it. One that begins as the declarations of a for_each do may lack its key.
func (ev *evaluator) undeclaredName(kind addr.Kind, name string) (summary, detail string) {
	if of, key := ev.instanceOf(kind, name); of != nil {
		d := of.noKey(key, hcl.Range{})[0]
		return d.Summary, d.Detail
	}
	return fmt.Sprintf("%s.%s is not declared", kind, name), ev.declareIt(kind, name)
}

// severalOf finds a block with for_each, or a surface of all that it declares, in what stands before an index.
func (w *rewriter) severalOf(e hclsyntax.Expression) (of *declared, surface []string, ok bool) {
	t, isName := e.(*hclsyntax.ScopeTraversalExpr)
	if !isName {
		return nil, nil, false
	}
	kind, ok := w.kind(t.Traversal.RootName())
	name, rest, named := firstWord(t.Traversal[1:])
	if !ok || !named {
		return nil, nil, false
	}
	of = w.ev.kinds[kind][name]
	surface, rest = words(nil, rest)
	return of, surface, of != nil && of.node != nil && len(rest) == 0
}

// byKey copies workload.trainer[KEY], where an expression says the key.
func (w *rewriter) byKey(of *declared, surface []string, e *hclsyntax.IndexExpr) hclsyntax.Expression {
	at := w.place(e.SrcRange)
	w.out.needs = append(w.out.needs, need{of.node, at})
	return w.counted(&picked{IndexExpr: hclsyntax.IndexExpr{Collection: e.Collection, Key: w.expr(e.Key), SrcRange: e.SrcRange,
		OpenRange: e.OpenRange, BracketRange: e.BracketRange}, of: of, surface: surface, at: at})
}

type picked struct {
	hclsyntax.IndexExpr
	of      *declared
	surface []string
	at      hcl.Range
}

func (p *picked) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	key, diags := p.Key.Value(ctx)
	if diags.HasErrors() || !key.IsKnown() {
		return cty.DynamicVal, diags
	}
	text, err := convert.Convert(key, cty.String)
	if err != nil || text.IsNull() {
		return cty.DynamicVal, append(diags, tell(p.Key.Range(), diag.InvalidExpr, "a key is wanted here, which is a text", fmt.Sprintf("Write %s[KEY].", p.of.addr()))...)
	}
	if v, ok := p.of.reference(text.AsString(), p.surface, p.at); ok {
		return v, diags
	}
	return cty.DynamicVal, append(diags, p.of.noKey(text.AsString(), p.at)...)
}

// declareIt says what to do about a name that nothing declares.
func (ev *evaluator) declareIt(kind addr.Kind, name string) string {
	if near := ev.near(kind, name); near != "" {
		return fmt.Sprintf("Did you mean %s.%s?", kind, near)
	}
	for _, k := range addr.Kinds() {
		if _, ok := ev.kinds[k][name]; ok {
			return fmt.Sprintf("Did you mean %s.%s?", k, name)
		}
	}
	return fmt.Sprintf("Declare it in any file of the policy: %s %q { … }; or check the spelling.", kind, name)
}

// reportUnknown reports the references inside of expressions that nothing declares. Those that an expression gives are not reported again.
func (ev *evaluator) reportUnknown() {
	for _, m := range ev.pending {
		if _, ok := ev.kinds[m.kind][m.name]; ok || ev.lost(m.name) || ev.unsure(m.kind, m.name) {
			continue
		}
		ev.unknown[string(m.kind)+"."+m.name] = true
		ev.reportMention(m)
	}
}

// reportMention tells that nothing declares what is mentioned. A key behind the name of a for_each stays there: without it, all of its declarations
// would be meant.
func (ev *evaluator) reportMention(m mention) {
	summary, detail := ev.undeclaredName(m.kind, m.name)
	near := ev.near(m.kind, m.name)
	d := ev.kinds[m.kind][near]
	if m.key != nil && d != nil && d.node != nil {
		detail = fmt.Sprintf("Did you mean %s[%q]?", d.addr(), clipped(*m.key))
	}
	ev.report(diag.UnknownReference, m.at, summary, detail)
	if near != "" && m.mend != (hcl.Range{}) && (m.key == nil) == (d.node == nil) && diag.SureName(m.name, sortedKeys(ev.kinds[m.kind])) == near {
		ev.mend(diag.Replace(m.mend, near, fmt.Sprintf("write %s.%s", m.kind, near)))
	}
}

// sortedKeys returns a map's keys in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
