package compiler

import (
	"slices"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/diag"
	"gatehouse/lang/syntax"
)

// withoutUnsure drops fixes that would write over an expression. What it gave may be right in another declaration of a for_each, and with other
// values of variables: the mistake is in what it is made of. References that were written inside of one keep places of their own, and their fixes.
func withoutUnsure(list diag.List, written syntax.Tree) diag.List {
	fixes := func(d diag.Diagnostic) bool { return len(d.Fixes) > 0 }
	if !slices.ContainsFunc(list, fixes) {
		return list
	}
	computed := map[hcl.Range]bool{}
	for _, b := range written.Blocks {
		noteComputed(b, computed)
	}
	overwrites := func(f diag.Fix) bool {
		return slices.ContainsFunc(f.Edits, func(e diag.Edit) bool { return computed[e.Range] })
	}
	out := slices.Clone(list)
	for i, d := range out {
		out[i].Fixes = slices.DeleteFunc(slices.Clone(d.Fixes), overwrites)
	}
	return out
}

// noteComputed notes the places of a block's expressions.
func noteComputed(b *syntax.Block, places map[hcl.Range]bool) {
	for _, a := range b.Attrs {
		noteComputedIn(a.Expr, places)
	}
	for _, inner := range b.Blocks {
		noteComputed(inner, places)
	}
}

func noteComputedIn(e syntax.Expr, places map[hcl.Range]bool) {
	switch e := e.(type) {
	case syntax.Computed:
		places[e.Range] = true
	case syntax.List:
		for _, elem := range e.Elems {
			noteComputedIn(elem, places)
		}
	case syntax.Object:
		for _, entry := range e.Entries {
			noteComputedIn(entry.Value, places)
		}
	}
}
