package resolve

import (
	"iter"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
)

// zero is the place of what has none.
var zero hcl.Range

func (r *resolver) error(code diag.Code, at hcl.Range, summary, detail string, related ...diag.Related) {
	r.report(diag.Diagnostic{Code: code, Severity: diag.Error, Summary: summary, Detail: detail, Subject: at, Related: related})
}

func (r *resolver) warn(code diag.Code, at hcl.Range, summary, detail string, related ...diag.Related) {
	r.report(diag.Diagnostic{Code: code, Severity: diag.Warning, Summary: summary, Detail: detail, Subject: at, Related: related})
}

// report says which declaration of a for_each it is about, where the text doesn't: all of them stand at one place.
func (r *resolver) report(d diag.Diagnostic) {
	if of := r.current; of != nil && of.block.Instance != nil && !strings.Contains(d.Summary, of.addr.String()) {
		d.Related = append(slices.Clip(d.Related), diag.Related{Message: "in " + of.addr.String(), Range: of.block.Instance.Range})
	}
	r.diags = append(r.diags, d)
}

// declarations are the blocks of a kind, in source order. While one is looked at, what is reported is about it.
func (r *resolver) declarations(kind addr.Kind) iter.Seq[*declaration] {
	return func(yield func(*declaration) bool) {
		defer func() { r.current = nil }()
		for i := range r.blocks[kind] {
			if r.current = &r.blocks[kind][i]; !yield(r.current) {
				return
			}
		}
	}
}

// blockWord is a block type in prose: feature store.
func blockWord(k addr.Kind) string { return strings.ReplaceAll(string(k), "_", " ") }
