package view

import (
	"fmt"
	"io"
	"strings"
	"time"

	"gatehouse/policies"
)

// RuleTestsDoc is the answer of guardrails test.
type RuleTestsDoc struct {
	Format   string            `json:"format"`
	Passed   bool              `json:"passed"`
	Tests    []RuleTestDoc     `json:"tests"`
	Coverage []RuleCoverageDoc `json:"coverage,omitempty"`
}

// RuleTestDoc is one test of a rule.
type RuleTestDoc struct {
	Name   string `json:"name"`
	File   string `json:"file"`
	Line   int    `json:"line"`
	Result string `json:"result"` // passed, failed, or put-off
	Failed string `json:"failed,omitempty"`
	Error  string `json:"error,omitempty"`
	Output string `json:"output,omitempty"`
}

// RuleCoverageDoc says which lines of a file no test reaches.
type RuleCoverageDoc struct {
	File    string   `json:"file"`
	Covered int      `json:"covered"` // lines
	Missed  [][2]int `json:"missed"`  // first and last line
}

// RuleTestsDocument is what rule tests came to, for machines.
func RuleTestsDocument(s policies.Suite) RuleTestsDoc {
	doc := RuleTestsDoc{Format: "gatehouse.dev/guardrail-tests/v1", Passed: s.Passed(), Tests: []RuleTestDoc{}}
	for _, v := range s.Verdicts {
		one := RuleTestDoc{Name: v.Name, File: v.File, Line: v.Line, Result: resultOf(v), Failed: v.Failed, Output: v.Output}
		if v.Err != nil {
			one.Error = v.Err.Error()
		}
		doc.Tests = append(doc.Tests, one)
	}
	for _, f := range s.Coverage {
		one := RuleCoverageDoc{f.File, f.Covered, [][2]int{}}
		for _, m := range f.Missed {
			one.Missed = append(one.Missed, [2]int{m.From, m.To})
		}
		doc.Coverage = append(doc.Coverage, one)
	}
	return doc
}

func resultOf(v policies.Verdict) string {
	switch {
	case v.Passed:
		return "passed"
	case v.PutOff:
		return "put-off"
	default:
		return "failed"
	}
}

// RuleTests writes what rule tests came to: those that failed, the lines that none reaches, and the count.
func RuleTests(w io.Writer, s policies.Suite, l Look) {
	failed, putOff := 0, 0
	for _, v := range s.Verdicts {
		switch resultOf(v) {
		case "failed":
			failed++
			failedTest(w, v, l)
		case "put-off":
			putOff++
		}
	}
	for _, f := range s.Coverage {
		for _, m := range f.Missed {
			lines := fmt.Sprint(m.From)
			if m.To > m.From {
				lines = fmt.Sprintf("%d-%d", m.From, m.To)
			}
			fmt.Fprintf(w, "%s:%s: no test reaches this\n", l.file(f.File), lines)
		}
	}
	verdict := l.paint(green, "ok:")
	if failed > 0 {
		verdict = l.paint(red, "failed:")
	}
	parts := []string{fmt.Sprintf("%d of %s passed", len(s.Verdicts)-failed-putOff, count(len(s.Verdicts), "test"))}
	if putOff > 0 {
		parts = append(parts, fmt.Sprintf("%d put off", putOff))
	}
	if s.Coverage != nil {
		parts = append(parts, fmt.Sprintf("%.0f %% of the lines reached", 100*s.Covered()))
	}
	fmt.Fprintln(w, verdict, strings.Join(parts, "; "))
}

func failedTest(w io.Writer, v policies.Verdict, l Look) {
	fmt.Fprintf(w, "%s:%d: %s failed\n", l.file(v.File), v.Line, v.Name)
	switch {
	case v.Err != nil:
		fmt.Fprintf(w, "    %s\n", v.Err)
	case v.Failed != "":
		fmt.Fprintf(w, "    not so: %s\n", v.Failed)
	}
	if out := strings.TrimRight(v.Output, "\n"); out != "" {
		fmt.Fprintf(w, "    it printed: %s\n", strings.ReplaceAll(out, "\n", "\n    "))
	}
}

// GrowthDoc is the answer of guardrails bench.
type GrowthDoc struct {
	Format     string            `json:"format"`
	Guardrails []policies.Growth `json:"guardrails"`
}

// GrowthDocument is how guardrails grow, for machines.
func GrowthDocument(list []policies.Growth) GrowthDoc {
	return GrowthDoc{"gatehouse.dev/guardrail-growth/v1", append([]policies.Growth{}, list...)}
}

// Growth writes how guardrails grow: the time on the largest policy, its share, and what it grows with.
func Growth(w io.Writer, list []policies.Growth, l Look) {
	var all time.Duration
	for _, g := range list {
		all += g.Last().Time
	}
	slow := 0
	rows := [][]string{{"guardrail", "scope", "grants", "time", "share", "growth"}}
	for _, g := range list {
		growth := "-"
		if g.Exponent != 0 {
			growth = fmt.Sprintf("n^%.1f", g.Exponent)
		}
		if g.Slow {
			slow++
			growth += "  slow"
		}
		last := g.Last()
		share := 0.0
		if all > 0 {
			share = 100 * float64(last.Time) / float64(all)
		}
		rows = append(rows, []string{g.Guardrail, string(g.Scope), fmt.Sprint(last.Grants), fmt.Sprintf("%.1f ms", float64(last.Time)/1e6), fmt.Sprintf("%.0f %%", share), growth})
	}
	aligned(w, rows)
	if slow == 0 {
		fmt.Fprintf(w, "%s no guardrail grows faster than the policy\n", l.paint(green, "ok:"))
		return
	}
	fmt.Fprintf(w, `%s %s faster than the policy: a policy ten times as large takes a hundred times as long
Look for a rule that pairs everything with everything, for a comprehension inside of a loop, and for not x in a set that a rule builds: write
comprehensions ({x | ...}) and set differences instead, or use scope: grant where each grant can be judged alone.
`, l.paint(red, "slow:"), grows(slow))
}

func grows(n int) string {
	if n == 1 {
		return "1 guardrail grows"
	}
	return fmt.Sprintf("%d guardrails grow", n)
}
