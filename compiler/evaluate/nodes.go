package evaluate

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"gatehouse/lang/diag"
	"gatehouse/lang/syntax"
)

// The nodes of our own embed one of HCL's, because an hclsyntax.Expression can't be written outside of its package.

// overLimit is what an evaluation ends with that has no steps left. The evaluator looks at the budget, and tells it in its own words.
var overLimit = hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Limit", Detail: errLimit.Error()}}

// counted counts the evaluation of an expression and the size of what it gives.
type counted struct {
	hclsyntax.Expression
	budget *budget
}

func (c *counted) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	if c.budget.spend(stepCost) != nil {
		return cty.DynamicVal, overLimit
	}
	v, diags := c.Expression.Value(ctx)
	if c.budget.over {
		return cty.DynamicVal, overLimit
	}
	if diags.HasErrors() {
		return v, diags
	}
	if c.budget.weigh(v) != nil {
		return cty.DynamicVal, overLimit // and not the value: HCL goes on with it, whatever is reported
	}
	return v, diags
}

// weigh spends what a value is worth.
func (b *budget) weigh(v cty.Value) hcl.Diagnostics {
	n, err := size(v, min(maxSize, b.left))
	if err != nil {
		b.over = true
	}
	if b.spend(n) != nil {
		return overLimit
	}
	return nil
}

// constant is a variable or a local, with steps behind its name.
type constant struct {
	hclsyntax.ScopeTraversalExpr
	value func() cty.Value
	rest  hcl.Traversal
}

func (c *constant) Value(*hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	return steps(c.value(), c.rest)
}

// textPart is a part of a text. A reference is none.
type textPart struct {
	hclsyntax.Expression
	budget *budget
}

func (p *textPart) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, diags := p.Expression.Value(ctx)
	if diags.HasErrors() {
		return v, diags
	}
	if r, ok := syntax.AsReference(v); ok {
		return cty.DynamicVal, tell(p.Range(), diag.InvalidExpr, fmt.Sprintf("%s is a reference, and no text", strings.Join(r.Parts, ".")),
			aloneText)
	}
	if p.budget.weigh(v) != nil {
		return cty.DynamicVal, overLimit
	}
	return v, diags
}

// aloneText is what to do about a reference where a text is wanted.
const aloneText = "References stand in lists of references, without quotes. For a text, write the name out, or build both from one variable."

// collection is what a for expression goes through. That it can't go through a reference to nothing follows from what is told of that.
type collection struct {
	hclsyntax.Expression
	ev *evaluator
}

func (c *collection) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, diags := c.Expression.Value(ctx)
	if !diags.HasErrors() && c.ev.undeclared(v) {
		return cty.DynamicVal, tell(c.Range(), alreadyTold, "nothing has the name", "")
	}
	return v, diags
}

// alreadyTold is the code of what is told elsewhere.
const alreadyTold = ""

// operation is an operator with its operands. Slips are told that HCL lets pass, or speaks of in numbers: a reference that is compared with a text, which it never equals,
// so that a condition would leave out nobody, or everybody; a division by zero; texts and lists that are added.
type operation struct{ hclsyntax.BinaryOpExpr }

func (o *operation) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	slip := o.slip()
	if slip == nil {
		return o.BinaryOpExpr.Value(ctx)
	}
	left, diags := o.LHS.Value(ctx)
	right, more := o.RHS.Value(ctx)
	if diags = append(diags, more...); !diags.HasErrors() {
		diags = append(diags, slip(left, right)...)
	}
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	known := hclsyntax.BinaryOpExpr{LHS: &hclsyntax.LiteralValueExpr{Val: left, SrcRange: o.LHS.Range()}, Op: o.Op,
		RHS: &hclsyntax.LiteralValueExpr{Val: right, SrcRange: o.RHS.Range()}, SrcRange: o.SrcRange}
	v, more := known.Value(ctx)
	return v, append(diags, more...)
}

// slip is what an operator looks at in its operands; nil: nothing.
func (o *operation) slip() func(left, right cty.Value) hcl.Diagnostics {
	switch o.Op {
	case hclsyntax.OpEqual, hclsyntax.OpNotEqual:
		return o.unlike
	case hclsyntax.OpDivide, hclsyntax.OpModulo:
		return o.byZero
	case hclsyntax.OpAdd:
		return o.joins
	}
	return nil
}

func (o *operation) unlike(left, right cty.Value) hcl.Diagnostics {
	if left.Type() == cty.String {
		left, right = right, left
	}
	r, ok := syntax.AsReference(left)
	if !ok || right.Type() != cty.String {
		return nil
	}
	name := strings.Join(r.Parts, ".")
	return tell(o.SrcRange, diag.InvalidExpr, name+" is a reference, and never equal to a text", "Compare it with a reference, written without quotes: "+name+".")
}

func (o *operation) joins(left, right cty.Value) hcl.Diagnostics {
	for _, v := range []cty.Value{left, right} {
		switch t := v.Type(); {
		case t.IsTupleType() || t.IsListType() || t.IsSetType():
			return tell(o.SrcRange, diag.InvalidExpr, "lists are not added", "Join them by a function: concat(a, b).")
		case t == cty.String && !v.IsNull():
			if _, err := convert.Convert(v, cty.Number); err != nil {
				return tell(o.SrcRange, diag.InvalidExpr, "texts are not added", "Write one text with both in it: \"${a}${b}\".")
			}
		}
	}
	return nil
}

func (o *operation) byZero(_, right cty.Value) hcl.Diagnostics {
	if right.Type() != cty.Number || !right.IsKnown() || right.IsNull() || right.AsBigFloat().Sign() != 0 {
		return nil
	}
	return tell(o.RHS.Range(), diag.InvalidExpr, "division by zero", "Write a conditional around the division: n == 0 ? 0 : 1 / n.")
}

// tell makes a diagnostic of our own pass through HCL.
func tell(at hcl.Range, code diag.Code, summary, detail string) hcl.Diagnostics {
	return hcl.Diagnostics{{
		Severity: hcl.DiagError, Summary: summary, Detail: detail, Subject: &at,
		Extra: &diag.Diagnostic{Code: code, Summary: summary, Detail: detail},
	}}
}

// relative is steps behind an expression. Behind a reference they name a surface.
type relative struct {
	hclsyntax.RelativeTraversalExpr
	budget *budget
}

func (r *relative) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, diags := r.Source.Value(ctx)
	if diags.HasErrors() {
		return v, diags
	}
	v, more := steps(v, r.Traversal)
	if diags = append(diags, more...); diags.HasErrors() {
		return v, diags
	}
	if r.budget.weigh(v) != nil {
		return cty.DynamicVal, overLimit
	}
	return v, diags
}
