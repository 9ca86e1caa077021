package access

import (
	"cmp"
	"slices"

	"gatehouse/lang/model"
)

// part is one allow's share in one grant: an element of its from, an element of its to, an action, in one environment.
type part struct {
	environment, workload, resource, action int32
	origin, request                         int32
	allow, from, to                         int32
}

// same reports whether two parts are of one grant.
func (p *part) same(q *part) bool { return p.request == q.request && p.beside(q) }

// beside reports whether two parts are of grants that differ in nothing but their requests.
func (p *part) beside(q *part) bool {
	return p.environment == q.environment && p.workload == q.workload && p.resource == q.resource && p.action == q.action && p.origin == q.origin
}

// comparePart is the canonical order of grants. Spelled out, since it is most of the time that a large policy takes.
func comparePart(a, b part) int {
	switch {
	case a.environment != b.environment:
		return cmp.Compare(a.environment, b.environment)
	case a.workload != b.workload:
		return cmp.Compare(a.workload, b.workload)
	case a.resource != b.resource:
		return cmp.Compare(a.resource, b.resource)
	case a.action != b.action:
		return cmp.Compare(a.action, b.action)
	case a.origin != b.origin:
		return cmp.Compare(a.origin, b.origin)
	case a.request != b.request:
		return cmp.Compare(a.request, b.request)
	case a.allow != b.allow:
		return cmp.Compare(a.allow, b.allow)
	case a.from != b.from:
		return cmp.Compare(a.from, b.from)
	}
	return cmp.Compare(a.to, b.to)
}

// outcome is what becomes of an allow.
type outcome struct {
	void     bool    // its interval is empty, which is reported elsewhere
	refused  bool    // part of it can't be expressed, which is reported
	excluded bool    // an environment has both ends, and `environments` leaves it out
	expanded bool    // it gives something, before denies
	given    bool    // it gives something, after denies
	denies   []int32 // the first few that take from it
	from, to elements
}

// elements says of a list of an allow which of its first 32 elements are given something, and which are denied something, as bits.
type elements struct{ given, denied uint32 }

// bit is an element's, and no bit from the 33rd on.
func bit(element int32) uint32 { return 1 << element }

func (e *elements) add(o elements) { e.given, e.denied = e.given|o.given, e.denied|o.denied }

// deniedBy notes a deny, unless there are enough.
func (o *outcome) deniedBy(deny int32) {
	if len(o.denies) < manyPlaces && !slices.Contains(o.denies, deny) {
		o.denies = append(o.denies, deny)
	}
}

func (b *builder) expandAllow(index int32, a *model.Allow) {
	if a.Across != nil {
		b.expandAcross(index, a)
		return
	}
	wanted, requests := b.wanted(a), b.requestsOf(a)
	for from, ref := range a.From {
		for _, h := range b.members[ref.Addr] {
			for to, ref := range a.To {
				for _, r := range b.resource[ref.Addr] {
					if !slices.Contains(b.offered[r], h.environment) {
						continue
					}
					if wanted != nil && !slices.Contains(wanted, h.environment) {
						b.outcomes[index].excluded = true
						continue
					}
					b.outcomes[index].expanded = true
					p := part{environment: h.environment, origin: h.environment, resource: r, allow: index, from: int32(from), to: int32(to)}
					b.grow(p, h.workloads, a.Actions, requests)
				}
			}
		}
	}
}

// wanted returns the environments that an allow is narrowed to, or nil where it isn't.
func (b *builder) wanted(a *model.Allow) []int32 {
	if a.Environments == nil {
		return nil
	}
	out := []int32{}
	for _, ref := range a.Environments {
		if e, ok := b.environment[ref.Addr.Name]; ok {
			out = append(out, e)
		}
	}
	return out
}

// grow adds a part for each workload, action and pattern; an action that doesn't exist gives nothing.
func (b *builder) grow(p part, workloads []int32, actions []model.Action, requests []int32) {
	for _, action := range actions {
		if p.action = int32(actionIndex(action)); p.action < 0 {
			continue
		}
		for _, p.request = range requests {
			for _, w := range workloads {
				p.workload = w
				b.parts = append(b.parts, p)
			}
		}
	}
}
