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

// EnvironmentPrefix is what the names of environment variables begin with that give values.
const EnvironmentPrefix = "GATEHOUSE_VAR_"

// Inputs are the values of variables that come from outside of the policy. Flags win over files, files over the environment, and later ones
// over earlier ones.
type Inputs struct {
	Environment map[string]string // variable → value; names that the policy doesn't declare are passed over
	Files       []File
	Flags       []Flag

	// Lenient passes over names in files and flags that the policy doesn't declare: they are meant for another state of it.
	Lenient bool
}

// File is a file of values, name = value in the native syntax, or one object in JSON where its name ends in .json.
type File struct {
	Name string // as messages show it
	Text []byte
}

// Flag is one --var name=value.
type Flag struct{ Name, Value string }

func (in Inputs) empty() bool { return len(in.Files) == 0 && len(in.Flags) == 0 }

// given is a value for a variable, and who gave it.
type given struct {
	source string // --var team=…, GATEHOUSE_VAR_team, team in prod.hcl
	text   *string
	value  hclsyntax.Expression // where text is nil
}

// give collects who gives which variable a value: the last one counts.
func (ev *evaluator) give(in Inputs) map[string]given {
	out := map[string]given{}
	for name := range ev.variables {
		for _, spelt := range []string{name, ev.environmentName(name)} {
			if text, ok := in.Environment[spelt]; ok {
				out[name] = given{source: EnvironmentPrefix + spelt, text: &text}
				break
			}
		}
	}
	ev.warnOfCase(in.Environment)
	ev.lenient = in.Lenient
	for _, f := range in.Files {
		ev.giveFile(out, f)
	}
	for _, f := range in.Flags {
		source := fmt.Sprintf("--var %s=…", f.Name)
		if ev.declaresVariable(f.Name, source) {
			out[f.Name] = given{source: source, text: &f.Value}
		}
	}
	if !in.Lenient {
		ev.refuseAmbiguous(in.Environment, out)
	}
	return out
}

func (ev *evaluator) giveFile(out map[string]given, f File) {
	attrs, diags := syntax.ReadValues(f.Text, f.Name)
	for _, d := range diags {
		ev.unread = true
		place := ""
		if d.Subject.Start.Line > 0 {
			place = fmt.Sprintf(":%d", d.Subject.Start.Line)
		}
		detail := d.Detail
		if len(d.Related) > 0 {
			detail += fmt.Sprintf(" The first is in line %d.", d.Related[0].Range.Start.Line)
		}
		ev.diags = append(ev.diags, diag.Diagnostic{Code: diag.InvalidInput, Severity: diag.Error,
			Summary: fmt.Sprintf("%s%s: %s", f.Name, place, d.Summary), Detail: detail})
	}
	for _, a := range attrs {
		source := fmt.Sprintf("%s:%d", f.Name, a.Range.Start.Line)
		c, ok := a.Expr.(syntax.Computed)
		if ok && ev.declaresVariable(a.Name, source) {
			out[a.Name] = given{source: source, value: c.HCL}
		}
	}
}

// declaresVariable reports a name that somebody gives a value and the policy doesn't know.
func (ev *evaluator) declaresVariable(name, source string) bool {
	if ev.variables[name] != nil {
		return true
	}
	if !ev.lost(name) && !ev.lenient {
		detail := nearest(ev, "", clipped(name), ev.variables)
		if detail == "" {
			detail = "It declares " + diag.Listed(sortedKeys(ev.variables), "and") + ". "
		}
		ev.diags = append(ev.diags, diag.Diagnostic{Code: diag.UnknownVariable, Severity: diag.Error,
			Summary: fmt.Sprintf("%s: the policy declares no variable %q", source, clipped(name)),
			Detail:  detail + "Correct the name, or leave it out."})
	}
	return false
}

// read gives a value the variable's type; problem is a sentence where it can't.
func (g given) read(v *variable) (value cty.Value, problem string) {
	if g.text == nil {
		value, problem = constantValue(g.value)
	} else {
		value, problem = readText(*g.text, v.wants)
	}
	if problem != "" {
		return cty.NilVal, problem
	}
	return v.convert(value)
}

