package access

import (
	"slices"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// resolveGrants turns the builder's parts, grant by grant, into what holds and what is cut.
func (b *builder) resolveGrants() {
	for i := 0; i < len(b.parts); {
		j := b.grantEnd(i)
		if j < len(b.parts) && b.parts[j].beside(&b.parts[i]) {
			j = b.resolvePatterns(i)
		} else {
			b.resolveGrant(b.parts[i:j])
		}
		i = j
	}
}

// grantEnd returns the part behind the ones of the grant that begins with a part.
func (b *builder) grantEnd(i int) int {
	j := i + 1
	for j < len(b.parts) && b.parts[j].same(&b.parts[i]) {
		j++
	}
	return j
}

// resolvePatterns judges the grants of several patterns of requests, from a part on, and returns the part after them.
func (b *builder) resolvePatterns(i int) int {
	first, start := len(b.graph.Grants), i
	var given [][]part
	for i < len(b.parts) && b.parts[i].beside(&b.parts[start]) {
		j := b.grantEnd(i)
		if b.resolveGrant(b.parts[i:j]) {
			given = append(given, b.parts[i:j])
		}
		i = j
	}
	if len(given) > 1 {
		b.unshadow(first, given)
	}
	return i
}

// resolveGrant judges the parts of one grant, and reports whether it is given.
func (b *builder) resolveGrant(parts []part) bool {
	sources := b.sources(parts)
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

// behind are the lines behind the last grant, and the room for those of further ones.
type behind struct {
	parts   []part
	sources []Source
	room    []Source
	spans   []Span
}

// alike reports whether the same lines are behind two grants, as behind those of an allow's several actions.
func alike(p, q []part) bool {
	return slices.EqualFunc(p, q, func(x, y part) bool { return x.allow == y.allow && x.from == y.from && x.to == y.to })
}

// sources returns the lines behind the parts of a grant. Grants behind which are the same lines share them.
func (b *builder) sources(parts []part) []Source {
	t := &b.behind
	if !alike(t.parts, parts) {
		t.parts, t.sources = parts, t.room[:len(parts):len(parts)]
		t.room = t.room[len(parts):]
		for i, p := range parts {
			t.sources[i] = b.source(p)
		}
		if len(parts) > 1 {
			slices.SortStableFunc(t.sources, compareSource)
		}
	}
	return t.sources
}

func (b *builder) source(p part) Source {
	a := b.allows[p.allow]
	return Source{Allow: a.Addr, Decl: a.Decl, From: a.From[p.from], To: a.To[p.to], Reason: a.Reason.Value, Span: SpanOf(a.Interval)}
}

func (b *builder) give(parts []part, sources []Source, except []model.Request) {
	g := Grant{Sources: sources, Request: b.requests[parts[0].request], Except: except}
	g.Environment, g.Workload, g.Resource, g.Action = b.names(parts[0])
	g.Origin = b.graph.Environments[parts[0].origin].Name
	if len(sources) == 1 {
		g.Spans = Spans(b.behind.spans[:1:1])
		g.Spans[0], b.behind.spans = sources[0].Span, b.behind.spans[1:]
	} else {
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
			b.outcomes[p.allow].deniedBy(told.deny)
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
