package resolve

import (
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
	"gatehouse/lang/syntax"
)

// A fix is offered where one text alone can have been meant, and where the place holds that text alone: what an expression gave has the
// place of the whole expression, which no fix may overwrite. This is told by the width of the place; where the two happen to be as wide, whoever
// has the tree as it was written drops the fix.

// mend gives the last diagnostic a fix.
func (r *resolver) mend(f diag.Fix) {
	last := &r.diags[len(r.diags)-1]
	last.Fixes = append(last.Fixes, f)
}

// mendText writes another text in a quoted text's place.
func (r *resolver) mendText(at model.Text, better string) {
	if better != "" && width(at.Range) == len(at.Value)+2 {
		r.mend(diag.Replace(at.Range, strconv.Quote(better), "write "+strconv.Quote(better)))
	}
}

// mendReference writes another reference in a reference's place: bare in the native syntax, in quotes in JSON.
func (r *resolver) mendReference(ref syntax.Reference, better string) {
	switch written := strings.Join(ref.Parts, "."); width(ref.Range) {
	case len(written):
		r.mend(diag.Replace(ref.Range, better, "write "+better))
	case len(written) + 2:
		if strings.HasSuffix(ref.Range.Filename, syntax.JSONSuffix) {
			r.mend(diag.Replace(ref.Range, strconv.Quote(better), "write "+strconv.Quote(better)))
		}
	}
}

func width(at hcl.Range) int { return at.End.Byte - at.Start.Byte }

// surely returns the declared name that an unknown one must be a misspelling of, or "". Names of one policy are often near each other on
// purpose (trainer-1 and trainer-2, clicks-eu and clicks-us), so that only one word of the name may differ, by no digit, and short words
// are taken as they stand.
func (r *resolver) surely(kind addr.Kind, name string) string {
	near := r.nearestName(kind, name)
	if near == "" || diag.Sure(name, r.names(kind)) != near {
		return ""
	}
	written, declared := words(name), words(near)
	if len(written) != len(declared) {
		return ""
	}
	differ := 0
	for i := range written {
		if written[i] == declared[i] {
			continue
		}
		differ++
		if min(len(written[i]), len(declared[i])) < 3 || digits(written[i]) != digits(declared[i]) {
			return ""
		}
	}
	if differ > 1 {
		return ""
	}
	return near
}

func words(name string) []string {
	return strings.FieldsFunc(strings.ToLower(name), func(c rune) bool { return c == '-' || c == '_' })
}

func digits(s string) string {
	return strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, s)
}

// surelyKind corrects the kind of a reference whose name is declared under one that is nearly the same word.
func (r *resolver) surelyKind(ref syntax.Reference, allowed []addr.Kind) {
	kind := addr.Kind(diag.Sure(ref.Parts[0], kindWords(allowed)))
	if _, declared := r.declared[kind][ref.Parts[1]]; declared {
		r.mendReference(ref, strings.Join(append([]string{string(kind)}, ref.Parts[1:]...), "."))
	}
}

// dropElement takes an element out of a list, with the comma before it. Where a comment may stand between the two, nothing is offered.
func (r *resolver) dropElement(last, at hcl.Range) {
	gap := at.Start.Byte - last.End.Byte
	sameLine := at.Start.Line == last.End.Line && gap >= 1 && gap <= 3
	nextLine := at.Start.Line == last.End.Line+1 && (gap == at.Start.Column+1 || gap == at.Start.Column+2)
	if at.Filename == last.Filename && (sameLine || nextLine) {
		r.mend(diag.Replace(hcl.Range{Filename: at.Filename, Start: last.End, End: at.End}, "", "delete the repetition"))
	}
}
