package view

import (
	"fmt"
	"io"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// Tested is what became of a policy's tests.
type Tested struct {
	Policy   string
	Time     time.Time
	Results  []access.TestResult
	Coverage *access.TestCoverage // nil where it wasn't asked for
	Prefix   string               // of files' names, in reports for machines that know the repository
}

// Failed counts the tests that failed.
func (t Tested) Failed() int {
	n := 0
	for _, r := range t.Results {
		if !r.Passed {
			n++
		}
	}
	return n
}

// shownFailures bounds how many combinations of one test a person is shown.
const shownFailures = 5

// Test writes one line for each test, what holds instead below each that failed, and how many passed.
func Test(w io.Writer, t Tested, l Look) {
	for _, r := range t.Results {
		verdict := l.paint(green, "pass")
		if !r.Passed {
			verdict = l.paint(red, "FAIL")
		}
		fmt.Fprintf(w, "%s  %s  (%s)\n", verdict, r.Test.Name.Value, l.at(r.Test.Name.Range))
		for _, f := range r.Failures[:min(len(r.Failures), shownFailures)] {
			testFailure(w, f, l)
		}
		if more := r.Failed - shownFailures; more > 0 {
			fmt.Fprintf(w, "      and %d more of %d tried\n", more, r.Tried)
		}
		for _, note := range r.Notes {
			fmt.Fprintf(w, "      note: %s\n", note)
		}
	}
	if t.Coverage != nil {
		testCoverage(w, *t.Coverage)
	}
	switch failed := t.Failed(); {
	case len(t.Results) == 0:
		fmt.Fprintln(w, "the policy has no test blocks")
	case failed > 0:
		fmt.Fprintf(w, "%s %d of %s\n", l.paint(red, "failed:"), failed, count(len(t.Results), "test"))
	default:
		fmt.Fprintf(w, "%s %s\n", l.paint(green, "ok:"), count(len(t.Results), "test"))
	}
}

func testFailure(w io.Writer, f access.TestFailure, l Look) {
	fmt.Fprintf(w, "      %s\n", f.Holds)
	for _, d := range f.Denies {
		fmt.Fprintf(w, "        %s  %s\n", d.Addr, l.at(d.Decl))
	}
	told := map[addr.Address]bool{}
	for _, s := range f.Sources {
		if !told[s.Allow] {
			told[s.Allow] = true
			fmt.Fprintf(w, "        %s  %s\n", s.Allow, l.at(s.Decl))
		}
	}
}

func testCoverage(w io.Writer, c access.TestCoverage) {
	for _, part := range []struct {
		what string
		of   access.Covered
	}{{"allow", c.Allows}, {"deny", c.Denies}, {"interval", c.Intervals}} {
		if part.of.All == 0 {
			continue
		}
		fmt.Fprintf(w, "exercised: %d of %s\n", part.of.Exercised, count(part.of.All, part.what))
		for _, a := range part.of.Missing {
			fmt.Fprintf(w, "  not %s\n", a)
		}
	}
}

// TestedDoc is the answer of gatehouse test for machines.
type TestedDoc struct {
	Format   string           `json:"format"`
	Policy   string           `json:"policy"`
	Time     time.Time        `json:"time"`
	Failed   int              `json:"failed"`
	Tests    []TestResultDoc  `json:"tests"`
	Coverage *TestCoverageDoc `json:"coverage,omitempty"`
}

// TestResultDoc is one test.
type TestResultDoc struct {
	Name     string            `json:"name"` // its sentence
	File     string            `json:"file"`
	Line     int               `json:"line"`
	Expect   model.Expectation `json:"expect"`
	Time     time.Time         `json:"time"` // the moment that it looks at
	Passed   bool              `json:"passed"`
	Tried    int               `json:"tried"`
	Failed   int               `json:"failed"` // of those tried; failures holds the first of them
	Notes    []string          `json:"notes,omitempty"`
	Failures []TestFailureDoc  `json:"failures,omitempty"`
}

// TestFailureDoc is one combination of a test for which something else holds.
type TestFailureDoc struct {
	Environment string       `json:"environment"`
	Workload    string       `json:"workload,omitempty"`
	Resource    string       `json:"resource,omitempty"`
	Action      model.Action `json:"action,omitempty"`
	Requests    string       `json:"requests,omitempty"`
	Holds       string       `json:"holds"`
	Lines       []LineDoc    `json:"lines,omitempty"`
	Denies      []LineDoc    `json:"denies,omitempty"`
}

// TestCoverageDoc is what tests look at.
type TestCoverageDoc struct {
	Allows    CoveredDoc `json:"allows"`
	Denies    CoveredDoc `json:"denies"`
	Intervals CoveredDoc `json:"intervals"`
}

// CoveredDoc is how many declarations of one kind tests look at, and which they don't.
type CoveredDoc struct {
	Exercised int            `json:"exercised"`
	All       int            `json:"all"`
	Missing   []addr.Address `json:"missing"`
}

// TestDocument is what became of tests, for machines.
func TestDocument(t Tested) TestedDoc {
	doc := TestedDoc{Format: "gatehouse.dev/test/v1", Policy: t.Policy, Time: t.Time, Failed: t.Failed(), Tests: []TestResultDoc{}}
	for _, r := range t.Results {
		one := TestResultDoc{
			Name: r.Test.Name.Value, File: r.Test.Name.Range.Filename, Line: r.Test.Name.Range.Start.Line,
			Expect: r.Test.Expect, Time: r.At.UTC(), Passed: r.Passed, Tried: r.Tried, Failed: r.Failed, Notes: r.Notes,
		}
		for _, f := range r.Failures {
			one.Failures = append(one.Failures, testFailureDoc(f))
		}
		doc.Tests = append(doc.Tests, one)
	}
	if c := t.Coverage; c != nil {
		doc.Coverage = &TestCoverageDoc{Allows: coveredDoc(c.Allows), Denies: coveredDoc(c.Denies), Intervals: coveredDoc(c.Intervals)}
	}
	return doc
}

func testFailureDoc(f access.TestFailure) TestFailureDoc {
	doc := TestFailureDoc{Environment: f.Environment, Action: f.Action, Requests: access.RequestText(f.Request, nil), Holds: f.Holds, Lines: lineDocs(f.Sources)}
	if f.Workload.Name != "" {
		doc.Workload, doc.Resource = f.Workload.String(), f.Resource.String()
	}
	for _, d := range f.Denies {
		doc.Denies = append(doc.Denies, LineDoc{Line: lineOf(d.Addr, d.Decl), Reason: d.Reason})
	}
	return doc
}

func coveredDoc(c access.Covered) CoveredDoc {
	return CoveredDoc{Exercised: c.Exercised, All: c.All, Missing: append([]addr.Address{}, c.Missing...)}
}
