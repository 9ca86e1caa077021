package access

import (
	"fmt"
	"slices"
	"time"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// TestResult is what became of one test of the policy.
type TestResult struct {
	Test     *model.Test
	At       time.Time     // the moment that was looked at
	Passed   bool          // nothing failed
	Tried    int           // combinations of environment, workload, surface, action and request
	Failed   int           // of those tried, or 1 where there was nobody to try
	Failures []TestFailure // in the order of the test's own lists: the first thousand
	Notes    []string      // why something is true by absence alone, such as: workload.a is not in "prod"

	exercised exercised
}

// TestFailure is one combination for which something else holds than was expected.
type TestFailure struct {
	Environment string
	Workload    addr.Address // zero where there was nobody to try
	Resource    addr.Address // with its surface
	Action      model.Action
	Request     model.Request
	Holds       string   // what holds instead, as a sentence
	Sources     []Source // the allows that it holds by, or that would give it but for the denies
	Denies      []Deny   // the denies that it holds by
}

// RunTests runs every test of the policy against its access, at the test's own moment or else at the one given. It is pure.
//
// A test that expects allow passes where each of its workloads is granted each surface, action and request in every environment, by a grant of
// its own. One that expects deny passes where none of them reaches any, by whatever means: also not through a shared identity, nor by another
// action that the target can't tell apart. Ends that don't meet in an environment are denied by absence, which is noted.
//
// In an environment a group stands for its members there; where something crosses into the environment, a test that expects deny tries its
// members on the other side too, and one that expects allow does where it has none here.
func RunTests(g *Graph, at time.Time) []TestResult {
	t := newTester(g)
	out := make([]TestResult, len(g.Tests))
	for i, test := range g.Tests {
		out[i] = t.run(test, at)
	}
	return out
}

// tester holds a graph by place, so that many tests stay cheap.
type tester struct {
	g      *Graph
	grants map[spot][]*Grant
	cuts   map[spot][]*Cut
	leaks  map[Principal][]Holder
	denies map[addr.Address][]*Deny // by resource
	groups map[addr.Address]*model.Group
	across map[string][]string // environment → those that something crosses from, sorted
}

// spot is a surface in an environment.
type spot struct {
	environment string
	resource    addr.Address
}

func newTester(g *Graph) *tester {
	t := &tester{g: g, grants: map[spot][]*Grant{}, cuts: map[spot][]*Cut{}, denies: map[addr.Address][]*Deny{}, leaks: holdersOf(g), groups: map[addr.Address]*model.Group{}, across: map[string][]string{}}
	if len(g.Tests) == 0 {
		return t
	}
	for i := range g.Grants {
		grant := &g.Grants[i]
		at := spot{grant.Environment, grant.Resource}
		t.grants[at] = append(t.grants[at], grant)
		if home := grant.Home(); home != grant.Environment && !slices.Contains(t.across[grant.Environment], home) {
			t.across[grant.Environment] = append(t.across[grant.Environment], home)
		}
	}
	for _, origins := range t.across {
		slices.Sort(origins)
	}
	for i := range g.Cuts {
		cut := &g.Cuts[i]
		at := spot{cut.Environment, cut.Resource}
		t.cuts[at] = append(t.cuts[at], cut)
	}
	for i := range g.Denies {
		for _, resource := range g.Denies[i].Resources {
			t.denies[resource] = append(t.denies[resource], &g.Denies[i])
		}
	}
	for _, group := range g.Groups {
		t.groups[group.Addr] = group
	}
	return t
}

func (t *tester) run(test *model.Test, at time.Time) TestResult {
	r := TestResult{Test: test, At: at, exercised: newExercised()}
	if !test.At.IsZero() {
		r.At = test.At
	}
	for _, e := range test.Environments {
		workloads := t.workloads(test, e.Addr.Name)
		if len(workloads) == 0 {
			t.nobody(&r, e.Addr.Name)
		}
		for _, to := range t.surfaces(test) {
			for _, action := range test.Actions {
				t.try(&r, trial{spot: spot{e.Addr.Name, to}, action: action}, workloads)
			}
		}
	}
	r.Passed = r.Failed == 0
	return r
}

// mostFailures bounds the failures of one test that are kept, and explained those of them that are explained in full: a test of thousands of
// workloads may fail for each.
const (
	mostFailures = 1000
	explained    = 16
)

func (r *TestResult) fail(f TestFailure) {
	if r.Failed++; len(r.Failures) < mostFailures {
		r.Failures = append(r.Failures, f)
	}
}

// nobody settles a test whose workloads are not in an environment.
func (t *tester) nobody(r *TestResult, environment string) {
	r.Notes = append(r.Notes, fmt.Sprintf("nobody of from is in %q", environment))
	if r.Test.Expect == model.ExpectAllow {
		r.fail(TestFailure{Environment: environment, Holds: fmt.Sprintf("nobody of from is in %q, so that there is nobody to allow anything to", environment)})
	}
}

// workloads returns whom a test tries in an environment, in the order of its list, each once.
func (t *tester) workloads(test *model.Test, environment string) []addr.Address {
	var out []addr.Address
	add := func(list ...addr.Address) {
		for _, a := range list {
			if !slices.Contains(out, a) {
				out = append(out, a)
			}
		}
	}
	for _, ref := range test.From {
		group := t.groups[ref.Addr]
		if group == nil {
			add(ref.Addr)
			continue
		}
		here := t.present(group, environment)
		add(here...)
		if test.Expect == model.ExpectDeny || len(here) == 0 {
			for _, other := range t.across[environment] {
				add(t.present(group, other)...)
			}
		}
	}
	return out
}

// present returns a group's members in an environment that is in use.
func (t *tester) present(g *model.Group, environment string) []addr.Address {
	if e, ok := t.g.Environment(environment); !ok || e.Retired {
		return nil
	}
	return g.Members[environment]
}

// surfaces returns what a test tries to reach: of a whole store each surface.
func (t *tester) surfaces(test *model.Test) []addr.Address {
	var out []addr.Address
	for _, ref := range test.To {
		for _, r := range t.g.Surfaces(ref.Addr) {
			if !slices.Contains(out, r.Addr) {
				out = append(out, r.Addr)
			}
		}
	}
	return out
}
