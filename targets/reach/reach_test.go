package reach_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/compiler/access"
	"gatehouse/targets"
	"gatehouse/targets/internal/toy"
	"gatehouse/targets/reach"
)

// observed returns the world of a policy that was applied, and what strangers added to it.
func observed(t testing.TB, g *access.Graph, strangers func(*toy.World)) reach.World {
	t.Helper()
	w := toy.NewWorld("home", "shut")
	sites := []targets.Site{toy.Site("home", w)}
	p, err := targets.MakePlan(context.Background(), sites, g, targets.PlanOptions{At: toy.Noon})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := targets.Apply(context.Background(), p, sites, g, targets.ApplyOptions{Now: func() time.Time { return toy.Noon }, Who: "ada@desk"}, nil, nil); err != nil {
		t.Fatal(err)
	}
	strangers(w)
	views, err := targets.ObserveAll(context.Background(), sites, g, toy.Noon)
	if err != nil {
		t.Fatal(err)
	}
	return reach.Observed(views, g)
}

// lines prints answers: DECLARED WHO -> WHERE (HOLDERS) WAY.
func lines(answers []reach.Answer) string {
	var b strings.Builder
	for _, a := range answers {
		word := "undeclared"
		if a.Declared {
			word = "declared"
		}
		fmt.Fprintf(&b, "%s %s", word, a.Principal.Name)
		for _, e := range a.Except {
			fmt.Fprintf(&b, " but %s", e)
		}
		fmt.Fprintf(&b, " -> %s", a.Surface.Name)
		for _, h := range a.Holders {
			fmt.Fprintf(&b, " (%s)", h.Workload)
		}
		for _, s := range a.Way {
			fmt.Fprintf(&b, "; %s", s.Object)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func TestQuestionsOnAWorldThatStrangersChanged(t *testing.T) {
	w := observed(t, toy.Policy("home attic ann", "home cellar bob"), func(w *toy.World) {
		b, _ := w.Get("door", "attic")
		b.List["eve"] = "open"
		w.Put("door", "attic", b)
		w.Context = append(w.Context, targets.Object{
			Key: targets.Key{Kind: "key", Name: "mallory"}, Body: json.RawMessage(`{"From": "mallory", "As": "ann"}`),
		})
	})
	attic := toy.Door("home", "attic")
	for _, c := range []struct {
		question string
		answers  []reach.Answer
		want     string
	}{
		{"who attic", w.Who(attic, access.Connect, toy.Noon), `
declared ann -> attic (workload.ann); door/attic
undeclared eve -> attic; door/attic
undeclared mallory -> attic; key/mallory; door/attic
`},
		{"what ann", w.What(toy.Name("home", "ann"), toy.Noon), `
declared ann -> attic (workload.ann); door/attic
`},
		{"what mallory", w.What(toy.Name("home", "mallory"), toy.Noon), `
undeclared mallory -> attic; key/mallory; door/attic
`},
		{"ways bob attic", w.Ways(toy.Name("home", "bob"), attic, access.Connect, toy.Noon), "\n"},
	} {
		if diff := cmp.Diff(c.want, "\n"+lines(c.answers)); diff != "" {
			t.Errorf("%s: %s", c.question, diff)
		}
	}
}

func TestAnyoneIsSomebodyWhomNobodyDeclared(t *testing.T) {
	w := observed(t, toy.Policy("home attic ann"), func(w *toy.World) {
		b, _ := w.Get("door", "attic")
		b.List["*"] = "open"
		w.Put("door", "attic", b)
	})
	want := "undeclared * -> attic; door/attic\ndeclared ann -> attic (workload.ann); door/attic\n"
	if diff := cmp.Diff(want, lines(w.Who(toy.Door("home", "attic"), access.Connect, toy.Noon))); diff != "" {
		t.Error(diff)
	}
}

func TestACompiledWorldHoldsWhatIsDeclaredAndNoMore(t *testing.T) {
	g := toy.Policy("home attic ann bob", "home cellar bob")
	w, err := reach.Compiled([]targets.Site{toy.Site("home", toy.NewWorld("home", "open"))}, g, toy.Noon)
	if err != nil {
		t.Fatal(err)
	}
	want := "declared bob -> attic (workload.bob); door/attic\ndeclared bob -> cellar (workload.bob); door/cellar\n"
	if diff := cmp.Diff(want, lines(w.What(toy.Name("home", "bob"), toy.Noon))); diff != "" {
		t.Error(diff)
	}
}

// TestAnAccountThatOnlyLogsInIsToldOnce: of a party's principals, the one that reaches by itself is the answer.
func TestAnAccountThatOnlyLogsInIsToldOnce(t *testing.T) {
	g := toy.Policy("home attic ann")
	account := access.Principal{Target: access.Google, Name: "serviceAccount:ann@acme.example"}
	service := access.Principal{Target: access.Consul, Realm: "dc1", Name: "ann"}
	store := access.Surface{Target: access.Consul, Realm: "dc1", Kind: "service", Name: "store"}
	secret := access.Surface{Target: access.Google, Kind: "secret", Name: "projects/p/secrets/s"}
	g.Workloads[0].Places = append(g.Workloads[0].Places, access.WorkloadPlace{Environment: "prod", Principals: []access.Principal{service, account}})
	always := access.Spans{access.Always}
	w := reach.Observed([]targets.View{{Edges: []access.Edge{
		{From: service, To: store, Verb: access.Connect, Spans: always},
		{From: account, To: secret, Verb: "read", Spans: always},
	}}}, g)
	var answers []reach.Answer
	for _, p := range []access.Principal{service, account, account} {
		answers = append(answers, w.What(p, toy.Noon)...)
	}
	if got := len(answers); got != 5 {
		t.Fatalf("%d answers before, want the store twice by the account's login: %s", got, lines(answers))
	}
	want := "undeclared ann -> store (workload.ann)\nundeclared serviceAccount:ann@acme.example -> projects/p/secrets/s (workload.ann)\n"
	if diff := cmp.Diff(want, lines(w.Together(answers))); diff != "" {
		t.Error(diff)
	}
}

// TestAnAnswerSaysWhereItsSurfaceIs: by the policy, or else by the realm.
func TestAnAnswerSaysWhereItsSurfaceIs(t *testing.T) {
	w := observed(t, toy.Policy("home attic ann"), func(w *toy.World) {
		w.Put("door", "cellar", toy.Body{List: map[string]string{"ann": "open"}})
	})
	for _, a := range w.What(toy.Name("home", "ann"), toy.Noon) {
		got := a.Environment + " " + a.Resource.String()
		if want := map[string]string{"attic": "home feature_store.attic.online", "cellar": "home "}[a.Surface.Name]; got != want {
			t.Errorf("%s is in %q, want %q", a.Surface.Name, got, want)
		}
	}
}
