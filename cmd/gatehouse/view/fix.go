package view

import (
	"fmt"
	"io"
	"maps"
	"path"
	"slices"

	"gatehouse/compiler"
	"gatehouse/lang/diag"
)

// FixPatch writes what mending a policy changes, file by file.
func FixPatch(w io.Writer, m *compiler.Mended, l Look) {
	for _, file := range slices.Sorted(maps.Keys(m.After)) {
		Patch(w, path.Clean(l.file(file)), []byte(m.Before[file]), []byte(m.After[file]), l)
	}
}

// FixSummary says in a line what was mended, or would be, and what is left to the person.
func FixSummary(w io.Writer, m *compiler.Mended, written bool) {
	switch {
	case len(m.Repairs) == 0:
		fmt.Fprint(w, "nothing to mend")
	case written:
		fmt.Fprintf(w, "mended %s in %s", count(len(m.Repairs), "mistake"), count(len(m.After), "file"))
	default:
		fmt.Fprintf(w, "%s in %s can be mended", count(len(m.Repairs), "mistake"), count(len(m.After), "file"))
	}
	errors, warnings := severities(m.Result.Diagnostics)
	switch {
	case errors > 0:
		fmt.Fprintf(w, "; %s left to you", tally(count(errors, "error"), warnings))
	case warnings > 0:
		fmt.Fprintf(w, "; %s left to you", count(warnings, "warning"))
	}
	fmt.Fprintln(w)
}

// hints are the lines below a list of diagnostics: where to read more, and what needn't be done by hand.
func hints(w io.Writer, list diag.List, l Look) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintln(w)
	if unseen := unseen(list); unseen != "" {
		fmt.Fprintln(w, l.paint(dim, unseen))
	}
	fmt.Fprintln(w, l.paint(dim, "more about a code: gatehouse explain "+string(list[0].Code)))
	if mends := mends(list, l); mends != "" {
		fmt.Fprintln(w, l.paint(dim, mends))
	}
}

// mends says how many diagnostics of a list gatehouse fix takes away, or nothing. Not every fix is made: one may bring to light more than it mends.
// Where there are no errors nothing is hidden, and the fixes are counted as they are.
func mends(list diag.List, l Look) string {
	fixes, sure := 0, true
	for _, d := range list {
		fixes += min(len(d.Fixes), 1)
	}
	if fixes > 0 && l.Mends != nil && list.HasErrors() {
		fixes, sure = l.Mends()
	}
	switch {
	case !sure:
		return "gatehouse fix may mend some of this; gatehouse fix --diff shows what"
	case fixes > 0:
		return fmt.Sprintf("gatehouse fix mends %d of these %d; gatehouse fix --diff shows how", min(fixes, len(list)), len(list))
	}
	return ""
}

// unseen says what was not looked at because of the errors in a list, or nothing: names wait until all files can be read, since what seems undeclared may
// stand in what can't be; and what follows from a policy waits until there is one.
func unseen(list diag.List) string {
	has := func(stages []diag.Stage) bool {
		return slices.ContainsFunc(list, func(d diag.Diagnostic) bool {
			return d.Severity == diag.Error && d.Code != diag.FailedTest && slices.ContainsFunc(stages, func(s diag.Stage) bool {
				return slices.ContainsFunc(s.Entries, func(e diag.Entry) bool { return e.Code == d.Code })
			})
		})
	}
	switch stages := diag.Stages(); {
	case has(stages[:1]):
		return "not looked at before all files can be read: references to what seems undeclared, access, guardrails"
	case has(stages[1:4]):
		return "not looked at before these errors are mended: access, guardrails"
	case has(stages[4:5]):
		return "not looked at before these errors are mended: tests, guardrails, proofs"
	}
	return ""
}
