package evaluate

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"gatehouse/lang/diag"
	"gatehouse/lang/syntax"
)

// expression is one expression, made ready: names are looked up, and what could take long is counted.
type expression struct {
	hcl    hclsyntax.Expression
	at     hcl.Range
	loose  bool   // places inside of it are not exact
	needs  []need // what has to be known first
	broken bool   // something was reported: it is not evaluated

	keys map[string][]hcl.Range // of a for_each: where those stand that are written out
}

// need is a node that an expression mentions.
type need struct {
	node *node
	at   hcl.Range
}

// instance is one element of a for_each: what an expression sees as each.
type instance struct {
	name       string // the declaration, such as workload.trainer-fraud
	key, value cty.Value
	at         hcl.Range // its key, where that is written out; otherwise the for_each
}

// value evaluates an expression; false where it can't be, which was reported.
func (ev *evaluator) value(x *expression, in *instance) (cty.Value, bool) {
	if x.broken {
		return cty.NilVal, false
	}
	for _, n := range x.needs {
		if !n.node.known {
			return cty.NilVal, false
		}
	}
	ctx := &hcl.EvalContext{Functions: ev.functions}
	if in != nil {
		ctx.Variables = map[string]cty.Value{"each": cty.ObjectVal(map[string]cty.Value{"key": in.key, "value": in.value})}
	}
	ev.budget.begin()
	v, diags := safely(x.hcl, ctx)
	if !ev.budget.over && !diags.HasErrors() {
		if n, err := size(v, maxSize); err != nil || ev.budget.spend(keepCost*n) != nil {
			ev.budget.over = true
		}
	}
	switch {
	case ev.budget.over:
		ev.limit(x.at, in)
	case diags.HasErrors():
		ev.failed(x, diags, in)
	case !whollyKnown(v):
		ev.reportIn(in, diag.InvalidExpr, x.at, "the expression gives no value", "Write it in another way.")
	default:
		return v, true
	}
	return cty.NilVal, false
}

// safely evaluates what a policy says by a library that takes some mistakes for its caller's, and panics.
func safely(e hclsyntax.Expression, ctx *hcl.EvalContext) (v cty.Value, diags hcl.Diagnostics) {
	defer func() {
		if p := recover(); p != nil {
			v, diags = cty.DynamicVal, hcl.Diagnostics{{Severity: hcl.DiagError, Summary: panicked, Detail: fmt.Sprintf("%v. Write it in another way.", p)}}
		}
	}()
	return e.Value(ctx)
}

// panicked is how a message begins that tests must never see.
const panicked = "The expression can't be evaluated"

// limit reports an expression that computes too much. Where the whole policy has, the first to ask for more is told, and no other.
func (ev *evaluator) limit(at hcl.Range, in *instance) {
	if ev.exhausted {
		return
	}
	ev.exhausted = ev.budget.short
	detail := "An expression may take two million steps, a whole policy thirty million; a value may have a hundred thousand elements, sixty levels " +
		"or a text of 1.6 MB, and a number a thousand digits. Write less at once, or generate the policy's files."
	ev.reportIn(in, diag.ExpressionLimit, at, "the expression computes too much", detail)
}

// failed reports what HCL found while it evaluated, each place once.
func (ev *evaluator) failed(x *expression, diags hcl.Diagnostics, in *instance) {
	seen := map[hcl.Range]bool{}
	for _, d := range diags {
		at := x.at
		if d.Subject != nil && !x.loose && d.Subject.Filename == x.at.Filename {
			at = *d.Subject
		}
		if d.Severity != hcl.DiagError || seen[at] {
			continue
		}
		seen[at] = true
		if told, ok := d.Extra.(*diag.Diagnostic); ok {
			if told.Code == alreadyTold {
				continue
			}
			ev.reportIn(in, told.Code, at, told.Summary, told.Detail)
			continue
		}
		summary, detail := inOurWords(d)
		if strings.Contains(d.Detail, "have reference") || strings.Contains(d.Detail, "convert reference") {
			detail += " " + aloneText
		}
		ev.reportIn(in, diag.InvalidExpr, at, summary, detail)
	}
}

// prepareComputed makes a value of the tree ready, once.
func (ev *evaluator) prepareComputed(c syntax.Computed, s sees) *expression {
	x := ev.prepared[c.HCL]
	if x == nil {
		x = &expression{at: c.Range, loose: c.Loose}
	}
	if x.hcl != nil {
		return x
	}
	w := &rewriter{ev: ev, out: x, sees: s}
	x.broken = ev.repeatedKeys(c)
	x.hcl = w.expr(c.HCL)
	ev.prepared[c.HCL] = x
	return x
}
