package view

import (
	"io"
	"strings"

	"gatehouse/lang/diag"
	"gatehouse/policies"
)

// qualityIssue is one entry of GitLab's code quality report: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format.
type qualityIssue struct {
	Description string          `json:"description"`
	Check       string          `json:"check_name"`
	Fingerprint string          `json:"fingerprint"`
	Severity    string          `json:"severity"` // info, minor, major, critical, blocker
	Location    qualityLocation `json:"location"`
}

type qualityLocation struct {
	Path  string       `json:"path"`
	Lines qualityLines `json:"lines"`
}

type qualityLines struct {
	Begin int `json:"begin"`
	End   int `json:"end"`
}

// GitLab writes a check as GitLab's code quality report. Every entry of that is an issue, so that what is waived is left out. A run that
// could not finish is a blocker: an empty report would say that all is well.
func GitLab(w io.Writer, f Findings) error {
	out := []qualityIssue{}
	for _, r := range reportedOf(f) {
		if r.waiver != nil {
			continue
		}
		out = append(out, qualityIssue{
			Description: strings.TrimSpace(r.rule + ": " + sentence(r.message) + " " + r.remedy), Check: r.rule, Fingerprint: r.print, Severity: qualitySeverity(r),
			Location: qualityLocation{f.qualityPath(r.place.Filename), qualityLines{max(1, r.place.Start.Line), max(1, r.place.End.Line)}},
		})
	}
	if f.Failure != "" {
		failed := fingerprinted([]reported{{print: "failure"}})
		out = append(out, qualityIssue{f.verdict(), "gatehouse", failed[0].print, "blocker", qualityLocation{f.qualityPath(""), qualityLines{1, 1}}})
	}
	return JSON(w, out)
}

// qualityPath is a file from the top of the repository; an issue without a file is about the policy's folder.
func (f Findings) qualityPath(name string) string {
	if name != "" {
		return f.file(name)
	}
	if folder := strings.TrimSuffix(f.Repository, "/"); folder != "" {
		return folder
	}
	return "."
}

// qualitySeverity is blocker only for what ends the work: a refusal is as severe as its guardrail says.
func qualitySeverity(r reported) string {
	switch {
	case !r.guardrail() && r.level == diag.Error:
		return "blocker"
	case r.severity == policies.Critical:
		return "critical"
	case r.severity == policies.High:
		return "major"
	case r.severity == policies.Medium:
		return "minor"
	default:
		return "info"
	}
}
