package evaluate

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"gatehouse/lang/diag"
)

// sees says which names an expression sees, beside references.
type sees struct {
	each          bool // it stands in a block with for_each
	variablesOnly bool // it is a validation's
	template      bool // it is a naming template: what it doesn't know, it will know for each place
}

// rewriter copies an expression, puts nodes of our own where names stand, and wraps what may run often or grow. What is wrong with names
// it reports at once: that doesn't hang on values.
type rewriter struct {
	ev   *evaluator
	out  *expression
	sees sees

	bound []string // variables of the for expressions around
}

func (w *rewriter) report(code diag.Code, at hcl.Range, summary, detail string) {
	w.out.broken = true
	w.ev.report(code, w.place(at), summary, detail)
}

// place is the place of a part, or the whole expression where parts have none.
func (w *rewriter) place(at hcl.Range) hcl.Range {
	if w.out.loose {
		return w.out.at
	}
	return at
}

// counted wraps an expression whose evaluation costs steps.
func (w *rewriter) counted(e hclsyntax.Expression) hclsyntax.Expression {
	return &counted{Expression: e, budget: w.ev.budget}
}

// expr copies one expression. A kind that it doesn't know can't be evaluated.
func (w *rewriter) expr(e hclsyntax.Expression) hclsyntax.Expression {
	switch e := e.(type) {
	case nil, *hclsyntax.AnonSymbolExpr:
		return e
	case *hclsyntax.LiteralValueExpr:
		return w.counted(e)
	case *hclsyntax.ParenthesesExpr:
		return &hclsyntax.ParenthesesExpr{Expression: w.expr(e.Expression), SrcRange: e.SrcRange}
	case *hclsyntax.ScopeTraversalExpr:
		return w.name(e)
	case *hclsyntax.RelativeTraversalExpr:
		return &relative{RelativeTraversalExpr: hclsyntax.RelativeTraversalExpr{
			Source: w.source(e.Source), Traversal: e.Traversal, SrcRange: e.SrcRange}, budget: w.ev.budget}
	case *hclsyntax.IndexExpr:
		return w.index(e)
	case *hclsyntax.FunctionCallExpr:
		return w.call(e)
	case *hclsyntax.ConditionalExpr:
		return w.counted(&hclsyntax.ConditionalExpr{Condition: w.expr(e.Condition), TrueResult: &result{w.expr(e.TrueResult), w.ev.budget},
			FalseResult: &result{w.expr(e.FalseResult), w.ev.budget}, SrcRange: e.SrcRange})
	case *hclsyntax.BinaryOpExpr:
		return w.counted(&operation{hclsyntax.BinaryOpExpr{LHS: w.expr(e.LHS), Op: e.Op, RHS: w.expr(e.RHS), SrcRange: e.SrcRange}})
	case *hclsyntax.UnaryOpExpr:
		return w.counted(&hclsyntax.UnaryOpExpr{Op: e.Op, Val: w.expr(e.Val), SrcRange: e.SrcRange, SymbolRange: e.SymbolRange})
	}
	return w.compound(e)
}

// compound copies what holds a number of expressions.
func (w *rewriter) compound(e hclsyntax.Expression) hclsyntax.Expression {
	switch e := e.(type) {
	case *hclsyntax.TupleConsExpr:
		return &hclsyntax.TupleConsExpr{Exprs: w.all(e.Exprs), SrcRange: e.SrcRange, OpenRange: e.OpenRange}
	case *hclsyntax.ObjectConsExpr:
		out := &hclsyntax.ObjectConsExpr{SrcRange: e.SrcRange, OpenRange: e.OpenRange}
		for _, item := range e.Items {
			out.Items = append(out.Items, hclsyntax.ObjectConsItem{KeyExpr: w.key(item.KeyExpr), ValueExpr: w.expr(item.ValueExpr)})
		}
		return out
	case *hclsyntax.TemplateExpr:
		parts := w.all(e.Parts)
		for i := range parts {
			parts[i] = &textPart{Expression: parts[i], budget: w.ev.budget}
		}
		return &hclsyntax.TemplateExpr{Parts: parts, SrcRange: e.SrcRange}
	case *hclsyntax.TemplateWrapExpr:
		return &hclsyntax.TemplateWrapExpr{Wrapped: w.expr(e.Wrapped), SrcRange: e.SrcRange}
	case *hclsyntax.TemplateJoinExpr:
		return &hclsyntax.TemplateJoinExpr{Tuple: w.expr(e.Tuple)}
	case *hclsyntax.ForExpr:
		return w.loop(e)
	case *hclsyntax.SplatExpr:
		return &hclsyntax.SplatExpr{Source: w.source(e.Source), Each: w.counted(w.expr(e.Each)), Item: e.Item, SrcRange: e.SrcRange, MarkerRange: e.MarkerRange}
	}
	if _, unread := e.(*hclsyntax.ExprSyntaxError); unread {
		w.out.broken = true // the reader reported it
		return e
	}
	w.report(diag.InvalidExpr, e.Range(), "an expression of an unknown kind", "Write it in another way.")
	return e
}

