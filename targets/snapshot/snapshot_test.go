package snapshot_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/compiler/access"
	"gatehouse/targets"
	"gatehouse/targets/internal/toy"
	"gatehouse/targets/snapshot"
)

// taken returns a snapshot of a world, after a round through its file.
func taken(t *testing.T, g *access.Graph, w *toy.World) snapshot.Snapshot {
	t.Helper()
	views, err := targets.ObserveAll(context.Background(), []targets.Site{toy.Site("home", w)}, g, toy.Noon)
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := snapshot.Save(&file, snapshot.Of(g.Policy, toy.Noon, views)); err != nil {
		t.Fatal(err)
	}
	s, err := snapshot.Load(&file)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func still(t *testing.T, s snapshot.Snapshot) targets.Site {
	t.Helper()
	c, err := s.Conn("home", toy.Target, "home")
	if err != nil {
		t.Fatal(err)
	}
	site := toy.Site("home", toy.NewWorld("home", "open"))
	site.Conn = c
	return site
}

// stranger is a world that differs from the policy in every way the toy has.
func stranger(t *testing.T, g *access.Graph) *toy.World {
	t.Helper()
	w := toy.NewWorld("home", "open")
	p, err := targets.MakePlan(context.Background(), []targets.Site{toy.Site("home", w)}, g, targets.PlanOptions{At: toy.Noon})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := targets.Apply(context.Background(), p, []targets.Site{toy.Site("home", w)}, g, targets.ApplyOptions{Now: func() time.Time { return toy.Noon }, Who: "ada@desk"}, nil, nil); err != nil {
		t.Fatal(err)
	}
	w.Put("door", "cellar", toy.Body{List: map[string]string{"eve": "open", "*": "shut"}})
	b, _ := w.Get("door", "attic")
	b.List["eve"] = "open"
	w.Put("door", "attic", b)
	return w
}

func TestAPlanOfASnapshotIsThatOfTheWorld(t *testing.T) {
	g := toy.Policy("home attic ann", "home cellar bob")
	w := stranger(t, g)
	s := taken(t, g, w)
	plan := func(site targets.Site) []any {
		p, err := targets.MakePlan(context.Background(), []targets.Site{site}, g, targets.PlanOptions{At: toy.Noon})
		return []any{p, err}
	}
	if diff := cmp.Diff(plan(toy.Site("home", w)), plan(still(t, s))); diff != "" {
		t.Error(diff)
	}
}

func TestWhatNobodyAskedForIsUnknown(t *testing.T) {
	old := toy.Policy("home attic ann")
	s := taken(t, old, stranger(t, old))
	views, err := targets.ObserveAll(context.Background(), []targets.Site{still(t, s)}, toy.Policy("home attic ann", "home loft ann"), toy.Noon)
	if err != nil {
		t.Fatal(err)
	}
	want := []targets.Unknown{{What: "door/loft", Reason: "nobody asked for it when the snapshot was taken"}}
	if diff := cmp.Diff(want, views[0].Live.Unknown); diff != "" {
		t.Error(diff)
	}
}

func TestASnapshotIsNeverWritten(t *testing.T) {
	g := toy.Policy("home attic ann")
	site := still(t, taken(t, g, stranger(t, g)))
	if _, err := site.Conn.Write(context.Background(), targets.Change{}); !errors.Is(err, snapshot.ErrReadOnly) {
		t.Errorf("write: %v, want %v", err, snapshot.ErrReadOnly)
	}
}

func TestConnIsForThePlaceThatWasRead(t *testing.T) {
	g := toy.Policy("home attic ann")
	s := taken(t, g, stranger(t, g))
	for _, c := range []struct{ want, environment, realm string }{
		{"", "home", "home"},
		{`toy: the snapshot holds nothing of "away": take it with that environment and target`, "away", "away"},
		{`toy: the snapshot's "home" is "home", and the policy's is "moved": take it again`, "home", "moved"},
	} {
		_, err := s.Conn(c.environment, toy.Target, c.realm)
		if got := text(err); got != c.want {
			t.Errorf("%s in %s: %q, want %q", c.environment, c.realm, got, c.want)
		}
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestLoadRefuses(t *testing.T) {
	const head = `{"format":"gatehouse.dev/snapshot/v1"`
	for _, c := range []struct{ want, file string }{
		{"this is not a snapshot file", ``},
		{"this is not a snapshot file", `[`},
		{`its format is ""`, `{}`},
		{`its format is "gatehouse.dev/plan/v1"`, `{"format":"gatehouse.dev/plan/v1"}`},
		{`unknown field "secrets"`, head + `,"secrets":[]}`},
		{"something follows", head + `} {}`},
		{"stands in it twice", head + `,"sites":[{"environment":"a","target":"toy"},{"environment":"a","target":"toy"}]}`},
	} {
		_, err := snapshot.Load(strings.NewReader(c.file))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.file, err, c.want)
		}
	}
}
