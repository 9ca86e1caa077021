package access

import (
	"slices"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// unit is one pattern of one allow, or all of an allow that isn't narrowed: what another allow's unit can give already, so that it adds nothing.
type unit struct {
	ends   int32 // between how many ends it stands, actions and environments told apart
	alone  bool  // somewhere no other allow covers it
	given  bool  // something of it is given
	denied bool  // something of it is denied
}

// coverers holds, for each unit that isn't alone, the units of other allows that cover it wherever it stands, sorted. There are few.
type coverers map[int32][]int32

// fewCovering bounds the units among which those are sought that cover another one between two ends. It says nothing about how the work is shared.
const fewCovering = 64

// indexUnits numbers the units by allow.
func (b *builder) indexUnits() {
	b.firstUnit = make([]int32, len(b.allows)+1)
	for i, a := range b.allows {
		b.firstUnit[i+1] = b.firstUnit[i] + int32(max(1, len(a.Requests)))
	}
	b.units, b.covered = make([]unit, b.firstUnit[len(b.allows)]), coverers{}
}

// unit returns the number of a part's.
func (b *builder) unit(p *part) int32 {
	n := b.firstUnit[p.allow]
	if p.request != 0 {
		i, _ := slices.BinarySearchFunc(b.allows[p.allow].Requests, b.requests[p.request], model.CompareRequest)
		n += int32(i)
	}
	return n
}

// allowOf returns whose a unit is, and its pattern.
func (b *builder) allowOf(n int32) (int32, model.Request) {
	i, found := slices.BinarySearch(b.firstUnit, n)
	if !found {
		i--
	}
	if a := b.allows[i]; len(a.Requests) > 0 {
		return int32(i), a.Requests[n-b.firstUnit[i]]
	}
	return int32(i), model.Request{}
}

// compareUnits notes of the units of some parts, which differ in their requests and allows alone, which others cover each.
func (b *builder) compareUnits(parts []part) {
	if len(parts) == 1 { // nearly always
		u := &b.units[b.unit(&parts[0])]
		u.ends++
		u.alone = true
		return
	}
	here := make([]int32, 0, len(parts))
	for i := range parts {
		here = append(here, b.unit(&parts[i]))
	}
	slices.Sort(here)
	here = slices.Compact(here)
	few := here[:min(len(here), fewCovering)]
	for _, n := range here {
		u := &b.units[n]
		u.ends++
		switch {
		case u.alone:
		case u.ends == 1:
			b.cover(n, b.coveringUnits(n, few))
		default:
			b.cover(n, common(b.covered[n], few))
		}
	}
}

// cover notes what covers a unit wherever it was seen so far.
func (b *builder) cover(n int32, others []int32) {
	if b.units[n].alone = len(others) == 0; b.units[n].alone {
		delete(b.covered, n)
		return
	}
	b.covered[n] = others
}

// coveringUnits returns those of some units that give all that a unit of another allow does, at least as long.
func (b *builder) coveringUnits(n int32, of []int32) []int32 {
	var out []int32
	allow, request := b.allowOf(n)
	span := SpanOf(b.allows[allow].Interval)
	for _, o := range of {
		other, wider := b.allowOf(o)
		if longer := SpanOf(b.allows[other].Interval); other != allow && longer.Start <= span.Start && span.End <= longer.End && wider.Covers(request) {
			out = append(out, o)
		}
	}
	return out
}

// common returns the numbers of both sorted lists. It leaves both as they were.
func common(a, b []int32) []int32 {
	var out []int32
	for _, n := range a {
		if _, found := slices.BinarySearch(b, n); found {
			out = append(out, n)
		}
	}
	return out
}

// adoptUnits takes over what another builder found out about other ends.
func (b *builder) adoptUnits(other *builder) {
	for i := range other.units {
		u, o, n := &b.units[i], &other.units[i], int32(i)
		switch {
		case o.ends == 0:
			continue
		case u.ends == 0:
			*u = *o
			if !u.alone {
				b.cover(n, other.covered[n])
			}
			continue
		case u.alone || o.alone:
			b.cover(n, nil)
		default:
			b.cover(n, common(b.covered[n], other.covered[n]))
		}
		u.ends += o.ends
		u.given, u.denied = u.given || o.given, u.denied || o.denied
	}
}

// taken reports whether all of a unit is denied.
func (u unit) taken() bool { return u.denied && !u.given }

// covering returns a unit of another allow that makes one superfluous.
func (b *builder) covering(n int32) (int32, bool) {
	for _, o := range b.coveredBy(n) {
		if b.supersedes(o, n) {
			return o, true
		}
	}
	return 0, false
}

// coveringAllow returns the allow that makes another one superfluous. One that is narrowed to requests is judged as a whole only beside one
// that isn't, and otherwise by its patterns.
func (b *builder) coveringAllow(index int32) (int32, bool) {
	first, end := b.firstUnit[index], b.firstUnit[index+1]
	for _, o := range b.coveredBy(first) {
		other, _ := b.allowOf(o)
		whole := len(b.allows[index].Requests) == 0 || len(b.allows[other].Requests) == 0
		for n := first; n < end && whole; n++ {
			whole = slices.Contains(b.coveredBy(n), o) && b.supersedes(o, n)
		}
		if whole {
			return other, true
		}
	}
	return 0, false
}

// coveredBy returns the units that cover one wherever it stands.
func (b *builder) coveredBy(n int32) []int32 {
	if b.units[n].alone {
		return nil
	}
	return b.covered[n]
}

// supersedes reports whether one of those units makes it superfluous: it is written elsewhere, and covers it tomorrow, too. Of those that say
// exactly the same the first is not superfluous.
func (b *builder) supersedes(o, n int32) bool {
	other, wider := b.allowOf(o)
	index, request := b.allowOf(n)
	by, a := b.allows[other], b.allows[index]
	if by.Decl == a.Decl || !b.namesAll(other, index) {
		return false
	}
	same := b.units[o].ends == b.units[n].ends && wider == request && SpanOf(by.Interval) == SpanOf(a.Interval)
	return !same || other < index || !b.namesAll(index, other)
}

// namesAll reports whether an allow names all workloads that another one does whatever labels they have: a group that matches labels has other
// members tomorrow.
func (b *builder) namesAll(wider, index int32) bool {
	if b.naming == nil {
		b.naming = map[int32]map[addr.Address]bool{}
	}
	if b.naming[wider] == nil {
		b.naming[wider] = map[addr.Address]bool{}
		b.name(b.naming[wider], b.allows[wider].From)
	}
	return b.named(b.naming[wider], b.allows[index].From)
}

// name notes references, and those that groups by list hold.
func (b *builder) name(named map[addr.Address]bool, list []model.Ref) {
	for _, ref := range list {
		if !named[ref.Addr] {
			named[ref.Addr] = true
			b.name(named, b.listed[ref.Addr])
		}
	}
}

// named reports whether all references are noted, or all that they stand for. No group lists itself.
func (b *builder) named(named map[addr.Address]bool, list []model.Ref) bool {
	return !slices.ContainsFunc(list, func(ref model.Ref) bool {
		inner := b.listed[ref.Addr]
		return !named[ref.Addr] && (len(inner) == 0 || !b.named(named, inner))
	})
}
