package view

import (
	"fmt"
	"io"
	"strings"
	"time"

	"gatehouse/lang/addr"
)

// EvidenceMarkdown writes a report for an archive: the verdict, the controls that the guardrails map to, what was found and what is waived, what
// ends, and how the world differs. Who reaches what stands in the JSON and the HTML forms.
func EvidenceMarkdown(w io.Writer, e Evidence) {
	d := e.Document()
	fmt.Fprintf(w, "# %s: who may reach what\n\n", prose(d.Policy))
	fmt.Fprintf(w, "As of %s, of policy files with digest %s, by gatehouse %s.\n\n**%s**\n\n", code(moment(d.Time)), code(d.Digest), code(d.Version), prose(d.Verdict))
	table(w, "Environments", "Workloads", "Surfaces", "Grants", "Denied", "Exceptions")
	row(w, fmt.Sprint(d.Counts.Environments), fmt.Sprint(d.Counts.Workloads), fmt.Sprint(d.Counts.Resources), fmt.Sprint(d.Counts.Grants),
		fmt.Sprint(d.Counts.Denied), fmt.Sprint(d.Counts.Exceptions))
	controlsMarkdown(w, d)
	findingsMarkdown(w, d)
	exceptionsMarkdown(w, d)
	expiriesMarkdown(w, d)
	testsMarkdown(w, d)
	driftMarkdown(w, d)
}

func section(w io.Writer, title string, empty bool, none string) bool {
	fmt.Fprintf(w, "\n## %s\n\n", title)
	if empty {
		fmt.Fprintf(w, "%s\n", none)
	}
	return !empty
}

func controlsMarkdown(w io.Writer, d EvidenceDoc) {
	if !section(w, "Controls", len(d.Controls) == 0, "The guardrails of this policy map to none.") {
		return
	}
	table(w, "Control", "Guardrails", "Findings", "Waived")
	for _, c := range d.Controls {
		row(w, c.Control, strings.Join(c.Guardrails, ", "), fmt.Sprint(c.Findings), fmt.Sprint(c.Waived))
	}
}

func findingsMarkdown(w io.Writer, d EvidenceDoc) {
	if !section(w, "Guardrail findings", len(d.Findings) == 0, "None.") {
		return
	}
	table(w, "Guardrail", "Severity", "Subject", "Place", "Finding", "Remedy", "Waived by")
	for _, f := range d.Findings {
		waived := ""
		if f.Waiver != nil {
			waived = f.Waiver.Exception.String()
		}
		row(w, f.Guardrail, string(f.Level)+", "+string(f.Severity), f.Subject.String(), fmt.Sprintf("%s:%d", f.Result.Range.Filename, f.Result.Range.Start.Line),
			strings.TrimPrefix(f.Title+": "+f.Detail, ": "), f.Remedy, waived)
	}
}

func exceptionsMarkdown(w io.Writer, d EvidenceDoc) {
	if !section(w, "Exceptions", len(d.Exceptions) == 0, "None.") {
		return
	}
	table(w, "Exception", "Guardrail", "Subjects", "Approved by", "Reason", "Ends", "In force", "Waives")
	for _, x := range d.Exceptions {
		row(w, x.Exception.String(), x.Guardrail, addressList(x.Subjects), x.ApprovedBy, x.Reason, ending(x.Expires), yesOrNo(x.InForce), fmt.Sprint(x.Waives))
	}
}

func ending(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return moment(t)
}

func addressList(list []addr.Address) string {
	var out []string
	for _, a := range list {
		out = append(out, a.String())
	}
	return strings.Join(out, ", ")
}

func expiriesMarkdown(w io.Writer, d EvidenceDoc) {
	if !section(w, "What ends", len(d.Expiries) == 0, "Nothing.") {
		return
	}
	table(w, "When", "What", "Grants that end with it", "Reason", "Place")
	for _, x := range d.Expiries {
		row(w, moment(x.Expires), x.Address.String(), fmt.Sprint(x.Grants), x.Reason, fmt.Sprintf("%s:%d", x.File, x.Line))
	}
}

func testsMarkdown(w io.Writer, d EvidenceDoc) {
	if !section(w, "Tests", len(d.Tests) == 0, "The policy has none.") {
		return
	}
	table(w, "Test", "Passed", "Combinations tried", "Place")
	for _, t := range d.Tests {
		row(w, t.Name, yesOrNo(t.Passed), fmt.Sprint(t.Tried), fmt.Sprintf("%s:%d", t.File, t.Line))
	}
	if len(d.Untested) > 0 {
		fmt.Fprintf(w, "\nNo test exercises %s.\n", code(addressList(d.Untested)))
	}
}

func driftMarkdown(w io.Writer, d EvidenceDoc) {
	if d.Drift == nil {
		section(w, "Drift", true, "Nobody looked: --live, --sandbox or --snapshot does.")
		return
	}
	if !section(w, "Drift", len(d.Drift.Rows) == 0, "None: the world is as the policy says.") {
		return
	}
	table(w, "Kind", "Severity", "Environment", "Object", "Detail", "Remedy")
	for _, r := range d.Drift.Rows {
		row(w, string(r.Kind), string(r.Severity), r.Environment, strings.Trim(r.Object.String()+" "+r.Item, "/ "), r.Detail, r.Remedy)
	}
}
