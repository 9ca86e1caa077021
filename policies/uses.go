package policies

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// uses follows the fields of a grant through one rule, as the compiler leaves it: a list of expressions that all have to hold, each part of an
// argument being a variable of its own.
type uses struct {
	ends  map[ast.Var]end   // what a variable stands for as a whole
	index map[ast.Var]bool  // the places in lists, which nothing may ask for
	words map[ast.Var]looks // what goes into a variable that decides nothing, unless it is used otherwise
	seen  map[ast.Var]bool  // variables of the expressions before
	found looks
}

// end is what has fields.
type end int

const (
	theGrant end = iota + 1
	theSource
)

// usesOf returns what decides whether a rule finds fault with a grant.
func usesOf(c *ast.Compiler, m *ast.Module, rule *ast.Rule) looks {
	head := rule.Head
	if rule.Default || rule.Else != nil || len(head.Args) > 0 || len(head.Ref()) != 1 || head.Key == nil || head.Value != nil {
		return everything
	}
	u := uses{map[ast.Var]end{}, map[ast.Var]bool{}, map[ast.Var]looks{}, map[ast.Var]bool{}, 0}
	rest := slices.DeleteFunc(slices.Clone(rule.Body), u.enters)
	for _, e := range rest {
		if reaches(c, m, e) {
			return everything
		}
		if !u.says(e) {
			u.look(e)
		}
		eachTerm(e, func(t *ast.Term) { u.sees(t) })
	}
	if key, isVar := head.Key.Value.(ast.Var); !isVar || u.words[key] == 0 {
		u.look(head.Key)
	}
	return u.found
}

// enters takes in the expression that goes through the grants, and those that go through a grant's sources. One grant at a time is all that a
// rule may look at: another one that goes through them is no such expression.
func (u *uses) enters(e *ast.Expr) bool {
	v, ref, ok := binding(e)
	if !ok || len(ref) != 3 || u.ends[v] != 0 {
		return false
	}
	place, ok := ref[2].Value.(ast.Var)
	if !ok || u.index[place] {
		return false
	}
	from, _ := ref[0].Value.(ast.Var)
	switch {
	case isGrants(ast.NewTerm(ref)) && len(u.ends) == 0:
		u.ends[v] = theGrant
	case u.ends[from] == theGrant && ref[1].Equal(ast.StringTerm("sources")):
		u.ends[v] = theSource
	default:
		return false
	}
	u.index[place] = true
	return true
}

// binding returns the sides of VARIABLE = REFERENCE.
func binding(e *ast.Expr) (ast.Var, ast.Ref, bool) {
	if e.Negated || len(e.With) > 0 || !e.IsEquality() {
		return "", nil, false
	}
	v, isVar := e.Operand(0).Value.(ast.Var)
	ref, isRef := e.Operand(1).Value.(ast.Ref)
	return v, ref, isVar && isRef
}

// says takes in an expression that only puts fields into words: a field of its own, sprintf, and what a finding is made of.
func (u *uses) says(e *ast.Expr) bool {
	if v, ref, ok := binding(e); ok {
		l, leaf := u.field(ref)
		return l != 0 && leaf && u.spell(v, l)
	}
	if e.Negated || len(e.Operands()) == 0 {
		return false
	}
	out, isVar := e.Operands()[len(e.Operands())-1].Value.(ast.Var)
	switch {
	case e.IsEquality():
		v, isVar := e.Operand(0).Value.(ast.Var)
		l, plain := u.plain(e.Operand(1))
		return isVar && plain && l != 0 && u.spell(v, l)
	case e.Operator().Equal(ast.Sprintf.Ref()) && len(e.Operands()) == 3 && isVar && isText(e.Operand(0)):
		l, plain := u.plain(e.Operand(1))
		return plain && l != 0 && u.spell(out, l)
	}
	return false
}

