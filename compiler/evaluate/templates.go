package evaluate

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"gatehouse/lang/diag"
	"gatehouse/lang/syntax"
)

// maxTemplateSize bounds, in steps, what a naming template sees of variables and locals, and what a function may give there: no remote name is
// longer than a few hundred bytes, and a template is evaluated for each place.
const maxTemplateSize = 500

// templateComputes reports whether a naming template names more than what is known for each place.
func templateComputes(t syntax.Template) bool {
	for _, v := range t.HCL.Variables() {
		switch v.RootName() {
		case "var", "local", "each":
			return true
		}
	}
	calls := false
	if node, ok := t.HCL.(hclsyntax.Node); ok {
		_ = hclsyntax.VisitAll(node, func(n hclsyntax.Node) hcl.Diagnostics {
			_, call := n.(*hclsyntax.FunctionCallExpr)
			calls = calls || call
			return nil
		})
	}
	return calls
}

// prepareTemplate looks up what a naming template names that isn't known only for each place. The template itself stays as it is.
func (ev *evaluator) prepareTemplate(t syntax.Template, s sees) {
	e, ok := t.HCL.(hclsyntax.Expression)
	if !ok || !templateComputes(t) || ev.prepared[t.HCL] != nil {
		return
	}
	s.template = true
	x := &expression{at: t.Range, loose: strings.HasSuffix(t.Range.Filename, syntax.JSONSuffix)}
	w := &rewriter{ev: ev, out: x, sees: s}
	x.hcl = w.expr(e)
	ev.prepared[t.HCL] = x
}

// scope gives a naming template what it sees beside name, environment and labels.
func (ev *evaluator) scope(t syntax.Template, in *instance) syntax.Expr {
	x := ev.prepared[t.HCL]
	if x == nil {
		return t
	}
	if x.broken {
		return syntax.Invalid{Range: t.Range}
	}
	seen, known := ev.seenBy(t)
	if !known {
		return syntax.Invalid{Range: t.Range}
	}
	ctx := &hcl.EvalContext{Variables: map[string]cty.Value{}, Functions: templateFunctions}
	for root, values := range seen {
		ctx.Variables[root] = cty.ObjectVal(values)
	}
	if in != nil {
		ctx.Variables["each"] = cty.ObjectVal(map[string]cty.Value{"key": in.key, "value": in.value})
	}
	for _, v := range ctx.Variables {
		if _, err := size(v, maxTemplateSize); err != nil {
			ev.reportIn(in, diag.ExpressionLimit, t.Range, "the template sees too much",
				"What a naming template takes from variables and locals may have a few hundred elements or eight thousand bytes. Take the text alone that it needs: local.NAME.")
			return syntax.Invalid{Range: t.Range}
		}
	}
	t.Scope = ctx
	return t
}

// seenBy returns what a template names of variables and locals; false where some of it isn't known, which was reported.
func (ev *evaluator) seenBy(t syntax.Template) (seen map[string]map[string]cty.Value, known bool) {
	seen = map[string]map[string]cty.Value{"var": {}, "local": {}}
	for _, v := range t.HCL.Variables() {
		if len(v) < 2 {
			continue
		}
		name, _, _ := firstWord(v[1:])
		switch v.RootName() {
		case "var":
			if declared := ev.variables[name]; declared != nil {
				seen["var"][name] = declared.value
			}
		case "local":
			n := ev.locals[name]
			if n == nil || !n.known {
				return nil, false
			}
			seen["local"][name] = n.value
		}
	}
	return seen, true
}
