package policies

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// reads tells which fields of the elements of a list, such as input.allows, rules may look at: what none looks at need not be built.
type reads func(list, field string) bool

func readsAll(string, string) bool { return true }

// longLists are the lists of which only fields that are read are built: those that grow with the policy.
var longLists = []string{"allows", "workloads", "resources"}

// elementsRead looks through all modules of a compiler. An element that goes anywhere as a whole is read whole.
func elementsRead(c *ast.Compiler) reads {
	fields, whole := map[[2]string]bool{}, map[string]bool{}
	for _, m := range c.Modules {
		for _, rule := range m.Rules {
			r := elements{map[ast.Var]string{}, map[*ast.Term]bool{}}
			r.name(rule)
			eachTerm(rule, func(t *ast.Term) {
				list, field := r.read(t)
				fields[[2]string{list, field}] = true
				whole[list] = whole[list] || field == ""
			})
		}
	}
	return func(list, field string) bool {
		return !slices.Contains(longLists, list) || whole[""] || whole[list] || fields[[2]string{list, field}]
	}
}

// elements follows the elements of lists through one rule, by the variables that stand for them.
type elements struct {
	of    map[ast.Var]string // the list
	named map[*ast.Term]bool // both sides of what binds such a variable
}

// name finds the expressions VARIABLE = input.LIST[PLACE].
func (r *elements) name(rule *ast.Rule) {
	ast.WalkExprs(rule, func(e *ast.Expr) bool {
		if !e.IsEquality() {
			return false
		}
		v, isVar := e.Operand(0).Value.(ast.Var)
		list, more := listOf(e.Operand(1))
		if isVar && list != "" && len(more) == 1 && r.of[v] == "" {
			r.of[v] = list
			r.named[e.Operand(0)], r.named[e.Operand(1)] = true, true
		}
		return false
	})
}

// listOf returns the list that a reference begins with, and what follows it.
func listOf(t *ast.Term) (string, []*ast.Term) {
	ref, isRef := t.Value.(ast.Ref)
	if !isRef || len(ref) < 2 || !ref[0].Equal(ast.InputRootDocument) {
		return "", nil
	}
	name, _ := ref[1].Value.(ast.String)
	return string(name), ref[2:]
}

// read returns the field of a list's element that a term looks at, "" for every one; and no list for whatever may be any, or otherwise the
// field "-" of none.
func (r *elements) read(t *ast.Term) (list, field string) {
	const none = "-"
	if r.named[t] {
		return none, none
	}
	switch v := t.Value.(type) {
	case ast.Var:
		if list := r.of[v]; list != "" {
			return list, ""
		}
		if t.Equal(ast.InputRootDocument) {
			return "", ""
		}
	case ast.Ref:
		if v[0].Equal(ast.InputRootDocument) {
			if list, more := listOf(t); list != "" {
				return list, fieldAt(more, 1)
			}
			return "", ""
		}
		if first, _ := v[0].Value.(ast.Var); r.of[first] != "" {
			return r.of[first], fieldAt(v, 1)
		}
	}
	return none, none
}

// fieldAt returns the constant text at a place of a reference, "" where it is none.
func fieldAt(ref []*ast.Term, at int) string {
	if at >= len(ref) {
		return ""
	}
	text, _ := ref[at].Value.(ast.String)
	return string(text)
}

// object builds an object of the fields that are read.
type object struct {
	items [][2]*ast.Term
	list  string
	read  reads
}

func (o *object) put(field string, value func() *ast.Term) {
	if o.read(o.list, field) {
		o.items = append(o.items, item(field, value()))
	}
}
