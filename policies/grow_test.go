//go:build unix

package policies_test

import (
	"syscall"
	"testing"
	"time"

	"gatehouse/policies"
)

// processor is a clock of the processor's time, so that a busy machine finds what a quiet one does.
func processor() time.Time {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		panic(err)
	}
	return time.Unix(0, used.Utime.Nano()+used.Stime.Nano())
}

// slow returns the guardrails that grow out of proportion.
func slow(t *testing.T, o policies.Options, w policies.World, largest int) map[string]bool {
	t.Helper()
	grown, err := prepare(t, o).Grow(t.Context(), w, largest, processor)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, g := range grown {
		if len(g.Runs) == 0 || g.Last().Grants < 1000 {
			t.Errorf("%s: %v", g.Guardrail, g.Runs)
		}
		if g.Slow {
			t.Logf("%s: %.2f %v", g.Guardrail, g.Exponent, g.Runs)
			out[g.Guardrail] = true
		}
	}
	return out
}

func TestQuadraticFormsAreFound(t *testing.T) {
	o := own(
		"nested.rego", "package guardrails.team.nested\n\n"+`deny contains {"subject": "x"} if { some a in input.resources; count({w | some w in input.workloads; w.owner == a.owner}) > 10 }`,
		"single.rego", "package guardrails.team.single\n\n"+`deny contains {"subject": "x"} if { some a in input.workloads; a.owner == "" }`,
	)
	got := slow(t, o, policies.World{Graph: world(), Time: noon}, 2000)
	if len(got) != 1 || !got["team/nested"] {
		t.Errorf("slow: %v", got)
	}
}

func TestTheLibraryIsLinear(t *testing.T) {
	w := full()
	w.Base = nil
	if found := slow(t, policies.Options{Packs: packs("strict")}, w, 4000); len(found) > 0 {
		t.Errorf("these grow out of proportion: %v", found)
	}
}
