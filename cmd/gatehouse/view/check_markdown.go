package view

import (
	"fmt"
	"io"
	"strings"

	"gatehouse/lang/diag"
	"gatehouse/policies"
)

// CheckMark begins a comment about a check, so that the next run finds the comment and replaces it.
const CheckMark = "<!-- gatehouse check -->"

// CheckMarkdown writes a check as a comment for a merge request: the verdict first, then what has to be mended with how to mend it; what is
// only worth knowing is folded.
func CheckMarkdown(w io.Writer, f Findings) {
	var out comment
	word, rest, _ := strings.Cut(f.verdict(), ": ")
	out.add(fmt.Sprintf("%s\n### Gatehouse check of %s\n\n**%s**: %s\n", CheckMark, code(f.Policy), prose(word), prose(rest)))
	list := reportedOf(f)
	for _, r := range list {
		if !r.guardrail() && r.level == diag.Error {
			out.add(f.markdownItem(r) + f.markdownRemedy(r))
		}
	}
	standing := byGuardrail(f.Results.Standing())
	for _, group := range standing {
		if group[0].Level == policies.Deny {
			f.markdownGroup(&out, group)
		}
	}
	var warnings strings.Builder
	n := 0
	for _, r := range list {
		if r.waiver == nil && r.level == diag.Warning {
			warnings.WriteString(f.markdownItem(r))
			n++
		}
	}
	if n > 0 {
		out.add(folded(count(n, "warning"), f.bounded(warnings.String())))
	}
	f.markdownWaived(&out)
	f.markdownScope(&out)
	out.end(w, "finding")
}

// markdownGroup writes the findings of one guardrail with its remedy.
func (f Findings) markdownGroup(out *comment, group policies.Results) {
	head := fmt.Sprintf("\n#### %s\n\n%s\n\n", code(group[0].Guardrail), prose(sentence(group[0].Title)))
	if group[0].Remedy != "" {
		head += fmt.Sprintf("**What to do.** %s\n\n", prose(group[0].Remedy))
	}
	if !out.add(head) {
		out.left += len(group) - 1
		return
	}
	for _, r := range group {
		text := r.Detail
		if subject := r.Subject.String(); !strings.Contains(text, subject) {
			text = strings.TrimSuffix(subject+": "+text, ": ")
		}
		out.add("- " + code(text) + f.markdownPlace(r.Range.Filename, r.Range.Start.Line) + "\n")
	}
}

func (f Findings) markdownItem(r reported) string {
	return fmt.Sprintf("- %s %s%s\n", code(r.rule), code(r.message), f.markdownPlace(r.place.Filename, r.place.Start.Line))
}

func (f Findings) markdownRemedy(r reported) string {
	if r.remedy == "" {
		return ""
	}
	return "  " + prose(r.remedy) + "\n"
}

func (f Findings) markdownPlace(file string, line int) string {
	if file == "" {
		return ""
	}
	return " at " + code(fmt.Sprintf("%s:%d", f.file(file), line))
}

// bounded keeps a folded part from taking a whole comment.
func (f Findings) bounded(lines string) string {
	const most = maxComment / 4
	if len(lines) <= most {
		return lines
	}
	end := strings.LastIndexByte(lines[:most], '\n') + 1
	return lines[:end] + fmt.Sprintf("- and %d more\n", strings.Count(lines[end:], "\n"))
}

func (f Findings) markdownWaived(out *comment) {
	waived := f.Results.Waived()
	if len(waived) == 0 {
		return
	}
	var lines strings.Builder
	for _, r := range waived {
		fmt.Fprintf(&lines, "- %s %s: %s\n", code(r.Guardrail), code(r.Subject.String()), code(waiverText(r.Waiver)))
	}
	out.add(folded(count(len(waived), "finding")+" waived by exceptions", f.bounded(lines.String())))
}

// markdownScope says what was looked at.
func (f Findings) markdownScope(out *comment) {
	if len(f.Guardrails) == 0 {
		return
	}
	var lines strings.Builder
	standing, waived := tallied(f.Results.Standing()), tallied(f.Results.Waived())
	for _, g := range f.Guardrails {
		verdict := "holds"
		if n := standing[g.ID]; n > 0 {
			verdict = count(n, "finding")
		}
		if n := waived[g.ID]; n > 0 {
			verdict += fmt.Sprintf(", %d waived", n)
		}
		fmt.Fprintf(&lines, "- %s: %s\n", code(g.ID), verdict)
	}
	out.add(folded(fmt.Sprintf("%s judged, at %s", count(len(f.Guardrails), "guardrail"), moment(f.Time)), f.bounded(lines.String())))
}

// tallied counts the findings of each guardrail.
func tallied(results policies.Results) map[string]int {
	out := map[string]int{}
	for _, r := range results {
		out[r.Guardrail]++
	}
	return out
}
