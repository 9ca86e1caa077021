package drift

import (
	"fmt"
	"slices"
	"strings"

	"gatehouse/compiler/access"
	"gatehouse/targets"
)

// leaks returns a note for each principal that several workloads share, in the first of the sites' environments that a holder lives in.
func leaks(views []targets.View, g *access.Graph) []Row {
	var out []Row
	for _, l := range g.Leaks {
		if row, ok := leak(views, l); ok {
			out = append(out, row)
		}
	}
	return out
}

func leak(views []targets.View, l access.Leak) (Row, bool) {
	for i := range views {
		v := &views[i]
		here := func(h access.Holder) bool { return h.Environment == v.Site.Environment }
		if v.Proof.Target != l.Principal.Target || !slices.ContainsFunc(l.Holders, here) {
			continue
		}
		row := Row{Kind: Leak, Severity: Note, Environment: v.Site.Environment, Target: v.Proof.Target}
		var who []string
		for _, h := range l.Holders {
			who = append(who, fmt.Sprintf("%s in %q", h.Workload, h.Environment))
			row.Lines = append(row.Lines, targets.Line{Addr: h.Workload.String(), File: h.Range.Filename, Line: h.Range.Start.Line})
		}
		slices.SortFunc(row.Lines, targets.CompareLine)
		row.Detail = fmt.Sprintf("%q stands for %s: each has what any of them is given.", l.Principal.Name, strings.Join(who, " and "))
		row.Remedy = "Give each workload an identity of its own."
		return row, true
	}
	return Row{}, false
}
