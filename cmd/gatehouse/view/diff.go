package view

import (
	"fmt"
	"io"
	"strings"

	"gatehouse/compiler/access"
)

// Diff writes how access differs between two policies, each with its own look: their files lie in different folders.
func Diff(w io.Writer, d access.GraphDelta, base, head Look) {
	if d.Empty() {
		fmt.Fprintln(w, "no access changes")
		return
	}
	diffRows(w, "gains", "+", green, d.Gained, head)
	diffRows(w, "loses", "-", red, d.Lost, base)
	fmt.Fprintf(w, "%d gained, %d lost\n", len(d.Gained), len(d.Lost))
}

func diffRows(w io.Writer, verb, mark, colour string, rows []access.DeltaRow, l Look) {
	for _, r := range rows {
		head := fmt.Sprintf("%s %s %s %s %s", mark, workloads(r), verb, r.Action, r.Resource)
		note := fmt.Sprintf("  (%s, %s; %s)", r.Environment, r.Tier, r.Classification)
		fmt.Fprintf(w, "%s%s%s\n", l.paint(colour, head), blank(Spans(r.Spans)), l.paint(dim, note))
		sources(w, r.Sources, l)
	}
}

func workloads(r access.DeltaRow) string {
	var parts []string
	for _, a := range r.Workloads {
		parts = append(parts, a.String())
	}
	if len(parts) == 0 {
		return r.Principal.Name
	}
	return strings.Join(parts, " and ")
}
