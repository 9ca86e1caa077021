package syntax

import (
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"gatehouse/lang/diag"
	"gatehouse/lang/schema"
)

// referenceValue is what a capsule of ReferenceType holds.
type referenceValue struct {
	parts []string
	at    hcl.Range // where it was written
}

func (r *referenceValue) key() string { return strings.Join(r.parts, ".") }

// ReferenceType is the type of references, and of bare words such as read, in expressions. Two are equal when they are written alike.
var ReferenceType = cty.CapsuleWithOps("reference", reflect.TypeFor[referenceValue](), &cty.CapsuleOps{
	GoString:     func(v any) string { return v.(*referenceValue).key() },
	TypeGoString: func(reflect.Type) string { return "reference" },
	RawEquals:    func(a, b any) bool { return slices.Equal(a.(*referenceValue).parts, b.(*referenceValue).parts) },
	Equals: func(a, b any) cty.Value {
		return cty.BoolVal(slices.Equal(a.(*referenceValue).parts, b.(*referenceValue).parts))
	},
	HashKey: func(v any) string { return v.(*referenceValue).key() },
})

// ReferenceVal returns a reference as a value of expressions; at is where it is written.
func ReferenceVal(parts []string, at hcl.Range) cty.Value {
	return cty.CapsuleVal(ReferenceType, &referenceValue{parts: parts, at: at})
}

// AsReference returns what a value refers to; false where it is no reference.
func AsReference(v cty.Value) (Reference, bool) {
	if !v.Type().Equals(ReferenceType) || v.IsNull() || !v.IsKnown() {
		return Reference{}, false
	}
	r := v.EncapsulatedValue().(*referenceValue)
	return Reference{Parts: r.parts, Range: r.at}, true
}

// ReadValue reads what an expression gave as the value of an attribute, by the same table and in the same words as a literal. at is where
// the expression stands; references that were written inside of it keep their own places. The value must be known.
func ReadValue(a *schema.Attribute, v cty.Value, at hcl.Range) (Expr, diag.List) {
	r := evaluatedReader(at)
	if _, ok := collected(v); ok && flattens(a) {
		return List{Elems: r.flat(a, v, at), Range: at}, r.diags
	}
	return r.value(a, result{v, at}), r.diags
}

// ReadElement reads what an expression gave as an element of an attribute's list. A list, set or map stands for all its elements.
func ReadElement(a *schema.Attribute, v cty.Value, at hcl.Range) ([]Expr, diag.List) {
	r := evaluatedReader(at)
	if flattens(a) {
		return r.flat(a, v, at), r.diags
	}
	return []Expr{r.element(a, result{v, at})}, r.diags
}

// ReadEntry reads what an expression gave as the value of one key of an attribute's map.
func ReadEntry(a *schema.Attribute, key string, v cty.Value, c Computed) (Expr, diag.List) {
	r := evaluatedReader(c.Range)
	out := r.entry(a, member{key: key, keyRange: c.Range, value: result{v, c.Range}})
	if len(r.diags) > 0 && !v.IsNull() && v.Type().IsPrimitiveType() {
		r.mendToText(c)
	}
	return out, r.diags
}

// mendToText makes a text of the number or truth value that an expression gives.
func (r *reader) mendToText(c Computed) {
	at := c.Range
	wrap, wrapped := c.HCL.(*hclsyntax.TemplateWrapExpr)
	if r.json && (!wrapped || c.Loose) {
		return
	}
	if wrapped {
		at = wrap.Wrapped.Range()
	}
	f := diag.Around(at, "tostring(", ")", "make a text of it")
	if wrapped && !r.json { // nor are the quotes and ${ around it wanted
		f.Edits[0].Range.Start, f.Edits[1].Range.End = c.Range.Start, c.Range.End
	}
	r.mend(f)
}

func evaluatedReader(at hcl.Range) *reader {
	return &reader{json: strings.HasSuffix(at.Filename, JSONSuffix)}
}

func flattens(a *schema.Attribute) bool {
	return a.Type == schema.References || a.Type == schema.Words || a.Type == schema.Texts
}

