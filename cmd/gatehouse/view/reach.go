package view

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
)

// WhatCan writes what a workload reaches by what is declared.
func WhatCan(w io.Writer, workload addr.Address, answers []access.Answer, l Look) {
	if len(answers) == 0 {
		fmt.Fprintf(w, "%s reaches nothing\n", workload)
		return
	}
	environment := ""
	for _, a := range answers {
		if a.Environment != environment {
			environment = a.Environment
			fmt.Fprintf(w, "%s: %s can\n", l.paint(bold, environment), workload)
		}
		line := fmt.Sprintf("  %s %s", a.Action, a.Resource)
		if a.Home != a.Environment {
			line += " from " + a.Home
		}
		line += narrowed("  ", access.RequestText(a.Request, a.Except))
		if when := Spans(a.Spans); when != "" {
			line += "  " + when
		}
		fmt.Fprintln(w, line)
		if a.Means == access.SharedName {
			fmt.Fprintf(w, "    %s %s is the same principal, and is allowed:\n", l.paint(yellow, "by a shared identity:"), a.Grantee)
		}
		sources(w, a.Sources, l)
	}
}

// Reach writes effective access: the question, then each answer with the way on which it comes about, then what could not be read.
func Reach(w io.Writer, d ReachDoc, question string, l Look) {
	fmt.Fprintf(w, "%s, %s at %s:\n", l.paint(bold, question), byWhat(d.Asked), moment(d.Time))
	if len(d.Answers) == 0 {
		fmt.Fprintf(w, "  nothing there gives it%s\n", unless(len(d.Unknown)))
	}
	for i, a := range d.Answers {
		if i == 0 || a.Environment != d.Answers[i-1].Environment {
			fmt.Fprintf(w, "%s\n", l.paint(bold, cmp.Or(a.Environment, "elsewhere")))
		}
		reached(w, a, l)
	}
	if len(d.explanations) > 0 {
		fmt.Fprintln(w, "the policy says")
	}
	for _, e := range d.explanations {
		Why(w, e, l)
	}
	for _, u := range d.Unknown {
		fmt.Fprintf(w, "%s %s in %s: %s\n", l.paint(yellow, "unknown:"), u.What, u.Environment, u.Reason)
	}
}

func byWhat(asked string) string {
	switch asked {
	case "compiled":
		return "by the compiled objects"
	case "sandbox":
		return "by what the sandbox holds"
	case "snapshot":
		return "by the snapshot"
	default:
		return "by what is out there"
	}
}

// led names the group that an allow reached a workload by.
func led(group string) string {
	if group == "" {
		return ""
	}
	return "  through " + group
}

func unless(unknown int) string {
	if unknown == 0 {
		return ""
	}
	return ", unless what could not be read does"
}

func reached(w io.Writer, a ReachedDoc, l Look) {
	e := access.Edge{From: a.Principal, Except: a.Except, To: a.Surface, Verb: a.Verb, Requests: a.Requests, Spans: a.When}
	word, colour := "not declared", red
	if a.Declared {
		word, colour = "declared", green
	}
	if !a.Holds {
		word, colour = "not at this time", yellow
	}
	line := "  " + Edge(e)
	var names []string
	if a.Resource != "" {
		names = append(names, a.Resource)
	}
	if who := strings.Join(a.Workloads, ", "); who != "" {
		names = append([]string{who}, names...)
	}
	if len(names) > 0 {
		line += " (" + strings.Join(names, " → ") + ")"
	}
	fmt.Fprintf(w, "%s  %s\n", line, l.paint(colour, word))
	for _, s := range a.Via {
		fmt.Fprintf(w, "    %s\n", l.paint(dim, strings.TrimPrefix(s.Object+": "+s.Detail, ": ")))
	}
	for _, line := range a.Lines {
		fmt.Fprintf(w, "    %s  %s:%d%s%s%s\n", line.Addr, l.file(line.File), line.Line.Line, led(line.Through), declaredAs(line, a), reason(line.Reason))
	}
}

// declaredAs says for which requests and when a line gives access, where that is not what the objects give: a mesh, for one, has no clock.
func declaredAs(line LineDoc, a ReachedDoc) string {
	var out string
	if line.Requests != a.Requests {
		out = narrowed("  ", line.Requests)
	}
	if when := Spans(line.When); when != "" && when != Spans(a.When) {
		out += "  " + when
	}
	return out
}
