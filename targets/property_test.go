package targets_test

import (
	"context"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"gatehouse/compiler/access"
	"gatehouse/targets"
	"gatehouse/targets/internal/toy"
)

// drawPolicy makes a policy over the test's doors; some doors have a lit hall, always the same ones.
func drawPolicy(t *rapid.T, name string) *access.Graph {
	policy := []string{"home"}
	for i, door := range doors {
		if !rapid.Bool().Draw(t, name+" has "+door) {
			continue
		}
		if i%2 == 0 {
			door += ":lit"
		}
		names := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"ann", "bob", "eve"}), 0, 3, rapid.ID[string]).Draw(t, name+" lets in")
		policy = append(policy, "home "+door+" "+strings.Join(names, " "))
	}
	return toy.Policy(policy...)
}

// meddle lets somebody tamper with doors that are ours, or put up doors that are nobody's.
func meddle(t *rapid.T, w *toy.World) {
	for _, door := range doors {
		if !rapid.Bool().Draw(t, "tamper with "+door) {
			continue
		}
		list := map[string]string{}
		for _, name := range []string{"*", "ann", "mallory"} {
			if v := rapid.SampledFrom([]string{"", "open", "shut"}).Draw(t, door+" "+name); v != "" {
				list[name] = v
			}
		}
		owner := rapid.SampledFrom([]targets.Owner{mine, nobodys, theirs}).Draw(t, "owner")
		w.Put("door", door, toy.Body{Owner: owner, List: list})
	}
}

// From any state to any policy, with any writes failing: no moment gives access that neither the beginning nor the plan's end gives, a
// second run finishes what a first one left, and a third writes nothing.
func TestNoMomentIsWiderThanBothEnds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rest := rapid.SampledFrom([]string{"open", "shut"}).Draw(rt, "rest")
		w := world(t, rest, drawPolicy(rt, "old"))
		meddle(rt, w)
		g := drawPolicy(rt, "new")
		p := mustPlan(t, w, g, targets.PlanOptions{})
		allowed := append(reach(t, w), p.Sites[0].Delta.Gained...)
		before := reach(t, w)

		fail := map[targets.Key]bool{}
		for _, c := range p.Sites[0].Changes {
			fail[c.Key] = rapid.IntRange(0, 3).Draw(rt, "fails") == 0
		}
		w.BeforeWrite = func(c targets.Change) error {
			if fail[c.Key] {
				return errNo
			}
			return nil
		}
		w.AfterWrite = func(c targets.Change) {
			if wider := access.Subtract(reach(t, w), allowed); len(wider) > 0 {
				rt.Errorf("after %s: %s", c.Key, targets.Sentence(wider[0]))
			}
		}
		o := atNoon
		o.Parallel = rapid.SampledFrom([]int{1, 4}).Draw(rt, "parallel")
		o.ExpectRemovals = targets.Removals(p)
		if _, err := targets.Apply(context.Background(), saved(t, p), []targets.Site{toy.Site("home", w)}, g, o, nil, nil); err != nil {
			rt.Fatal(err)
		}

		clear(fail)
		again := mustPlan(t, w, g, targets.PlanOptions{})
		o.ExpectRemovals = targets.Removals(again)
		out, err := targets.Apply(context.Background(), again, []targets.Site{toy.Site("home", w)}, g, o, nil, nil)
		if err != nil || out.Count(targets.Done) != len(out.Results) {
			rt.Fatalf("the second run: %v\n%s", err, results(out))
		}
		if third := mustPlan(t, w, g, targets.PlanOptions{}); changes(third) != "" {
			rt.Fatalf("left over:\n%s", changes(third))
		}
		planned := access.Subtract(append(before, p.Sites[0].Delta.Gained...), p.Sites[0].Delta.Lost)
		if !access.Equal(reach(t, w), planned) {
			rt.Fatal("the plan's delta was not what happened")
		}
	})
}
