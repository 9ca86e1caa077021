package view

import (
	"fmt"
	"io"
	"strings"

	"gatehouse/compiler/access"
	"gatehouse/targets"
)

// Plan writes what apply would do: the access first, because that is what is being decided, then the objects.
func Plan(w io.Writer, p targets.Plan, l Look) {
	changes, blocked := 0, 0
	for _, site := range p.Sites {
		changes += len(site.Changes)
		for _, n := range site.Notices {
			if n.Blocking {
				blocked++
			}
		}
		planSite(w, site, l)
	}
	switch {
	case changes == 0 && blocked == 0:
		fmt.Fprintln(w, "no changes")
	case blocked == 0:
		fmt.Fprintf(w, "%s to write\n", count(changes, "change"))
	default:
		fmt.Fprintf(w, "%s to write; %s blocked: the policy is not in force there\n", count(changes, "change"), count(blocked, "object"))
	}
	if targets.Braked(p) {
		fmt.Fprintf(w, "it removes %s, a large part of what it owns: apply will want --expect-removals %d\n", count(targets.Removals(p), "item"), targets.Removals(p))
	}
}

func planSite(w io.Writer, site targets.SitePlan, l Look) {
	if len(site.Changes) == 0 && len(site.Notices) == 0 && len(site.Unknown) == 0 {
		return
	}
	fmt.Fprintf(w, "%s\n", l.paint(bold, site.Environment+" · "+string(site.Target)))
	if len(site.Changes) > 0 {
		planDelta(w, site.Delta, l)
		fmt.Fprintln(w, "  objects")
	}
	for i, c := range site.Changes {
		planChange(w, i+1, c, l)
	}
	for _, n := range site.Notices {
		fmt.Fprintf(w, "  %s %s: %s\n", l.paint(yellow, noticeMark(n)), n.Key, n.Detail)
	}
	for _, u := range site.Unknown {
		fmt.Fprintf(w, "  %s %s could not be read: %s\n", l.paint(yellow, "?"), u.What, u.Reason)
	}
	fmt.Fprintln(w)
}

func noticeMark(n targets.Notice) string {
	if n.Blocking {
		return "!"
	}
	return "i"
}

func planDelta(w io.Writer, d targets.Delta, l Look) {
	if len(d.Gained) == 0 && len(d.Lost) == 0 {
		fmt.Fprintln(w, "  access: the same")
		return
	}
	fmt.Fprintln(w, "  access")
	for _, e := range d.Gained {
		fmt.Fprintf(w, "    %s\n", l.paint(green, "+ "+Edge(e)))
	}
	for _, e := range d.Lost {
		fmt.Fprintf(w, "    %s%s\n", l.paint(red, "- "+Edge(e)), l.paint(dim, liveNote(e)))
	}
}

// liveNote says what gives the access that a plan cuts.
func liveNote(e access.Edge) string {
	if v := via(e.Via); v != "" {
		return "  (now by " + v + ")"
	}
	return ""
}

func planChange(w io.Writer, n int, c targets.Change, l Look) {
	note := string(c.Class)
	if len(c.Requires) > 0 {
		var keys []string
		for _, k := range c.Requires {
			keys = append(keys, k.String())
		}
		note += ", after " + strings.Join(keys, ", ")
	}
	fmt.Fprintf(w, "    %d. %s %s  %s\n", n, c.Op, l.paint(bold, c.Key.String()), l.paint(dim, "("+note+")"))
	width := columnWidth(c.Items, func(i targets.ItemChange) string { return i.Key })
	for _, item := range c.Items {
		planItem(w, item, width, l)
	}
}

// widestColumn bounds the padding of keys: beyond it a line is long anyway, and blanks would only push its end out of sight.
const widestColumn = 48

// columnWidth is what the keys that fit a column are padded to.
func columnWidth[T any](items []T, key func(T) string) int {
	width := 0
	for _, item := range items {
		if n := len([]rune(key(item))); n <= widestColumn {
			width = max(width, n)
		}
	}
	return width
}

func planItem(w io.Writer, item targets.ItemChange, width int, l Look) {
	lines := ""
	if len(item.Why) > 0 {
		lines = "  " + l.paint(dim, Lines(item.Why, l))
	}
	key := pad(item.Key, width)
	switch item.Op {
	case targets.Create:
		fmt.Fprintf(w, "       %s%s\n", l.paint(green, "+ "+key+"  "+item.To), lines)
	case targets.Delete:
		fmt.Fprintf(w, "       %s%s\n", l.paint(red, "- "+key+"  "+item.From), lines)
	default:
		fmt.Fprintf(w, "       %s%s\n", l.paint(yellow, "~ "+key+"  "+item.From+" → "+item.To), lines)
	}
}

// Lines names places of the policy: "allow.x (team/policy.gate.hcl:12)".
func Lines(lines []targets.Line, l Look) string {
	var parts []string
	for i, line := range lines {
		if i == 3 && len(lines) > 4 {
			parts = append(parts, fmt.Sprintf("and %d more", len(lines)-i))
			break
		}
		parts = append(parts, fmt.Sprintf("%s (%s:%d)", line.Addr, l.file(line.File), line.Line))
	}
	return strings.Join(parts, ", ")
}
