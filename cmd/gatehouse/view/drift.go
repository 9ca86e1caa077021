package view

import (
	"fmt"
	"io"

	"gatehouse/compiler/access"
	"gatehouse/targets/drift"
)

// Drift writes every difference: what differs, the access that it means, the lines behind it and what to do. Notes come with the rest,
// and are marked.
func Drift(w io.Writer, r drift.Report, l Look) {
	site, drifted, notes := "", 0, 0
	for _, row := range r.Rows {
		if row.Severity == drift.Note {
			notes++
		} else {
			drifted++
		}
		if here := row.Environment + " · " + string(row.Target); here != site {
			site = here
			fmt.Fprintln(w, l.paint(bold, site))
		}
		driftRow(w, row, l)
	}
	summary := "no drift"
	if drifted > 0 {
		summary = count(drifted, "difference")
	}
	if notes > 0 {
		summary += "; " + count(notes, "note")
	}
	fmt.Fprintln(w, summary)
}

func driftRow(w io.Writer, row drift.Row, l Look) {
	colour, mark := red, ""
	if row.Severity == drift.Note {
		colour, mark = dim, " (note)"
	}
	object := ""
	if row.Object.Name != "" { // what concerns a whole kind has its say in Detail
		object = row.Object.String() + "  "
	}
	fmt.Fprintf(w, "  %s%s  %s%s\n", l.paint(colour, string(row.Kind)), mark, object, row.Detail)
	accessLines(w, "it means:", row.Access.Gives, l)
	accessLines(w, "it lacks:", row.Access.Lacks, l)
	if !row.Since.IsZero() {
		fmt.Fprintf(w, "    since %s\n", moment(row.Since))
	}
	if len(row.Lines) > 0 {
		fmt.Fprintf(w, "    policy: %s\n", Lines(row.Lines, l))
	}
	fmt.Fprintf(w, "    %s\n", row.Remedy)
}

// shownEdges bounds how many edges a row lists: JSON has them all.
const shownEdges = 5

func accessLines(w io.Writer, label string, edges []access.Edge, l Look) {
	for i, e := range edges {
		if i == shownEdges && len(edges) > shownEdges+1 {
			fmt.Fprintf(w, "    %s and %d more\n", label, len(edges)-i)
			return
		}
		fmt.Fprintf(w, "    %s %s%s\n", label, Edge(e), l.paint(dim, by(e)))
	}
}

func by(e access.Edge) string {
	if v := via(e.Via); v != "" {
		return "  (by " + v + ")"
	}
	return ""
}
