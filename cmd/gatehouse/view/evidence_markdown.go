package view

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/targets"
	"gatehouse/targets/drift"
)

// EvidenceMarkdown writes a report for an archive: the verdict, the proofs, the controls that the guardrails map to, what was found and what is
// waived, what ends, who shares an identity, and how the world differs. Who reaches what stands in the JSON and the HTML forms.
func EvidenceMarkdown(w io.Writer, e Evidence) {
	d := e.Document()
	fmt.Fprintf(w, "# %s: who may reach what\n\n", prose(d.Policy))
	fmt.Fprintf(w, "As of %s, of policy files with digest %s, by gatehouse %s.\n\n**%s**\n\n", code(moment(d.Time)), code(d.Digest), code(d.Version), prose(d.Verdict))
	if n := e.Differences(); n > 0 {
		fmt.Fprintf(w, "**The world differs from the policy: %s, listed under Drift.**\n\n", count(n, "difference"))
	}
	table(w, "Environments", "Workloads", "Surfaces", "Grants", "Denied", "Exceptions")
	row(w, fmt.Sprint(d.Counts.Environments), fmt.Sprint(d.Counts.Workloads), fmt.Sprint(d.Counts.Resources), fmt.Sprint(d.Counts.Grants),
		fmt.Sprint(d.Counts.Denied), fmt.Sprint(d.Counts.Exceptions))
	proofsMarkdown(w, d)
	controlsMarkdown(w, d)
	findingsMarkdown(w, d)
	exceptionsMarkdown(w, d)
	expiriesMarkdown(w, d)
	sharedMarkdown(w, d)
	testsMarkdown(w, d)
	driftMarkdown(w, d)
}

func proofsMarkdown(w io.Writer, d EvidenceDoc) {
	if section(w, "Proofs", len(d.Proofs) == 0, "Nothing was compiled.") {
		fmt.Fprint(w, "What is compiled means what is declared, but for what a target can't express.\n\n")
		table(w, "Environment", "Target", "Proven", "What the target can't express")
	}
	for _, p := range d.Proofs {
		row(w, p.Environment, string(p.Target), yesOrNo(p.Proven), lossesText(p.Losses))
	}
	if len(d.NotApplied) > 0 {
		fmt.Fprint(w, "\nDeclared, and applied by no target:\n\n")
		table(w, "Environment", "Target", "Resource", "Grants")
	}
	for _, o := range d.NotApplied {
		row(w, o.Environment, string(o.Target), o.Resource.String(), fmt.Sprint(o.Grants))
	}
}

// lossesText counts losses by kind, in the order in which the kinds come first.
func lossesText(losses []LossDoc) string {
	var kinds []access.LossKind
	count := map[access.LossKind]int{}
	for _, l := range losses {
		if count[l.Kind]++; count[l.Kind] == 1 {
			kinds = append(kinds, l.Kind)
		}
	}
	var out []string
	for _, k := range kinds {
		out = append(out, fmt.Sprintf("%d × %s", count[k], cmp.Or(lossText[k], string(k))))
	}
	return cmp.Or(strings.Join(out, "; "), "nothing is lost")
}

func sharedMarkdown(w io.Writer, d EvidenceDoc) {
	if !section(w, "Shared identities", len(d.Shared) == 0, "None: every workload has identities of its own.") {
		return
	}
	table(w, "Target", "Principal", "Workloads, each with the access of all")
	for _, s := range d.Shared {
		var holders []string
		for _, h := range s.Holders {
			holders = append(holders, h.Workload.String()+" in "+h.Environment)
		}
		row(w, string(s.Principal.Target), s.Principal.Name, strings.Join(holders, ", "))
	}
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
	for _, t := range d.Tests {
		for _, holds := range t.Failures {
			fmt.Fprintf(w, "\n%s fails: %s\n", code(t.Name), prose(holds))
		}
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
	table(w, "Kind", "Severity", "Environment", "Object", "Detail", "What it means", "Policy lines", "Remedy")
	for _, r := range d.Drift.Rows {
		row(w, string(r.Kind), string(r.Severity), r.Environment, strings.Trim(r.Object.String()+" "+r.Item, "/ "), r.Detail, Meaning(r), targetLines(r.Lines), r.Remedy)
	}
}

// Meaning says in words which access a row of drift is about, where its detail doesn't; "" where there is none.
func Meaning(r drift.Row) string {
	var out []string
	if r.Kind != drift.Bypass {
		for _, e := range r.Access.Gives {
			out = append(out, Edge(e))
		}
	}
	for _, e := range r.Access.Lacks {
		out = append(out, "lacking: "+Edge(e))
	}
	if more := len(out) - meantEdges; more > 0 {
		out = append(out[:meantEdges], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(out, "; ")
}

// meantEdges bounds what one row of drift tells of its access.
const meantEdges = 10

func targetLines(lines []targets.Line) string {
	var out []string
	for _, l := range lines {
		out = append(out, fmt.Sprintf("%s %s:%d", l.Addr, l.File, l.Line))
	}
	return strings.Join(out, ", ")
}
