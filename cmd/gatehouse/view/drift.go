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
	for i, row := range r.Rows {
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
		if i+1 == len(r.Rows) || !sameRemedy(row, r.Rows[i+1]) {
			fmt.Fprintf(w, "    %s\n", row.Remedy)
		}
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

// sameRemedy reports whether two rows one after the other ask for the same thing: it is said once, below the last.
func sameRemedy(a, b drift.Row) bool {
	return a.Remedy == b.Remedy && a.Environment == b.Environment && a.Target == b.Target && a.Object == b.Object && a.Severity == b.Severity
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
	kind := l.paint(colour, string(row.Kind)) + mark
	if row.Kind == drift.Bypass && len(row.Access.Gives) > 0 { // the access is all that differs
		for _, e := range row.Access.Gives {
			fmt.Fprintf(w, "  %s  %s\n    by %s\n", kind, Edge(e), via(e.Via))
		}
	} else {
		fmt.Fprintf(w, "  %s  %s%s\n", kind, object, row.Detail)
		accessLines(w, "it means:", row.Access.Gives, l)
		accessLines(w, "it lacks:", row.Access.Lacks, l)
	}
	if !row.Since.IsZero() {
		fmt.Fprintf(w, "    since %s\n", moment(row.Since))
	}
	if len(row.Lines) > 0 {
		fmt.Fprintf(w, "    policy: %s\n", Lines(row.Lines, l))
	}
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
