package view

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/diag"
	"gatehouse/policies"
)

// reported is one thing that a check tells, whoever found it, as reports for machines show it.
type reported struct {
	rule     string // a diagnostic's code, or a guardrail's id
	level    diag.Severity
	severity policies.Severity
	subject  string // the declaration that a guardrail speaks of; empty for diagnostics
	message  string // one sentence
	remedy   string
	place    hcl.Range // relative to the policy's root
	related  []diag.Related
	fixes    []diag.Fix
	waiver   *policies.Waiver // nil: it stands
	print    string           // a fingerprint, which stays as lines move
}

// guardrail reports whether a guardrail found it.
func (r reported) guardrail() bool { return r.subject != "" }

// reportedOf returns all that a check found, waived findings among it, in order of file and position.
func reportedOf(f Findings) []reported {
	out := make([]reported, 0, len(f.Diagnostics)+len(f.Results))
	for _, d := range f.Diagnostics {
		out = append(out, reported{
			rule: string(d.Code), level: d.Severity, severity: severityOf(d.Severity), message: d.Summary, remedy: d.Detail,
			place: d.Subject, related: d.Related, fixes: d.Fixes, print: string(d.Code) + "\x00" + d.Subject.Filename + "\x00" + d.Summary,
		})
	}
	for _, r := range f.Results {
		one := reported{
			rule: r.Guardrail, level: diag.Error, severity: r.Severity, subject: r.Subject.String(), message: cmp.Or(r.Detail, r.Title), remedy: r.Remedy,
			place: r.Range, waiver: r.Waiver, print: r.Guardrail + "\x00" + r.Subject.String() + "\x00" + r.Detail,
		}
		if r.Level == policies.Warn {
			one.level = diag.Warning
		}
		out = append(out, one)
	}
	slices.SortStableFunc(out, func(a, b reported) int {
		return cmp.Or(cmp.Compare(a.place.Filename, b.place.Filename), cmp.Compare(a.place.Start.Byte, b.place.Start.Byte),
			cmp.Compare(a.rule, b.rule), cmp.Compare(a.message, b.message))
	})
	return fingerprinted(out)
}

func severityOf(s diag.Severity) policies.Severity {
	if s == diag.Error {
		return policies.High
	}
	return policies.Low
}

// fingerprinted turns what identifies each finding into a hash. It holds no line, so that text above a finding may come and go; findings that
// are alike are told apart by counting.
func fingerprinted(list []reported) []reported {
	seen := map[string]int{}
	for i, r := range list {
		seen[r.print]++
		sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%d", r.print, seen[r.print]))
		list[i].print = hex.EncodeToString(sum[:16])
	}
	return list
}

// rule is what a report says of a code or a guardrail, once.
type rule struct {
	id          string
	title       string
	description string // what is wrong
	rationale   string
	remedy      string
	level       diag.Severity
	severity    policies.Severity
	controls    []string
}

// rulesOf returns the guardrails that judged and the codes that were reported, by id.
func rulesOf(f Findings) []rule {
	var out []rule
	for _, g := range f.Guardrails {
		one := rule{
			id: g.ID, title: g.Title, description: cmp.Or(g.Description, g.Title), rationale: g.Rationale, remedy: g.Remedy,
			level: diag.Warning, severity: g.Severity, controls: g.Controls,
		}
		if slices.Contains(g.Levels, policies.Deny) {
			one.level = diag.Error
		}
		out = append(out, one)
	}
	for _, d := range f.Diagnostics {
		if slices.ContainsFunc(out, func(r rule) bool { return r.id == string(d.Code) }) {
			continue
		}
		e, _ := diag.Explain(d.Code)
		out = append(out, rule{
			id: string(d.Code), title: strings.ReplaceAll(string(d.Code), "-", " "), description: e.Meaning, remedy: e.Remedy,
			level: d.Severity, severity: severityOf(d.Severity),
		})
	}
	slices.SortFunc(out, func(a, b rule) int { return cmp.Compare(a.id, b.id) })
	return out
}

// file names a file of the policy from the top of the repository: it is what forges show.
func (f Findings) file(name string) string { return f.Repository + name }

// verdict is one line that says how a check went.
func (f Findings) verdict() string {
	errors, warnings := severities(f.Diagnostics)
	denies, warns := levels(f.Results.Standing())
	switch {
	case f.Failure != "":
		return "the check could not finish: " + f.Failure
	case errors > 0 && denies > 0:
		return "failed: " + tally(count(errors, "error")+" and "+count(denies, "guardrail finding"), warnings+warns)
	case errors > 0:
		return "failed: " + tally(count(errors, "error"), warnings+warns)
	case denies > 0:
		return "refused: " + tally(count(denies, "guardrail finding"), warnings+warns)
	default:
		return "ok: " + sound(f, warnings+warns)
	}
}
