package access

import (
	"fmt"

	"gatehouse/lang/diag"
)

// ReportTests returns a diagnostic for every test that failed: at its sentence, with the lines by which something else holds.
func ReportTests(results []TestResult) diag.List {
	var out diag.List
	for _, r := range results {
		if !r.Passed {
			out = append(out, failed(r))
		}
	}
	return out
}

func failed(r TestResult) diag.Diagnostic {
	first := r.Failures[0]
	d := diag.Diagnostic{
		Code: diag.FailedTest, Severity: diag.Error, Subject: r.Test.Name.Range,
		Summary: fmt.Sprintf("the test fails: %s", first.Holds),
		Detail:  fmt.Sprintf("It expects %s. Correct the policy, or the test.", r.Test.Expect),
	}
	if more := r.Failed - 1; more > 0 {
		d.Detail = fmt.Sprintf("It expects %s, and %d more of %d tried fail it, such as: %s. Correct the policy, or the test.",
			r.Test.Expect, more, r.Tried, r.Failures[1].Holds)
	}
	told := map[string]bool{}
	tell := func(related diag.Related) {
		if !told[related.Message] && len(d.Related) < manyPlaces {
			told[related.Message] = true
			d.Related = append(d.Related, related)
		}
	}
	for _, deny := range first.Denies {
		tell(diag.Related{Message: deny.Addr.String() + " denies it", Range: deny.Decl})
	}
	for _, s := range first.Sources {
		tell(diag.Related{Message: s.Allow.String() + " is here", Range: s.Decl})
	}
	return d
}
