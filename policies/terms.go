package policies

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// The keys of a grant are kept, since there are many grants.
var (
	keyEnvironment = ast.StringTerm("environment")
	keyWorkload    = ast.StringTerm("workload")
	keyResource    = ast.StringTerm("resource")
	keyAction      = ast.StringTerm("action")
	keyNotBefore   = ast.StringTerm("not_before")
	keyExpires     = ast.StringTerm("expires")
	keyActive      = ast.StringTerm("active")
	keySources     = ast.StringTerm("sources")
)

func item(key string, value *ast.Term) [2]*ast.Term { return ast.Item(ast.InternedTerm(key), value) }

func textTerm(s string) *ast.Term { return ast.StringTerm(s) }

func list[T any](elements []T, term func(T) *ast.Term) *ast.Term {
	terms := make([]*ast.Term, 0, len(elements))
	for _, e := range elements {
		terms = append(terms, term(e))
	}
	return ast.ArrayTerm(terms...)
}

func labelsTerm(labels map[string]string) *ast.Term {
	items := make([][2]*ast.Term, 0, len(labels))
	for _, k := range sortedKeys(labels) {
		items = append(items, item(k, textTerm(labels[k])))
	}
	return ast.ObjectTerm(items...)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
