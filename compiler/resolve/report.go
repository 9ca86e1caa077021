package resolve

import (
	"strings"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
)

// zero is the place of what has none.
var zero hcl.Range

func (r *resolver) error(code diag.Code, at hcl.Range, summary, detail string, related ...diag.Related) {
	r.diags = append(r.diags, diag.Diagnostic{
		Code: code, Severity: diag.Error, Summary: summary, Detail: detail, Subject: at, Related: related,
	})
}

func (r *resolver) warn(code diag.Code, at hcl.Range, summary, detail string, related ...diag.Related) {
	r.diags = append(r.diags, diag.Diagnostic{
		Code: code, Severity: diag.Warning, Summary: summary, Detail: detail, Subject: at, Related: related,
	})
}

// blockWord is a block type in prose: feature store.
func blockWord(k addr.Kind) string { return strings.ReplaceAll(string(k), "_", " ") }
