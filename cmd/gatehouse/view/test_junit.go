package view

import (
	"io"
	"strings"
)

// TestJUnit writes one case for each test of the policy.
func TestJUnit(w io.Writer, t Tested) error {
	all := junitSuites{Name: "gatehouse test"}
	var cases []junitCase
	for _, r := range t.Results {
		c := junitCase{Name: r.Test.Name.Value, Class: "gatehouse.test", File: t.Prefix + r.Test.Name.Range.Filename, Line: r.Test.Name.Range.Start.Line, Output: strings.Join(r.Notes, "\n")}
		if !r.Passed {
			var holds []string
			for _, f := range r.Failures {
				holds = append(holds, f.Holds)
			}
			c.Failure = &junitOutcome{Message: holds[0], Type: "failed-test", Text: strings.Join(holds, "\n")}
		}
		cases = append(cases, c)
	}
	all.add(t.Policy, cases)
	return all.write(w)
}
