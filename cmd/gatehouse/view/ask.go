package view

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// WhoCan writes who reaches a resource, environment by environment and surface by surface.
func WhoCan(w io.Writer, action model.Action, resource addr.Address, call model.Call, answers []access.Answer, l Look) {
	if len(answers) == 0 {
		fmt.Fprintf(w, "nobody can %s %s\n", action, Asked(resource, call))
		return
	}
	sorted := slices.SortedStableFunc(slices.Values(answers), func(a, b access.Answer) int {
		return cmp.Or(cmp.Compare(a.Environment, b.Environment), addr.Compare(a.Resource, b.Resource))
	})
	for i, a := range sorted {
		if i == 0 || a.Environment != sorted[i-1].Environment || a.Resource != sorted[i-1].Resource {
			fmt.Fprintf(w, "%s: these can %s %s (%s %q)\n", l.paint(bold, a.Environment), action, Asked(a.Resource, call), a.Surface.Kind, a.Surface.Name)
		}
		answer(w, a, l)
	}
}

func answer(w io.Writer, a access.Answer, l Look) {
	line := "  " + a.Workload.String()
	if a.Principal.Name != a.Workload.Name {
		line += fmt.Sprintf(" (as %s)", a.Principal.Name)
	}
	if a.Home != a.Environment {
		line += " of " + a.Home
	}
	line += narrowed("  ", access.RequestText(a.Request, a.Except))
	if when := Spans(a.Spans); when != "" {
		line += "  " + when
	}
	fmt.Fprintln(w, line)
	switch a.Means {
	case access.SharedName:
		fmt.Fprintf(w, "    %s %s is the same principal, and is allowed:\n", l.paint(yellow, "by a shared identity:"), a.Grantee)
	case access.CoarseAction:
		fmt.Fprintf(w, "    %s it is allowed to %s, which the target can't tell apart:\n", l.paint(yellow, "by a coarse action:"), a.Action)
	}
	sources(w, a.Sources, l)
}

// narrowed names the requests to which access is narrowed, after a gap; nothing where it is not.
func narrowed(gap, requests string) string {
	if requests == "" {
		return ""
	}
	return gap + "for " + requests
}

// denied names the requests that a deny takes away; nothing where it takes all.
func denied(d access.Deny) string {
	var out []string
	for _, r := range d.Requests {
		out = append(out, access.RequestText(r, nil))
	}
	return strings.Join(out, "; ")
}

func sources(w io.Writer, list []access.Source, l Look) {
	for _, s := range list {
		fmt.Fprintf(w, "    %s  %s:%d%s%s\n", s.Allow, l.file(s.Decl.Filename), s.Decl.Start.Line, through(s), reason(s.Reason))
	}
}

// through names the group that an allow reached a workload by.
func through(s access.Source) string {
	if s.From.Addr.Kind == "group" {
		return "  through " + s.From.Addr.String()
	}
	return ""
}

func reason(text string) string {
	if text == "" {
		return ""
	}
	return fmt.Sprintf("  %q", text)
}

// Why writes why a workload reaches a resource or doesn't: the verdict first, then everything that bears on it.
func Why(w io.Writer, e access.Explanation, l Look) {
	yes, colour, can := "no:", red, "can't"
	if e.Allowed {
		yes, colour, can = "yes:", green, "can"
	}
	fmt.Fprintf(w, "%s %s %s %s %s in %s at %s: %s\n", l.paint(colour, yes), e.Workload, can, e.Action, Asked(e.Resource, e.Call), e.Environment, moment(e.At), verdict(e))
	if e.Principal.Name != "" && e.Surface.Name != "" {
		fmt.Fprintf(w, "  there: %s %q → %s %q\n", e.Principal.Target, e.Principal.Name, e.Surface.Kind, e.Surface.Name)
	}
	for _, g := range e.Grants {
		fmt.Fprintf(w, "  allowed%s by\n", given(g, e.Environment))
		sources(w, g.Sources, l)
	}
	for _, c := range e.Cuts {
		fmt.Fprintf(w, "  allowed%s, and taken away again:\n", narrowed(" ", access.RequestText(c.Request, nil)))
		sources(w, c.Sources, l)
	}
	for _, d := range e.Denies {
		fmt.Fprintf(w, "  denied%s by\n    %s  %s:%d%s\n", narrowed(" ", denied(d)), d.Addr, l.file(d.Decl.Filename), d.Decl.Start.Line, reason(d.Reason))
	}
	whyNearby(w, e, l)
}

// whyNearby writes what is not the answer but explains it.
func whyNearby(w io.Writer, e access.Explanation, l Look) {
	for _, s := range e.Shared {
		fmt.Fprintf(w, "  %s is the same principal, and is allowed by\n", s.Grantee)
		sources(w, s.Sources, l)
	}
	for _, g := range e.Others {
		fmt.Fprintf(w, "  %s is allowed%s by\n", g.Action, given(g, e.Environment))
		sources(w, g.Sources, l)
	}
	if e.Allowed {
		return
	}
	for _, g := range e.Elsewhere {
		fmt.Fprintf(w, "  in %s it is allowed%s by\n", g.Environment, given(g, g.Environment))
		sources(w, g.Sources, l)
	}
}

// given says from where, for which requests and when a grant gives access in an environment, where that isn't from there, for all, and always.
func given(g access.Grant, environment string) string {
	var out string
	if home := g.Home(); home != environment {
		out = " from " + home
	}
	out += narrowed(" ", access.RequestText(g.Request, g.Except))
	return out + blank(Spans(g.Spans))
}

func blank(s string) string {
	if s == "" {
		return ""
	}
	return " " + s
}

func verdict(e access.Explanation) string {
	switch e.Verdict {
	case access.YesDeclared:
		return "it is allowed"
	case access.YesShared:
		return "not by an allow of its own, but by an identity that it shares"
	case access.YesCoarse:
		return "not by an allow of this action, but by one that the target can't tell apart"
	case access.NoDeclaration:
		return "not declared: " + addresses(e)
	case access.NoCommon:
		return "not in this environment: " + addresses(e)
	case access.NoDenied:
		return "it is denied"
	case access.NoNotYet:
		return "the allow has not begun"
	case access.NoExpired:
		return "the allow has expired"
	case access.NoOtherAction:
		return "only another action is allowed"
	case access.NoOtherCall:
		return "only other requests are allowed"
	case access.NoAllow:
		return "no allow gives it"
	default:
		return string(e.Verdict)
	}
}

func addresses(e access.Explanation) string {
	var parts []string
	for _, a := range e.Missing {
		parts = append(parts, a.String())
	}
	return strings.Join(parts, ", ")
}
