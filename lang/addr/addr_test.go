package addr_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"gatehouse/lang/addr"
)

func TestParse(t *testing.T) {
	for _, tt := range []struct {
		want string // the address printed; or "error: " and a part of the text
		in   string
	}{
		{"workload.fraud-trainer", "workload.fraud-trainer"},
		{"feature_store.x", "feature_store.x"},
		{"feature_store.x.online", "feature_store.x.online"},
		{"feature_store.x.offline", "feature_store.x.offline"},
		{"error: want KIND.NAME", ""},
		{"error: want KIND.NAME", "workload"},
		{"error: want KIND.NAME", "feature_store.x.online.y"},
		{"error: no kind", "worklod.x"},
		{"error: is not a name", "workload."},
		{"error: is not a name", "workload.X"},
		{"error: is not a name", "workload.1x"},
		{"error: is not a name", "workload." + strings.Repeat("x", 64)},
		{"error: no surface", "feature_store.x."},
		{"error: no surface", "feature_store.x.nearline"},
		{"error: no surface", "workload.x.online"},
	} {
		a, err := addr.Parse(tt.in)
		if part, bad := strings.CutPrefix(tt.want, "error: "); bad {
			if err == nil || !strings.Contains(err.Error(), part) {
				t.Errorf("Parse(%q) = %v, %v; want an error with %q", tt.in, a, err, part)
			}
			continue
		}
		if err != nil || a.String() != tt.want {
			t.Errorf("Parse(%q) = %v, %v; want %s", tt.in, a, err, tt.want)
		}
	}
}

// What prints parses to itself, and what parses prints as it was.
func FuzzParse(f *testing.F) {
	for _, kind := range addr.Kinds() {
		f.Add(string(kind) + ".a-b_c1")
	}
	f.Add("feature_store.x.online")
	f.Add("..")
	f.Fuzz(func(t *testing.T, s string) {
		a, err := addr.Parse(s)
		if err != nil {
			return
		}
		if a.String() != s {
			t.Fatalf("%q prints as %q", s, a)
		}
		text, err := json.Marshal(a)
		var back addr.Address
		if err != nil || json.Unmarshal(text, &back) != nil || back != a {
			t.Fatalf("%q through JSON is %v (%v)", s, back, err)
		}
	})
}

func TestCompare(t *testing.T) {
	sorted := []addr.Address{
		addr.New(addr.Allow, "b"),
		addr.New(addr.FeatureStore, "a"),
		addr.New(addr.FeatureStore, "a").On(addr.Offline),
		addr.New(addr.FeatureStore, "a").On(addr.Online),
		addr.New(addr.FeatureStore, "b"),
		addr.New(addr.Workload, "a"),
	}
	for i, a := range sorted {
		for j, b := range sorted {
			if got, want := addr.Compare(a, b) < 0, i < j; got != want {
				t.Errorf("Compare(%s, %s) < 0 is %t, want %t", a, b, got, want)
			}
		}
	}
}

func ExampleParse() {
	a, err := addr.Parse("feature_store.customer-features.online")
	if err != nil {
		panic(err)
	}
	fmt.Println(a.Kind, a.Name, a.Surface)
	fmt.Println(a.Whole())
	// Output:
	// feature_store customer-features online
	// feature_store.customer-features
}
