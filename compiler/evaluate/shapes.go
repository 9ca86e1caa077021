package evaluate

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"gatehouse/lang/diag"
	"gatehouse/lang/syntax"
)

// surplus finds a key that an object of a type doesn't have, which a conversion would leave out in silence, and a tuple of another length: a sentence, or
// nothing.
func surplus(v cty.Value, t cty.Type, path cty.Path) string {
	if v.IsNull() || !v.IsKnown() || !v.CanIterateElements() || t.IsPrimitiveType() || t == cty.DynamicPseudoType {
		return ""
	}
	isObject := v.Type().IsObjectType() || v.Type().IsMapType()
	if t.IsTupleType() && !isObject && v.LengthInt() != t.Length() {
		return otherLength(v, t, path)
	}
	i := 0
	for it := v.ElementIterator(); it.Next(); i++ {
		k, e := it.Element()
		inner := t
		switch {
		case t.IsObjectType() && isObject:
			if !t.HasAttribute(k.AsString()) {
				return noAttribute(t, k.AsString(), path)
			}
			inner = t.AttributeType(k.AsString())
		case t.IsTupleType() && i < t.Length():
			inner = t.TupleElementType(i)
		case t.IsCollectionType():
			inner = t.ElementType()
		default:
			return "" // of another type, which the conversion tells
		}
		if problem := surplus(e, inner, append(slices.Clip(path), cty.IndexStep{Key: k})); problem != "" {
			return problem
		}
	}
	return ""
}

// otherLength says how many elements a tuple has, and should have.
func otherLength(v cty.Value, t cty.Type, path cty.Path) string {
	where := ""
	if len(path) > 0 {
		where = " at " + pathText(path)
	}
	return fmt.Sprintf("It takes %s%s: a list of %d is wanted, and this is a list of %d.", clipped(typeText(t, nil)), where, t.Length(), v.LengthInt())
}

func noAttribute(t cty.Type, key string, path cty.Path) string {
	known := slices.Sorted(maps.Keys(t.AttributeTypes()))
	where := ""
	if len(path) > 0 {
		where = " at " + pathText(path)
	}
	hint := ""
	if near := diag.Nearest(key, known); near != "" {
		hint = fmt.Sprintf("Did you mean %s? ", near)
	}
	return fmt.Sprintf("The variable's type has no key %q%s. %sIt has %s.", clipped(key), where, hint, diag.Listed(known, "and"))
}

// typeText prints a type as a policy writes it, with optional keys and what they are where they are left out.
func typeText(t cty.Type, d *typeexpr.Defaults) string {
	if d == nil {
		d = &typeexpr.Defaults{}
	}
	switch {
	case t.IsCollectionType():
		kind := "map"
		if t.IsListType() {
			kind = "list"
		} else if t.IsSetType() {
			kind = "set"
		}
		return kind + "(" + typeText(t.ElementType(), d.Children[""]) + ")"
	case t.IsTupleType():
		out := make([]string, t.Length())
		for i, e := range t.TupleElementTypes() {
			out[i] = typeText(e, d.Children[strconv.Itoa(i)])
		}
		return "tuple([" + strings.Join(out, ", ") + "])"
	case t.IsObjectType():
		var out []string
		for _, name := range slices.Sorted(maps.Keys(t.AttributeTypes())) {
			text := typeText(t.AttributeType(name), d.Children[name])
			if t.AttributeOptional(name) {
				text = "optional(" + text + fallbackText(d.DefaultValues[name]) + ")"
			}
			out = append(out, name+" = "+text)
		}
		return "object({ " + strings.Join(out, ", ") + " })"
	}
	return typeexpr.TypeString(t)
}

// fallbackText is what an optional key is where it is left out, as it stands in the key's type. Of lists and maps it shows that there is one.
func fallbackText(v cty.Value) string {
	switch {
	case v == cty.NilVal || v.IsNull():
		return ""
	case !v.IsKnown(), v.Type() == cty.Number && tooLong(v.AsBigFloat()):
		return ", …"
	case v.Type() == cty.String:
		return ", " + strconv.Quote(v.AsString())
	}
	if text, err := convert.Convert(v, cty.String); err == nil {
		return ", " + text.AsString()
	}
	return ", …"
}

// repeatedKeys reports keys that an object has twice, of which all but one would be lost; false where there are none.
func (ev *evaluator) repeatedKeys(c syntax.Computed) bool {
	found := false
	hclsyntax.VisitAll(c.HCL, func(n hclsyntax.Node) hcl.Diagnostics {
		if object, ok := n.(*hclsyntax.ObjectConsExpr); ok {
			found = ev.repeatedKeysOf(object, c) || found
		}
		return nil
	})
	return found
}

func (ev *evaluator) repeatedKeysOf(e *hclsyntax.ObjectConsExpr, c syntax.Computed) bool {
	first, found := map[string]hcl.Range{}, false
	for _, item := range e.Items {
		key, problem := constantKey(item.KeyExpr)
		if problem != "" {
			continue // it is computed
		}
		at := item.KeyExpr.Range()
		if c.Loose {
			at = c.Range
		}
		if before, twice := first[key]; twice {
			found = true
			ev.report(diag.DuplicateAttribute, at, fmt.Sprintf("the map has the key %q twice", clipped(key)), "Keep one of the two.",
				diag.Related{Message: "the first", Range: before})
			continue
		}
		first[key] = at
	}
	return found
}
