package evaluate

import (
	"gatehouse/lang/addr"
	"gatehouse/lang/syntax"
)

// withVain says of a list that is empty for it which blocks with for_each, among the elements as they were written, declare nothing.
func (ev *evaluator) withVain(list syntax.List, written []syntax.Expr) syntax.Expr {
	if len(list.Elems) > 0 {
		return list
	}
	for _, e := range written {
		list.Vain = append(list.Vain, ev.vain(e)...)
	}
	return list
}

// vain are the blocks that an element names, or an expression goes through, and that declare nothing.
func (ev *evaluator) vain(e syntax.Expr) (out []syntax.Vain) {
	note := func(d *declared) {
		if d != nil && d.node != nil && d.node.known && len(d.keys) == 0 {
			out = append(out, syntax.Vain{Name: d.addr(), Range: e.Where(), ForEach: d.node.at})
		}
	}
	switch e := e.(type) {
	case syntax.Reference:
		if len(e.Parts) > 1 {
			note(ev.kinds[addr.Kind(e.Parts[0])][e.Parts[1]])
		}
	case syntax.Computed:
		for _, n := range ev.prepared[e.HCL].needs {
			note(n.node.of)
		}
	}
	return out
}
