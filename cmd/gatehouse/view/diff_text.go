package view

import (
	"fmt"
	"io"
	"strings"

	"gatehouse/compiler/access"
	"gatehouse/lang/diag"
)

// shownWorkloads bounds how many of the workloads with one change are named.
const shownWorkloads = 5

// write writes one change with the lines behind it.
func (e *diffEntry) write(w io.Writer, l Look) {
	colour := map[mark]string{gains: green, loses: red, retimes: yellow}[e.mark]
	names := named(e.workloads, shownWorkloads)
	if len(e.workloads) > shownWorkloads {
		fmt.Fprintf(w, "  %s\n", l.paint(colour, fmt.Sprintf("%s %s %s %s", e.mark, count(len(e.workloads), "workload"), e.verb(), e.what())))
		fmt.Fprintf(w, "      %s\n", names)
	} else {
		fmt.Fprintf(w, "  %s\n", l.paint(colour, fmt.Sprintf("%s %s %s %s", e.mark, names, e.verb(), e.what())))
	}
	for _, line := range e.lines() {
		fmt.Fprintf(w, "      %s\n", line)
	}
}

// verb agrees with the number of workloads.
func (e *diffEntry) verb() string {
	verb := map[mark]string{gains: "gain", loses: "lose", retimes: "keep"}[e.mark]
	if len(e.workloads) == 1 && !strings.Contains(e.workloads[0], " and ") {
		verb += "s"
	}
	return verb
}

// title names the resources of a group.
func title(names []string) string {
	if len(names) > shownWorkloads {
		return fmt.Sprintf("%d resources: %s", len(names), named(names, shownWorkloads))
	}
	return strings.Join(names, ", ")
}

// named lists the first few of some names.
func named(names []string, most int) string {
	if len(names) <= most {
		return diag.Listed(names, "and")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

// worldText writes what is declared otherwise, apart from access.
func worldText(w io.Writer, c Comparison) {
	if len(c.World) == 0 {
		return
	}
	fmt.Fprintln(w, c.Head.Look.paint(bold, "declared"))
	for i, r := range c.World {
		if i == shownChanges && len(c.World) > shownChanges+1 {
			fmt.Fprintf(w, "  and %d more: --format json lists all\n", len(c.World)-i)
			return
		}
		look := c.Head.Look
		if r.Fate == access.Removed {
			look = c.Base.Look
		}
		fmt.Fprintf(w, "  %s %s  %s%s\n", fateMark(r.Fate), r.Addr, look.at(r.Decl), fateDetail(r.Detail))
	}
}

// judgesText writes which guardrails begin or cease to judge: access is the same, and what it may become is not.
func judgesText(w io.Writer, c Comparison) {
	if len(c.Judges) == 0 {
		return
	}
	fmt.Fprintln(w, c.Head.Look.paint(bold, "guardrails"))
	for _, j := range c.Judges {
		fmt.Fprintf(w, "  %s %s  %s\n", fateMark(j.Fate), printable(j.Name), judgeDetail(j.Fate))
	}
}

func judgeDetail(f access.Fate) string {
	if f == access.Removed {
		return "judges no longer"
	}
	return "judges from now on"
}

func fateMark(f access.Fate) mark {
	return map[access.Fate]mark{access.Added: gains, access.Removed: loses, access.Changed: retimes}[f]
}

func fateDetail(detail string) string {
	if detail == "" {
		return ""
	}
	return "  " + printable(detail)
}
