package view

import (
	"github.com/hashicorp/hcl/v2"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/targets"
)

// The documents that verbs print with --format json. schema.json describes them; a field may be added within a version, none changes its
// meaning or goes. The same thing has the same name in every document:
//
//	format    the document's form and version, such as gatehouse.dev/check/v1
//	policy    the policy's name
//	time      the moment that was evaluated
//	lines     the lines of the policy behind something; where they give access, also through which group, why, and when
//	when      intervals, not_before inside and expires not; an end that is left out is unbounded, so that {} is always
//	range     a place in a file
//	object    a thing in a remote system: its kind and name

// LineDoc is a line of the policy, and where it is an allow's header, the allow's part in access.
type LineDoc struct {
	targets.Line
	Through string       `json:"through,omitempty"` // the group, where it was by one
	Reason  string       `json:"reason,omitempty"`
	When    access.Spans `json:"when,omitempty"` // left out for what is no allow

	Requests string `json:"requests,omitempty"` // to which it is narrowed in an answer; left out: all, or the answer says so itself
}

// grantLines returns the lines behind a grant, and to which requests it narrows them.
func grantLines(g access.Grant) []LineDoc {
	out := lineDocs(g.Sources)
	for i := range out {
		out[i].Requests = access.RequestText(g.Request, g.Except)
	}
	return out
}

func lineDocs(list []access.Source) []LineDoc {
	out := []LineDoc{}
	for _, s := range list {
		doc := LineDoc{Line: lineOf(s.Allow, s.Decl), Reason: s.Reason, When: access.NewSpans(s.Span)}
		if s.From.Addr.Kind == addr.Group {
			doc.Through = s.From.Addr.String()
		}
		out = append(out, doc)
	}
	return out
}

func lineOf(a addr.Address, r hcl.Range) targets.Line {
	return targets.Line{Addr: a.String(), File: r.Filename, Line: r.Start.Line}
}

// rangeDoc is a place as a diagnostic tells it, nil for none.
func rangeDoc(r hcl.Range) *diag.ViewRange {
	return diag.NewView(diag.List{{Subject: r}}).Diagnostics[0].Range
}

// DiagnosticsDoc is the answer of a verb that a mistake in the policy has ended.
type DiagnosticsDoc struct {
	Format      string                `json:"format"`
	Diagnostics []diag.ViewDiagnostic `json:"diagnostics"`
}

// DiagnosticsDocument is what ended a verb, for machines.
func DiagnosticsDocument(list diag.List) DiagnosticsDoc {
	return DiagnosticsDoc{"gatehouse.dev/diagnostics/v1", diag.NewView(list).Diagnostics}
}
