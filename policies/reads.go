package policies

import "github.com/open-policy-agent/opa/v1/ast"

// reads is what rules may look at of a value: all of it, or these parts alone. Nil: nothing. What nobody looks at need not be built.
type reads struct {
	whole bool
	parts map[string]*reads // by field; anyPart for whatever no constant names, such as the elements of a list
}

const anyPart = "*"

var readsAll = &reads{whole: true}

// field returns what is read of an object's field. Where rules name fields by what they compute, that may be any.
func (r *reads) field(name string) *reads {
	if r == nil || r.whole {
		return r
	}
	if r.parts[anyPart] != nil {
		return readsAll
	}
	return r.parts[name]
}

// elements returns what is read of a list's elements.
func (r *reads) elements() *reads {
	if r == nil || r.whole {
		return r
	}
	return r.parts[anyPart]
}

// at returns the part that a reference leads to, as one that is read, though nothing of it yet.
func (r *reads) at(path []*ast.Term) *reads {
	for _, part := range path {
		name := anyPart
		if text, isText := part.Value.(ast.String); isText {
			name = string(text)
		}
		if r.parts == nil {
			r.parts = map[string]*reads{}
		}
		if r.parts[name] == nil {
			r.parts[name] = &reads{}
		}
		r = r.parts[name]
	}
	return r
}

// inputRead looks through all modules of a compiler for what they read of the input. What goes anywhere as a whole is read whole.
func inputRead(c *ast.Compiler) *reads {
	input := &reads{}
	for _, m := range c.Modules {
		for _, rule := range m.Rules {
			r := reader{input, map[ast.Var]*reads{}, map[*ast.Term]int{}}
			r.name(rule)
			eachTerm(rule, r.look)
		}
	}
	return input
}

// reader follows the parts of the input through one rule, by the variables that stand for them.
type reader struct {
	input *reads
	of    map[ast.Var]*reads
	named map[*ast.Term]int // both sides of what binds such a variable, and how often: the compiler may use one term in several places
}

// name finds the expressions VARIABLE = input.LIST[PLACE], and those whose reference begins with such a variable. One that is bound again is
// compared, and so read.
func (r *reader) name(rule *ast.Rule) {
	ast.WalkExprs(rule, func(e *ast.Expr) bool {
		if !e.IsEquality() {
			return false
		}
		v, isVar := e.Operand(0).Value.(ast.Var)
		ref, isRef := e.Operand(1).Value.(ast.Ref)
		if !isVar || !isRef || r.of[v] != nil {
			return false
		}
		if from := r.from(ref); from != nil && len(ref) > 1 {
			r.of[v] = from.at(ref[1:])
			r.named[e.Operand(0)]++
			r.named[e.Operand(1)]++
		}
		return false
	})
}

// from returns what is read of that which a reference begins with; nil where that is no part of the input.
func (r *reader) from(ref ast.Ref) *reads {
	if ref[0].Equal(ast.InputRootDocument) {
		return r.input
	}
	first, _ := ref[0].Value.(ast.Var)
	return r.of[first]
}

// look notes what a term reads. A reference is read as far as it leads, and from there on whole.
func (r *reader) look(t *ast.Term) {
	if r.named[t] > 0 {
		r.named[t]--
		return
	}
	switch v := t.Value.(type) {
	case ast.Var:
		if part := r.from(ast.Ref{t}); part != nil {
			part.whole = true
		}
	case ast.Ref:
		if from := r.from(v); from != nil {
			from.at(v[1:]).whole = true
		}
	}
}
