package navigate

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"gatehouse/lang/schema"
	"gatehouse/lang/syntax"
)

// shape is what is known of a value's form without evaluating anything: by the type that is written of it, or by how it is written itself.
type shape struct {
	words  string   // the type, in short; empty where none is known
	fields []field  // of an object, or of a map that is written out
	each   *shape   // of a list, set or map: what its elements are
	known  []field  // of a map: what stands in it where nothing else is given
	like   []string // the form is that of another name: var.teams.fraud
}

// field is what an object holds under one key.
type field struct {
	name     string
	is       *shape
	optional bool
	left     string // what it is where it is left out; empty: null
}

// shape notes the form of a variable or of a local.
func (f *File) shape(b *syntax.Block, a syntax.Attr) {
	c, ok := a.Expr.(syntax.Computed)
	switch {
	case !ok:
	case b.Type == schema.Locals:
		f.shaped(Name{Kind: kindLocal, Name: a.Name}, valueShape(c.HCL))
	case b.Type == schema.Variable && (a.Name == "type" || a.Name == "default"):
		f.shaped(Name{Kind: kindVariable, Name: b.Name()}, variableShape(b))
	}
}

func (f *File) shaped(n Name, s *shape) {
	if f.shapes == nil {
		f.shapes = map[Name]*shape{}
	}
	f.shapes[n] = s
}

// variableShape reads the form of a variable from its type, or else its default; what stands in the default is known of a map.
func variableShape(b *syntax.Block) *shape {
	typed, _ := b.Attr("type")
	given, _ := b.Attr("default")
	byDefault := &shape{}
	if d, ok := given.Expr.(syntax.Computed); ok {
		byDefault.fields = valueShape(d.HCL).fields
	}
	t, ok := typed.Expr.(syntax.Computed)
	if !ok || hcl.ExprAsKeyword(t.HCL) == "any" {
		return byDefault
	}
	s := typeShape(t.HCL)
	if s.each != nil {
		for _, f := range byDefault.fields {
			s.known = append(s.known, field{name: f.name, is: s.each})
		}
	}
	return s
}

// typeShape reads a type as it is written; of one that is none, nothing is known.
func typeShape(e hcl.Expression) *shape {
	if word := hcl.ExprAsKeyword(e); word != "" {
		return &shape{words: word}
	}
	call, diags := hcl.ExprCall(e)
	if diags.HasErrors() || len(call.Arguments) == 0 {
		return &shape{}
	}
	switch call.Name {
	case "list", "set", "map":
		each := typeShape(call.Arguments[0])
		return &shape{words: call.Name + "(" + each.words + ")", each: each}
	case "object":
		return objectShape(call.Arguments[0])
	}
	return &shape{words: call.Name + "(…)"}
}

func objectShape(e hcl.Expression) *shape {
	out := &shape{words: "object({ … })"}
	pairs, _ := hcl.ExprMap(e)
	for _, p := range pairs {
		one := field{name: keyText(p.Key)}
		t := p.Value
		if call, diags := hcl.ExprCall(t); !diags.HasErrors() && call.Name == "optional" && len(call.Arguments) > 0 {
			one.optional, t = true, call.Arguments[0]
			if len(call.Arguments) > 1 {
				one.left = constantText(call.Arguments[1])
			}
		}
		if one.is = typeShape(t); one.name != "" {
			out.fields = append(out.fields, one)
		}
	}
	return out
}

// valueShape reads the form of a value from how it is written.
func valueShape(e hclsyntax.Expression) *shape {
	switch e := e.(type) {
	case *hclsyntax.ParenthesesExpr:
		return valueShape(e.Expression)
	case *hclsyntax.TemplateWrapExpr:
		return valueShape(e.Wrapped)
	case *hclsyntax.ConditionalExpr:
		return valueShape(e.TrueResult)
	case *hclsyntax.ScopeTraversalExpr:
		return &shape{like: steps(e.Traversal)}
	case *hclsyntax.ForExpr:
		return &shape{each: valueShape(e.ValExpr)}
	case *hclsyntax.TupleConsExpr:
		if len(e.Exprs) > 0 {
			return &shape{each: valueShape(e.Exprs[0])}
		}
	case *hclsyntax.ObjectConsExpr:
		out := &shape{}
		for _, item := range e.Items {
			if key := keyText(item.KeyExpr); key != "" {
				out.fields = append(out.fields, field{name: key, is: valueShape(item.ValueExpr)})
			}
		}
		return out
	case *hclsyntax.TemplateExpr:
		return &shape{words: "string"}
	case *hclsyntax.LiteralValueExpr:
		return &shape{words: e.Val.Type().FriendlyName()}
	}
	return &shape{}
}