func (w *rewriter) all(list []hclsyntax.Expression) []hclsyntax.Expression {
	out := make([]hclsyntax.Expression, len(list))
	for i, e := range list {
		out[i] = w.expr(e)
	}
	return out
}

// key copies an object's key: a word stands for itself there.
func (w *rewriter) key(e hclsyntax.Expression) hclsyntax.Expression {
	k, ok := e.(*hclsyntax.ObjectConsKeyExpr)
	if !ok {
		return w.expr(e)
	}
	if !k.ForceNonLiteral && hcl.ExprAsKeyword(k.Wrapped) != "" {
		return k
	}
	return &hclsyntax.ObjectConsKeyExpr{Wrapped: w.expr(k.Wrapped), ForceNonLiteral: true}
}

// source copies what only one element of is taken, so that the whole of it costs nothing.
func (w *rewriter) source(e hclsyntax.Expression) hclsyntax.Expression {
	out := w.expr(e)
	if c, ok := out.(*counted); ok {
		if _, named := e.(*hclsyntax.ScopeTraversalExpr); named {
			return c.Expression
		}
	}
	return out
}

// loop copies a for expression. What is evaluated for each element is counted.
func (w *rewriter) loop(e *hclsyntax.ForExpr) hclsyntax.Expression {
	out := *e
	out.CollExpr = &collection{Expression: w.expr(e.CollExpr), ev: w.ev}
	before := w.bound
	w.bound = append(slices.Clip(before), e.KeyVar, e.ValVar)
	out.ValExpr = w.counted(w.expr(e.ValExpr))
	if e.KeyExpr != nil {
		out.KeyExpr = w.counted(w.expr(e.KeyExpr))
	}
	if e.CondExpr != nil {
		out.CondExpr = w.counted(w.expr(e.CondExpr))
	}
	w.bound = before
	return &out
}

func (w *rewriter) call(e *hclsyntax.FunctionCallExpr) hclsyntax.Expression {
	if _, known := w.ev.functions[e.Name]; !known {
		detail := nearest(w.ev, "", e.Name, w.ev.functions)
		if detail == "" {
			detail = fmt.Sprintf("There are %d: gatehouse explain %s lists them. ", len(w.ev.functions), diag.UnknownFunction)
		}
		w.report(diag.UnknownFunction, e.NameRange, fmt.Sprintf("there is no function %q", e.Name), detail+"None reads files, the network or the clock.")
	}
	out := *e
	out.Args = w.all(e.Args)
	return w.counted(&out)
}

// index copies an index. Of a kind of block it picks a declaration by its name: workload[var.name].
func (w *rewriter) index(e *hclsyntax.IndexExpr) hclsyntax.Expression {
	if t, ok := e.Collection.(*hclsyntax.ScopeTraversalExpr); ok && len(t.Traversal) == 1 {
		if kind, ok := w.kind(t.Traversal.RootName()); ok {
			return w.byName(kind, e)
		}
	}
	if of, surface, ok := w.severalOf(e.Collection); ok {
		return w.byKey(of, surface, e)
	}
	return w.counted(&indexed{hclsyntax.IndexExpr{Collection: w.source(e.Collection), Key: w.expr(e.Key),
		SrcRange: e.SrcRange, OpenRange: e.OpenRange, BracketRange: e.BracketRange}, w.ev})
}
