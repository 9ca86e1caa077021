package policies_test

import (
	"testing"
	"time"

	"gatehouse/policies"
)

// slow returns the guardrails that grow out of proportion.
func slow(t *testing.T, o policies.Options, w policies.World, largest int) map[string]bool {
	t.Helper()
	grown, err := prepare(t, o).Grow(t.Context(), w, largest, time.Now)
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

// Another process may take the processor at the wrong moment, but not three times.
func TestTheLibraryIsLinear(t *testing.T) {
	w := full()
	w.Base = nil
	for range 3 {
		if len(slow(t, policies.Options{Packs: packs("strict")}, w, 4000)) == 0 {
			return
		}
	}
	t.Error("a built-in guardrail grows out of proportion")
}
