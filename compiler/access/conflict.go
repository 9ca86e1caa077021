package access

import (
	"fmt"
	"maps"
	"slices"

	"gatehouse/lang/diag"
)

// contradiction is what a policy can't mean: an allow and a deny that meet in one principal, where the target can't obey both.
type contradiction struct {
	part        part
	barrier     barrier
	inseparable bool // the actions differ, and the target knows one verb only
}

// contradict notes a contradiction once for each allow, deny, allowed and denied workload. Where a principal is both shared and denied
// another action, the sharing is told: mending it mends both.
func (b *builder) contradict(parts []part, barriers []barrier, inseparable bool) {
	for _, p := range parts {
		for _, x := range barriers {
			key := [4]int32{p.allow, x.deny, p.workload, x.workload}
			b.noteContradiction(key, contradiction{p, x, inseparable})
		}
	}
}

func (b *builder) noteContradiction(key [4]int32, c contradiction) {
	if old, ok := b.contradictions[key]; !ok || old.inseparable && !c.inseparable {
		b.contradictions[key] = c
	}
}

func (b *builder) reportContradictions() {
	for _, key := range slices.SortedFunc(maps.Keys(b.contradictions), func(a, b [4]int32) int { return slices.Compare(a[:], b[:]) }) {
		c := b.contradictions[key]
		if c.inseparable {
			b.diags = append(b.diags, b.inseparable(c))
		} else {
			b.diags = append(b.diags, b.conflict(c))
		}
	}
}

func (b *builder) conflict(c contradiction) diag.Diagnostic {
	environment, allowed, resource, action := b.names(c.part)
	a, d, denied := b.allows[c.part.allow], b.denies[c.barrier.deny], b.graph.Workloads[c.barrier.workload].Addr
	name := b.principals[c.barrier.identity]
	return diag.Diagnostic{
		Code:     diag.ConflictingShared,
		Severity: diag.Error,
		Summary:  fmt.Sprintf("%s is allowed what %s is denied, and both are %s", allowed, denied, speak(name)),
		Detail: fmt.Sprintf("%s lets %s %s %s in environment %q, and %s denies it to %s. %s sees one principal and can't obey both. "+
			"Give each workload an identity of its own, or drop one of the two.",
			a.Addr, allowed, action, resource, environment, d.Addr, denied, system(name.Target)),
		Subject: a.Decl,
		Related: append([]diag.Related{{Message: d.Addr.String() + " is here", Range: d.Decl}}, b.origins(c)...),
	}
}

func (b *builder) inseparable(c contradiction) diag.Diagnostic {
	environment, allowed, resource, action := b.names(c.part)
	a, d := b.allows[c.part.allow], b.denies[c.barrier.deny]
	out := diag.Diagnostic{
		Code:     diag.InseparableActions,
		Severity: diag.Error,
		Summary:  fmt.Sprintf("%s is allowed to %s %s and denied to %s it", allowed, action, resource, deniedActions(d)[0]),
		Detail: fmt.Sprintf("%s allows the one and %s denies the other in environment %q, but Consul only knows whether a service may connect. "+
			"Deny both actions, or allow both.", a.Addr, d.Addr, environment),
		Subject: a.Decl,
		Related: []diag.Related{{Message: d.Addr.String() + " is here", Range: d.Decl}},
	}
	if c.barrier.workload != c.part.workload {
		denied := b.graph.Workloads[c.barrier.workload].Addr
		out.Summary += fmt.Sprintf(" as %s, whose identity it shares", denied)
		out.Related = append(out.Related, b.origins(c)...)
	}
	return out
}

// origins returns where the allowed and the denied workload get their common name.
func (b *builder) origins(c contradiction) []diag.Related {
	id := c.barrier.identity
	var out []diag.Related
	for _, w := range []struct{ workload, environment int32 }{
		{c.part.workload, c.part.origin},
		{c.barrier.workload, b.home(c.barrier.workload, id)},
	} {
		message := fmt.Sprintf("%s gets its name here", b.graph.Workloads[w.workload].Addr)
		out = append(out, diag.Related{Message: message, Range: b.nameRange(w.workload, w.environment, id)})
	}
	return out
}

// speak names a principal to people.
func speak(p Principal) string {
	if p.Target == Consul {
		return fmt.Sprintf("the Consul service %q", p.Name)
	}
	return p.Name
}

func system(t Target) string {
	if t == Consul {
		return "Consul"
	}
	return "Google"
}
