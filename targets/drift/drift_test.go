package drift_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/targets"
	"gatehouse/targets/drift"
	"gatehouse/targets/internal/toy"
)

// settled returns a world in which a policy was applied at noon.
func settled(t testing.TB, rest string, g *access.Graph) *toy.World {
	t.Helper()
	w := toy.NewWorld("home", rest)
	sites := []targets.Site{toy.Site("home", w)}
	p, err := targets.MakePlan(context.Background(), sites, g, targets.PlanOptions{At: toy.Noon})
	if err != nil {
		t.Fatal(err)
	}
	out, err := targets.Apply(context.Background(), p, sites, g, targets.ApplyOptions{Now: func() time.Time { return toy.Noon }}, nil, nil)
	if err != nil || !out.Complete() {
		t.Fatal(err, out)
	}
	return w
}

func look(t testing.TB, w *toy.World, g *access.Graph, at time.Time) drift.Report {
	t.Helper()
	r, err := drift.Look(context.Background(), []targets.Site{toy.Site("home", w)}, g, at, drift.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// rows prints rows, a line each: KIND OBJECT ITEM +gives -lacks.
func rows(r drift.Report) []string {
	var out []string
	for _, row := range r.Rows {
		var b strings.Builder
		fmt.Fprintf(&b, "%s %s %s", row.Kind, row.Object, row.Item)
		for _, e := range row.Access.Gives {
			fmt.Fprintf(&b, " +%s%s", e.From.Name, but(e))
		}
		for _, e := range row.Access.Lacks {
			fmt.Fprintf(&b, " -%s", e.From.Name)
		}
		out = append(out, b.String())
	}
	return out
}

func but(e access.Edge) string {
	if len(e.Except) == 0 {
		return ""
	}
	return "!" + strings.Join(e.Except, "!")
}

var (
	mine    = toy.Owner("home")
	nobodys targets.Owner
	theirs  = targets.Owner{Policy: "garden", Environment: "home"}
)

func door(name string, owner targets.Owner, list string) func(*toy.World) {
	return func(w *toy.World) {
		b := toy.Body{Owner: owner}
		for _, word := range strings.Fields(list) {
			k, v, _ := strings.Cut(word, ":")
			if b.List == nil {
				b.List = map[string]string{}
			}
			b.List[k] = v
		}
		w.Put("door", name, b)
	}
}

func key(from, as string) func(*toy.World) {
	return func(w *toy.World) {
		w.Context = append(w.Context, targets.Object{Key: targets.Key{Kind: "key", Name: from},
			Body: fmt.Appendf(nil, `{"From":%q,"As":%q}`, from, as)})
	}
}

func both(a, b func(*toy.World)) func(*toy.World) {
	return func(w *toy.World) { a(w); b(w) }
}

func TestLook(t *testing.T) {
	policy := []string{"home attic ann bob@0-60", "home cellar eve"}
	tests := []struct {
		name   string
		rest   string
		meddle func(*toy.World)
		after  int // seconds after noon
		policy []string
		want   []string
	}{
		{"clean", "shut", nil, 0, policy, nil},
		{"an object is gone, under shut", "shut", door("cellar", mine, ""), 0, policy, []string{"missing door/cellar  -eve"}},
		{"an object is gone, under open", "open", door("cellar", mine, ""), 0, policy, []string{"missing door/cellar  +*!eve"}},
		{"an item is gone", "shut", door("attic", mine, "*:shut ann:open"), 0, policy, []string{"missing door/attic bob -bob"}},
		{"an item is turned", "shut", door("attic", mine, "*:shut ann:shut bob:open"), 0, policy, []string{"changed door/attic ann -ann"}},
		{"the closing item is turned", "shut", door("attic", mine, "*:open ann:open bob:open"), 0, policy, []string{"changed door/attic * +*!ann!bob"}},
		{"an extra item", "shut", door("attic", mine, "*:shut ann:open bob:open mallory:open"), 0, policy, []string{"extra door/attic mallory +mallory"}},
		{"an extra item without effect", "shut", door("attic", mine, "*:shut ann:open bob:open mallory:shut"), 0, policy, []string{"extra door/attic mallory"}},
		{"one more and one less", "shut", door("attic", mine, "*:shut ann:open mallory:open"), 0, policy,
			[]string{"missing door/attic bob -bob", "extra door/attic mallory +mallory"}},
		{"ended", "shut", nil, 60, policy, []string{"stale door/attic bob +bob"}},
		{"ended, and an extra one", "shut", door("attic", mine, "*:shut ann:open bob:open mallory:open"), 60, policy,
			[]string{"stale door/attic bob +bob", "extra door/attic mallory +mallory"}},
		{"left the policy", "shut", nil, 0, policy[:1], []string{"extra door/cellar *", "extra door/cellar eve +eve"}},
		{"the mark was taken off", "shut", door("attic", nobodys, "*:shut ann:open bob:open"), 0, policy, []string{"changed door/attic "}},
		{"taken over by another", "shut", door("attic", theirs, "*:shut mallory:open"), 0, policy, []string{"changed door/attic  +mallory -ann -bob"}},
		{"a way round", "shut", key("mallory", "ann"), 0, policy, []string{"bypass door/attic  +mallory"}},
		{"a way round beside a change", "shut", both(key("mallory", "ann"), door("attic", mine, "*:shut ann:open")), 0, policy,
			[]string{"bypass door/attic  +mallory", "missing door/attic bob -bob"}},
		{"a way through an extra item", "shut", both(key("mallory", "zed"), door("attic", mine, "*:shut ann:open bob:open zed:open")), 0, policy,
			[]string{"extra door/attic zed +mallory +zed"}},
		{"no effect", "shut", func(w *toy.World) {
			w.Context = []targets.Object{{Key: targets.Key{Kind: "hall", Name: "cellar"}, Body: []byte(`{"list":{"light":"out"}}`)}}
		}, 0, policy, []string{"missing /  -eve"}},
		{"unread", "shut", func(w *toy.World) { w.Unknown = []targets.Unknown{{What: "the garden", Reason: "403"}} }, 0, policy, []string{"unknown / "}},
		{"a container unread", "shut", func(w *toy.World) { w.Unknown = []targets.Unknown{{What: "door/attic", Reason: "403"}} }, 0, policy, []string{"unknown door/attic "}},
		{"a container unread beside something else", "shut", func(w *toy.World) {
			w.Unknown = []targets.Unknown{{What: "door/attic", Reason: "403"}, {What: "the garden", Reason: "403"}}
		}, 0, policy, []string{"unknown / ", "unknown door/attic "}},
		{"orphan", "shut", door("vault", targets.Owner{Policy: "house", Environment: "gone"}, "*:shut"), 0, policy, []string{"extra door/vault "}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := settled(t, tt.rest, toy.Policy(policy...))
			if tt.meddle != nil {
				tt.meddle(w)
			}
			r := look(t, w, toy.Policy(tt.policy...), toy.Noon.Add(time.Duration(tt.after)*time.Second))
			if diff := cmp.Diff(tt.want, rows(r)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if r.Drifted() != (len(tt.want) > 0) {
				t.Error("drifted:", r.Drifted())
			}
			for _, row := range r.Rows {
				if row.Detail == "" || row.Remedy == "" {
					t.Errorf("a row without a sentence: %+v", row)
				}
			}
		})
	}
}

func TestLookExplainsStale(t *testing.T) {
	g := toy.Policy("home attic ann@0-60")
	r := look(t, settled(t, "shut", g), g, toy.Noon.Add(time.Hour))
	if len(r.Rows) != 1 || !r.Rows[0].Since.Equal(toy.Noon.Add(time.Minute)) ||
		!cmp.Equal(r.Rows[0].Lines, []targets.Line{{Addr: "allow.line-1", File: "house.gate.hcl", Line: 1}}) {
		t.Errorf("%+v", r.Rows)
	}
}

// watchful is the toy with an opinion on its world.
type watchful struct{ toy.Driver }

func (watchful) Posture(l targets.Live) []targets.Finding {
	return []targets.Finding{
		{Detail: "Doors without a list stand " + l.Settings["rest"] + ".", Remedy: "Shut them.", Default: true},
		{Object: targets.Key{Kind: "house", Name: "roof"}, Detail: "The roof leaks.", Remedy: "Mend it."},
	}
}

func TestNotesAndPosture(t *testing.T) {
	g := toy.Policy("home attic ann")
	w := settled(t, "open", g)
	g.Leaks = []access.Leak{{Principal: toy.Name("home", "ann"), Holders: []access.Holder{
		{Environment: "home", Workload: addr.New(addr.Workload, "ann")}, {Environment: "home", Workload: addr.New(addr.Workload, "anna")},
	}}}
	site := toy.Site("home", w)
	site.Driver = watchful{}
	r, err := drift.Look(context.Background(), []targets.Site{site}, g, toy.Noon, drift.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, row := range r.Rows {
		got = append(got, string(row.Kind)+" "+string(row.Severity))
	}
	if want := []string{"leak note", "posture note", "posture drift"}; !cmp.Equal(want, got) {
		t.Errorf("got %v", got)
	}
	if want := map[drift.Kind]int{drift.Leak: 1, drift.Posture: 2}; !cmp.Equal(want, r.Counts) {
		t.Errorf("got %v", r.Counts)
	}
	r.Rows = slices.DeleteFunc(r.Rows, func(row drift.Row) bool { return row.Severity == drift.Drift })
	if r.Drifted() {
		t.Error("notes alone are drift")
	}
	if r, _ = drift.Look(context.Background(), []targets.Site{site}, g, toy.Noon, drift.Options{Quiet: true}); len(r.Rows) != 1 {
		t.Errorf("quiet: %v", r.Rows)
	}
}

func TestSharedDoorWithAStranger(t *testing.T) {
	w := toy.NewWorld("home", "shut")
	w.Driver = toy.Driver{Shared: true, Owner: mine}
	door("attic", nobodys, "mallory:open ann:open")(w)
	r := look(t, w, toy.Policy("home attic ann"), toy.Noon)
	if want := []string{"extra door/attic mallory +mallory"}; !cmp.Equal(want, rows(r)) {
		t.Errorf("got %v", rows(r))
	}
}

type blind struct{ *toy.World }

func (blind) Inspect(context.Context, targets.Scope) (targets.Live, error) {
	return targets.Live{}, errors.New("the list was filtered")
}

func TestABlindLookIsNotClean(t *testing.T) {
	g := toy.Policy("home attic ann")
	site := toy.Site("home", settled(t, "shut", g))
	site.Conn = blind{}
	if _, err := drift.Look(context.Background(), []targets.Site{site}, g, toy.Noon, drift.Options{}); err == nil {
		t.Error("clean, says the blind")
	}
}

// Whoever may enter by one system and become somebody in another is found, across both.
func TestBypassAcrossSites(t *testing.T) {
	g := toy.Policy("home attic ann", "away cellar bob")
	home := settled(t, "shut", g)
	away := toy.NewWorld("away", "shut")
	sites := []targets.Site{toy.Site("home", home), toy.Site("away", away)}
	key("mallory", "ann")(home)
	r, err := drift.Look(context.Background(), sites, g, toy.Noon, drift.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"missing door/cellar  -bob", "bypass door/attic  +mallory"}; !cmp.Equal(want, rows(r)) {
		t.Errorf("got %v", rows(r))
	}
	if d := r.Rows[1].Detail; !strings.Contains(d, "mallory holds the key of ann") {
		t.Errorf("the way is not told: %s", d)
	}
}
