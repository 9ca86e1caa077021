package targets_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/lang/diag"
	"gatehouse/targets"
	"gatehouse/targets/internal/toy"
)

func TestProofHolds(t *testing.T) {
	g := toy.Policy("home attic:lit ann bob@0-60 eve@60-120", "home cellar", "away attic eve")
	for _, env := range []string{"home", "away"} {
		p, err := targets.Prove(toy.Driver{}, g, env, toy.Noon)
		if err != nil || !p.Holds() || len(p.Report()) != 0 {
			t.Errorf("%s: %v %v", env, err, p.Failures)
		}
	}
	if _, err := targets.Prove(toy.Driver{}, g, "nowhere", toy.Noon); err == nil {
		t.Error("an environment that isn't there was proven")
	}
}

// mutation spoils compiled containers in one place.
type mutation struct {
	name  string
	spoil func([]targets.Container) []targets.Container
}

// mutations drops, adds, swaps and widens each compiled item, and drops each container.
func mutations(t *testing.T, compiled []targets.Container) []mutation {
	t.Helper()
	var out []mutation
	edit := func(name string, at int, f func(*targets.Container)) {
		out = append(out, mutation{fmt.Sprintf("%s in %s", name, compiled[at].Key), func(all []targets.Container) []targets.Container {
			c := all[at]
			c.Items = slices.Clone(c.Items)
			f(&c)
			all = slices.Clone(all)
			all[at] = toy.WithItems(c, toy.Owner("home"))
			return all
		}})
	}
	for i, c := range compiled {
		out = append(out, mutation{"drop " + c.Key.String(), func(all []targets.Container) []targets.Container {
			return slices.Delete(slices.Clone(all), i, i+1)
		}})
		edit("add mallory", i, func(c *targets.Container) { c.Items = append(c.Items, targets.Item{Key: "mallory", Value: "open"}) })
		for j, item := range c.Items {
			edit("drop "+item.Key, i, func(c *targets.Container) { c.Items = slices.Delete(c.Items, j, j+1) })
			edit("rename "+item.Key, i, func(c *targets.Container) { c.Items[j].Key += "x" })
			other := map[string]string{"open": "shut", "shut": "open"}[item.Value]
			edit("turn "+item.Key, i, func(c *targets.Container) { c.Items[j].Value = other })
		}
		if len(c.Items) > 1 {
			edit("swap", i, func(c *targets.Container) {
				c.Items[0].Value, c.Items[1].Value = c.Items[1].Value, c.Items[0].Value
			})
		}
	}
	return out
}

func TestProofCatchesEveryMutation(t *testing.T) {
	g := toy.Policy("home attic ann bob", "home cellar eve", "home vault")
	compiled, _ := toy.Driver{}.Compile(g, "home", toy.Noon)
	all := mutations(t, compiled.Containers)
	if len(all) < 20 {
		t.Fatalf("only %d mutations", len(all))
	}
	for _, m := range all {
		p, err := targets.Prove(toy.Driver{Bend: m.spoil}, g, "home", toy.Noon)
		if err != nil && strings.Contains(err.Error(), "sorted and unique") {
			continue // a rename that leaves the order is caught before
		}
		if err != nil || p.Holds() {
			t.Errorf("%s: not caught (%v)", m.name, err)
			continue
		}
		for _, f := range p.Failures {
			if len(f.Gained)+len(f.Lost) == 0 || f.Settings["rest"] == "" {
				t.Errorf("%s: an empty failure: %+v", m.name, f)
			}
		}
	}
}

func TestProofNeedsEveryDefault(t *testing.T) {
	unclosed := func(all []targets.Container) []targets.Container {
		c := all[0]
		c.Items = c.Items[1:] // without "*"
		all[0] = toy.WithItems(c, toy.Owner("home"))
		return all
	}
	p, err := targets.Prove(toy.Driver{Bend: unclosed}, toy.Policy("home attic ann"), "home", toy.Noon)
	if err != nil || len(p.Failures) != 1 || p.Failures[0].Settings.String() != "rest=open" {
		t.Fatalf("%v %+v", err, p.Failures)
	}
	report := p.Report()
	if len(report) != 1 || report[0].Code != diag.ProofFailed || report[0].Severity != diag.Error ||
		!strings.Contains(report[0].Detail, `+ toy anyone but ann may connect to door "attic"`) {
		t.Errorf("%+v", report)
	}
}

// refusing is a driver whose compiler finds a mistake in the policy, and leaves the rest out.
type refusing struct{ toy.Driver }

func (refusing) Compile(*access.Graph, string, time.Time) (targets.Desired, diag.List) {
	return targets.Desired{}, diag.List{{Code: diag.OverLimit, Severity: diag.Error, Summary: "too many"}}
}

func TestWhatTheCompilerRefusesIsNotProven(t *testing.T) {
	for _, policy := range []string{"home attic ann", "home"} {
		g := toy.Policy(policy)
		p, err := targets.Prove(refusing{}, g, "home", toy.Noon)
		if err != nil || p.Holds() || len(p.Failures) != 0 || len(p.Report()) != 1 {
			t.Errorf("%s: %v %+v", policy, err, p)
		}
		site := toy.Site("home", toy.NewWorld("home", "shut"))
		site.Driver = refusing{}
		var unproven *targets.UnprovenError
		if _, err := targets.MakePlan(t.Context(), []targets.Site{site}, g, targets.PlanOptions{At: toy.Noon}); !errors.As(err, &unproven) {
			t.Errorf("%s: planned: %v", policy, err)
		}
	}
}

// careless is a driver that names no default: no world would ever be looked at.
type careless struct{ toy.Driver }

func (careless) Defaults() []targets.Settings { return nil }

func TestProofNeedsAWorld(t *testing.T) {
	p, err := targets.Prove(careless{}, toy.Policy("home attic ann"), "home", toy.Noon)
	if err == nil || !strings.Contains(err.Error(), "no default") {
		t.Errorf("proven in no world: %v, %v", err, p.Holds())
	}
}

func TestPlanAndApplyRefuseTheUnproven(t *testing.T) {
	g := toy.Policy("home attic ann")
	w := toy.NewWorld("home", "shut")
	p := mustPlan(t, w, g, targets.PlanOptions{})
	w.Driver.Bend = func(all []targets.Container) []targets.Container { return nil }
	sites := []targets.Site{toy.Site("home", w)}
	var unproven *targets.UnprovenError
	if _, err := targets.MakePlan(t.Context(), sites, g, targets.PlanOptions{At: toy.Noon}); !errors.As(err, &unproven) {
		t.Errorf("plan: %v", err)
	}
	if _, err := targets.Apply(t.Context(), p, sites, g, atNoon, nil, nil); !errors.As(err, &unproven) || w.Writes() != 0 {
		t.Errorf("apply: %v, %d writes", err, w.Writes())
	}
}
