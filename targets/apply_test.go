package targets_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/compiler/access"
	"gatehouse/targets"
	"gatehouse/targets/internal/toy"
)

func TestApplyTwiceWritesOnce(t *testing.T) {
	for _, rest := range []string{"open", "shut"} {
		g := toy.Policy("home attic:lit ann bob", "home cellar eve", "home vault")
		w := toy.NewWorld("home", rest)
		settle(t, w, g)
		if w.Writes() != 4 {
			t.Errorf("%s: %d writes", rest, w.Writes())
		}
		settle(t, w, g)
		if w.Writes() != 4 {
			t.Errorf("%s: the second apply wrote: %d", rest, w.Writes())
		}
	}
}

func TestApplyRefuses(t *testing.T) {
	before := []string{"home attic ann bob@0-60 eve@90-600", "home cellar", "away attic eve@0-30"}
	timeless := []string{"home attic ann eve@90-600"}
	tests := []struct {
		name  string
		plan  []string
		after []string
		now   int // seconds after noon
		other string
		want  targets.RefusedKind
	}{
		{"nothing changed", before, before, 0, "", ""},
		{"a second before it expires", before, before, 59, "", ""},
		{"when it expires", before, before, 60, "", targets.RefusedTime},
		{"long after it expired", before, before, 3600, "", targets.RefusedTime},
		{"a second before it begins", timeless, timeless, 89, "", ""},
		{"when it begins", timeless, timeless, 90, "", targets.RefusedTime},
		{"by a clock that stands before the plan", before, []string{"home attic ann bob@0-60"}, -1, "", targets.RefusedPolicy},
		{"another policy's", before, before, 0, "garden", targets.RefusedPolicy},
		{"a grant more", before, append([]string{"home vault ann"}, before...), 0, "", targets.RefusedPolicy},
		{"a line moved", before, []string{"home", before[0], before[1], before[2]}, 0, "", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := toy.NewWorld("home", "shut")
			p := saved(t, mustPlan(t, w, toy.Policy(tt.plan...), targets.PlanOptions{}))
			g := toy.Policy(tt.after...)
			if tt.other != "" {
				g.Policy = tt.other
			}
			o := targets.ApplyOptions{Now: clock(toy.Noon.Add(time.Duration(tt.now) * time.Second))}
			_, err := targets.Apply(context.Background(), p, []targets.Site{toy.Site("home", w)}, g, o, nil, nil)
			var refused *targets.RefusedError
			if errors.As(err, &refused) != (tt.want != "") || refused != nil && refused.Kind != tt.want {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if tt.want != "" && w.Writes() > 0 {
				t.Error("it wrote")
			}
		})
	}
	t.Run("site", func(t *testing.T) {
		w := toy.NewWorld("home", "shut")
		g := toy.Policy("home attic ann", "away")
		_, err := targets.Apply(context.Background(), mustPlan(t, w, g, targets.PlanOptions{}), []targets.Site{toy.Site("away", w)}, g, atNoon, nil, nil)
		var refused *targets.RefusedError
		if !errors.As(err, &refused) || refused.Kind != targets.RefusedSite {
			t.Errorf("got %v", err)
		}
	})
}

func TestBrake(t *testing.T) {
	tests := []struct {
		owned, removed, expect int
		ok                     bool
	}{
		{10, 5, 0, true}, // few
		{30, 6, 0, true}, // a fifth is not more than a fifth
		{29, 6, 0, false},
		{29, 6, 6, true},
		{29, 6, 5, false},
		{6, 6, 0, false},
	}
	for _, tt := range tests {
		var names []string
		for i := range tt.owned - 1 { // and "*"
			names = append(names, fmt.Sprintf("n%02d", i))
		}
		w := world(t, "shut", toy.Policy("home attic "+strings.Join(names, " ")))
		g := toy.Policy("home attic " + strings.Join(names[min(tt.removed, len(names)):], " "))
		if tt.removed > len(names) {
			g = toy.Policy("home")
		}
		p := mustPlan(t, w, g, targets.PlanOptions{})
		if got := targets.Removals(p); got != tt.removed {
			t.Errorf("%+v: %d removals", tt, got)
		}
		o := atNoon
		o.ExpectRemovals = tt.expect
		_, err := targets.Apply(context.Background(), p, []targets.Site{toy.Site("home", w)}, g, o, nil, nil)
		if (err == nil) != tt.ok {
			t.Errorf("%+v: %v", tt, err)
		}
		if err != nil && !strings.Contains(err.Error(), "--expect-removals 6") {
			t.Errorf("%+v: the message names no way on: %v", tt, err)
		}
	}
}

