package view

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

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

	Failure    string                   // why the check could not finish, where a machine failed; nothing else is then to be relied on
	Repository string                   // the way from the top of the repository to the policy's root, such as "policy/"; empty where they are one
	Source     func(file string) []byte // the text of the policy's files
}

// All returns diagnostics and guardrail results together, in order of file and position.
func (f Findings) All() diag.List {
	return append(slices.Clone(f.Diagnostics), f.Results.Diagnostics()...).Sorted()
}

// Check writes what a check found, then one line that says what was looked at and how it stands: first what is wrong with the text, in order of
// place, then what guardrails say, each with its findings together and its remedy once, then what is waived.
func Check(w io.Writer, f Findings, l Look) {
	rendered(w, f.Diagnostics, l)
	written := len(f.Diagnostics) > 0
	for _, group := range byGuardrail(f.Results.Standing()) {
		if written {
			fmt.Fprintln(w)
		}
		written = true
		guardrailText(w, group, l)
	}
	if waived := f.Results.Waived(); len(waived) > 0 {
		if written {
			fmt.Fprintln(w)
		}
		written = true
		waivedText(w, waived, l)
	}
	checkHints(w, f, l)
	if written {
		fmt.Fprintln(w)
	}
	verdict := f.verdict()
	word, rest, _ := strings.Cut(verdict, ": ")
	colour := green
	if word != "ok" {
		colour = red
	}
	fmt.Fprintf(w, "%s %s\n", l.paint(colour, word+":"), rest)
}

// checkHints says once where to read more.
func checkHints(w io.Writer, f Findings, l Look) {
	hints(w, f.Diagnostics, l)
	standing := f.Results.Standing()
	if len(f.Diagnostics) > 0 || len(standing) == 0 {
		return
	}
	fmt.Fprintln(w)
	fmt.Fprintln(w, l.paint(dim, "more about a guardrail: gatehouse guardrails show "+standing[0].Guardrail))
}

// byGuardrail puts the findings of one guardrail together: those that refuse first, then by the place of their first finding.
func byGuardrail(results policies.Results) []policies.Results {
	var out []policies.Results
	index := map[string]int{}
	for _, r := range results {
		key := string(r.Level) + r.Guardrail
		i, there := index[key]
		if !there {
			i = len(out)
			index[key], out = i, append(out, nil)
		}
		out[i] = append(out[i], r)
	}
	slices.SortStableFunc(out, func(a, b policies.Results) int { return cmp.Compare(a[0].Level, b[0].Level) })
	return out
}

// shownFindings bounds how many findings of one guardrail a person is shown at once.
const shownFindings = 20

// guardrailText writes the findings of one guardrail, those about one declaration as one; what to do about all of them stands below the last.
func guardrailText(w io.Writer, found policies.Results, l Look) {
	places := byPlace(found)
	shown := places[:min(len(places), shownFindings)]
	var list diag.List
	told := 0
	for i, here := range shown {
		d := here[0].Diagnostic()
		if more := len(here) - 1; more > 0 {
			d.Summary += fmt.Sprintf(", and %d more", more)
		}
		if i < len(shown)-1 && here[0].Remedy == shown[len(shown)-1][0].Remedy {
			d.Detail = ""
		}
		list, told = append(list, d), told+len(here)
	}
	rendered(w, list, l)
	if more := len(found) - told; more > 0 {
		fmt.Fprintf(w, "and %d more of %s: --format json lists all\n", more, found[0].Guardrail)
	}
}

// byPlace puts the findings about one declaration together: a line that gives a group access may be found fault with for each of its members.
func byPlace(found policies.Results) []policies.Results {
	var out []policies.Results
	index := map[hcl.Range]int{}
	for _, r := range found {
		i, there := index[r.Range]
		if !there {
			i = len(out)
			index[r.Range], out = i, append(out, nil)
		}
		out[i] = append(out[i], r)
	}
	return out
}

// waivedText writes one line for each finding that an exception waives.
func waivedText(w io.Writer, waived policies.Results, l Look) {
	fmt.Fprintf(w, "%s\n", l.paint(bold, count(len(waived), "finding")+" waived"))
	for i, r := range waived {
		if i == shownFindings && len(waived) > shownFindings+1 {
			fmt.Fprintf(w, "  and %d more: --format json lists all\n", len(waived)-i)
			break
		}
		until := "without end"
		if !r.Waiver.Expires.IsZero() {
			until = "until " + moment(r.Waiver.Expires)
		}
		fmt.Fprintf(w, "  %s  %s  by %s (%s)  %s\n", r.Guardrail, r.Subject, r.Waiver.Exception, l.at(r.Waiver.Range), until)
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