// flat reads elements, and those of collections inside of them.
func (r *reader) flat(a *schema.Attribute, v cty.Value, at hcl.Range) []Expr {
	if elems, ok := collected(v); ok {
		out := make([]Expr, 0, len(elems))
		for _, e := range elems {
			out = append(out, r.flat(a, e, at)...)
		}
		return out
	}
	return []Expr{r.element(a, result{v, at})}
}

// collected returns the elements of a list, tuple or set in its order, and of a map or object in the order of its keys.
func collected(v cty.Value) ([]cty.Value, bool) {
	if v.IsNull() || !v.IsKnown() || !v.CanIterateElements() {
		return nil, false
	}
	out := make([]cty.Value, 0, v.LengthInt())
	for it := v.ElementIterator(); it.Next(); {
		_, e := it.Element()
		out = append(out, e)
	}
	return out, true
}

// result answers for what an expression gave. A text is also the reference or word that it spells, as in JSON.
type result struct {
	v  cty.Value
	at hcl.Range
}

// where is the reference's own place where that lies inside of the expression, else the expression's.
func (e result) where() hcl.Range {
	if r, ok := AsReference(e.v); ok && r.Range.Filename == e.at.Filename &&
		r.Range.Start.Byte >= e.at.Start.Byte && r.Range.End.Byte <= e.at.End.Byte {
		return r.Range
	}
	return e.at
}

func (e result) is(t cty.Type) bool { return e.v.Type() == t && e.v.IsKnown() && !e.v.IsNull() }

func (e result) text() (string, bool) {
	if !e.is(cty.String) {
		return "", false
	}
	return e.v.AsString(), true
}

func (e result) template() (hcl.Expression, bool) { return nil, false }

func (e result) boolean() (bool, bool) {
	if !e.is(cty.Bool) {
		return false, false
	}
	return e.v.True(), true
}

func (e result) reference() ([]string, bool) {
	if r, ok := AsReference(e.v); ok {
		return r.Parts, true
	}
	if s, ok := e.text(); ok {
		return spelt(s)
	}
	return nil, false
}

// spelt reads the reference that a text spells. A key in brackets is the end of the declaration's own name.
func spelt(s string) ([]string, bool) {
	name, behind, _ := strings.Cut(s, `["`)
	key, behind, keyed := strings.Cut(behind, `"]`)
	if !keyed {
		return dotted(s)
	}
	if strings.Count(name, ".") != 1 || strings.Contains(key, ".") || behind != "" && behind[0] != '.' {
		return nil, false
	}
	return dotted(name + "-" + key + behind)
}

func (e result) list() ([]value, bool) {
	if !e.v.Type().IsTupleType() && !e.v.Type().IsListType() && !e.v.Type().IsSetType() {
		return nil, false
	}
	elems, ok := collected(e.v)
	out := make([]value, len(elems))
	for i, v := range elems {
		out[i] = result{v, e.at}
	}
	return out, ok
}

func (e result) object() ([]member, bool) {
	if !e.v.Type().IsObjectType() && !e.v.Type().IsMapType() || e.v.IsNull() || !e.v.IsKnown() {
		return nil, false
	}
	out := make([]member, 0, e.v.LengthInt())
	for it := e.v.ElementIterator(); it.Next(); {
		k, v := it.Element()
		out = append(out, member{key: k.AsString(), keyRange: e.at, value: result{v, e.at}})
	}
	return out, true
}

func (e result) shape() shape { return shapeLiteral }

func (e result) found() found {
	switch t := e.v.Type(); {
	case e.v.IsNull():
		return found{what: null}
	case t == cty.String:
		return found{what: "the text " + quote(e.v.AsString())}
	case t == cty.Number:
		return found{what: "a number"}
	case t == cty.Bool:
		return found{what: literalKind(e.v)}
	case t.IsListType() || t.IsTupleType() || t.IsSetType():
		return found{what: "a list"}
	case t.IsMapType() || t.IsObjectType():
		return found{what: "a map"}
	}
	if r, ok := AsReference(e.v); ok && len(r.Parts) > 1 {
		return found{what: "the reference " + strings.Join(r.Parts, ".")}
	} else if ok {
		return found{what: "the bare word " + r.Parts[0]}
	}
	return found{what: "a value of another type"}
}
