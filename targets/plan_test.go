package targets_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/compiler/access"
	"gatehouse/targets"
	"gatehouse/targets/internal/toy"
)

func TestPlan(t *testing.T) {
	tests := []struct {
		name   string
		rest   string
		before []string // applied before
		meddle func(*toy.World)
		after  []string
		o      targets.PlanOptions
		want   []string
		note   []string
	}{
		{name: "from nothing", rest: "shut", after: []string{"home attic ann"},
			want: []string{"widening create door/attic create:*=>shut create:ann=>open"}},
		{name: "closing what stood open", rest: "open", after: []string{"home attic ann"},
			want: []string{"narrowing create door/attic create:*=>shut create:ann=>open"}},
		{name: "nothing to do", rest: "shut", before: []string{"home attic ann"}, after: []string{"home attic ann"}},
		{name: "one more, one less", rest: "shut", before: []string{"home attic ann", "home cellar bob"}, after: []string{"home attic ann bob", "home cellar"},
			want: []string{"narrowing update door/cellar delete:bob=open>", "widening update door/attic create:bob=>open"}},
		{name: "another one", rest: "shut", before: []string{"home attic ann"}, after: []string{"home attic bob"},
			want: []string{"mixed update door/attic delete:ann=open> create:bob=>open"}},
		{name: "leaving under shut deletes", rest: "shut", before: []string{"home attic ann"}, after: []string{"home"},
			want: []string{"narrowing delete door/attic delete:*=shut> delete:ann=open>"}},
		{name: "leaving under open leaves a tombstone", rest: "open", before: []string{"home attic ann"}, after: []string{"home"},
			want: []string{"narrowing retire door/attic delete:ann=open>"}},
		{name: "a tombstone stays", rest: "open", before: []string{"home attic"}, after: []string{"home"},
			note: []string{"tombstone door/attic"}},
		{name: "release deletes it", rest: "open", before: []string{"home attic"}, after: []string{"home"}, o: targets.PlanOptions{Release: true},
			want: []string{"widening delete door/attic delete:*=shut>"}},
		{name: "an extra item goes", rest: "shut", before: []string{"home attic ann"}, after: []string{"home attic ann"}, meddle: put("attic", mine, "*:shut ann:open eve:open"),
			want: []string{"narrowing update door/attic delete:eve=open>"}},
		{name: "foreign", rest: "shut", after: []string{"home attic ann"}, meddle: put("attic", nobodys, "eve:open"),
			note: []string{"foreign door/attic"}},
		{name: "foreign though identical", rest: "shut", after: []string{"home attic ann"}, meddle: put("attic", nobodys, "*:shut ann:open"),
			note: []string{"foreign door/attic"}},
		{name: "adopted", rest: "shut", after: []string{"home attic ann"}, meddle: put("attic", nobodys, "eve:open"), o: targets.PlanOptions{Adopt: true},
			want: []string{"mixed adopt door/attic create:*=>shut create:ann=>open delete:eve=open>"}},
		{name: "adopted as it is", rest: "shut", after: []string{"home attic ann"}, meddle: put("attic", nobodys, "*:shut ann:open"), o: targets.PlanOptions{Adopt: true},
			want: []string{"neutral adopt door/attic"}},
		{name: "another policy's is never adopted", rest: "shut", after: []string{"home attic ann"}, meddle: put("attic", theirs, "eve:open"), o: targets.PlanOptions{Adopt: true},
			note: []string{"other-owner door/attic"}},
		{name: "a neighbour's is not our business", rest: "shut", after: []string{"home attic"}, before: []string{"home attic"}, meddle: put("cellar", theirs, "eve:open")},
		{name: "orphan", rest: "shut", after: []string{"home"}, meddle: put("cellar", targets.Owner{Policy: "house", Environment: "gone"}, "eve:open"),
			note: []string{"orphan door/cellar"}},
		{name: "another environment's", rest: "shut", after: []string{"home", "away"}, meddle: put("cellar", targets.Owner{Policy: "house", Environment: "away"}, "eve:open")},
		{name: "another environment's though we want it", rest: "shut", after: []string{"home attic ann", "away"}, meddle: put("attic", targets.Owner{Policy: "house", Environment: "away"}, "*:shut ann:open"), o: targets.PlanOptions{Adopt: true},
			note: []string{"other-owner door/attic"}},
		{name: "the hall first", rest: "shut", after: []string{"home attic:lit ann"},
			want: []string{"neutral create hall/attic create:light=>lit", "widening create door/attic create:*=>shut create:ann=>open"}},
		{name: "a dark hall is lit last", rest: "open", after: []string{"home attic:lit ann"}, meddle: hall("attic", mine, "out"),
			want: []string{"widening update hall/attic update:light=out>lit", "narrowing create door/attic create:*=>shut create:ann=>open"}},
		{name: "what a narrowing needs goes before what merely widens", rest: "open", before: []string{"home cellar ann"}, after: []string{"home attic:lit ann", "home cellar ann bob"}, meddle: hall("attic", mine, "out"),
			want: []string{"widening update hall/attic update:light=out>lit", "narrowing create door/attic create:*=>shut create:ann=>open", "widening update door/cellar create:bob=>open"}},
		{name: "an unmarked hall that is lit already", rest: "shut", before: []string{"home attic ann"}, after: []string{"home attic:lit ann"}, meddle: hall("attic", nobodys, "lit")},
		{name: "an unmarked hall that is dark", rest: "shut", before: []string{"home attic ann"}, after: []string{"home attic:lit ann"}, meddle: hall("attic", nobodys, "out"),
			note: []string{"foreign hall/attic"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := toy.NewWorld("home", tt.rest)
			if tt.before != nil {
				settle(t, w, toy.Policy(tt.before...))
			}
			if tt.meddle != nil {
				tt.meddle(w)
			}
			p := mustPlan(t, w, toy.Policy(tt.after...), tt.o)
			if diff := cmp.Diff(lines(tt.want...), changes(p)); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(lines(tt.note...), notices(p)); diff != "" {
				t.Errorf("notices (-want +got):\n%s", diff)
			}
		})
	}
}

