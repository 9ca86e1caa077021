package resolve

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"gatehouse/lang/diag"
	"gatehouse/lang/model"
	"gatehouse/lang/syntax"
)

// template makes the remote names of an environment. Templates see name, environment and labels.
type template struct {
	attr    string           // such as service
	text    string           // with ${name} alone in it, where expr is nil
	expr    hcl.Expression   // nil: text
	scope   *hcl.EvalContext // what expr sees beside name, environment and labels; nil: nothing
	written hcl.Range        // zero: built in
	labels  bool             // expr names labels, so that it has to see them
	silent  bool             // reported already: it makes no more names
	good    bool             // it made a name that the remote system takes

	underscores bool // built in, it writes "_" for "-", which the remote system doesn't take
}

// template reads an environment's naming template. It is never nil.
func (r *resolver) template(b *syntax.Block, name, builtIn string) *template {
	a, ok := b.Attr(name)
	if !ok {
		return &template{attr: name, text: builtIn, silent: b.Partial}
	}
	t := &template{attr: name, written: a.Expr.Where()}
	switch e := a.Expr.(type) {
	case syntax.String:
		t.text = e.Value
	case syntax.Template:
		t.expr, t.scope = e.HCL, e.Scope
		t.labels = slices.ContainsFunc(e.HCL.Variables(), func(v hcl.Traversal) bool { return v.RootName() == "labels" })
		t.silent = r.refusedTemplate(e)
	default:
		t.silent = true
	}
	return t
}

// evaluated are what a template sees of the policy, if it names it at all. What they hold is bounded, and so is what functions give.
var evaluated = []string{"var", "local", "each"}

// variables are what a template sees of a place.
func variables() []string { return []string{"name", "environment", "labels"} }

// longestTemplate bounds a template in bytes. With longestLabel, and without loops, it bounds what evaluating one may cost.
const longestTemplate = 1000

// refusedTemplate reports what is wrong with a template before it is evaluated, also where nothing uses it yet.
func (r *resolver) refusedTemplate(t syntax.Template) bool {
	const sees = "A template sees ${name}, ${environment} and ${labels.KEY}."
	if t.Range.End.Byte-t.Range.Start.Byte > longestTemplate {
		r.error(diag.InvalidTemplate, t.Range, fmt.Sprintf("the template is longer than %d bytes", longestTemplate), "No remote name is as long. "+sees)
		return true
	}
	if what := costly(t.HCL); what != "" {
		r.error(diag.InvalidTemplate, t.Range, "the template "+what, sees+" Write the name out of these. What has to be computed stands in locals.")
		return true
	}
	for _, v := range t.HCL.Variables() {
		if slices.Contains(variables(), v.RootName()) || t.Scope != nil && slices.Contains(evaluated, v.RootName()) {
			continue
		}
		detail := sees
		if near := diag.Nearest(v.RootName(), variables()); near != "" {
			detail = fmt.Sprintf("Did you mean ${%s}? %s", near, sees)
		}
		r.error(diag.InvalidTemplate, t.Range, fmt.Sprintf("the template has no variable %q", v.RootName()), detail)
		return true
	}
	return false
}

// costly finds what could make a short template run for long, or make a name of a number with a million digits; "" where there is nothing.
func costly(e hcl.Expression) (what string) {
	node, ok := e.(hclsyntax.Node)
	if !ok {
		return ""
	}
	_ = hclsyntax.VisitAll(node, func(n hclsyntax.Node) hcl.Diagnostics {
		switch n := n.(type) {
		case *hclsyntax.ForExpr, *hclsyntax.TemplateJoinExpr, *hclsyntax.SplatExpr:
			what = "has a loop"
		case *hclsyntax.BinaryOpExpr:
			if n.Op.Type == cty.Number {
				what = "calculates"
			}
		case *hclsyntax.UnaryOpExpr:
			if n.Op.Type == cty.Number {
				what = "calculates"
			}
		case *hclsyntax.LiteralValueExpr:
			if n.Val.Type() == cty.Number && !n.Val.IsNull() && n.Val.AsBigFloat().MantExp(nil) > 64 {
				what = "has a number that is too long"
			}
		}
		return nil
	})
	return what
}

// name evaluates the template for a place; false where it can't be, which is reported once a template.
func (r *resolver) name(t *template, p *place) (model.Text, bool) {
	if t.silent || t.written == zero && p.of.badName {
		return model.Text{}, false
	}
	out := model.Text{Range: t.written}
	if t.written == zero {
		out.Range = p.of.block.NameRange()
	}
	if t.expr == nil {
		out.Value = t.text
		if t.written == zero {
			out.Value = strings.Replace(t.text, "${name}", p.of.addr.Name, 1)
			if t.underscores {
				out.Value = strings.ReplaceAll(out.Value, "-", "_")
			}
		}
		return out, true
	}
	value, problem := evaluate(t, p)
	if missing := missingLabel(t.expr, p); problem != "" && missing != "" {
		problem = fmt.Sprintf("%s has no label %q in environment.%s.", p.of.addr, missing, p.environment.Name)
	}
	if problem != "" {
		t.silent = true
		r.error(diag.InvalidTemplate, t.written, fmt.Sprintf("the template can't name %s", p.of.addr),
			problem+" A template sees ${name}, ${environment} and ${labels.KEY}. Mend the template, or give the thing what the template asks for.",
			diag.Related{Message: "evaluated for this", Range: p.of.block.NameRange()})
		return model.Text{}, false
	}
	out.Value = value
	return out, true
}

// missingLabel returns the first label that a template asks for and a place doesn't have, or "".
func missingLabel(e hcl.Expression, p *place) string {
	for _, v := range e.Variables() {
		if v.RootName() != "labels" || len(v) < 2 {
			continue
		}
		key := ""
		switch step := v[1].(type) {
		case hcl.TraverseAttr:
			key = step.Name
		case hcl.TraverseIndex:
			if step.Key.Type() == cty.String && step.Key.IsKnown() && !step.Key.IsNull() {
				key = step.Key.AsString()
			}
		}
		if _, ok := p.labels[key]; !ok && key != "" {
			return key
		}
	}
	return ""
}

// evaluate returns the template's text, or a sentence that says why there is none.
func evaluate(t *template, p *place) (value, problem string) {
	ctx := t.scope.NewChild()
	ctx.Variables = map[string]cty.Value{
		"name":        cty.StringVal(p.of.addr.Name),
		"environment": cty.StringVal(p.environment.Name),
	}
	if t.labels {
		labels := make(map[string]cty.Value, len(p.labels))
		for k, v := range p.labels {
			labels[k] = cty.StringVal(v)
		}
		ctx.Variables["labels"] = cty.ObjectVal(labels)
	}
	v, diags := t.expr.Value(ctx)
	if diags.HasErrors() {
		return "", strings.TrimSuffix(diags[0].Detail, ".") + "."
	}
	text, err := convert.Convert(v, cty.String)
	if err != nil || text.IsNull() || !text.IsKnown() {
		return "", "It does not give text."
	}
	return text.AsString(), ""
}
