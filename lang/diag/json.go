package diag

import (
	"encoding/json"
	"io"

	"github.com/hashicorp/hcl/v2"
)

// Version is the version of the JSON view. It changes when a field is renamed, removed or changes its meaning.
const Version = 1

// View is a list of diagnostics as JSON.
type View struct {
	Version     int              `json:"version"`
	Diagnostics []ViewDiagnostic `json:"diagnostics"` // never null
}

// ViewDiagnostic is one diagnostic as JSON.
type ViewDiagnostic struct {
	Severity string        `json:"severity"` // "error" or "warning"
	Code     Code          `json:"code"`
	Summary  string        `json:"summary"`
	Detail   string        `json:"detail,omitempty"`
	Range    *ViewRange    `json:"range,omitempty"` // left out where there is no place
	Related  []ViewRelated `json:"related,omitempty"`
	Fixes    []ViewFix     `json:"fixes,omitempty"` // only those that are sure
}

// ViewFix is a change of the text that mends a diagnostic.
type ViewFix struct {
	Message string     `json:"message"`
	Edits   []ViewEdit `json:"edits"`
}

// ViewEdit replaces the text of a range; an empty range inserts.
type ViewEdit struct {
	Range ViewRange `json:"range"`
	Text  string    `json:"text"`
}

// ViewRelated is a second place that a diagnostic speaks of.
type ViewRelated struct {
	Message string     `json:"message"`
	Range   *ViewRange `json:"range,omitempty"`
}

// ViewRange is a half-open range of a file. The file's name is relative to the policy's root, with slashes.
type ViewRange struct {
	File  string  `json:"file"`
	Start ViewPos `json:"start"`
	End   ViewPos `json:"end"`
}

// ViewPos is a place: line and column count from 1, columns in characters as people see them; byte counts from 0.
type ViewPos struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Byte   int `json:"byte"`
}

// NewView gives the JSON view of a list, in its order, for a document of its own or as a part of a larger one.
func NewView(l List) View {
	v := View{Version: Version, Diagnostics: make([]ViewDiagnostic, 0, len(l))}
	for _, d := range l {
		one := ViewDiagnostic{Severity: d.Severity.String(), Code: d.Code, Summary: d.Summary, Detail: d.Detail, Range: viewRange(d.Subject)}
		for _, r := range d.Related {
			one.Related = append(one.Related, ViewRelated{Message: r.Message, Range: viewRange(r.Range)})
		}
		one.Fixes = viewFixes(d.Fixes)
		v.Diagnostics = append(v.Diagnostics, one)
	}
	return v
}

func viewFixes(fixes []Fix) []ViewFix {
	var out []ViewFix
	for _, f := range fixes {
		one := ViewFix{Message: f.Message}
		for _, e := range f.Edits {
			one.Edits = append(one.Edits, ViewEdit{*viewRange(e.Range), e.Text})
		}
		out = append(out, one)
	}
	return out
}

func viewRange(r hcl.Range) *ViewRange {
	if r.Filename == "" {
		return nil
	}
	return &ViewRange{File: r.Filename, Start: ViewPos(r.Start), End: ViewPos(r.End)}
}

// JSON writes a list as one indented JSON document.
func JSON(w io.Writer, l List) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(NewView(l))
}
