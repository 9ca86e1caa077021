package targets_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/targets"
	"gatehouse/targets/internal/toy"
)

// clock stands still.
func clock(t time.Time) func() time.Time { return func() time.Time { return t } }

var atNoon = targets.ApplyOptions{Now: clock(toy.Noon), Who: "ada@desk"}

func mustPlan(t testing.TB, w *toy.World, g *access.Graph, o targets.PlanOptions) targets.Plan {
	t.Helper()
	if o.At.IsZero() {
		o.At = toy.Noon
	}
	p, err := targets.MakePlan(context.Background(), []targets.Site{toy.Site("home", w)}, g, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func mustApply(t testing.TB, w *toy.World, g *access.Graph, p targets.Plan) targets.Outcome {
	t.Helper()
	out, err := targets.Apply(context.Background(), p, []targets.Site{toy.Site("home", w)}, g, atNoon, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// settle plans and applies, and wants everything settled.
func settle(t testing.TB, w *toy.World, g *access.Graph) {
	t.Helper()
	if out := mustApply(t, w, g, mustPlan(t, w, g, targets.PlanOptions{})); !out.Complete() {
		t.Fatalf("not complete: %s", results(out))
	}
}

// world returns a world in which a policy holds.
func world(t testing.TB, rest string, g *access.Graph) *toy.World {
	t.Helper()
	w := toy.NewWorld("home", rest)
	settle(t, w, g)
	return w
}

// changes prints a plan's changes, a line each: CLASS OP KEY ITEMS.
func changes(p targets.Plan) string {
	var b strings.Builder
	for _, s := range p.Sites {
		for _, c := range s.Changes {
			fmt.Fprintf(&b, "%s %s %s", c.Class, c.Op, c.Key)
			for _, i := range c.Items {
				fmt.Fprintf(&b, " %s:%s=%s>%s", i.Op, i.Key, i.From, i.To)
			}
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// notices prints a plan's notices, a line each: KIND KEY.
func notices(p targets.Plan) string {
	var b strings.Builder
	for _, s := range p.Sites {
		for _, n := range s.Notices {
			fmt.Fprintf(&b, "%s %s\n", n.Kind, n.Key)
		}
	}
	return b.String()
}

// results prints an outcome, a line each: STATUS KEY.
func results(o targets.Outcome) string {
	var b strings.Builder
	for _, r := range o.Results {
		fmt.Fprintf(&b, "%s %s\n", r.Status, r.Key)
	}
	return b.String()
}

func lines(s ...string) string {
	if len(s) == 0 {
		return ""
	}
	return strings.Join(s, "\n") + "\n"
}

// reach says who passes a door of a world now.
func reach(t testing.TB, w *toy.World) []access.Edge {
	t.Helper()
	live, err := w.Inspect(context.Background(), targets.Scope{Owner: toy.Owner("home"), Keys: everything(w)})
	if err != nil {
		t.Fatal(err)
	}
	var f targets.Facts
	f.Realm, f.Settings, f.Objects = w.Realm, live.Settings, live.Context
	for _, c := range live.Containers {
		f.Objects = append(f.Objects, targets.Object{Key: c.Key, Body: c.Body})
	}
	for _, name := range doors {
		f.Surfaces = append(f.Surfaces, toy.Door("home", name))
	}
	edges, err := w.Driver.Interpret(f, toy.Noon)
	if err != nil {
		t.Fatal(err)
	}
	return edges
}

var doors = []string{"attic", "cellar", "kitchen", "vault"}

func everything(*toy.World) []targets.Key {
	var keys []targets.Key
	for _, name := range doors {
		keys = append(keys, targets.Key{Kind: "door", Name: name}, targets.Key{Kind: "hall", Name: name})
	}
	return keys
}

// saved returns a plan as its file would give it back.
func saved(t testing.TB, p targets.Plan) targets.Plan {
	t.Helper()
	var b bytes.Buffer
	if err := targets.Save(&b, p); err != nil {
		t.Fatal(err)
	}
	out, err := targets.Load(&b)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
