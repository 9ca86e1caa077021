package google_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"gatehouse/targets"
	"gatehouse/targets/google"
)

// TestProof runs the proof over generated graphs: interpreting what is compiled gives the declared access, whatever the intervals and the
// moment.
func TestProof(t *testing.T) {
	date := func(n int) string {
		if n == 0 {
			return ""
		}
		return now.AddDate(0, 0, n-6).Format(time.RFC3339)
	}
	rapid.Check(t, func(rt *rapid.T) {
		var lines []string
		for range rapid.IntRange(0, 12).Draw(rt, "lines") {
			line := fmt.Sprintf("w%d -> k%d %s", rapid.IntRange(0, 3).Draw(rt, "workload"), rapid.IntRange(0, 2).Draw(rt, "secret"),
				rapid.SampledFrom([]string{"read", "write", "read,write"}).Draw(rt, "actions"))
			if rapid.Bool().Draw(rt, "bounded") {
				begin := rapid.IntRange(0, 11).Draw(rt, "begin")
				end := rapid.IntRange(begin, 12).Draw(rt, "end")
				if end == begin {
					end = 0
				}
				line += " " + date(begin) + ".." + date(end)
			}
			lines = append(lines, line)
		}
		g := graph(t, lines...)
		proof, err := targets.Prove(google.Driver{}, g, environment, now)
		if err != nil || !proof.Holds() {
			rt.Fatalf("%s: %v %v %v", strings.Join(lines, "\n"), err, proof.Failures, proof.Diagnostics)
		}
	})
}
