package evaluate

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/schema"
	"gatehouse/lang/syntax"
)

// variable is one declared variable.
type variable struct {
	name     string
	block    *syntax.Block
	wants    cty.Type
	defaults *typeexpr.Defaults
	badType  bool // reported: no value can be checked
	disputed bool // reported: another block has the name, or a value may be for several, so that its own isn't known
	value    cty.Value
	known    bool
	source   string // who gave the value; empty: its default
}

func (ev *evaluator) declareVariables(in Inputs) {
	var order []*variable
	for _, b := range ev.in.Blocks {
		if b.Type == schema.Variable && len(b.Labels) > 0 {
			if v := ev.declareVariable(b); v != nil {
				order = append(order, v)
			}
		}
	}
	values := ev.give(in)
	for _, v := range order {
		ev.readType(v)
		fallback, hasDefault := ev.readDefault(v)
		g, isGiven := values[v.name]
		switch {
		case v.badType || v.disputed:
		case isGiven:
			ev.accept(v, g)
		case hasDefault:
			v.value, v.known = fallback, fallback != cty.NilVal
		case v.block.Partial || ev.in.Partial || ev.unread:
		default:
			ev.report(diag.UnsetVariable, v.block.NameRange(), fmt.Sprintf("var.%s has no value", v.name),
				ev.howToGive(v.name)+"; or write a default.")
		}
	}
}

func (ev *evaluator) declareVariable(b *syntax.Block) *variable {
	name := b.Name()
	if first := ev.variables[name]; first != nil {
		first.disputed = true
		ev.report(diag.DuplicateName, b.NameRange(), fmt.Sprintf("var.%s is declared twice", name),
			"Names of variables are unique in the whole policy, whatever file they are in. Delete one of the two, or rename it.",
			diag.Related{Message: "the first declaration", Range: first.block.NameRange()})
		return nil
	}
	if !addr.ValidName(name) {
		ev.report(diag.InvalidName, b.NameRange(), fmt.Sprintf("%q can't be the name of a variable", clipped(name)),
			"A name is made of a-z, 0-9, \"-\" and \"_\", starts with a letter and has at most 63 characters.")
	}
	v := &variable{name: name, block: b, wants: cty.DynamicPseudoType}
	ev.variables[name] = v
	return v
}

func (ev *evaluator) readType(v *variable) {
	a, ok := v.block.Attr("type")
	if !ok {
		return
	}
	c, ok := a.Expr.(syntax.Computed)
	if !ok {
		v.badType = true
		return
	}
	t, defaults, diags := typeexpr.TypeConstraintWithDefaults(c.HCL)
	if diags.HasErrors() {
		at := c.Range
		if s := diags[0].Subject; s != nil && !c.Loose {
			at = *s
		}
		v.badType = true
		ev.report(diag.WrongType, at, fmt.Sprintf("the type of var.%s can't be understood", v.name),
			diags[0].Detail+" Types are string, bool, number, any, list(T), set(T), map(T), tuple([T, …]) and object({ name = T, other = optional(T, VALUE) }).")
		return
	}
	v.wants, v.defaults = t, defaults
}

// readDefault returns a variable's default; cty.NilVal where it was reported.
func (ev *evaluator) readDefault(v *variable) (cty.Value, bool) {
	a, ok := v.block.Attr("default")
	if !ok {
		return cty.NilVal, false
	}
	c, ok := a.Expr.(syntax.Computed)
	if !ok || v.badType {
		return cty.NilVal, true
	}
	if ev.repeatedKeys(c) {
		return cty.NilVal, true
	}
	value, problem := constantValue(c.HCL)
	if problem != "" {
		ev.report(diag.UnsupportedExpr, c.Range, fmt.Sprintf("the default of var.%s has to be computed", v.name),
			problem+" What is computed stands in locals.")
		return cty.NilVal, true
	}
	value, problem = v.convert(value)
	if problem != "" {
		ev.report(diag.WrongType, c.Range, fmt.Sprintf("the default of var.%s is not of its type", v.name), problem)
		return cty.NilVal, true
	}
	return value, true
}

