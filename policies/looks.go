package policies

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// looks says which of the fields that tell one grant from the next decide a guardrail's verdict. All others may do so always. A field that only
// goes into the words of a finding decides nothing.
type looks uint8

const (
	lookAtWorkload looks = 1 << iota // address, owner, folder, labels
	lookAtResource                   // address, declaration, owner, folder, labels
	lookAtSources                    // allow, folder, reason, from, to, and how many there are

	everything = lookAtWorkload | lookAtResource | lookAtSources
)

// deciding returns what the rules of one guardrail of scope grant look at: everything, unless each rule plainly takes one grant after the other
// and all that it does with the fields is seen. Helpers may not see grants but as arguments, and libraries are not looked into.
func deciding(c *ast.Compiler, m *ast.Module) looks {
	var out looks
	for _, rule := range m.Rules {
		if slices.Contains(levels, Level(ruleName(rule))) {
			out |= usesOf(c, m, rule)
		} else if reaches(c, m, rule) {
			out = everything
		}
	}
	return out
}

var levels = []Level{Deny, Warn}

// reaches reports whether a part of a rule may see grants by itself.
func reaches(c *ast.Compiler, m *ast.Module, x any) bool {
	found := false
	ast.WalkExprs(x, func(e *ast.Expr) bool {
		found = found || len(e.With) > 0
		return found
	})
	eachTerm(x, func(t *ast.Term) { found = found || blurred(c, m, t) || isGrants(t) })
	return found
}

// eachTerm visits terms at any depth, but for what begins a reference.
func eachTerm(x any, visit func(*ast.Term)) {
	ast.WalkTerms(x, func(t *ast.Term) bool {
		visit(t)
		ref, isRef := t.Value.(ast.Ref)
		if isRef {
			for _, index := range ref[1:] {
				eachTerm(index, visit)
			}
		}
		return isRef
	})
}

func isGrants(t *ast.Term) bool {
	ref, ok := t.Value.(ast.Ref)
	return ok && len(ref) > 1 && ref[0].Equal(ast.InputRootDocument) && ref[1].Equal(ast.StringTerm("grants"))
}

// blurred reports whether a term may stand for grants without naming them: the whole input, a field that is computed, and data but for helpers
// of the own file.
func blurred(c *ast.Compiler, m *ast.Module, t *ast.Term) bool {
	switch v := t.Value.(type) {
	case ast.Var:
		return t.Equal(ast.InputRootDocument) || t.Equal(ast.DefaultRootDocument)
	case ast.Ref:
		if v[0].Equal(ast.InputRootDocument) {
			return len(v) < 2 || !isText(v[1])
		}
		return v[0].Equal(ast.DefaultRootDocument) && !ownHelper(c, m, v)
	}
	return false
}

func isText(t *ast.Term) bool { _, ok := t.Value.(ast.String); return ok }

func ownHelper(c *ast.Compiler, m *ast.Module, ref ast.Ref) bool {
	path := m.Package.Path
	if !ref.HasPrefix(path) || len(ref) == len(path) || !isText(ref[len(path)]) {
		return false
	}
	for _, level := range levels {
		if ref[len(path)].Equal(ast.StringTerm(string(level))) {
			return false
		}
	}
	for _, other := range c.Modules { // may have rules of the same names
		if other != m && (other.Package.Path.HasPrefix(path) || path.HasPrefix(other.Package.Path)) {
			return false
		}
	}
	return true
}
