package resolve

import (
	"fmt"
	"slices"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
	"gatehouse/lang/syntax"
)

func (r *resolver) resolveRules() {
	r.resolveAllows()
	for d := range r.declarations(addr.Deny) {
		if n := r.deny(d); !d.second && !d.vain {
			r.policy.Denies = append(r.policy.Denies, n)
		}
	}
}

func (r *resolver) allow(d *declaration) model.Allow {
	a := model.Allow{Addr: d.addr, Decl: d.block.Decl}
	a.From, a.To = r.ends(d)
	if actions, ok := d.block.Attr("actions"); ok {
		a.Actions = r.actions(d, actions.Expr)
	} else {
		a.Actions = []model.Action{model.Read}
	}
	a.Reason, _ = r.text(d.block, "reason")
	a.Environments = r.environmentRefs(d.block)
	a.Across = r.across(d)
	a.Requests, a.RequestsAt = r.requests(d)
	r.narrowable(d, a.To)
	a.Interval, a.ExpiresAt = r.interval(d)
	return a
}

func (r *resolver) deny(d *declaration) *model.Deny {
	n := &model.Deny{Addr: d.addr, Decl: d.block.Decl}
	n.From, n.To = r.ends(d)
	if actions, ok := d.block.Attr("actions"); ok {
		n.Actions = r.actions(d, actions.Expr)
	}
	n.Reason, _ = r.text(d.block, "reason")
	n.Requests, n.RequestsAt = r.requests(d)
	r.narrowable(d, n.To)
	return n
}

func (r *resolver) ends(d *declaration) (from, to []model.Ref) {
	if a, ok := d.block.Attr("from"); ok {
		from = r.references(a.Expr, d.addr, fromKinds)
	}
	if a, ok := d.block.Attr("to"); ok {
		to = r.references(a.Expr, d.addr, toKinds)
	}
	return from, to
}

// actions reads a list of actions into canonical order.
func (r *resolver) actions(d *declaration, e syntax.Expr) []model.Action {
	list, ok := e.(syntax.List)
	if !ok {
		return nil
	}
	if len(list.Elems) == 0 {
		r.error(diag.EmptyList, list.Range, fmt.Sprintf("%s names no action", d.addr),
			"Write read, write or both; leave the attribute out for the default: read in an allow, every action in a deny.")
	}
	var named []model.Action
	said := newSaid[model.Action](r, list)
	for i, elem := range list.Elems {
		ref, ok := elem.(syntax.Reference)
		if !ok {
			continue // reported
		}
		if action := model.Action(ref.Parts[0]); said.first(i, action) {
			named = append(named, action)
		}
	}
	said.report()
	return slices.DeleteFunc(model.Actions(), func(a model.Action) bool { return !slices.Contains(named, a) })
}
