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
		b.compareUnits(b.parts[i:j])
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

// kept is what denies leave of the parts of one pattern of requests.
type kept struct {
	parts   []part
	request model.Request
	denied  []model.Request // what meets the pattern
}

// resolvePatterns judges the grants of several patterns of requests, from a part on, and returns the part after them.
func (b *builder) resolvePatterns(i int) int {
	start := i
	var all []kept
	for i < len(b.parts) && b.parts[i].beside(&b.parts[start]) {
		j := b.grantEnd(i)
		if k, some := b.judge(b.parts[i:j]); some {
			all = append(all, k)
		}
		i = j
	}
	if len(all) > 0 {
		b.giveTogether(all)
	}
	return i
}

// resolveGrant judges the parts of one grant, and gives what is left.
func (b *builder) resolveGrant(parts []part) {
	if k, some := b.judge(parts); some {
		b.give(k)
	}
}

// judge tells what denies leave of the parts of one pattern, and records what they take; false where nothing is left.
func (b *builder) judge(parts []part) (kept, bool) {
	first := parts[0]
	id := b.identity(b.place(first.workload, first.origin), first.workload, b.target(first.resource))
	around := b.against(id, first.resource)
	if len(around) == 0 {
		return kept{parts: parts, request: b.requests[first.request]}, true
	}
	d := b.denial(around, first)
	if d.some && len(d.denied) > maxPatterns {
		b.tooManyPatterns(first, "is denied more than")
		return kept{}, false
	}
	if others := b.foreign(around, first); len(others) > 0 {
		b.contradict(parts, others, false)
	}
	if len(d.barring) > 0 {
		b.cut(parts, d.taken, d.barring)
	}
	if !d.some {
		b.denied(parts)
		return kept{}, false
	}
	if others := b.inseparableFrom(around, first, d); len(others) > 0 {
		b.contradict(parts, others, true)
	}
	return kept{parts, d.left, d.denied}, true
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

// give grants one pattern that stands alone.
func (b *builder) give(k kept) {
	sources := b.sources(k.parts)
	spans := Spans(nil)
	if len(sources) == 1 {
		spans = Spans(b.behind.spans[:1:1])
		spans[0], b.behind.spans = sources[0].Span, b.behind.spans[1:]
	} else {
		all := make([]Span, len(sources))
		for i, s := range sources {
			all[i] = s.Span
		}
		spans = NewSpans(all...)
	}
	b.grant(k.parts[0], Grant{Request: k.request, Except: k.request.Meeting(k.denied), Spans: spans, Sources: sources})
	b.given(k.parts)
}

// grant adds a grant between the ends of a part.
func (b *builder) grant(p part, g Grant) {
	g.Environment, g.Workload, g.Resource, g.Action = b.names(p)
	g.Origin = b.graph.Environments[p.origin].Name
	b.graph.Grants = append(b.graph.Grants, g)
}

// given notes what is given by some parts: allows, their patterns, and the elements of their lists.
func (b *builder) given(parts []part) {
	for i := range parts {
		p := &parts[i]
		o := &b.outcomes[p.allow]
		o.given = true
		o.from.given |= bit(p.from)
		o.to.given |= bit(p.to)
		b.units[b.unit(p)].given = true
	}
}

// denied notes the same of what is denied.
func (b *builder) denied(parts []part) {
	for i := range parts {
		p := &parts[i]
		o := &b.outcomes[p.allow]
		o.from.denied |= bit(p.from)
		o.to.denied |= bit(p.to)
		b.units[b.unit(p)].denied = true
	}
}

// cut records what denies take. Of the barriers of one deny the one on the workload's own account is told, where there is one.
func (b *builder) cut(parts []part, taken model.Request, barring []barrier) {
	c := Cut{Sources: b.sources(parts), Origin: b.graph.Environments[parts[0].origin].Name, Request: taken}
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
