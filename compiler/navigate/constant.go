package navigate

import (
	"strings"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// unsaid stands for what is too long to show, or no constant.
const unsaid = "…"

// keyText returns a key that is written out; empty where it is computed.
func keyText(e hcl.Expression) string {
	key, ok := e.(*hclsyntax.ObjectConsKeyExpr)
	if !ok || key.ForceNonLiteral {
		return ""
	}
	if t, ok := key.Wrapped.(*hclsyntax.TemplateExpr); ok {
		return plainText(t)
	}
	return hcl.ExprAsKeyword(key)
}

// plainText returns a quoted text that computes nothing; empty for others.
func plainText(t *hclsyntax.TemplateExpr) string {
	if !t.IsStringLiteral() {
		return ""
	}
	v, _ := t.Value(nil)
	return v.AsString()
}

// mostShown bounds the text of a constant, in characters.
const mostShown = 60

// constantText prints a constant as a policy writes it, in one line.
func constantText(e hcl.Expression) string {
	text := printed(e)
	if utf8.RuneCountInString(text) > mostShown {
		return string([]rune(text)[:mostShown]) + unsaid
	}
	return text
}

func printed(e hcl.Expression) string {
	switch e := e.(type) {
	case *hclsyntax.ParenthesesExpr:
		return printed(e.Expression)
	case *hclsyntax.TemplateExpr:
		if e.IsStringLiteral() || len(e.Parts) == 0 {
			return quote(plainText(e))
		}
	case *hclsyntax.LiteralValueExpr:
		return literalText(e.Val)
	case *hclsyntax.UnaryOpExpr:
		if e.Op == hclsyntax.OpNegate {
			return "-" + printed(e.Val)
		}
	case *hclsyntax.TupleConsExpr:
		out := make([]string, len(e.Exprs))
		for i, one := range e.Exprs {
			out[i] = printed(one)
		}
		return "[" + strings.Join(out, ", ") + "]"
	case *hclsyntax.ObjectConsExpr:
		return objectText(e)
	}
	return unsaid
}

func objectText(e *hclsyntax.ObjectConsExpr) string {
	if len(e.Items) == 0 {
		return "{}"
	}
	out := make([]string, len(e.Items))
	for i, item := range e.Items {
		key := keyText(item.KeyExpr)
		if !bare.MatchString(key) {
			key = quote(key)
		}
		out[i] = key + " = " + printed(item.ValueExpr)
	}
	return "{ " + strings.Join(out, ", ") + " }"
}

// mostBits bounds the exponent of a number that is written out: one with a longer one takes very many digits.
const mostBits = 256

func literalText(v cty.Value) string {
	switch {
	case v.IsNull():
		return "null"
	case v.Type() == cty.Bool && v.True():
		return "true"
	case v.Type() == cty.Bool:
		return "false"
	case v.Type() == cty.String:
		return quote(v.AsString())
	case v.Type() != cty.Number:
		return unsaid
	}
	n := v.AsBigFloat()
	if bits := n.MantExp(nil); bits > mostBits || bits < -mostBits {
		return unsaid
	}
	return n.Text('g', 20)
}