// convert gives a value the variable's type; problem is a sentence where it can't have it.
func (v *variable) convert(value cty.Value) (out cty.Value, problem string) {
	if _, err := size(value, maxSize); err != nil {
		return cty.NilVal, "It is too large, too deep, or holds a number that is too long."
	}
	if problem := surplus(value, v.wants, nil); problem != "" {
		return cty.NilVal, problem
	}
	if v.defaults != nil && !value.IsNull() {
		value = v.defaults.Apply(value)
	}
	out, err := convert.Convert(value, v.wants)
	if err != nil {
		where := ""
		if path, ok := err.(cty.PathError); ok && len(path.Path) > 0 {
			where = " at " + pathText(path.Path)
		}
		return cty.NilVal, fmt.Sprintf("It takes %s%s: %s.", clipped(typeText(v.wants, v.defaults)), where, strings.TrimSuffix(reason(err.Error()), "."))
	}
	if _, err := size(out, maxSize); err != nil || !out.IsWhollyKnown() {
		return cty.NilVal, "It is too large, too deep, or holds a number that is too long."
	}
	return out, ""
}

// pathText prints where in a value something is: teams[0].owner.
func pathText(p cty.Path) string {
	var b strings.Builder
	for _, s := range p {
		switch s := s.(type) {
		case cty.GetAttrStep:
			b.WriteString("." + s.Name)
		case cty.IndexStep:
			if k := s.Key; k.Type() == cty.String {
				fmt.Fprintf(&b, "[%q]", k.AsString())
			} else if k.Type() == cty.Number {
				b.WriteString("[" + k.AsBigFloat().Text('f', 0) + "]")
			}
		}
	}
	return strings.TrimPrefix(b.String(), ".")
}

func (ev *evaluator) accept(v *variable, g given) {
	value, problem := g.read(v)
	if problem != "" {
		ev.report(diag.InvalidInput, v.block.NameRange(), fmt.Sprintf("%s: the value doesn't suit var.%s", g.source, v.name), problem)
		return
	}
	v.value, v.known, v.source = value, true, g.source
}

// validate checks every variable's conditions. They see variables alone, so that they hold before anything is computed of these.
func (ev *evaluator) validate() {
	var refused []*variable
	for _, b := range ev.in.Blocks {
		v := ev.variables[b.Name()]
		if b.Type != schema.Variable || v == nil || v.block != b {
			continue
		}
		for _, rule := range b.Children("validation") {
			ev.prepareBlock(rule, sees{variablesOnly: true})
			ev.checkMessage(rule)
			if !ev.validateBy(v, rule) {
				refused = append(refused, v)
			}
		}
	}
	for _, v := range refused {
		v.known = false // what is made of it stays silent
	}
}

// checkMessage reports an error_message that tells nothing.
func (ev *evaluator) checkMessage(rule *syntax.Block) {
	a, _ := rule.Attr("error_message")
	if s, ok := a.Expr.(syntax.String); ok && strings.TrimSpace(s.Value) == "" {
		ev.report(diag.InvalidValue, s.Range, "error_message is empty", "Say what a value has to be, so that whoever gave another one knows what to write.")
	}
}

// validateBy is false where a variable has a value that its validation refuses, which is reported.
func (ev *evaluator) validateBy(v *variable, rule *syntax.Block) bool {
	a, _ := rule.Attr("condition")
	c, ok := a.Expr.(syntax.Computed)
	if !ok || !v.known {
		return true
	}
	result, ok := ev.value(ev.prepared[c.HCL], nil)
	if !ok {
		return true
	}
	truth, err := convert.Convert(result, cty.Bool)
	if err != nil || truth.IsNull() {
		ev.report(diag.WrongType, c.Range, "condition is not true or false", "Write a comparison, or a function that says yes or no.")
		return true
	}
	if truth.True() {
		return true
	}
	source := "Its default"
	if v.source != "" {
		source = "The value from " + v.source
	}
	ev.report(diag.FailedValidation, v.block.NameRange(), fmt.Sprintf("var.%s has a value that it refuses", v.name),
		strings.TrimSpace(ev.errorMessage(rule)+" "+source+" fails the validation."), diag.Related{Message: "this is not true", Range: c.Range})
	return false
}

// errorMessage is what the policy's author says about a refused value.
func (ev *evaluator) errorMessage(rule *syntax.Block) string {
	a, _ := rule.Attr("error_message")
	e := a.Expr
	if c, ok := e.(syntax.Computed); ok {
		known, _ := schemaOf(schema.Variable, "validation").Attr("error_message")
		e = ev.fillExpr(known, c, nil)
	}
	s, _ := e.(syntax.String)
	message := clipped(strings.TrimSpace(s.Value))
	if message == "" || strings.ContainsAny(message[len(message)-1:], ".!?") {
		return message
	}
	return message + "." // more is said behind it
}

func schemaOf(types ...string) *schema.Block {
	b := schema.Block{Blocks: schema.File()}
	for _, t := range types {
		b, _ = schema.Find(b.Blocks, t)
	}
	return &b
}
