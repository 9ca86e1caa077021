// Package examples holds policies that look like those of real teams, and proves that they stay clean: no diagnostic, no finding, and
// rule tests that pass. The examples are what the demonstration, the tour and other tests run on; they are not fixtures of a rule.
package examples_test

import (
	"io/fs"
	"os"
	"testing"
	"time"

	"gatehouse/compiler"
	"gatehouse/policies"
)

// moments are when the examples are judged: the first is the one that the demonstration uses.
var moments = []time.Time{
	time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC),
	time.Date(2027, 1, 30, 23, 59, 59, 0, time.UTC),
}

func TestAcmeIsClean(t *testing.T) {
	for _, moment := range moments {
		result := compile(t, moment)
		for _, d := range result.Diagnostics {
			t.Errorf("%s: %s: %s: %s", moment.Format(time.DateOnly), d.Subject, d.Code, d.Summary)
		}
		if result.Graph == nil {
			t.Fatal("no graph")
		}
		engine, diags, err := policies.Prepare(t.Context(), policies.For(result.Policy, acme()))
		if err != nil || len(diags) > 0 {
			t.Fatal(diags, err)
		}
		findings, err := engine.Evaluate(t.Context(), result.Graph, moment)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range findings {
			t.Errorf("%s: %s: %s %s: %s", moment.Format(time.DateOnly), f.Range, f.Level, f.Guardrail, f.Detail)
		}
	}
}

// Acme's own rule is at work: with an owner changed it would refuse.
func TestAcmeRuleRefuses(t *testing.T) {
	result := compile(t, moments[0])
	engine, diags, err := policies.Prepare(t.Context(), policies.For(result.Policy, acme()))
	if err != nil || len(diags) > 0 {
		t.Fatal(diags, err)
	}
	result.Graph.Workloads[0].Owner = "jo@acme.example"
	findings, err := engine.Evaluate(t.Context(), result.Graph, moments[0])
	if err != nil || len(findings) != 1 || findings[0].Guardrail != "acme/team-owns-its-folder" {
		t.Errorf("got %v, %v", findings, err)
	}
}

func TestAcmeRuleTests(t *testing.T) {
	verdicts, diags, err := policies.Test(t.Context(), policies.For(compile(t, moments[0]).Policy, acme()))
	if err != nil || len(diags) > 0 {
		t.Fatal(diags, err)
	}
	for _, v := range verdicts {
		if !v.Passed {
			t.Errorf("%s:%d: %s failed: %v", v.File, v.Line, v.Name, v.Err)
		}
	}
}

func compile(t *testing.T, moment time.Time) *compiler.Result {
	t.Helper()
	result, err := compiler.Compile(acme(), moment)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func acme() fs.FS { return os.DirFS("acme-ml") }
