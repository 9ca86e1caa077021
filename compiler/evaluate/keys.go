package evaluate

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"gatehouse/lang/syntax"
)

// keyPlaces are where the keys of a for_each stand that are written out in it, in a map, a list or toset of a list.
func keyPlaces(c syntax.Computed) map[string][]hcl.Range {
	if c.Loose {
		return nil
	}
	out := map[string][]hcl.Range{}
	note := func(e hclsyntax.Expression) {
		if key, problem := constantKey(e); problem == "" {
			out[key] = append(out[key], e.Range())
		}
	}
	switch e := listed(c.HCL).(type) {
	case *hclsyntax.TupleConsExpr:
		for _, elem := range e.Exprs {
			note(elem)
		}
	case *hclsyntax.ObjectConsExpr:
		for _, item := range e.Items {
			note(item.KeyExpr)
		}
	}
	return out
}

// listed takes an expression out of parentheses and of toset.
func listed(e hclsyntax.Expression) hclsyntax.Expression {
	for {
		switch inner := e.(type) {
		case *hclsyntax.ParenthesesExpr:
			e = inner.Expression
		case *hclsyntax.FunctionCallExpr:
			if inner.Name != "toset" || len(inner.Args) != 1 {
				return e
			}
			e = inner.Args[0]
		default:
			return e
		}
	}
}

// placeIn is one of some places; another one where it isn't there.
func placeIn(places []hcl.Range, i int, otherwise hcl.Range) hcl.Range {
	if i < 0 || i >= len(places) {
		return otherwise
	}
	return places[i]
}
