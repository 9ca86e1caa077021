package policies

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// words are the texts that every grant repeats: field names, and values of closed sets. They are built and hashed once.
var words = wordTerms(
	"environment", "origin", "crosses", "workload", "resource", "action", "request", "except", "held", "not_before", "expires", "active", "sources",
	"allow", "folder", "reason", "from", "to",
	"read", "write", "by", "name", "list", "labels",
)

func wordTerms(texts ...string) map[string]*ast.Term {
	out := make(map[string]*ast.Term, len(texts))
	for _, t := range texts {
		out[t] = ast.StringTerm(t)
	}
	return out
}

func wordTerm(s string) *ast.Term {
	if t := words[s]; t != nil {
		return t
	}
	return ast.StringTerm(s)
}

func item(key string, value *ast.Term) [2]*ast.Term { return ast.Item(wordTerm(key), value) }

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
