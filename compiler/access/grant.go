package access

import (
	"slices"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// resolveAccess turns the parts, grant by grant, into what holds and what is cut.
func (b *builder) resolveAccess() {
	grants := 0
	for i, p := range b.parts {
		if i == 0 || !p.same(b.parts[i-1]) {
			grants++
		}
	}
	b.graph.Grants = make([]Grant, 0, grants)
	sources := make([]Source, len(b.parts))
	for i := 0; i < len(b.parts); {
		j := i + 1
		for j < len(b.parts) && b.parts[j].same(b.parts[i]) {
			j++
		}
		b.resolveGrant(b.parts[i:j], sources[i:j:j])
		i = j
	}
	b.graph.Grants = slices.Clip(b.graph.Grants)
}

// resolveGrant judges the parts of one grant; sources is room for theirs.
func (b *builder) resolveGrant(parts []part, sources []Source) {
	for i, p := range parts {
		sources[i] = b.source(p)
	}
	if len(sources) > 1 {
		slices.SortStableFunc(sources, compareSource)
	}
	first := parts[0]
	id := b.identity(b.place(first.workload, first.environment), first.workload, b.target(first.resource))
	around := b.against(id, first.resource)
	var barring []barrier
	for _, x := range around {
		if b.bars(x, first.action) {
			barring = append(barring, x)
		}
	}
	if len(barring) > 0 {
		b.cut(parts, sources, barring)
		return
	}
	b.give(parts, sources)
	if len(around) > 0 && b.target(first.resource) == Consul {
		b.contradict(parts, around, true)
	}
}

func (b *builder) source(p part) Source {
	a := b.allows[p.allow]
	return Source{Allow: a.Addr, Decl: a.Decl, From: a.From[p.from], To: a.To[p.to], Reason: a.Reason.Value, Span: SpanOf(a.Interval)}
}

func (b *builder) give(parts []part, sources []Source) {
	g := Grant{Sources: sources}
	g.Environment, g.Workload, g.Resource, g.Action = b.names(parts[0])
	g.Origin = g.Environment
	g.Spans = Spans{sources[0].Span}
	if len(sources) > 1 {
		all := make([]Span, len(sources))
		for i, s := range sources {
			all[i] = s.Span
		}
		g.Spans = NewSpans(all...)
	}
	b.graph.Grants = append(b.graph.Grants, g)
	for _, p := range parts {
		b.outcomes[p.allow].given = true
	}
}

// cut records what denies take. Of the barriers of one deny the one on the workload's own account is told, where there is one.
func (b *builder) cut(parts []part, sources []Source, barring []barrier) {
	c := Cut{Sources: sources}
	c.Environment, c.Workload, c.Resource, c.Action = b.names(parts[0])
	for i := 0; i < len(barring); {
		told, j := barring[i], i
		for ; j < len(barring) && barring[j].deny == told.deny; j++ {
			if barring[j].workload == parts[0].workload {
				told = barring[j]
			}
		}
		c.Denies = append(c.Denies, b.denySource(told))
		for _, p := range parts {
			if o := &b.outcomes[p.allow]; len(o.denies) < manyPlaces && !slices.Contains(o.denies, told.deny) {
				o.denies = append(o.denies, told.deny)
			}
		}
		i = j
	}
	b.graph.Cuts = append(b.graph.Cuts, c)
	own := slices.ContainsFunc(barring, func(x barrier) bool { return x.workload == parts[0].workload })
	if !own {
		b.contradict(parts, barring, false)
	}
}

func (b *builder) denySource(x barrier) DenySource {
	d := b.denies[x.deny]
	return DenySource{Deny: d.Addr, Decl: d.Decl, From: d.From[x.from], To: d.To[x.to], Reason: d.Reason.Value}
}

// names returns what a part is about, in the policy's words.
func (b *builder) names(p part) (environment string, workload, resource addr.Address, action model.Action) {
	g := b.graph
	return g.Environments[p.environment].Name, g.Workloads[p.workload].Addr, g.Resources[p.resource].Addr, model.Actions()[p.action]
}
