package google_test

import (
	"fmt"
	"testing"

	"gatehouse/targets"
	"gatehouse/targets/google"
)

// BenchmarkProve compiles and interprets 1,000 secrets with 20 grants each, a quarter of them for a time.
func BenchmarkProve(b *testing.B) {
	var lines []string
	for i := range 1000 {
		for j := range 20 {
			line := fmt.Sprintf("w%d -> k%d", (i+j)%100, i)
			if j%4 == 0 {
				line += fmt.Sprintf(" read ..2027-02-%02d", j+1)
			}
			lines = append(lines, line)
		}
	}
	g := graph(b, lines...)
	for b.Loop() {
		p, err := targets.Prove(google.Driver{}, g, environment, now)
		if err != nil || !p.Holds() {
			b.Fatal(err)
		}
	}
}
