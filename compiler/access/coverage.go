package access

import (
	"slices"
	"time"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// TestCoverage is what the tests of a policy look at, and what none does. An allow is exercised by a test that tries what it gives, or what a
// deny takes of it, whatever comes of it; its interval by one that does at a moment inside of it.
type TestCoverage struct {
	Allows, Denies, Intervals Covered
}

// Covered is how many declarations of one kind are exercised, and which are not, by address.
type Covered struct {
	Exercised, All int
	Missing        []addr.Address
}

// CoverageOf tells what results of RunTests exercise of a graph. Allows that give nothing anywhere are not asked for; of intervals, only those
// that begin or end.
func CoverageOf(g *Graph, results []TestResult) TestCoverage {
	all, seen := newExercised(), newExercised()
	for i := range g.Grants {
		all.sources(g.Grants[i].Sources, nil)
	}
	for i := range g.Cuts {
		all.sources(g.Cuts[i].Sources, nil)
	}
	for _, d := range g.Denies {
		all.denies[d.Addr] = true
	}
	for _, r := range results {
		seen.add(r.exercised)
	}
	return TestCoverage{
		Allows: covered(all.allows, seen.allows), Denies: covered(all.denies, seen.denies), Intervals: covered(all.intervals, seen.intervals),
	}
}

func covered(all, seen map[addr.Address]bool) Covered {
	out := Covered{All: len(all)}
	for a := range all {
		if seen[a] {
			out.Exercised++
		} else {
			out.Missing = append(out.Missing, a)
		}
	}
	slices.SortFunc(out.Missing, addr.Compare)
	return out
}

// exercised is what a test looks at.
type exercised struct{ allows, denies, intervals map[addr.Address]bool }

func newExercised() exercised {
	return exercised{map[addr.Address]bool{}, map[addr.Address]bool{}, map[addr.Address]bool{}}
}

func (x exercised) add(other exercised) {
	for _, pair := range [][2]map[addr.Address]bool{{x.allows, other.allows}, {x.denies, other.denies}, {x.intervals, other.intervals}} {
		for a := range pair[1] {
			pair[0][a] = true
		}
	}
}

// sources notes allows, and their intervals where they hold the moment; without a moment every one that begins or ends.
func (x exercised) sources(list []Source, at *time.Time) {
	for _, s := range list {
		x.allows[s.Allow] = true
		if s.Span != Always && (at == nil || s.Span.Contains(*at)) {
			x.intervals[s.Allow] = true
		}
	}
}

// exercise notes what a trial of one workload looks at.
func (t *tester) exercise(x *exercised, q trial, w addr.Address, r model.Request, at time.Time) {
	for _, grant := range t.grants[q.spot] {
		if grant.Workload == w && grant.Action == q.action && !grant.Request.Disjoint(r) {
			x.sources(grant.Sources, &at)
		}
	}
	for _, cut := range t.cuts[q.spot] {
		if cut.Workload == w && cut.Action == q.action && !cut.Request.Disjoint(r) {
			x.sources(cut.Sources, &at)
		}
	}
	for _, d := range t.denies[q.resource] {
		if !x.denies[d.Addr] && d.meets(w, q.action, r) {
			x.denies[d.Addr] = true
		}
	}
}

// meets reports whether a deny takes some of the requests of a workload on its own account.
func (d *Deny) meets(w addr.Address, action model.Action, r model.Request) bool {
	_, who := slices.BinarySearchFunc(d.Workloads, w, addr.Compare)
	return who && slices.Contains(d.Actions, action) && d.speaksOf(r)
}

// speaksOf reports whether a deny takes some of some requests.
func (d *Deny) speaksOf(r model.Request) bool {
	return len(d.Requests) == 0 || slices.ContainsFunc(d.Requests, func(x model.Request) bool { return !x.Disjoint(r) })
}
