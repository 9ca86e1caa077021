package diag

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
)

// Replace is the fix that writes a text in a range's place.
func Replace(at hcl.Range, text, message string) Fix {
	return Fix{Message: message, Edits: []Edit{{Range: at, Text: text}}}
}

// Around is the fix that puts one text before a range and another one behind it, such as quotes or brackets.
func Around(at hcl.Range, before, after, message string) Fix {
	return Fix{Message: message, Edits: []Edit{
		{Range: hcl.Range{Filename: at.Filename, Start: at.Start, End: at.Start}, Text: before},
		{Range: hcl.Range{Filename: at.Filename, Start: at.End, End: at.End}, Text: after},
	}}
}

// Files returns the names of the files that a fix changes, sorted.
func (f Fix) Files() []string {
	var out []string
	for _, e := range f.Edits {
		out = append(out, e.Range.Filename)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Apply returns the text of one file with the edits that are in it made; edits of other files are passed over. The order of the edits doesn't
// matter, but for insertions at one place, which stand in their order. Edits that overlap or lie outside of the text are an error, and then
// the text comes back as it was.
func Apply(src []byte, file string, edits []Edit) ([]byte, error) {
	mine := slices.DeleteFunc(slices.Clone(edits), func(e Edit) bool { return e.Range.Filename != file })
	slices.SortStableFunc(mine, func(a, b Edit) int {
		return cmp.Or(cmp.Compare(a.Range.Start.Byte, b.Range.Start.Byte), cmp.Compare(a.Range.End.Byte, b.Range.End.Byte))
	})
	out, at := make([]byte, 0, len(src)+64), 0
	for _, e := range mine {
		from, to := e.Range.Start.Byte, e.Range.End.Byte
		if from < at || to < from || to > len(src) {
			return src, fmt.Errorf("edit %s at %d to %d: it overlaps another one, or lies outside of the text", file, from, to)
		}
		out = append(append(out, src[at:from]...), e.Text...)
		at = to
	}
	return append(out, src[at:]...), nil
}
