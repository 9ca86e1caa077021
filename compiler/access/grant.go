package access

import (
	"slices"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// resolveAccess turns the parts, grant by grant, into what holds and what is cut.
func (b *builder) resolveAccess() {
	grants := 0
	for i := range b.parts {
		if i == 0 || !b.parts[i].same(&b.parts[i-1]) {
			grants++
		}
	}
	b.graph.Grants = make([]Grant, 0, grants)
	sources := make([]Source, len(b.parts))
	for i := 0; i < len(b.parts); {
		j := i + 1
		for j < len(b.parts) && b.parts[j].same(&b.parts[i]) {
			j++
		}
		if j < len(b.parts) && b.parts[j].beside(&b.parts[i]) {
			j = b.resolvePatterns(i, sources)
		} else {
			b.resolveGrant(b.parts[i:j], sources[i:j:j])
		}
		i = j
	}
	b.graph.Grants = slices.Clip(b.graph.Grants)
}

// resolvePatterns judges the grants of several patterns of requests, from a part on, and returns the part after them.
func (b *builder) resolvePatterns(i int, sources []Source) int {
	first, start := len(b.graph.Grants), i
	var given [][]part
	for i < len(b.parts) && b.parts[i].beside(&b.parts[start]) {
		j := i + 1
		for j < len(b.parts) && b.parts[j].same(&b.parts[i]) {
			j++
		}
		if b.resolveGrant(b.parts[i:j], sources[i:j:j]) {
			given = append(given, b.parts[i:j])
		}
		i = j
	}
	if len(given) > 1 {
		b.unshadow(first, given)
	}
	return i
}

// resolveGrant judges the parts of one grant, and reports whether it is given; sources is room for theirs.
func (b *builder) resolveGrant(parts []part, sources []Source) bool {
	for i, p := range parts {
		sources[i] = b.source(p)
	}
	if len(sources) > 1 {
		slices.SortStableFunc(sources, compareSource)
	}
	first := parts[0]
	id := b.identity(b.place(first.workload, first.origin), first.workload, b.target(first.resource))
	around := b.against(id, first.resource)
	if len(around) == 0 {
		b.give(parts, sources, nil)
		return true
	}
	barring, partly := b.barring(around, first)
	if len(barring) > 0 {
		b.cut(parts, sources, barring)
		return false
	}
	except, ok := b.except(parts, partly)
	if !ok {
		b.tooManyPatterns(first, "is denied more than")
		return false
	}
	b.give(parts, sources, except)
	if others := b.inseparableFrom(around, first); len(others) > 0 {
		b.contradict(parts, others, true)
	}
	return true
}

func (b *builder) source(p part) Source {
	a := b.allows[p.allow]
	return Source{Allow: a.Addr, Decl: a.Decl, From: a.From[p.from], To: a.To[p.to], Reason: a.Reason.Value, Span: SpanOf(a.Interval)}
}

func (b *builder) give(parts []part, sources []Source, except []model.Request) {
	g := Grant{Sources: sources, Request: b.requests[parts[0].request], Except: except}
	g.Environment, g.Workload, g.Resource, g.Action = b.names(parts[0])
	g.Origin = b.graph.Environments[parts[0].origin].Name
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
	c := Cut{Sources: sources, Origin: b.graph.Environments[parts[0].origin].Name, Request: b.requests[parts[0].request]}
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
