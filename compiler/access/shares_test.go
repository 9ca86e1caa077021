package access

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// However many builders share the work, the graph and what is said about it are the same.
func TestSharesAgree(t *testing.T) {
	for name, draw := range map[string]func(*rapid.T) string{"policies": drawPolicy, "requests": drawRequests} {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				p := sketch(t, draw(t))
				want, toldAlone := build(p, time.Unix(5, 0), sharing{most: 1, least: 1})
				got, toldTogether := build(p, time.Unix(5, 0), sharing{most: rapid.IntRange(2, 5).Draw(t, "builders"), least: 1})
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatal(diff)
				}
				if diff := cmp.Diff(toldAlone, toldTogether); diff != "" {
					t.Fatal(diff)
				}
			})
		})
	}
}
