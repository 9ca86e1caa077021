package syntax

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// nativeValue answers for an expression of the native syntax.
type nativeValue struct{ e hclsyntax.Expression }

func native(e hclsyntax.Expression) nativeValue {
	for {
		p, ok := e.(*hclsyntax.ParenthesesExpr)
		if !ok {
			return nativeValue{e}
		}
		e = p.Expression
	}
}

func (v nativeValue) where() hcl.Range { return v.e.Range() }

func (v nativeValue) text() (string, bool) {
	t, ok := v.e.(*hclsyntax.TemplateExpr)
	if !ok {
		return "", false
	}
	return literalParts(t.Parts)
}

// literalParts joins a template's parts where all of them are literal.
func literalParts(parts []hclsyntax.Expression) (string, bool) {
	if len(parts) == 1 {
		return literalString(parts[0])
	}
	var b strings.Builder
	for _, part := range parts {
		s, ok := literalString(part)
		if !ok {
			return "", false
		}
		b.WriteString(s)
	}
	return b.String(), true
}

func literalString(e hclsyntax.Expression) (string, bool) {
	lit, ok := e.(*hclsyntax.LiteralValueExpr)
	if !ok || !lit.Val.IsKnown() || lit.Val.IsNull() || lit.Val.Type() != cty.String {
		return "", false
	}
	return lit.Val.AsString(), true
}

func (v nativeValue) template() (hcl.Expression, bool) {
	switch v.e.(type) {
	case *hclsyntax.TemplateExpr, *hclsyntax.TemplateWrapExpr:
		return v.e, true
	default:
		return nil, false
	}
}

func (v nativeValue) boolean() (bool, bool) {
	lit, ok := v.e.(*hclsyntax.LiteralValueExpr)
	if !ok || !lit.Val.IsKnown() || lit.Val.IsNull() || lit.Val.Type() != cty.Bool {
		return false, false
	}
	return lit.Val.True(), true
}

func (v nativeValue) reference() ([]string, bool) {
	t, ok := v.e.(*hclsyntax.ScopeTraversalExpr)
	if !ok {
		return nil, false
	}
	parts := make([]string, 0, len(t.Traversal))
	for _, step := range t.Traversal {
		switch step := step.(type) {
		case hcl.TraverseRoot:
			parts = append(parts, step.Name)
		case hcl.TraverseAttr:
			parts = append(parts, step.Name)
		default:
			return nil, false
		}
	}
	return parts, true
}

func (v nativeValue) list() ([]value, bool) {
	t, ok := v.e.(*hclsyntax.TupleConsExpr)
	if !ok {
		return nil, false
	}
	out := make([]value, len(t.Exprs))
	for i, e := range t.Exprs {
		out[i] = native(e)
	}
	return out, true
}

func (v nativeValue) object() ([]member, bool) {
	t, ok := v.e.(*hclsyntax.ObjectConsExpr)
	if !ok {
		return nil, false
	}
	out := make([]member, len(t.Items))
	for i, item := range t.Items {
		out[i] = member{keyRange: item.KeyExpr.Range(), value: native(item.ValueExpr)}
		if key, ok := literalKey(item.KeyExpr); ok {
			out[i].key = key
		} else {
			out[i].odd = true
		}
	}
	return out, true
}

func literalKey(e hclsyntax.Expression) (string, bool) {
	if word := hcl.ExprAsKeyword(e); word != "" {
		return word, true
	}
	if wrapped, ok := e.(*hclsyntax.ObjectConsKeyExpr); ok {
		return native(wrapped.Wrapped).text()
	}
	return "", false
}

func (v nativeValue) shape() shape { return v.found().shape }

func (v nativeValue) found() found {
	switch e := v.e.(type) {
	case *hclsyntax.TemplateExpr, *hclsyntax.TemplateWrapExpr:
		if s, ok := v.text(); ok {
			return found{what: "the text " + quote(s)}
		}
		return found{shape: shapeComputed, what: "a text with ${…}"}
	case *hclsyntax.LiteralValueExpr:
		if !e.Val.IsKnown() {
			return found{shape: shapeUnread}
		}
		return found{what: literalKind(e.Val)}
	case *hclsyntax.TupleConsExpr:
		return found{what: "a list"}
	case *hclsyntax.ObjectConsExpr:
		return found{what: "a map"}
	case *hclsyntax.ScopeTraversalExpr:
		return nativeReferenceFound(v)
	case *hclsyntax.RelativeTraversalExpr:
		if lit, ok := e.Source.(*hclsyntax.LiteralValueExpr); ok && !lit.Val.IsKnown() {
			return found{shape: shapeUnread} // .5, behind another mistake of the file
		}
		return found{shape: shapeComputed, what: "a computed value"}
	case *hclsyntax.FunctionCallExpr:
		return found{shape: shapeComputed, what: "a call of the function " + e.Name}
	case *hclsyntax.ExprSyntaxError:
		return found{shape: shapeTold}
	case *hclsyntax.ForExpr:
		return found{shape: shapeComputed, what: "a for expression"}
	case *hclsyntax.ConditionalExpr:
		return found{shape: shapeComputed, what: "a conditional"}
	default:
		return found{shape: shapeComputed, what: "a computed value"}
	}
}

// variables are the first words of references that HCL users expect and the language doesn't have.
var variables = []string{"var", "local", "each", "count", "locals", "variable"}

// nativeReferenceFound tells a reference to something that later versions may have from an ordinary one.
func nativeReferenceFound(v nativeValue) found {
	parts, ok := v.reference()
	if !ok {
		return found{shape: shapeComputed, what: "a reference with an index"}
	}
	if slices.Contains(variables, parts[0]) {
		return found{shape: shapeComputed, what: "the variable " + strings.Join(parts, ".")}
	}
	if len(parts) == 1 {
		return found{what: "the bare word " + parts[0]}
	}
	return found{what: "the reference " + strings.Join(parts, ".")}
}

// null is how a message names HCL's null.
const null = "null"

func literalKind(v cty.Value) string {
	switch {
	case v.IsNull():
		return null
	case v.Type() == cty.Bool:
		if v.True() {
			return "true"
		}
		return "false"
	case v.Type() == cty.Number:
		return "a number"
	default:
		return "a value of another type"
	}
}
