package resolve_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Allows are resolved in shares. What there is to say about some comes in the order in which they stand, with its suggestion, and the others are as
// they would be alone.
func TestManyAllows(t *testing.T) {
	const all, broken = 2600, 700
	text := strings.Builder{}
	text.WriteString("workload \"trainer\" {\n  owner = \"a@b\"\n  environments = [environment.dev]\n}\n" +
		"feature_store \"clicks\" {\n  owner = \"a@b\"\n  classification = \"public\"\n  environments = [environment.dev]\n  online {}\n}\n")
	var want []string
	for i := range all {
		from := "trainer"
		if i%broken == broken-1 {
			from = fmt.Sprintf("trainer%d", i/broken)
			want = append(want, "workload."+from+" is not declared: Did you mean workload.trainer?")
		}
		fmt.Fprintf(&text, "allow \"a%d\" {\n  from = [workload.%s]\n  to = [feature_store.clicks]\n  reason = \"r%d\"\n}\n", i, from, i)
	}
	policy, diags := load(t, text.String())
	var got []string
	for _, d := range diags {
		got = append(got, d.Summary+": "+d.Detail)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(policy.Allows) != all {
		t.Fatalf("%d allows", len(policy.Allows))
	}
	for _, a := range policy.Allows {
		n := strings.TrimPrefix(a.Addr.Name, "a")
		whole := a.Reason.Value == "r"+n && len(a.To) == 1 && a.To[0].Addr.Name == "clicks"
		if broken := len(a.From) == 0; !whole || !broken && a.From[0].Addr.Name != "trainer" {
			t.Errorf("%s: %+v", a.Addr, a)
		}
	}
}
