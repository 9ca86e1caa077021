package targets_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/targets"
	"gatehouse/targets/internal/toy"
)

func TestPlanFileRoundTrip(t *testing.T) {
	w, g := busy(t, "open")
	put("vault", nobodys, "<b>&:open")(w)
	w.Unknown = []targets.Unknown{{What: "the garden", Reason: "403"}}
	for _, o := range []targets.PlanOptions{{}, {Adopt: true, Release: true}} {
		p := mustPlan(t, w, g, o)
		if diff := cmp.Diff(p, saved(t, p)); diff != "" {
			t.Errorf("-saved +loaded:\n%s", diff)
		}
	}
	empty := mustPlan(t, toy.NewWorld("home", "shut"), toy.Policy("home"), targets.PlanOptions{})
	if diff := cmp.Diff(empty, saved(t, empty)); diff != "" {
		t.Errorf("-saved +loaded:\n%s", diff)
	}
}

func TestPlanFileRefuses(t *testing.T) {
	w, g := busy(t, "shut")
	var b bytes.Buffer
	if err := targets.Save(&b, mustPlan(t, w, g, targets.PlanOptions{})); err != nil {
		t.Fatal(err)
	}
	good := b.String()
	tests := []struct{ name, old, new, want string }{
		{"nothing at all", good, "", "not a plan file"},
		{"another format", `"gatehouse.dev/plan/v1"`, `"gatehouse.dev/plan/v2"`, "plan again"},
		{"an unknown field", `"policy"`, `"colour": "red", "policy"`, "unknown field"},
		{"something after", good, good + "{}", "follows the plan"},
		{"an unknown operation", `"op": "update"`, `"op": "explode"`, `no operation "explode"`},
		{"an unknown class", `"class": "mixed"`, `"class": "grand"`, `no class "grand"`},
		{"a requirement that isn't in it", `"name": "kitchen"
            }
          ]`, `"name": "garage"
            }
          ]`, "requires hall/garage, which does not stand before it"},
	}
	for _, tt := range tests {
		text := strings.Replace(good, tt.old, tt.new, 1)
		_, err := targets.Load(strings.NewReader(text))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
		if text == good {
			t.Errorf("%s: the test changes nothing", tt.name)
		}
	}
}

// A write without a body is a deletion: nothing but a delete may have none.
func TestPlanFileRefusesAnUpdateToNothing(t *testing.T) {
	w, g := busy(t, "shut")
	p := mustPlan(t, w, g, targets.PlanOptions{})
	p.Sites[0].Changes[0].After = nil
	var b bytes.Buffer
	if err := targets.Save(&b, p); err != nil {
		t.Fatal(err)
	}
	if _, err := targets.Load(&b); err == nil || !strings.Contains(err.Error(), "update without a body would delete it") {
		t.Errorf("got %v", err)
	}
}

func FuzzLoad(f *testing.F) {
	w, g := busy(f, "shut")
	var b bytes.Buffer
	if err := targets.Save(&b, mustPlan(f, w, g, targets.PlanOptions{})); err != nil {
		f.Fatal(err)
	}
	f.Add(b.String())
	f.Add(`{"format":"gatehouse.dev/plan/v1"}`)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := targets.Load(strings.NewReader(text))
		if err != nil {
			return
		}
		if diff := cmp.Diff(p, saved(t, p)); diff != "" {
			t.Error(diff)
		}
	})
}
