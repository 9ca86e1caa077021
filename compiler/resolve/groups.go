package resolve

import (
	"fmt"
	"slices"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
	"gatehouse/lang/syntax"
)

// membersOf is what a list of members may name.
var membersOf = []addr.Kind{addr.Workload, addr.Group}

// resolveGroups computes each group's members for each environment. A workload without a place there is no member there; a group in a list
// adds the members that it has there.
func (r *resolver) resolveGroups() {
	if len(r.blocks[addr.Group]) == 0 {
		return
	}
	index := r.indexLabels()
	for d := range r.declarations(addr.Group) {
		g := &model.Group{Addr: d.addr, Members: map[string][]addr.Address{}, Decl: d.block.Decl}
		match, byMatch := d.block.Attr("match")
		list, byList := d.block.Attr("workloads")
		switch {
		case byMatch && byList:
			r.error(diag.InvalidValue, list.Range, fmt.Sprintf("%s has both match and workloads", d.addr),
				"A group is made by labels or by a list. Keep one of the two; what both should hold is two groups in from.",
				diag.Related{Message: "the other", Range: match.Range})
		case byMatch:
			g.Match = r.match(d, match.Expr)
			g.Members = index.members(g.Match)
		case byList:
			g.Listed = append([]model.Ref{}, r.references(list.Expr, d.addr, membersOf)...)
			g.Members = r.listed(g.Listed)
		case r.unsure(d):
		default:
			r.error(diag.MissingAttribute, d.block.Decl, fmt.Sprintf("%s says nothing about its members", d.addr),
				"Write match = { label = \"value\" } for all workloads with these labels, or workloads = [workload.a, group.b].")
		}
		if !d.second {
			r.policy.Groups = append(r.policy.Groups, g)
		}
	}
}

// listed puts workloads under each of their environments. Groups come later, when each has its own.
func (r *resolver) listed(refs []model.Ref) map[string][]addr.Address {
	members := map[string][]addr.Address{}
	for _, ref := range refs {
		if ref.Addr.Kind != addr.Workload {
			continue
		}
		for _, env := range r.environmentsByWorkload[ref.Addr.Name] {
			members[env] = append(members[env], ref.Addr)
		}
	}
	for _, m := range members {
		slices.SortFunc(m, addr.Compare)
	}
	return members
}

// match reads a group's labels. All of them must match; none would mean everybody, which nobody should say by leaving something out.
func (r *resolver) match(d *declaration, e syntax.Expr) map[string]string {
	object, ok := e.(syntax.Object)
	if !ok {
		return nil
	}
	if len(object.Entries) == 0 {
		r.error(diag.EmptyMatch, object.Range, fmt.Sprintf("%s matches on no label", d.addr),
			"That would mean every workload. Name at least one label, or list the members: workloads = [workload.a, workload.b].")
		return nil
	}
	return labels(d.block, "match")
}

// labelIndex finds workloads by label: environment → label → workloads, sorted.
type labelIndex map[string]map[label][]labelled

type label struct{ key, value string }

type labelled struct {
	addr   addr.Address
	labels map[string]string
}

func (r *resolver) indexLabels() labelIndex {
	index := labelIndex{}
	r.environmentsByWorkload = map[string][]string{}
	sorted := slices.SortedFunc(slices.Values(r.policy.Workloads), func(a, b *model.Workload) int { return addr.Compare(a.Addr, b.Addr) })
	for _, w := range sorted {
		for _, p := range w.Places {
			r.environmentsByWorkload[w.Addr.Name] = append(r.environmentsByWorkload[w.Addr.Name], p.Environment)
			if index[p.Environment] == nil {
				index[p.Environment] = map[label][]labelled{}
			}
			for k, v := range p.Labels {
				index[p.Environment][label{k, v}] = append(index[p.Environment][label{k, v}], labelled{w.Addr, p.Labels})
			}
		}
	}
	return index
}

// members returns who has all the labels, environment by environment. It walks the rarest label alone, so that many groups over many
// workloads stay cheap.
func (x labelIndex) members(match map[string]string) map[string][]addr.Address {
	out := map[string][]addr.Address{}
	for env, byLabel := range x {
		for _, w := range rarest(byLabel, match) {
			if hasAll(w.labels, match) {
				out[env] = append(out[env], w.addr)
			}
		}
	}
	return out
}

func rarest(byLabel map[label][]labelled, match map[string]string) []labelled {
	var best []labelled
	first := true
	for k, v := range match {
		if found := byLabel[label{k, v}]; first || len(found) < len(best) {
			best, first = found, false
		}
	}
	return best
}

func hasAll(labels, match map[string]string) bool {
	for k, want := range match {
		if v, ok := labels[k]; !ok || v != want {
			return false
		}
	}
	return true
}