// readText reads a flag's value: as it stands for what is written as one word, and as an expression for lists and maps.
func readText(text string, t cty.Type) (cty.Value, string) {
	if t.IsPrimitiveType() || t == cty.DynamicPseudoType {
		return cty.StringVal(strings.ToValidUTF8(text, "\uFFFD")), ""
	}
	e, problem := syntax.ParseExpression(text)
	if problem != "" {
		return cty.NilVal, "It can't be read: " + problem + ` Write it as the native syntax does, such as ["a", "b"] or { team = "fraud" }.`
	}
	return constantValue(e)
}

// constantValue computes an expression that holds nothing to evaluate; problem is a sentence where it does.
func constantValue(e hclsyntax.Expression) (cty.Value, string) {
	switch e := e.(type) {
	case *hclsyntax.LiteralValueExpr:
		return e.Val, ""
	case *hclsyntax.ParenthesesExpr:
		return constantValue(e.Expression)
	case *hclsyntax.TemplateExpr:
		return constantText(e)
	case *hclsyntax.ScopeTraversalExpr:
		name := clipped(written(e.Traversal))
		return cty.NilVal, fmt.Sprintf("It is not a constant: it names %s. A text stands in quotes: %q.", name, name)
	case *hclsyntax.UnaryOpExpr:
		v, problem := constantValue(e.Val)
		if problem == "" && e.Op == hclsyntax.OpNegate && v.Type() == cty.Number && !v.IsNull() {
			return v.Negate(), ""
		}
	case *hclsyntax.TupleConsExpr:
		elems := make([]cty.Value, len(e.Exprs))
		for i, elem := range e.Exprs {
			v, problem := constantValue(elem)
			if problem != "" {
				return cty.NilVal, problem
			}
			elems[i] = v
		}
		return cty.TupleVal(elems), ""
	case *hclsyntax.ObjectConsExpr:
		return constantObject(e)
	}
	return cty.NilVal, "It is not a constant: it can't use variables, references or functions."
}

func constantText(e *hclsyntax.TemplateExpr) (cty.Value, string) {
	var b strings.Builder
	for _, part := range e.Parts {
		lit, ok := part.(*hclsyntax.LiteralValueExpr)
		if !ok || lit.Val.Type() != cty.String {
			return cty.NilVal, "It is not a constant: a text in it has ${…}. Where ${ itself is meant, write $${."
		}
		b.WriteString(lit.Val.AsString())
	}
	return cty.StringVal(b.String()), ""
}

func constantObject(e *hclsyntax.ObjectConsExpr) (cty.Value, string) {
	attrs := make(map[string]cty.Value, len(e.Items))
	for _, item := range e.Items {
		key, problem := constantKey(item.KeyExpr)
		if problem != "" {
			return cty.NilVal, problem
		}
		v, problem := constantValue(item.ValueExpr)
		if problem != "" {
			return cty.NilVal, problem
		}
		if _, twice := attrs[key]; twice {
			return cty.NilVal, fmt.Sprintf("It has the key %q twice%s. Keep one of the two.", clipped(key), linesOf(item.KeyExpr.Range(), firstOf(e, key)))
		}
		attrs[key] = v
	}
	return cty.ObjectVal(attrs), ""
}

// firstOf is where an object has a key for the first time.
func firstOf(e *hclsyntax.ObjectConsExpr, key string) hcl.Range {
	for _, item := range e.Items {
		if k, problem := constantKey(item.KeyExpr); problem == "" && k == key {
			return item.KeyExpr.Range()
		}
	}
	return hcl.Range{}
}

// linesOf says where two places of a file of values are. A flag has no lines.
func linesOf(a, b hcl.Range) string {
	switch {
	case a.Filename == "":
		return ""
	case a.Start.Line == b.Start.Line:
		return fmt.Sprintf(", in line %d", a.Start.Line)
	}
	return fmt.Sprintf(", in lines %d and %d", b.Start.Line, a.Start.Line)
}

func constantKey(e hclsyntax.Expression) (string, string) {
	if k, ok := e.(*hclsyntax.ObjectConsKeyExpr); ok {
		if t, ok := k.Wrapped.(*hclsyntax.ScopeTraversalExpr); ok && len(t.Traversal) == 1 && !k.ForceNonLiteral {
			return t.Traversal.RootName(), ""
		}
		e = k.Wrapped
	}
	v, problem := constantValue(e)
	if problem == "" && (v.Type() != cty.String || v.IsNull()) {
		return "", "A key of a map in it is not a text."
	}
	if problem != "" {
		return "", problem
	}
	return v.AsString(), ""
}
