package view

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	"gatehouse/compiler/access"
)

// The answers to questions, as Markdown for a review's record: a heading, then a table. Who may write the policy can't write markup here.

// AnswersMarkdown writes what who-can and what-can found in the declared policy.
func AnswersMarkdown(w io.Writer, question string, at string, answers []AnswerDoc) {
	heading(w, question, "by the declared policy at "+at)
	if len(answers) == 0 {
		fmt.Fprint(w, "Nothing.\n")
		return
	}
	table(w, "Environment", "Workload", "Action", "Resource", "Requests", "When", "By", "Lines")
	for _, a := range answers {
		by := string(a.Means)
		if a.Grantee != a.Workload {
			by += " with " + a.Grantee
		}
		row(w, a.Environment, a.Workload, string(a.Action), a.Resource, every(a.Requests), always(a.When), by, linesText(a.Lines))
	}
}

// ReachMarkdown writes effective access.
func ReachMarkdown(w io.Writer, d ReachDoc, question string) {
	heading(w, question, byWhat(d.Asked)+" at "+moment(d.Time))
	if len(d.Answers) == 0 {
		fmt.Fprintf(w, "Nothing there gives it%s.\n", unless(len(d.Unknown)))
	} else {
		table(w, "Environment", "Access", "Workload", "Resource", "Declared", "Way", "Lines")
	}
	for _, a := range d.Answers {
		e := access.Edge{From: a.Principal, Except: a.Except, To: a.Surface, Verb: a.Verb, Requests: a.Requests, Spans: a.When}
		row(w, a.Environment, Edge(e), strings.Join(a.Workloads, ", "), a.Resource, declaredWord(a), via(a.Via), linesText(a.Lines))
	}
	for _, e := range d.Explanations {
		fmt.Fprintf(w, "\nThe policy says: %s\n", code(explained(e)))
	}
	for _, u := range d.Unknown {
		fmt.Fprintf(w, "\nUnknown: %s in %s: %s\n", code(u.What), code(u.Environment), prose(u.Reason))
	}
}

// WhyMarkdown writes what the declared policy says to why.
func WhyMarkdown(w io.Writer, d WhyDoc, question string) {
	heading(w, question, "by the declared policy at "+moment(d.Time))
	table(w, "Environment", "Workload", "Resource", "Verdict", "Allowed by", "Taken away again", "Denied by")
	for _, e := range d.Explanations {
		row(w, e.Environment, e.Workload, e.Resource, yesOrNo(e.Allowed)+": "+e.Detail, allowsText(e), linesText(e.TakenAway), linesText(e.Denies))
	}
}

func explained(e ExplanationDoc) string {
	return fmt.Sprintf("%s, %s may %s %s in %s: %s", yesOrNo(e.Allowed), e.Workload, e.Action, e.Resource+With(e.Request), e.Environment, e.Detail)
}

// allowsText names the allows behind an explanation, those of others that are the same principal after the workload's own.
func allowsText(e ExplanationDoc) string {
	out := linesText(e.Allows)
	for _, s := range e.Shared {
		out = strings.TrimPrefix(out+"; "+linesText(s.Lines)+" of "+s.Grantee, "; ")
	}
	return out
}

func every(requests string) string { return cmp.Or(requests, "all") }

func yesOrNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func declaredWord(a ReachedDoc) string {
	if !a.Holds {
		return "not at this time"
	}
	return yesOrNo(a.Declared)
}

func always(spans access.Spans) string {
	if when := Spans(spans); when != "" {
		return when
	}
	return "always"
}

func linesText(lines []LineDoc) string {
	var out []string
	for _, l := range lines {
		out = append(out, fmt.Sprintf("%s %s:%d%s%s%s", l.Addr, l.File, l.Line.Line, led(l.Through), narrowed(" ", l.Requests), blank(Spans(l.When))))
	}
	return strings.Join(out, "; ")
}

func heading(w io.Writer, question, when string) {
	fmt.Fprintf(w, "### %s\n\n%s\n\n", prose(question), prose(upper(when)))
}

func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

func table(w io.Writer, columns ...string) {
	fmt.Fprintf(w, "| %s |\n|%s\n", strings.Join(columns, " | "), strings.Repeat(" --- |", len(columns)))
}

func row(w io.Writer, cells ...string) {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = cell(code(c))
	}
	fmt.Fprintf(w, "| %s |\n", strings.Join(out, " | "))
}