var (
	mine    = toy.Owner("home")
	nobodys targets.Owner
	theirs  = targets.Owner{Policy: "garden", Environment: "home"}
)

// put is somebody else's hand on a door: NAME:VALUE...
func put(door string, owner targets.Owner, list string) func(*toy.World) {
	return func(w *toy.World) { w.Put("door", door, toy.Body{Owner: owner, List: parse(list)}) }
}

func hall(name string, owner targets.Owner, light string) func(*toy.World) {
	return func(w *toy.World) {
		w.Put("hall", name, toy.Body{Owner: owner, List: map[string]string{"light": light}, Paint: "green"})
	}
}

func parse(list string) map[string]string {
	out := map[string]string{}
	for _, word := range strings.Fields(list) {
		k, v, _ := strings.Cut(word, ":")
		out[k] = v
	}
	return out
}

func TestPlanShowsAccessFirst(t *testing.T) {
	w := world(t, "shut", toy.Policy("home attic ann", "home cellar bob"))
	put("cellar", mine, "*:open")(w)
	p := mustPlan(t, w, toy.Policy("home attic ann bob", "home cellar bob"), targets.PlanOptions{})
	var got []string
	for _, e := range p.Sites[0].Delta.Gained {
		got = append(got, "+ "+targets.Sentence(e))
	}
	for _, e := range p.Sites[0].Delta.Lost {
		got = append(got, "- "+targets.Sentence(e))
	}
	want := []string{
		`+ toy "bob" may connect to door "attic"`,
		`- toy anyone but bob may connect to door "cellar"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if why := p.Sites[0].Changes[1].Items[0].Why; !cmp.Equal(why, []targets.Line{{Addr: "allow.line-1", File: "house.gate.hcl", Line: 1}}) {
		t.Errorf("why: %v", why)
	}
}

func TestPlanKeepsPaint(t *testing.T) {
	w := toy.NewWorld("home", "shut")
	hall("attic", nobodys, "out")(w)
	g := toy.Policy("home attic:lit ann")
	mustApply(t, w, g, mustPlan(t, w, g, targets.PlanOptions{Adopt: true}))
	if b, _ := w.Get("hall", "attic"); b.Paint != "green" || b.List["light"] != "lit" || b.Owner != mine {
		t.Errorf("after adoption: %+v", b)
	}
	settle(t, w, toy.Policy("home"))
	if b, _ := w.Get("hall", "attic"); b.Paint != "green" || b.List["light"] != "" || b.Owner != nobodys {
		t.Errorf("after leaving: %+v", b)
	}
}

func TestPlanIsDeterministic(t *testing.T) {
	build := func() targets.Plan {
		w := toy.NewWorld("home", "open")
		return mustPlan(t, w, toy.Policy("home attic:lit ann bob", "home cellar eve", "home vault:out"), targets.PlanOptions{})
	}
	first := build()
	for range 5 {
		if diff := cmp.Diff(first, build()); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestPlanUnknownIsLeftAlone(t *testing.T) {
	w := toy.NewWorld("home", "shut")
	w.Unknown = []targets.Unknown{{What: "door/attic", Reason: "403"}}
	p := mustPlan(t, w, toy.Policy("home attic ann"), targets.PlanOptions{})
	if changes(p) != "" || notices(p) != "unknown door/attic\n" || len(p.Sites[0].Unknown) != 1 {
		t.Errorf("%s%s", changes(p), notices(p))
	}
}

type blind struct{ *toy.World }

func (blind) Inspect(context.Context, targets.Scope) (targets.Live, error) {
	return targets.Live{}, errors.New("the list was filtered")
}

func TestPlanFailsWhole(t *testing.T) {
	good, bad := toy.NewWorld("away", "shut"), toy.NewWorld("home", "shut")
	sites := []targets.Site{toy.Site("home", bad), toy.Site("away", good)}
	sites[0].Conn = blind{bad}
	_, err := targets.MakePlan(context.Background(), sites, toy.Policy("home attic ann", "away attic"), targets.PlanOptions{At: toy.Noon})
	if err == nil || err.Error() != `toy: read "home": the list was filtered` {
		t.Errorf("got %v", err)
	}
	sites[1].Environment = "home"
	if _, err := targets.MakePlan(context.Background(), sites, toy.Policy("home"), targets.PlanOptions{At: toy.Noon}); err == nil {
		t.Error("one site twice was planned")
	}
}

func TestPlanCycle(t *testing.T) {
	w := toy.NewWorld("home", "shut")
	w.Driver.Bend = func(c []targets.Container) []targets.Container {
		c[0].Requires, c[1].Requires = []targets.Key{c[1].Key}, []targets.Key{c[0].Key}
		return c
	}
	_, err := targets.MakePlan(context.Background(), []targets.Site{toy.Site("home", w)}, toy.Policy("home attic", "home cellar"), targets.PlanOptions{At: toy.Noon})
	if err == nil || !strings.Contains(err.Error(), "door/attic, door/cellar") {
		t.Errorf("got %v", err)
	}
}

func TestSharedDoors(t *testing.T) {
	w := toy.NewWorld("home", "shut")
	w.Driver = toy.Driver{Shared: true, Owner: mine}
	put("attic", nobodys, "eve:open bob:open")(w)
	g := toy.Policy("home attic ann bob")
	p := mustPlan(t, w, g, targets.PlanOptions{})
	if got := changes(p); got != "widening update door/attic create:ann=>open\n" {
		t.Error(got)
	}
	if got := notices(p); got != "extra door/attic\n" {
		t.Error(got)
	}
	mustApply(t, w, g, p)
	if p = mustPlan(t, w, g, targets.PlanOptions{}); changes(p) != "" || p.Sites[0].Owned != 1 {
		t.Errorf("again: owned %d\n%s", p.Sites[0].Owned, changes(p))
	}
	if p = mustPlan(t, w, toy.Policy("home attic"), targets.PlanOptions{}); changes(p) != "narrowing update door/attic delete:ann=open>\n" {
		t.Error(changes(p))
	}
	if p = mustPlan(t, w, toy.Policy("home"), targets.PlanOptions{}); changes(p) != "narrowing delete door/attic delete:ann=open>\n" {
		t.Error(changes(p))
	}
	mustApply(t, w, toy.Policy("home"), p)
	if b, _ := w.Get("door", "attic"); !cmp.Equal(b.List, parse("eve:open bob:open")) {
		t.Errorf("left: %v", b.List)
	}
	if p = mustPlan(t, w, g, targets.PlanOptions{Adopt: true}); changes(p) != "widening update door/attic create:ann=>open adopt:bob=open>open\n" {
		t.Error(changes(p))
	}
}

// What is ours alone is changed, and what is somebody else's isn't.
func TestSharedDoorsChangeWhatIsOurs(t *testing.T) {
	w := toy.NewWorld("home", "shut")
	w.Driver = toy.Driver{Shared: true, Owner: mine}
	g := toy.Policy("home attic ann")
	settle(t, w, g)
	put("attic", nobodys, "ann:shut")(w) // the claim stands still
	if p := mustPlan(t, w, g, targets.PlanOptions{}); changes(p) != "widening update door/attic update:ann=shut>open\n" {
		t.Errorf("ours: %s%s", changes(p), notices(p))
	}
	put("cellar", nobodys, "bob:shut")(w)
	g = toy.Policy("home attic ann", "home cellar bob")
	if p := mustPlan(t, w, g, targets.PlanOptions{}); notices(p) != "foreign door/cellar\n" || strings.Contains(changes(p), "cellar") {
		t.Errorf("theirs: %s%s", changes(p), notices(p))
	}
}

// The brake measures by what is ours: neither a stranger's items nor another policy's count.
func TestPlanCountsWhatIsOurs(t *testing.T) {
	w := world(t, "shut", toy.Policy("home attic ann"))
	put("cellar", nobodys, "eve:open bob:open")(w)
	put("vault", theirs, "eve:open")(w)
	p := mustPlan(t, w, toy.Policy("home attic ann", "home cellar", "home vault"), targets.PlanOptions{})
	if got := p.Sites[0].Owned; got != 2 {
		t.Errorf("%d owned, want ann and *", got)
	}
}

// crowded makes every door of the first n govern what all of them govern.
func crowded(n int) func([]targets.Container) []targets.Container {
	return func(all []targets.Container) []targets.Container {
		var common []access.Surface
		for _, c := range all[:n] {
			common = append(common, c.Governs...)
		}
		for i := range all[:n] {
			all[i].Governs = common
		}
		return all
	}
}

func TestPlanWeighsCommonSurfacesStepByStep(t *testing.T) {
	w := world(t, "shut", toy.Policy("home attic ann bob", "home cellar ann", "home vault ann"))
	w.Driver.Bend = crowded(3)
	p := mustPlan(t, w, toy.Policy("home attic ann", "home cellar ann eve", "home vault bob"), targets.PlanOptions{})
	want := lines(
		"narrowing update door/attic delete:bob=open>",
		"mixed update door/vault delete:ann=open> create:bob=>open",
		"widening update door/cellar create:eve=>open",
	)
	if diff := cmp.Diff(want, changes(p)); diff != "" {
		t.Error(diff)
	}
	if got := p.Sites[0].Changes[2].Requires; len(got) != 2 {
		t.Errorf("a widening requires %v", got)
	}
	if got := p.Sites[0].Changes[1].Delta; len(got.Gained) != 1 || len(got.Lost) != 1 {
		t.Errorf("a step's delta: %v", got)
	}
}

func TestPlanWeighsACrowdTogether(t *testing.T) {
	var before, after []string
	for i := range 9 {
		before = append(before, fmt.Sprintf("home d%d ann", i))
		after = append(after, fmt.Sprintf("home d%d bob", i))
	}
	w := world(t, "shut", toy.Policy(before...))
	w.Driver.Bend = crowded(9)
	g := toy.Policy(after...)
	p := mustPlan(t, w, g, targets.PlanOptions{})
	for _, c := range p.Sites[0].Changes {
		if c.Class != targets.Mixed || len(c.Delta.Gained) != 9 || len(c.Delta.Lost) != 9 {
			t.Errorf("%s: %s, %d gained, %d lost", c.Key, c.Class, len(c.Delta.Gained), len(c.Delta.Lost))
		}
	}
}

// An apply of a group of changes tells the truth when the group's middle moves.
func TestApplyLooksAgainAmongNeighbours(t *testing.T) {
	w := toy.NewWorld("home", "shut")
	hall("attic", mine, "out")(w)
	put("attic", mine, "*:shut ann:open")(w)
	g := toy.Policy("home attic:lit ann bob")
	p := mustPlan(t, w, g, targets.PlanOptions{})
	if got := changes(p); got != "widening update hall/attic update:light=out>lit\nwidening update door/attic create:bob=>open\n" {
		t.Fatal(got)
	}
	put("attic", mine, "*:shut ann:open")(w)
	hall("attic", mine, "out")(w)
	if out := mustApply(t, w, g, p); results(out) != "done hall/attic\ndone door/attic\n" {
		t.Error(results(out), out.Results[0].Reason)
	}
}
