package view

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/lang/diag"
	"gatehouse/policies"
	"gatehouse/targets"
)

// Findings is everything that is known of a policy without asking anybody.
type Findings struct {
	Policy      string
	Time        time.Time
	Diagnostics diag.List
	Graph       *access.Graph // nil where the policy could not be resolved
	Guardrails  []policies.Guardrail
	Results     policies.Results
	Proofs      []targets.Proof
}

// All returns diagnostics and guardrail results together, in order of file and position.
func (f Findings) All() diag.List {
	return append(slices.Clone(f.Diagnostics), f.Results.Diagnostics()...).Sorted()
}

// Check writes what a check found, then one line that says what was looked at and how it stands.
func Check(w io.Writer, f Findings, l Look) {
	Diagnostics(w, f.All(), l)
	errors, warnings := severities(f.Diagnostics)
	denies, warns := levels(f.Results.Standing())
	switch {
	case errors > 0:
		fmt.Fprintf(w, "%s %s\n", l.paint(red, "failed:"), tally(count(errors, "error"), warnings+warns))
	case denies > 0:
		fmt.Fprintf(w, "%s %s\n", l.paint(red, "refused:"), tally(count(denies, "guardrail finding"), warnings+warns))
	default:
		fmt.Fprintf(w, "%s %s\n", l.paint(green, "ok:"), sound(f, warnings+warns))
	}
}

func tally(what string, warnings int) string {
	if warnings == 0 {
		return what
	}
	return what + ", " + count(warnings, "warning")
}

func sound(f Findings, warnings int) string {
	resources := map[string]bool{}
	for _, r := range f.Graph.Resources {
		resources[r.Addr.Whole().String()] = true
	}
	parts := []string{
		f.Policy,
		count(len(f.Graph.Workloads), "workload") + " and " + count(len(resources), "resource") + " in " + count(len(f.Graph.Environments), "environment"),
		count(lasting(f), "grant"),
		guardrails(f),
	}
	if proven := provenSites(f.Proofs); proven != "" {
		parts = append(parts, "proven for "+proven)
	}
	if warnings > 0 {
		parts = append(parts, count(warnings, "warning"))
	}
	return strings.Join(parts, "; ")
}

// lasting counts the grants that have not ended.
func lasting(f Findings) int {
	n := 0
	for _, g := range f.Graph.Grants {
		_, now := g.Spans.At(f.Time)
		_, later := g.Spans.Next(f.Time)
		if now || later {
			n++
		}
	}
	return n
}

func guardrails(f Findings) string {
	if len(f.Guardrails) == 0 {
		return "no guardrails"
	}
	passed := count(len(f.Guardrails), "guardrail") + " passed"
	if waived := len(f.Results.Waived()); waived > 0 {
		passed += ", " + count(waived, "finding") + " waived"
	}
	return passed
}

func provenSites(proofs []targets.Proof) string {
	var parts []string
	for _, p := range proofs {
		parts = append(parts, string(p.Target)+" in "+p.Environment)
	}
	if len(parts) > 6 {
		return count(len(parts), "site")
	}
	return strings.Join(parts, ", ")
}

func severities(list diag.List) (errors, warnings int) {
	for _, d := range list {
		if d.Severity == diag.Error {
			errors++
		} else {
			warnings++
		}
	}
	return errors, warnings
}

func levels(results policies.Results) (denies, warns int) {
	for _, r := range results {
		if r.Level == policies.Deny {
			denies++
		} else {
			warns++
		}
	}
	return denies, warns
}
