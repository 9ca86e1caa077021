package policies_test

import (
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"

	"gatehouse/policies"
)

func TestLibraryRuleTests(t *testing.T) {
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

func TestLibraryIsDescribed(t *testing.T) {
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
	if len(all) < 25 {
		t.Fatalf("the catalogue has %d guardrails", len(all))
	}
	return all
}

// strict holds everything, and every name in a pack is a guardrail's.
func TestPacks(t *testing.T) {
	if got, want := policies.Packs(), []string{"baseline", "soc2", "strict"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	var all []string
	for _, g := range catalogue(t) {
		all = append(all, g.ID)
		if g.Origin != "built-in" || !slices.Contains(g.Packs, "strict") {
			t.Errorf("%s is of %s, in %v", g.ID, g.Origin, g.Packs)
		}
	}
	if got := policies.Pack("strict"); !slices.Equal(got, all) {
		t.Errorf("strict holds %v, the library %v", got, all)
	}
	for _, name := range []string{"baseline", "soc2"} {
		for _, id := range policies.Pack(name) {
			if !slices.Contains(all, id) {
				t.Errorf("%s: there is no %s", name, id)
			}
		}
	}
	if policies.Pack("none") != nil {
		t.Error("there is a pack named none")
	}
	files, err := fs.Glob(os.DirFS("library"), "*/*_test.rego")
	if err != nil || len(files) != len(all) {
		t.Errorf("%d test files for %d guardrails: %v", len(files), len(all), err)
	}
}