// spell notes that a variable holds words; false where it was there before.
func (u *uses) spell(v ast.Var, l looks) bool {
	if u.seen[v] || u.ends[v] != 0 || u.index[v] {
		return false
	}
	u.words[v] = l
	return true
}

// plain returns what goes into a variable, or into a list or an object of variables and constants.
func (u *uses) plain(t *ast.Term) (looks, bool) {
	var out looks
	ok := true
	one := func(t *ast.Term) {
		v, isVar := t.Value.(ast.Var)
		out |= u.words[v]
		ok = ok && (isVar && u.ends[v] == 0 && !u.index[v] || ast.IsScalar(t.Value))
	}
	switch v := t.Value.(type) {
	case *ast.Array:
		v.Foreach(one)
	case ast.Object:
		v.Foreach(func(key, value *ast.Term) {
			ok = ok && isText(key)
			one(value)
		})
	default:
		one(t)
	}
	return out, ok
}

func (u *uses) sees(t *ast.Term) {
	switch v := t.Value.(type) {
	case ast.Var:
		u.seen[v] = true
	case ast.Ref:
		if first, ok := v[0].Value.(ast.Var); ok {
			u.seen[first] = true
		}
	}
}

// look notes everything that a part of the rule looks at.
func (u *uses) look(x any) {
	eachTerm(x, func(t *ast.Term) {
		switch v := t.Value.(type) {
		case ast.Var:
			u.bare(v)
		case ast.Ref:
			if l, _ := u.field(v); l != 0 {
				u.found |= l
			} else if first, ok := v[0].Value.(ast.Var); ok && u.ends[first] == 0 {
				u.bare(first)
			}
		}
	})
}

func (u *uses) bare(v ast.Var) {
	u.found |= u.words[v]
	if u.ends[v] != 0 || u.index[v] {
		u.found = everything
	}
}

// field returns what a reference looks at, nothing where that is the same for all grants of a kind, and whether it is a field that every
// grant has.
func (u *uses) field(ref ast.Ref) (l looks, leaf bool) {
	first, _ := ref[0].Value.(ast.Var)
	e := u.ends[first]
	if e == 0 {
		return 0, false
	}
	path := make([]string, 0, len(ref))
	for _, part := range ref[1:] {
		text, ok := part.Value.(ast.String)
		if !ok {
			break
		}
		path = append(path, string(text))
	}
	leaf = len(path) == len(ref)-1
	switch {
	case len(path) == 0:
		return everything, false
	case e == theSource:
		if slices.Contains(sharedOfSource, path[0]) {
			return 0, false
		}
		return lookAtSources, leaf && len(path) == 1 && slices.Contains(ownOfSource, path[0])
	case slices.Contains(sharedOfGrant, path[0]):
		return 0, false
	case path[0] == "workload":
		return below(path, leaf, lookAtWorkload, sharedOfWorkload, ownOfWorkload)
	case path[0] == "resource":
		return below(path, leaf, lookAtResource, sharedOfResource, ownOfResource)
	}
	return everything, false
}

func below(path []string, leaf bool, l looks, shared, own []string) (looks, bool) {
	if len(path) < 2 {
		return l, false
	}
	if slices.Contains(shared, path[1]) {
		return 0, false
	}
	return l, leaf && len(path) == 2 && slices.Contains(own, path[1])
}

// What grants of one kind share, and what each has of its own. Whatever is in neither counts as looked at.
var (
	sharedOfGrant    = []string{"environment", "origin", "crosses", "action", "request", "except", "held", "not_before", "expires", "active"}
	sharedOfSource   = []string{"by", "not_before", "expires"}
	sharedOfWorkload = []string{"interactive"}
	sharedOfResource = []string{"kind", "surface", "classification", "sensitivity", "protocol", "rotation_seconds"}

	ownOfSource   = []string{"allow", "folder", "reason", "from", "to"}
	ownOfWorkload = []string{"address", "owner", "folder", "labels"}
	ownOfResource = []string{"address", "declaration", "owner", "folder", "labels"}
)
