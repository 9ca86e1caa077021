package access

import (
	"fmt"
	"slices"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
)

// expandAcross expands an allow that crosses: from workloads as they are in one environment to resources as they are in another, and nothing
// inside of either.
func (b *builder) expandAcross(index int32, a *model.Allow) {
	origin, known := b.environment[a.Across.From.Addr.Name]
	destination, found := b.environment[a.Across.To.Addr.Name]
	if !known || !found || origin == destination {
		return // reported
	}
	requests := b.requestsOf(a)
	for to, ref := range a.To {
		for _, r := range b.resource[ref.Addr] {
			if !slices.Contains(b.offered[r], destination) {
				continue
			}
			if !b.crossable(r, origin, destination) {
				b.reportCrossing(index, a, ref, r)
				continue
			}
			for from, ref := range a.From {
				for _, h := range b.members[ref.Addr] {
					if h.environment == origin {
						b.outcomes[index].expanded = true
						p := part{environment: destination, origin: origin, resource: r, allow: index, from: int32(from), to: int32(to)}
						b.grow(p, h.workloads, a.Actions, requests)
					}
				}
			}
		}
	}
}

// crossable reports whether the target of a resource sees the workloads of another environment: a mesh sees those of its own realm, and Google
// those that have accounts.
func (b *builder) crossable(resource, origin, destination int32) bool {
	from, to := b.graph.Environments[origin], b.graph.Environments[destination]
	if b.target(resource) == Consul {
		return from.Consul != nil && RealmOf(from) == RealmOf(to)
	}
	return from.Google != nil
}

// reportCrossing reports a crossing that a target can't express, once for each element of to.
func (b *builder) reportCrossing(index int32, a *model.Allow, ref model.Ref, resource int32) {
	again := b.outcomes[index].refused && b.diags[len(b.diags)-1].Subject == ref.Range
	b.outcomes[index].refused = true
	if again {
		return
	}
	name, from, to := b.graph.Resources[resource].Addr, a.Across.From.Addr, a.Across.To.Addr
	d := diag.Diagnostic{
		Code: diag.UnsupportedCrossing, Severity: diag.Error, Subject: ref.Range,
		Summary: fmt.Sprintf("%s can't be reached from %s", name, from),
		Detail: fmt.Sprintf("A mesh knows the services of its own Consul only, and %s and %s are not on one: another address, datacenter, partition or namespace is "+
			"another one. Take the store out of the allow, or declare the workloads in %s.", from, to, to),
		Related: []diag.Related{{Message: "it crosses here", Range: a.Across.Decl}},
	}
	if b.target(resource) == Google {
		d.Detail = fmt.Sprintf("%s has no google block, so that its workloads have no accounts to grant anything to. Add one to it, or declare the workloads in %s.", from, to)
	}
	for _, e := range []addr.Address{from, to} {
		d.Related = append(d.Related, diag.Related{Message: e.String() + " is here", Range: b.graph.Environments[b.environment[e.Name]].Decl})
	}
	b.diags = append(b.diags, d)
}