// steps returns a traversal's names and keys; nil where a step is none.
func steps(t hcl.Traversal) []string {
	var out []string
	for _, step := range t {
		switch step := step.(type) {
		case hcl.TraverseRoot:
			out = append(out, step.Name)
		case hcl.TraverseAttr:
			out = append(out, step.Name)
		case hcl.TraverseIndex:
			key := anyKey
			if step.Key.Type() == cty.String && step.Key.IsKnown() && !step.Key.IsNull() {
				key = step.Key.AsString()
			}
			out = append(out, key)
		default:
			return nil
		}
	}
	return out
}

// anyKey is a step to one of the elements, whichever.
const anyKey = "*"

// mostLike bounds how far a form is followed from name to name, which may go round in a circle.
const mostLike = 16

// shapeOf returns the form of what a path leads to: var.x.owner, local.teams.*.limits; nil where it isn't known.
func (x *Index) shapeOf(path []string, left int) *shape {
	if len(path) < 2 || left == 0 {
		return nil
	}
	n := Name{Kind: path[0], Name: path[1]}
	if n.Kind == "var" {
		n.Kind = kindVariable
	}
	var s *shape
	for _, name := range x.names {
		if s = x.files[name].shapes[n]; s != nil {
			break
		}
	}
	return x.follow(s, path[2:], left)
}

// follow goes some steps inwards from a form.
func (x *Index) follow(s *shape, path []string, left int) *shape {
	for {
		for ; s != nil && s.like != nil; left-- {
			s = x.shapeOf(s.like, left-1)
		}
		if s == nil || len(path) == 0 {
			return s
		}
		s, path = s.inner(path[0]), path[1:]
	}
}

func (s *shape) inner(key string) *shape {
	i := slices.IndexFunc(s.fields, func(f field) bool { return f.name == key || key == anyKey })
	if i >= 0 {
		return s.fields[i].is
	}
	return s.each
}

// detail says what may stand under a key, in a line.
func (f field) detail() string {
	facts := []string{f.is.words, strings.Join(f.is.like, ".")}
	switch {
	case f.left != "":
		facts = append(facts, "left out: "+f.left)
	case f.optional:
		facts = append(facts, "optional")
	}
	return strings.Join(slices.DeleteFunc(facts, func(s string) bool { return s == "" }), ", ")
}

// variable tells what a variable of an object type holds, and what it is where that is left out.
func (c *card) variable() {
	s := c.view.Index.shapeOf([]string{"var", c.name.Name}, mostLike)
	if s == nil || s.words == "" {
		return
	}
	title := "What it holds"
	if s.each != nil {
		title, s = "What each of it holds", s.each
	}
	if rows := s.rows(""); len(rows) > 0 {
		c.line("**%s**", title)
		c.list(rows)
	}
}

// rows tells of every key, of those in a value under a key as well.
func (s *shape) rows(of string) []string {
	var out []string
	if s.each != nil {
		return s.each.rows(of + "[…]")
	}
	if of != "" {
		of += "."
	}
	for _, f := range s.fields {
		out = append(out, f.row(of))
		out = append(out, f.is.rows(of+f.name)...)
	}
	return out
}

func (f field) row(of string) string {
	about := "required"
	switch {
	case f.left != "":
		about = "left out: " + verbatim(f.left)
	case f.optional:
		about = "left out: `null`"
	}
	return verbatim(of+f.name) + ": " + f.is.words + ", " + about
}

// keyDoc tells what a variable's type says of a key in its default.
func (v *View) keyDoc(c *cursor, word string) string {
	w := writer{view: v, cursor: *c}
	if s, ok := w.wanted(); ok && c.atKey {
		if i := slices.IndexFunc(s.fields, func(f field) bool { return f.name == word }); i >= 0 {
			return "**" + word + "**\n\n" + s.fields[i].row("")
		}
	}
	return ""
}
