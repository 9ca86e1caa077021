// Package diag holds what Gatehouse tells the person who wrote a policy: diagnostics with a stable code, a tight range, a
// summary and a sentence that says what to do. It is the ground of the program: it imports hcl for positions and nothing of ours.
//
// It is not for machine failures (a refused connection, a full disk): those are errors, and the two meet once, in the command.
package diag

import (
	"cmp"
	"slices"

	"github.com/hashicorp/hcl/v2"
)

// Severity says whether a diagnostic stops the work.
type Severity uint8

const (
	// Error makes the policy unusable; the command exits with 1.
	Error Severity = iota + 1
	// Warning marks what is legal and probably not meant.
	Warning
)

// String returns the word that people and JSON see.
func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// Related is a second place that a diagnostic speaks of, such as the first declaration of a duplicate.
type Related struct {
	Message string
	Range   hcl.Range
}

// Diagnostic is one finding about the user's text.
type Diagnostic struct {
	Code     Code
	Severity Severity
	Summary  string    // terse, no full stop: what is wrong, naming the thing
	Detail   string    // sentences: why, and what to do about it
	Subject  hcl.Range // tight; the zero range where there is no place
	Related  []Related
	Fixes    []Fix // only where one is sure to be what was meant; the first is the one to apply unasked
}

// Fix is a change of the text that mends a diagnostic.
type Fix struct {
	Message string // what it does, such as: write "environments"
	Edits   []Edit // in order of place, not overlapping, all in files of the policy
}

// Edit replaces the text of a range; an empty range inserts.
type Edit struct {
	Range hcl.Range
	Text  string
}

// List is what a stage reports beside its (possibly partial) result.
type List []Diagnostic

// HasErrors reports whether any diagnostic stops the work.
func (l List) HasErrors() bool {
	return slices.ContainsFunc(l, func(d Diagnostic) bool { return d.Severity == Error })
}

// Sorted returns the list in order of file and position, without repetitions; the receiver is left as it was.
func (l List) Sorted() List {
	out := slices.Clone(l)
	slices.SortStableFunc(out, compare)
	return slices.CompactFunc(out, func(a, b Diagnostic) bool {
		return a.Code == b.Code && a.Subject == b.Subject && a.Summary == b.Summary
	})
}

func compare(a, b Diagnostic) int {
	return cmp.Or(
		cmp.Compare(a.Subject.Filename, b.Subject.Filename),
		cmp.Compare(a.Subject.Start.Byte, b.Subject.Start.Byte),
		cmp.Compare(a.Subject.End.Byte, b.Subject.End.Byte),
		cmp.Compare(a.Code, b.Code),
		cmp.Compare(a.Summary, b.Summary),
	)
}
