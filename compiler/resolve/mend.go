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

// surely returns the declared name that an unknown one must be a misspelling of, or "".
func (r *resolver) surely(kind addr.Kind, name string) string {
	if r.nearestName(kind, name) == "" {
		return ""
	}
	return diag.SureName(name, r.names(kind))
}

// surelyKind corrects the kind of a reference whose name is declared under one that is nearly the same word.
func (r *resolver) surelyKind(ref syntax.Reference, allowed []addr.Kind) {
	kind := addr.Kind(diag.Sure(ref.Parts[0], kindWords(allowed)))
	if r.named(kind, ref.Parts[1]) {
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
