package evaluate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/syntax"
)

// name copies a dotted name: a variable, a local, each, a reference, a word, or what a for expression binds.
func (w *rewriter) name(e *hclsyntax.ScopeTraversalExpr) hclsyntax.Expression {
	root := e.Traversal.RootName()
	if slices.Contains(w.bound, root) {
		return w.counted(&named{*e, 1})
	}
	switch {
	case root == "var":
		return w.variable(e)
	case root == "local" && !w.sees.variablesOnly:
		return w.local(e)
	case root == "each" && !w.sees.variablesOnly:
		return w.each(e)
	case w.sees.template:
		return e
	case w.sees.variablesOnly:
		w.report(diag.InvalidExpr, e.SrcRange, fmt.Sprintf("a validation doesn't see %s", written(e.Traversal)), "It sees variables alone: var.NAME.")
		return e
	}
	if kind, ok := w.kind(root); ok {
		return w.reference(kind, e)
	}
	if w.ev.words[root] && len(e.Traversal) == 1 {
		return &hclsyntax.LiteralValueExpr{Val: syntax.ReferenceVal([]string{root}, w.place(e.SrcRange)), SrcRange: e.SrcRange}
	}
	w.unknownRoot(root, e)
	return e
}

func (w *rewriter) kind(root string) (addr.Kind, bool) {
	kind := addr.Kind(root)
	return kind, slices.Contains(addr.Kinds(), kind) && !slices.Contains(w.bound, root) && !w.sees.template && !w.sees.variablesOnly
}

func (w *rewriter) unknownRoot(root string, e *hclsyntax.ScopeTraversalExpr) {
	known := map[string]bool{"var": true, "local": true, "each": true}
	for _, k := range addr.Kinds() {
		known[string(k)] = true
	}
	for _, b := range w.bound {
		known[b] = true
	}
	delete(known, "")
	detail := misnamed(e.Traversal)
	if detail == "" {
		detail = nearest(w.ev, "", root, known)
	}
	detail += "Names begin with var, local, each or the type of a block, such as workload.NAME."
	if len(e.Traversal) == 1 {
		detail += fmt.Sprintf(" A text stands in quotes: %q.", root)
	}
	w.report(diag.UnknownReference, e.SrcRange, fmt.Sprintf("there is nothing called %s here", written(e.Traversal)), detail)
}

// misnamed is a sentence with what is meant by a name that begins with the type of the block that declares it, as in locals.x; empty for another.
func misnamed(t hcl.Traversal) string {
	if why := elsewhere[t.RootName()]; why != "" {
		return why
	}
	meant := map[string]string{"locals": "local", "variable": "var"}[t.RootName()]
	if meant == "" || len(t) == 1 {
		return ""
	}
	return fmt.Sprintf("Did you mean %s%s? ", meant, strings.TrimPrefix(written(t), t.RootName()))
}

// elsewhere are names that mean something in Terraform, and what says it here.
var elsewhere = map[string]string{
	"path":      "A policy reads no files, and knows no paths. ",
	"terraform": "A policy has no workspaces: what differs from run to run is a variable. ",
	"self":      "A block doesn't see itself: give the value a name in locals, and write that in both places. ",
	"count":     "Write for_each, and each.key. ",
	"data":      "A policy fetches nothing: give it the value by a variable. ",
	"module":    "All files of a policy see one another: there are no modules. ",
}

// written prints a dotted name as far as it is made of words.
func written(t hcl.Traversal) string {
	var out []string
	for _, step := range t {
		switch step := step.(type) {
		case hcl.TraverseRoot:
			out = append(out, step.Name)
		case hcl.TraverseAttr:
			out = append(out, step.Name)
		default:
			return strings.Join(out, ".")
		}
	}
	return strings.Join(out, ".")
}

// second is the name behind var, local or each, and the steps behind it.
func (w *rewriter) second(e *hclsyntax.ScopeTraversalExpr) (name string, at hcl.Range, rest hcl.Traversal, ok bool) {
	root := e.Traversal.RootName()
	if len(e.Traversal) > 1 {
		if attr, isAttr := e.Traversal[1].(hcl.TraverseAttr); isAttr {
			return attr.Name, hcl.RangeBetween(e.Traversal[0].SourceRange(), attr.SrcRange), e.Traversal[2:], true
		}
	}
	w.report(diag.InvalidExpr, e.SrcRange, root+" stands alone", fmt.Sprintf("Write %s.NAME: which one is meant has to be seen in the text.", root))
	return "", hcl.Range{}, nil, false
}

func (w *rewriter) variable(e *hclsyntax.ScopeTraversalExpr) hclsyntax.Expression {
	name, at, rest, ok := w.second(e)
	if !ok {
		return e
	}
	v := w.ev.variables[name]
	switch {
	case v == nil:
		w.undeclared(at, "var."+name, name, nearest(w.ev, "var.", name, w.ev.variables)+fmt.Sprintf("Declare it in any file of the policy: variable %q { … }.", name))
	case !v.known:
		w.out.broken = true // reported
	default:
		return w.counted(&constant{ScopeTraversalExpr: *e, value: func() cty.Value { return v.value }, rest: rest})
	}
	return e
}

func (w *rewriter) local(e *hclsyntax.ScopeTraversalExpr) hclsyntax.Expression {
	name, at, rest, ok := w.second(e)
	if !ok {
		return e
	}
	n := w.ev.locals[name]
	if n == nil {
		w.undeclared(at, "local."+name, name, nearest(w.ev, "local.", name, w.ev.locals)+fmt.Sprintf("Declare it in any file of the policy: locals { %s = … }.", name))
		return e
	}
	w.out.needs = append(w.out.needs, need{n, w.place(at)})
	return w.counted(&constant{ScopeTraversalExpr: *e, value: func() cty.Value { return n.value }, rest: rest})
}

// undeclared reports a variable or local that may not have been lost.
func (w *rewriter) undeclared(at hcl.Range, what, name, detail string) {
	w.out.broken = true
	if !w.ev.lost(name) {
		w.report(diag.UnknownReference, at, what+" is not declared", detail)
	}
}

// lost reports whether what seems undeclared may stand in what could not be read.
func (ev *evaluator) lost(name string) bool {
	_, found := slices.BinarySearch(ev.in.Lost, name)
	return found || ev.in.Partial
}

func (w *rewriter) each(e *hclsyntax.ScopeTraversalExpr) hclsyntax.Expression {
	if !w.sees.each {
		w.report(diag.UnknownReference, e.SrcRange, "each stands only in a block with for_each",
			"Give the block a for_each, or write the value out. A for_each itself doesn't see each.")
		return e
	}
	name, at, _, ok := w.second(e)
	if ok && name != "key" && name != "value" {
		w.report(diag.UnknownReference, at, fmt.Sprintf("each has no %q", name), "Write each.key, or each.value for what the map holds under the key.")
	}
	return w.counted(&named{*e, min(2, len(e.Traversal))})
}
