package policies

import (
	"runtime"
	"slices"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
)

// words are the texts that every grant repeats: field names, and values of closed sets. They are built and hashed once.
var words = wordTerms(
	"environment", "origin", "crosses", "workload", "resource", "action", "request", "except", "held", "not_before", "expires", "active", "sources",
	"allow", "folder", "reason", "from", "to",
	"read", "write", "by", "name", "list", "labels",
	"address", "owner", "interactive", "provider", "places", "reach", "tier", "principals", "declaration", "kind", "surface", "classification",
	"sensitivity", "protocol", "rotation_seconds", "holders", "target", "total", "actions",
	"workload", "feature_store", "secret", "online", "offline", "production", "staging", "development", "public", "internal", "confidential", "restricted",
	"consul", "google", "tcp", "http", "http2", "grpc", "",
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

// column is one field of every object of a list.
type column[T any] struct {
	name string
	term func(T) *ast.Term
}

// rows returns what builds the objects of a list, of those columns that are read. It belongs to one goroutine.
func rows[T any](columns []column[T], read *reads) func(T) *ast.Term {
	columns = slices.DeleteFunc(columns, func(c column[T]) bool { return read.field(c.name) == nil })
	items := make([][2]*ast.Term, len(columns)) // which no object keeps
	for i, c := range columns {
		items[i][0] = wordTerm(c.name)
	}
	return func(e T) *ast.Term {
		for i := range columns {
			items[i][1] = columns[i].term(e)
		}
		return ast.ObjectTerm(items...)
	}
}

// fieldsOf returns all columns of one element.
func fieldsOf[T any](columns []column[T], e T) [][2]*ast.Term {
	items := make([][2]*ast.Term, 0, len(columns)+1)
	for _, c := range columns {
		items = append(items, item(c.name, c.term(e)))
	}
	return items
}

// table is a list of many elements, built on every processor. Each of them has a builder of its own, which may remember what it built.
func table[T any](elements []T, builder func() func(T) *ast.Term) *ast.Term {
	terms := make([]*ast.Term, len(elements))
	inParts(len(elements), func(from, to int) {
		build := builder()
		for i := from; i < to; i++ {
			terms[i] = build(elements[i])
		}
	})
	return ast.ArrayTerm(terms...)
}

func pointers[T any](elements []T) []*T {
	out := make([]*T, len(elements))
	for i := range elements {
		out[i] = &elements[i]
	}
	return out
}

// worthParting is how many elements it takes for a second goroutine to pay.
const worthParting = 1000

// inParts does the work on n elements, a part on each processor.
func inParts(n int, do func(from, to int)) {
	parts := min(runtime.GOMAXPROCS(0), n/worthParting+1)
	var workers sync.WaitGroup
	for i := range parts - 1 {
		workers.Go(func() { do(i*n/parts, (i+1)*n/parts) })
	}
	do((parts-1)*n/parts, n)
	workers.Wait()
}

// remembered returns a function that makes equal terms once. It belongs to one goroutine.
func remembered[K comparable](term func(K) *ast.Term) func(K) *ast.Term {
	made := map[K]*ast.Term{}
	return func(k K) *ast.Term {
		t := made[k]
		if t == nil {
			t = term(k)
			made[k] = t
		}
		return t
	}
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
