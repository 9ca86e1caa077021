package policies_test

import (
	"context"
	"fmt"
	"testing"

	"gatehouse/policies"
)

func BenchmarkPrepare(b *testing.B) {
	for b.Loop() {
		if _, diags, err := policies.Prepare(b.Context(), policies.Options{Packs: packs(policies.Packs()...)}); err != nil || diags.HasErrors() {
			b.Fatal(diags, err)
		}
	}
}

func BenchmarkEvaluate(b *testing.B) {
	engine, diags, err := policies.Prepare(context.Background(), policies.Options{Packs: packs(policies.Packs()...)})
	if err != nil || diags.HasErrors() {
		b.Fatal(diags, err)
	}
	for _, n := range []int{1_000, 10_000, 100_000} {
		g := large(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := engine.Evaluate(b.Context(), g, noon); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
