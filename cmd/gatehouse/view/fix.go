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
	fixes := 0
	for _, d := range list {
		fixes += min(len(d.Fixes), 1)
	}
	fmt.Fprintln(w)
	fmt.Fprintln(w, l.paint(dim, "more about a code: gatehouse explain "+string(list[0].Code)))
	if fixes > 0 {
		fmt.Fprintln(w, l.paint(dim, fmt.Sprintf("gatehouse fix mends %d of these %d; gatehouse fix --diff shows how", fixes, len(list))))
	}
}
