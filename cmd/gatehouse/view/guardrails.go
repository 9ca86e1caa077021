package view

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"gatehouse/policies"
)

// GuardrailsDoc is the answer of guardrails list.
type GuardrailsDoc struct {
	Format     string               `json:"format"`
	Policy     string               `json:"policy,omitempty"` // left out where the built-in ones are listed
	Guardrails []policies.Guardrail `json:"guardrails"`
}

// GuardrailsDocument lists guardrails for machines.
func GuardrailsDocument(policy string, list []policies.Guardrail) GuardrailsDoc {
	return GuardrailsDoc{"gatehouse.dev/guardrail-list/v1", policy, append([]policies.Guardrail{}, list...)}
}

// Guardrails lists guardrails for people: what each may do, how much it matters, where it is from.
func Guardrails(w io.Writer, list []policies.Guardrail) {
	rows := [][]string{}
	for _, g := range list {
		var levels []string
		for _, l := range g.Levels {
			levels = append(levels, string(l))
		}
		from := g.Origin
		if len(g.Packs) > 0 {
			from = strings.Join(g.Packs, " ")
		}
		rows = append(rows, []string{g.ID, string(g.Severity), strings.Join(levels, " "), from, g.Title})
	}
	aligned(w, rows)
}

// aligned writes rows in columns.
func aligned(w io.Writer, rows [][]string) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(t, strings.Join(row, "\t"))
	}
	_ = t.Flush()
}

// Guardrail tells everything about one.
func Guardrail(w io.Writer, g policies.Guardrail, l Look) {
	fmt.Fprintf(w, "%s  %s\n", l.paint(bold, g.ID), g.Title)
	for _, part := range []struct{ name, text string }{{"", g.Description}, {"Why", g.Rationale}, {"What to do", g.Remedy}} {
		if part.text == "" {
			continue
		}
		fmt.Fprintln(w)
		if part.name != "" {
			fmt.Fprintf(w, "%s\n", l.paint(bold, part.name))
		}
		for _, line := range wrapped(part.text, l.columns()) {
			fmt.Fprintln(w, line)
		}
	}
	fmt.Fprintln(w)
	rows := [][]string{{"severity", string(g.Severity)}, {"yields", levelsOf(g)}, {"scope", string(g.Scope)}, {"from", g.Origin + ", " + g.File}}
	if len(g.Packs) > 0 {
		rows = append(rows, []string{"packs", strings.Join(g.Packs, ", ")})
	}
	if len(g.Controls) > 0 {
		rows = append(rows, []string{"controls", strings.Join(g.Controls, ", ")})
	}
	aligned(w, rows)
}

func levelsOf(g policies.Guardrail) string {
	var out []string
	for _, l := range g.Levels {
		out = append(out, string(l))
	}
	return strings.Join(out, ", ")
}

// ExceptionsDoc is the answer of guardrails exceptions.
type ExceptionsDoc struct {
	Format     string              `json:"format"`
	Policy     string              `json:"policy"`
	Time       time.Time           `json:"time"`
	Exceptions []ExceptionStateDoc `json:"exceptions"`
}

// ExceptionStateDoc is an exception, and how it stands.
type ExceptionStateDoc struct {
	policies.ExceptionState
	File string `json:"file"`
	Line int    `json:"line"`
}

// ExceptionsDocument lists exceptions for machines.
func ExceptionsDocument(policy string, at time.Time, list []policies.ExceptionState) ExceptionsDoc {
	doc := ExceptionsDoc{"gatehouse.dev/guardrail-exceptions/v1", policy, at, []ExceptionStateDoc{}}
	for _, e := range list {
		doc.Exceptions = append(doc.Exceptions, ExceptionStateDoc{e, e.Range.Filename, e.Range.Start.Line})
	}
	return doc
}

// Exceptions lists exceptions for people, those in force first.
func Exceptions(w io.Writer, list []policies.ExceptionState, l Look) {
	if len(list) == 0 {
		fmt.Fprintln(w, "no exceptions")
		return
	}
	for _, inForce := range []bool{true, false} {
		for _, e := range list {
			if e.InForce == inForce {
				exception(w, e, l)
			}
		}
	}
}

func exception(w io.Writer, e policies.ExceptionState, l Look) {
	until := "never ends"
	switch {
	case !e.InForce:
		until = "expired on " + e.Expires.Format(time.RFC3339)
	case !e.Expires.IsZero():
		until = "until " + e.Expires.Format(time.RFC3339)
	}
	var subjects []string
	for _, s := range e.Subjects {
		subjects = append(subjects, s.String())
	}
	fmt.Fprintf(w, "%s  %s\n", l.paint(bold, e.Address.String()), l.at(e.Range))
	fmt.Fprintf(w, "    %s for %s\n", e.Guardrail, strings.Join(subjects, ", "))
	fmt.Fprintf(w, "    %s, waives %s; approved by %s: %s\n", until, count(e.Waives, "finding"), e.ApprovedBy, e.Reason)
}
