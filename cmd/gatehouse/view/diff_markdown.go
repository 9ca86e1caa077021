package view

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"gatehouse/compiler/access"
)

// DiffMark begins a comment about access, so that the next run finds the comment and replaces it.
const DiffMark = "<!-- gatehouse diff -->"

// DiffMarkdown writes how access differs as a comment for a merge request: the verdict first, then a table for each resource, the most sensitive
// first.
func DiffMarkdown(w io.Writer, c Comparison) {
	var out comment
	out.add(fmt.Sprintf("%s\n### Access changes of %s\n\n**%s**\n", DiffMark, code(c.Policy), diffVerdict(c)))
	out.add(fmt.Sprintf("\nFrom %s to %s.\n", sideText(c.Base), sideText(c.Head)))
	for _, g := range groupsOf(changesOf(c)) {
		if !out.add(fmt.Sprintf("\n#### %s\n\n%s data in %s (%s)\n\n| | who | what | by |\n|---|---|---|---|\n", codes(g.names()), prose(string(g.class)), code(g.environment), prose(string(g.tier)))) {
			out.left += len(g.entries) - 1
			continue
		}
		for _, e := range g.entries {
			out.add(e.row())
		}
	}
	worldMarkdown(&out, c)
	judgesMarkdown(&out, c)
	out.end(w, "change")
}

// diffVerdict is what a reader sees first.
func diffVerdict(c Comparison) string {
	if c.Delta.Empty() {
		return "No access changes."
	}
	return strings.ToUpper(diffSummary(c)[:1]) + diffSummary(c)[1:] + "."
}

func sideText(s Side) string {
	text := code(s.Name)
	if !s.Exists {
		text += " (which holds no policy)"
	}
	return text
}

// row is a change as one row of a table.
func (e *diffEntry) row() string {
	who := codes(e.workloads)
	if n := len(e.workloads); n > shownWorkloads {
		who = fmt.Sprintf("**%d workloads**: %s", n, who)
	}
	verb := map[mark]string{gains: "gains", loses: "loses", retimes: "at other times"}[e.mark]
	return fmt.Sprintf("| %s | %s | %s | %s |\n", verb, cell(who), cell(code(e.what())), cell(e.places()))
}

// codes are the first few of some names.
func codes(names []string) string {
	var out []string
	for _, name := range names[:min(len(names), shownWorkloads)] {
		out = append(out, code(name))
	}
	text := strings.Join(out, ", ")
	if more := len(names) - len(out); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// shownLines bounds how many lines behind one change a table shows.
const shownLines = 5

func (e *diffEntry) places() string {
	var out []string
	for i, line := range e.lines() {
		if i == shownLines {
			out = append(out, fmt.Sprintf("and %d more", len(e.lines())-i))
			break
		}
		out = append(out, code(line))
	}
	return strings.Join(out, "<br>")
}

func worldMarkdown(out *comment, c Comparison) {
	if len(c.World) == 0 {
		return
	}
	var rows strings.Builder
	waivers := slices.ContainsFunc(c.World, func(r access.WorldRow) bool { return strings.HasPrefix(r.Detail, "waives ") })
	for i, r := range c.World {
		if i == shownChanges && len(c.World) > shownChanges+1 {
			fmt.Fprintf(&rows, "- and %d more\n", len(c.World)-i)
			break
		}
		fmt.Fprintf(&rows, "- %s %s", r.Fate, code(r.Addr.String()))
		if r.Detail != "" {
			fmt.Fprintf(&rows, ": %s", code(r.Detail))
		}
		rows.WriteByte('\n')
	}
	if waivers || len(c.World) <= shownLines {
		out.add("\n#### Declared\n\n" + rows.String())
		return
	}
	out.add(folded(count(len(c.World), "declaration")+" besides", rows.String()))
}

func judgesMarkdown(out *comment, c Comparison) {
	var rows strings.Builder
	for _, j := range c.Judges {
		fmt.Fprintf(&rows, "- %s %s\n", code(j.Name), judgeDetail(j.Fate))
	}
	if rows.Len() > 0 {
		out.add("\n#### Guardrails\n\n" + rows.String())
	}
}