// A site that would be emptied is not hidden by a large one beside it.
func TestBrakeLooksAtEachSite(t *testing.T) {
	many := "home attic"
	for i := range 60 {
		many += fmt.Sprintf(" n%02d", i)
	}
	home, away := toy.NewWorld("home", "shut"), toy.NewWorld("away", "shut")
	sites := []targets.Site{toy.Site("home", home), toy.Site("away", away)}
	plan := func(lines ...string) targets.Plan {
		g := toy.Policy(lines...)
		p, err := targets.MakePlan(t.Context(), sites, g, targets.PlanOptions{At: toy.Noon})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = targets.Apply(t.Context(), p, sites, g, atNoon, nil, nil) // the second is refused
		return p
	}
	plan(many, "away cellar a b c d e")
	p := plan(many, "away")
	if away.Writes() != 1 || !targets.Braked(p) || targets.Removals(p) != 6 {
		t.Errorf("%d removals, %d writes", targets.Removals(p), away.Writes())
	}
}

func TestApplyWhatMovedMeanwhile(t *testing.T) {
	tests := []struct {
		name   string
		before string
		after  string
		meddle func(*toy.World)
		want   string
		list   string
	}{
		{"the same change still", "ann", "ann bob", put("attic", mine, "*:shut ann:open"), "done", "*:shut ann:open bob:open"},
		{"somebody made it so", "ann", "ann bob", put("attic", mine, "*:shut ann:open bob:open"), "already", "*:shut ann:open bob:open"},
		{"somebody else came in", "ann", "ann bob", put("attic", mine, "*:shut ann:open eve:open"), "refused", "*:shut ann:open eve:open"},
		{"it was deleted", "ann", "ann bob", put("attic", mine, ""), "refused", ""},
		{"it was taken over", "ann", "ann bob", put("attic", theirs, "*:shut ann:open"), "refused", "*:shut ann:open"},
		{"the mark was taken off", "ann", "ann bob", put("attic", nobodys, "*:shut ann:open"), "refused", "*:shut ann:open"},
		{"somebody darkened the hall", "ann", "ann bob", func(w *toy.World) {
			put("attic", mine, "*:shut ann:open")(w)
			w.Context = []targets.Object{{Key: targets.Key{Kind: "hall", Name: "attic"}, Body: []byte(`{"list":{"light":"out"}}`)}}
		}, "refused", "*:shut ann:open"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := world(t, "shut", toy.Policy("home attic "+tt.before))
			g := toy.Policy("home attic " + tt.after)
			p := saved(t, mustPlan(t, w, g, targets.PlanOptions{}))
			if tt.list == "" {
				w.Put("door", "attic", toy.Body{})
			} else {
				tt.meddle(w)
			}
			out := mustApply(t, w, g, p)
			r := out.Results[0]
			if string(r.Status) != tt.want || (r.Reason != "") != (r.Status == targets.Refused) || out.Complete() != r.Settled() {
				t.Errorf("got %+v", r)
			}
			b, _ := w.Get("door", "attic")
			if diff := cmp.Diff(parse(tt.list), b.List); tt.list != "" && diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestApplyGivesUpOnARestlessContainer(t *testing.T) {
	w := world(t, "shut", toy.Policy("home attic ann"))
	g := toy.Policy("home attic ann bob")
	p := mustPlan(t, w, g, targets.PlanOptions{})
	w.BeforeWrite = func(targets.Change) error { put("attic", mine, "*:shut ann:open")(w); return nil }
	out := mustApply(t, w, g, p)
	if r := out.Results[0]; r.Status != targets.Refused || !strings.Contains(r.Reason, "keeps changing") {
		t.Errorf("got %+v", r)
	}
}

// The same effect is not the same change: what the plan showed is done, or nothing is.
func TestApplyNeedsTheSameChange(t *testing.T) {
	tests := []struct {
		name, before, moved string
		owner               targets.Owner // of what it moved to
		after               string
	}{
		{"from another value", "*:shut ann:ajar", "*:shut ann:wide", mine, "home attic ann"},
		{"an adoption instead of an update", "*:shut ann:open", "*:shut ann:open", nobodys, "home attic ann bob"},
	}
	for _, tt := range tests {
		w := world(t, "shut", toy.Policy("home attic ann"))
		put("attic", mine, tt.before)(w)
		g := toy.Policy(tt.after)
		p := mustPlan(t, w, g, targets.PlanOptions{Adopt: true})
		put("attic", tt.owner, tt.moved)(w)
		out := mustApply(t, w, g, p)
		if b, _ := w.Get("door", "attic"); out.Results[0].Status != targets.Refused || !cmp.Equal(b.List, parse(tt.moved)) {
			t.Errorf("%s: %+v %v", tt.name, out.Results[0], b.List)
		}
	}
}

// What was to go and is there still, although it is no longer ours to take away, is not called settled.
func TestApplyLeavesWhatItCanNoLongerTakeAway(t *testing.T) {
	tests := []struct {
		name   string
		rest   string
		after  string
		meddle func(*toy.World)
	}{
		{"the mark was taken off", "shut", "home", put("attic", nobodys, "*:shut ann:open")},
		{"another environment's now", "shut", "home", put("attic", targets.Owner{Policy: "house", Environment: "away"}, "*:shut ann:open")},
		{"the mesh was opened, and its stone must stay", "shut", "home", func(w *toy.World) {
			put("attic", mine, "*:shut")(w)
			w.Rest = "open"
		}},
	}
	for _, tt := range tests {
		w := world(t, tt.rest, toy.Policy("home attic ann", "away"))
		g := toy.Policy(tt.after, "away")
		p := mustPlan(t, w, g, targets.PlanOptions{})
		tt.meddle(w)
		before, _ := w.Get("door", "attic")
		out := mustApply(t, w, g, p)
		after, _ := w.Get("door", "attic")
		if r := out.Results[0]; r.Status != targets.Refused || !strings.Contains(r.Reason, "plan again") || out.Complete() {
			t.Errorf("%s: %+v", tt.name, r)
		}
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("%s: it wrote:\n%s", tt.name, diff)
		}
	}
}

// An item that lost its claim since the plan is somebody else's by now.
func TestApplyLeavesAnItemThatLostItsClaim(t *testing.T) {
	w := toy.NewWorld("home", "shut")
	w.Driver = toy.Driver{Shared: true, Owner: mine}
	g := toy.Policy("home attic ann bob")
	settle(t, w, g)
	g = toy.Policy("home attic ann")
	p := mustPlan(t, w, g, targets.PlanOptions{})
	put("attic", nobodys, "")(w)
	w.Put("door", "attic", toy.Body{})
	put("attic", nobodys, "ann:open bob:open")(w)
	out := mustApply(t, w, g, p)
	if b, _ := w.Get("door", "attic"); out.Results[0].Status != targets.Refused || b.List["bob"] != "open" {
		t.Errorf("%+v: %v", out.Results[0], b.List)
	}
}

func TestApplyDeletedAlready(t *testing.T) {
	w := world(t, "shut", toy.Policy("home attic ann"))
	g := toy.Policy("home")
	p := mustPlan(t, w, g, targets.PlanOptions{})
	w.Put("door", "attic", toy.Body{})
	if out := mustApply(t, w, g, p); results(out) != "already door/attic\n" || !out.Complete() {
		t.Error(results(out))
	}
}

// Two people apply two plans at the same time, and a third writes by hand: nobody's change is lost silently.
func TestApplyRace(t *testing.T) {
	w := world(t, "shut", toy.Policy("home attic ann", "home cellar ann", "home vault ann"))
	g := toy.Policy("home attic ann bob", "home cellar bob", "home vault ann bob eve")
	p := mustPlan(t, w, g, targets.PlanOptions{})
	outs := make([]targets.Outcome, 2)
	var wg sync.WaitGroup
	for i := range outs {
		wg.Go(func() { outs[i] = mustApply(t, w, g, p) })
	}
	wg.Wait()
	for i, k := range []string{"attic", "cellar", "vault"} {
		one, two := status(outs[0], k), status(outs[1], k)
		if !(one == targets.Done && two == targets.Already || one == targets.Already && two == targets.Done) {
			t.Errorf("%d %s: %s and %s", i, k, one, two)
		}
	}
	if p := mustPlan(t, w, g, targets.PlanOptions{}); changes(p) != "" {
		t.Error(changes(p))
	}
}

func status(o targets.Outcome, door string) targets.Status {
	for _, r := range o.Results {
		if r.Key.Name == door {
			return r.Status
		}
	}
	return ""
}

var errNo = errors.New("the door jams")

// busy is a world with a narrowing, a neutral, a mixed and two widening changes ahead.
func busy(t testing.TB, rest string) (*toy.World, *access.Graph) {
	w := world(t, rest, toy.Policy("home attic ann bob", "home cellar ann", "home vault ann"))
	return w, toy.Policy("home attic ann", "home cellar bob", "home vault ann bob", "home kitchen:lit eve")
}

func TestApplyKilledAtAnyWrite(t *testing.T) {
	for _, rest := range []string{"open", "shut"} {
		for _, kill := range []string{"fail", "cancel"} {
			for n := range 6 {
				w, g := busy(t, rest)
				p := mustPlan(t, w, g, targets.PlanOptions{})
				ctx, cancel := context.WithCancel(context.Background())
				count := 0
				w.BeforeWrite = func(targets.Change) error {
					if count++; count <= n {
						return nil
					}
					if kill == "cancel" {
						cancel()
						return nil
					}
					return errNo
				}
				o := atNoon
				o.Parallel = 1
				out, err := targets.Apply(ctx, p, []targets.Site{toy.Site("home", w)}, g, o, nil, nil)
				if err != nil || len(out.Results) != 5 || out.Complete() != (n >= 5 || kill == "cancel" && n == 4) {
					t.Fatalf("%s %s %d: %v\n%s", rest, kill, n, err, results(out))
				}
				w.BeforeWrite = nil
				settle(t, w, g)
				if p := mustPlan(t, w, g, targets.PlanOptions{}); changes(p) != "" {
					t.Errorf("%s %s %d: left\n%s", rest, kill, n, changes(p))
				}
				cancel()
			}
		}
	}
}

func TestApplyFailures(t *testing.T) {
	tests := []struct {
		fails string
		want  []string // in the order of the plan
	}{
		{"", []string{"done door/attic", "done hall/kitchen", "done door/cellar", "done door/kitchen", "done door/vault"}},
		{"door/attic", []string{"failed door/attic", "done hall/kitchen", "done door/cellar", "held door/kitchen", "held door/vault"}},
		{"hall/kitchen", []string{"done door/attic", "failed hall/kitchen", "done door/cellar", "held door/kitchen", "done door/vault"}},
		{"door/cellar", []string{"done door/attic", "done hall/kitchen", "failed door/cellar", "done door/kitchen", "done door/vault"}},
		{"door/vault", []string{"done door/attic", "done hall/kitchen", "done door/cellar", "done door/kitchen", "failed door/vault"}},
	}
	for _, tt := range tests {
		w, g := busy(t, "shut")
		w.BeforeWrite = func(c targets.Change) error {
			if c.Key.String() == tt.fails {
				return errNo
			}
			return nil
		}
		out := mustApply(t, w, g, mustPlan(t, w, g, targets.PlanOptions{}))
		if diff := cmp.Diff(lines(tt.want...), results(out)); diff != "" {
			t.Errorf("%s fails (-want +got):\n%s", tt.fails, diff)
		}
		if out.Complete() != (tt.fails == "") {
			t.Errorf("%s fails, and the outcome says complete", tt.fails)
		}
	}
}

// What opens a door waits for what narrowed the list behind it in the dark, although that was no narrowing then.
func TestApplyHoldsWhatWasWeighedAfter(t *testing.T) {
	w := world(t, "shut", toy.Policy("home attic ann bob"))
	hall("attic", mine, "out")(w)
	g := toy.Policy("home attic ann")
	p := mustPlan(t, w, g, targets.PlanOptions{})
	if got := changes(p); got != "neutral update door/attic delete:bob=open>\nwidening delete hall/attic delete:light=out>\n" {
		t.Fatal(got)
	}
	w.BeforeWrite = func(c targets.Change) error {
		if c.Key.Kind == "door" {
			return errNo
		}
		return nil
	}
	if out := mustApply(t, w, g, p); results(out) != "failed door/attic\nheld hall/attic\n" || len(reach(t, w)) != 0 {
		t.Errorf("%s%v", results(out), reach(t, w))
	}
}

// A narrowing that fails in one environment holds back that environment's widenings alone.
func TestApplyEnvironmentsStandAlone(t *testing.T) {
	home, away := toy.NewWorld("home", "shut"), toy.NewWorld("away", "shut")
	sites := []targets.Site{toy.Site("home", home), toy.Site("away", away)}
	put("attic", mine, "*:open")(home)
	g := toy.Policy("home attic ann", "home cellar ann", "away cellar ann")
	p, err := targets.MakePlan(context.Background(), sites, g, targets.PlanOptions{At: toy.Noon})
	if err != nil {
		t.Fatal(err)
	}
	home.BeforeWrite = func(c targets.Change) error {
		if c.Class == targets.Narrowing {
			return errNo
		}
		return nil
	}
	var seen []int
	out, err := targets.Apply(context.Background(), p, sites, g, atNoon, nil, func(p targets.Progress) { seen = append(seen, p.Done) })
	if err != nil || results(out) != "done door/cellar\nfailed door/attic\nheld door/cellar\n" {
		t.Errorf("%v\n%s", err, results(out))
	}
	if !cmp.Equal(seen, []int{1, 2, 3}) {
		t.Errorf("progress: %v", seen)
	}
}

func TestApplyBlockedIsNotComplete(t *testing.T) {
	w := toy.NewWorld("home", "shut")
	put("attic", nobodys, "eve:open")(w)
	g := toy.Policy("home attic ann", "home cellar ann")
	out := mustApply(t, w, g, mustPlan(t, w, g, targets.PlanOptions{}))
	if results(out) != "done door/cellar\n" || len(out.Blocked) != 1 || out.Complete() {
		t.Errorf("%+v", out)
	}
}

// A store that leaves under a default of allow stays closed, opens when it is told to, and comes back as if it had never left.
func TestTombstoneLivesAndDies(t *testing.T) {
	in, out := toy.Policy("home attic ann"), toy.Policy("home")
	w := world(t, "open", in)
	settle(t, w, out)
	if b, _ := w.Get("door", "attic"); !b.Residual || !cmp.Equal(b.List, parse("*:shut")) || len(reach(t, w)) != 3 {
		t.Errorf("left: %+v, %d edges", b, len(reach(t, w)))
	}
	writes := w.Writes()
	settle(t, w, out)
	if w.Writes() != writes {
		t.Error("a tombstone was written twice")
	}
	settle(t, w, in)
	if b, _ := w.Get("door", "attic"); b.Residual || !cmp.Equal(b.List, parse("*:shut ann:open")) {
		t.Errorf("back: %+v", b)
	}
	settle(t, w, out)
	mustApply(t, w, out, mustPlan(t, w, out, targets.PlanOptions{Release: true}))
	if _, there := w.Get("door", "attic"); there {
		t.Error("released, and still there")
	}
}

// Under a default that has turned to deny since, a tombstone has nothing left to do.
func TestTombstoneGoesWhenNothingIsOpen(t *testing.T) {
	w := world(t, "open", toy.Policy("home attic ann"))
	settle(t, w, toy.Policy("home"))
	w.Rest = "shut"
	if p := mustPlan(t, w, toy.Policy("home"), targets.PlanOptions{}); changes(p) != "neutral delete door/attic delete:*=shut>\n" {
		t.Error(changes(p))
	}
}
