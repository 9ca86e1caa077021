package policies_test

import (
	"strings"
	"testing"

	"gatehouse/policies"
)

func TestBaselineRuleTests(t *testing.T) {
	verdicts, diags, err := policies.Test(t.Context(), policies.Options{Packs: packs(policies.Packs()...)})
	if err != nil || len(diags) > 0 {
		t.Fatal(diags, err)
	}
	for _, v := range verdicts {
		if !v.Passed {
			t.Errorf("%s:%d: %s failed: %v", v.File, v.Line, v.Name, v.Err)
		}
	}
	for _, g := range catalogue(t) {
		pkg := "guardrails." + strings.ReplaceAll(strings.ReplaceAll(g.ID, "/", "."), "-", "_") + "_test."
		for _, want := range []string{"test_violation", "test_clean", "test_near_miss"} {
			if !anyPrefix(verdicts, pkg+want) {
				t.Errorf("%s: no test named %s…", g.ID, want)
			}
		}
	}
}

func anyPrefix(verdicts []policies.Verdict, prefix string) bool {
	for _, v := range verdicts {
		if strings.HasPrefix(v.Name, prefix) {
			return true
		}
	}
	return false
}

func TestBaselineIsDescribed(t *testing.T) {
	for _, g := range catalogue(t) {
		if g.Title == g.ID || g.Description == "" || g.Rationale == "" || g.Remedy == "" || len(g.Controls) == 0 {
			t.Errorf("%s: METADATA is incomplete: %+v", g.ID, g)
		}
	}
}

func catalogue(t *testing.T) []policies.Guardrail {
	t.Helper()
	all, err := policies.Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) < 6 {
		t.Fatalf("the catalogue has %d guardrails", len(all))
	}
	return all
}
