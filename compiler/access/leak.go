package access

import (
	"cmp"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/addr"
)

// leaks returns the principals with several holders. The same workload in two environments is two holders: access there is access here.
func (b *builder) leaks() []Leak {
	byIdentity := make([][]Holder, len(b.principals))
	for i, w := range b.graph.Workloads {
		for _, h := range b.held[i] {
			for _, id := range h.identities {
				holder := Holder{b.graph.Environments[h.environment].Name, w.Addr, b.nameRange(int32(i), h.environment, id)}
				byIdentity[id] = append(byIdentity[id], holder)
			}
		}
	}
	var out []Leak
	for id, holders := range byIdentity {
		if len(holders) > 1 {
			slices.SortFunc(holders, compareHolder)
			out = append(out, Leak{b.principals[id], holders})
		}
	}
	slices.SortFunc(out, func(a, b Leak) int { return ComparePrincipal(a.Principal, b.Principal) })
	return out
}

func compareHolder(a, b Holder) int {
	return cmp.Or(cmp.Compare(a.Environment, b.Environment), addr.Compare(a.Workload, b.Workload))
}

// nameRange returns where a workload's name comes from that makes it an identity in an environment, or else where it is declared.
func (b *builder) nameRange(workload, environment, identity int32) hcl.Range {
	w := b.declared[workload]
	for _, p := range w.Places {
		if p.Environment != b.graph.Environments[environment].Name {
			continue
		}
		at := p.Service.Range
		if identity >= 0 && b.principals[identity].Target == Google {
			at = p.ServiceAccount.Range
		}
		if at != (hcl.Range{}) {
			return at
		}
	}
	return w.Decl
}

// home returns the first environment in which a workload is an identity.
func (b *builder) home(workload, identity int32) int32 {
	for _, h := range b.held[workload] {
		if slices.Contains(h.identities, identity) {
			return h.environment
		}
	}
	return b.held[workload][0].environment
}
