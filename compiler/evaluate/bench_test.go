package evaluate_test

import (
	"fmt"
	"strings"
	"testing"

	"gatehouse/compiler/evaluate"
	"gatehouse/lang/syntax"
)

// BenchmarkNothingToEvaluate is what the phase costs a policy of a hundred thousand allows that has no expression.
func BenchmarkNothingToEvaluate(b *testing.B) {
	files := map[string]string{"a.gate.hcl": "gatehouse {\n  policy = \"t\"\n}\n"}
	for i := range 100 {
		var text strings.Builder
		for j := range 1000 {
			fmt.Fprintf(&text, "allow \"a%d-%d\" {\n  from = [workload.w%d]\n  to = [secret.s%d, feature_store.f.online]\n  reason = \"x\"\n}\n", i, j, j, j)
		}
		files[fmt.Sprintf("f%d.gate.hcl", i)] = text.String()
	}
	tree, _, _ := syntax.LoadFiles(files)
	for b.Loop() {
		evaluate.Evaluate(tree, evaluate.Inputs{})
	}
}
