package targets_test

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/lang/diag"
	"gatehouse/targets"
	"gatehouse/targets/internal/toy"
)

// tired is the toy that counts the objects it is given to interpret, and compiles only once: its compiler isn't what is measured.
type tired struct {
	toy.Driver
	compiled    *targets.Desired
	interpreted *atomic.Int64
}

func (d tired) Compile(*access.Graph, string, time.Time) (targets.Desired, diag.List) {
	return *d.compiled, nil
}

func (d tired) Interpret(f targets.Facts, at time.Time) ([]access.Edge, error) {
	d.interpreted.Add(int64(len(f.Objects)))
	return d.Driver.Interpret(f, at)
}

// street is a house of n doors with two containers each, none of which is live.
func street(n int) (targets.Site, *access.Graph, *atomic.Int64) {
	policy := make([]string, 0, n)
	for i := range n {
		policy = append(policy, fmt.Sprintf("home d%05d:lit ann bob", i))
	}
	g := toy.Policy(policy...)
	d := tired{compiled: &targets.Desired{}, interpreted: &atomic.Int64{}}
	byDoor := map[string]*access.Graph{}
	for _, r := range g.Resources {
		s, _ := r.Surface("home")
		byDoor[s.Name] = &access.Graph{Policy: g.Policy, Workloads: g.Workloads, Resources: []access.Resource{r}}
	}
	for _, grant := range g.Grants {
		one := byDoor[grant.Resource.Name]
		one.Grants = append(one.Grants, grant)
	}
	var doors, halls []targets.Container
	for _, r := range g.Resources {
		one, _ := d.Driver.Compile(byDoor[r.Addr.Name], "home", toy.Noon)
		doors, halls = append(doors, one.Containers[0]), append(halls, one.Containers[1])
	}
	d.compiled.Containers = append(doors, halls...)
	w := toy.NewWorld("home", "shut")
	return targets.Site{Environment: "home", Realm: "home", Driver: d, Conn: w}, g, d.interpreted
}

// However many changes there are, an object is interpreted a handful of times.
func TestPlanDoesNotInterpretTheWorldForEachChange(t *testing.T) {
	const n = 500
	site, g, interpreted := street(n)
	p, err := targets.MakePlan(context.Background(), []targets.Site{site}, g, targets.PlanOptions{At: toy.Noon})
	if err != nil || len(p.Sites[0].Changes) != 2*n {
		t.Fatal(err, len(p.Sites[0].Changes))
	}
	if got := interpreted.Load(); got > 10*2*n {
		t.Errorf("%d objects were interpreted for %d containers", got, 2*n)
	}
}

// In a world that lets everybody in, every surface has an edge. Twice as many of them take about twice the memory, not four times.
func TestPlanOfAnOpenWorldTakesLinearMemory(t *testing.T) {
	spent := func(n int) uint64 {
		site, g, _ := street(n)
		site.Conn = toy.NewWorld("home", "open")
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := targets.MakePlan(context.Background(), []targets.Site{site}, g, targets.PlanOptions{At: toy.Noon}); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	if once, twice := spent(400), spent(800); twice > 3*once {
		t.Errorf("a plan of 400 surfaces takes %d bytes, one of 800 takes %d", once, twice)
	}
}

func BenchmarkMakePlan(b *testing.B) {
	for _, state := range []string{"create", "no-change"} {
		b.Run(state, func(b *testing.B) {
			site, g, _ := street(5000)
			sites := []targets.Site{site}
			p, err := targets.MakePlan(context.Background(), sites, g, targets.PlanOptions{At: toy.Noon})
			if err != nil {
				b.Fatal(err)
			}
			if state == "no-change" {
				if _, err := targets.Apply(context.Background(), p, sites, g, atNoon, nil, nil); err != nil {
					b.Fatal(err)
				}
			}
			for b.Loop() {
				if _, err := targets.MakePlan(context.Background(), sites, g, targets.PlanOptions{At: toy.Noon}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
