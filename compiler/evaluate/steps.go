package evaluate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/syntax"
)

// steps goes on from a value by names and by keys in brackets. Behind a reference they name a surface.
func steps(v cty.Value, t hcl.Traversal) (cty.Value, hcl.Diagnostics) {
	for i, step := range t {
		if ref, ok := syntax.AsReference(v); ok {
			return surfaceOf(ref, t[i:])
		}
		next, diags := hcl.Traversal{step}.TraverseRel(v)
		if diags.HasErrors() {
			return cty.DynamicVal, missing(v, keyOf(step), step.SourceRange())
		}
		v = next
	}
	return v, nil
}

// surfaceOf is a reference to a part of what another one means.
func surfaceOf(ref syntax.Reference, t hcl.Traversal) (cty.Value, hcl.Diagnostics) {
	parts := slices.Clone(ref.Parts)
	for _, step := range t {
		name, _, ok := firstWord(hcl.Traversal{step})
		if _, isName := step.(hcl.TraverseAttr); !isName && name != string(addr.Online) && name != string(addr.Offline) || !ok {
			return cty.DynamicVal, tell(step.SourceRange(), diag.InvalidExpr, strings.Join(parts, ".")+" has no elements", "Behind a reference may stand a surface, such as .online.")
		}
		parts = append(parts, name)
	}
	return syntax.ReferenceVal(parts, ref.Range), nil
}

// keyOf is what a step asks for.
func keyOf(step hcl.Traverser) cty.Value {
	switch step := step.(type) {
	case hcl.TraverseAttr:
		return cty.StringVal(step.Name)
	case hcl.TraverseIndex:
		return step.Key
	}
	return cty.NullVal(cty.String)
}

// named is a name that a for expression or a for_each binds, with steps behind it.
type named struct {
	hclsyntax.ScopeTraversalExpr
	of int // how much of it the name takes
}

func (n *named) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	t := n.Traversal
	v, diags := t[:n.of].TraverseAbs(ctx)
	if diags.HasErrors() {
		return v, diags
	}
	return steps(v, t[n.of:])
}

// indexed is VALUE[KEY].
type indexed struct {
	hclsyntax.IndexExpr
	ev *evaluator
}

func (e *indexed) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, diags := e.Collection.Value(ctx)
	key, more := e.Key.Value(ctx)
	if diags = append(diags, more...); diags.HasErrors() || !v.IsKnown() || !key.IsKnown() {
		return cty.DynamicVal, diags
	}
	if e.ev.undeclared(v) {
		return cty.DynamicVal, append(diags, tell(e.SrcRange, alreadyTold, "nothing has the name", "")...)
	}
	out, more := hcl.Index(v, key, &e.BracketRange)
	if more.HasErrors() {
		return cty.DynamicVal, append(diags, missing(v, key, e.BracketRange)...)
	}
	return out, diags
}

// missing tells that a value has nothing under a name, a key or a number.
func missing(v, key cty.Value, at hcl.Range) hcl.Diagnostics {
	what := keyText(key)
	t := v.Type()
	switch {
	case v.IsNull():
		return tell(at, diag.InvalidExpr, "the value before "+what+" is null", "It has no parts. Ask first: x == null ? … : x.part, or write a value.")
	case key.IsNull():
		return tell(at, diag.InvalidExpr, "the key is null", "Write a key, or ask first: key == null ? … : map[key].")
	case t.IsMapType() || t.IsObjectType():
		return missingKey(v, what, at)
	case t.IsSetType():
		return tell(at, diag.InvalidExpr, "a set has no element "+what, "Its elements have no order and no keys. Make a list of it: tolist(set)[0]; or go through all: [for e in set : e].")
	case t.IsListType() || t.IsTupleType():
		return missingElement(v, key, at)
	}
	return tell(at, diag.InvalidExpr, fmt.Sprintf("%s has no part %s", upToType(t), what), "Only maps and lists have parts. Take away what stands behind the value.")
}

// keyText is a key as it is written: "a" or 3.
func keyText(key cty.Value) string {
	switch {
	case key.IsNull() || !key.IsKnown():
		return "this"
	case key.Type() == cty.Number && !tooLong(key.AsBigFloat()):
		return key.AsBigFloat().Text('g', 10)
	}
	if text, err := convert.Convert(key, cty.String); err == nil && !text.IsNull() {
		return fmt.Sprintf("%q", clipped(text.AsString()))
	}
	return "of this type"
}

func missingKey(v cty.Value, what string, at hcl.Range) hcl.Diagnostics {
	known := make([]string, 0, v.LengthInt())
	references := false
	for it := v.ElementIterator(); it.Next(); {
		k, e := it.Element()
		known = append(known, k.AsString())
		_, references = syntax.AsReference(e)
	}
	word := strings.Trim(what, `"`)
	detail := "The map is empty."
	switch near := diag.Nearest(word, known); {
	case references && (word == string(addr.Online) || word == string(addr.Offline)):
		detail = fmt.Sprintf("What stands before it is a map of references. For the surface of each, write values(MAP)[*].%s or [for k, r in MAP : r.%s].", word, word)
	case near != "":
		detail = fmt.Sprintf("Did you mean %q?", near)
	case len(known) > 0:
		detail = keysAre(known)
	}
	return tell(at, diag.InvalidExpr, "the map has no key "+what, detail)
}

// keysAre lists keys; of many, the first.
func keysAre(known []string) string {
	const most = 10
	known = slices.Sorted(slices.Values(known))
	if len(known) > 0 && known[0] == "" {
		known[0] = `""`
	}
	if len(known) > most {
		return fmt.Sprintf("It has %d keys, the first of which are %s.", len(known), diag.Listed(known[:most], "and"))
	}
	if len(known) == 1 {
		return fmt.Sprintf("Its only key is %s.", clipped(known[0]))
	}
	return fmt.Sprintf("Its keys are %s.", diag.Listed(known, "and"))
}

func missingElement(v, key cty.Value, at hcl.Range) hcl.Diagnostics {
	n := v.LengthInt()
	if _, err := convert.Convert(key, cty.Number); err != nil {
		part := strings.Trim(keyText(key), `"`)
		return tell(at, diag.InvalidExpr, fmt.Sprintf("a list has no part %s", keyText(key)),
			fmt.Sprintf("Its elements are counted: list[0].%s is the part of the first one, list[*].%s that of each.", part, part))
	}
	detail := fmt.Sprintf("Elements are counted from 0 by whole numbers: the last is %d.", n-1)
	if n == 0 {
		detail = "It is empty."
	}
	return tell(at, diag.InvalidExpr, fmt.Sprintf("a list of %d has no element %s", n, keyText(key)), detail)
}

// upToType names a value by its type: a text, a list.
func upToType(t cty.Type) string {
	switch {
	case t == cty.String:
		return "a text"
	case t == cty.Number:
		return "a number"
	case t == cty.Bool:
		return "a truth value"
	case t.IsSetType():
		return "a set"
	case t.IsListType() || t.IsTupleType():
		return "a list"
	case t.IsMapType() || t.IsObjectType():
		return "a map"
	case t.Equals(syntax.ReferenceType):
		return "a reference"
	}
	return "a value"
}
