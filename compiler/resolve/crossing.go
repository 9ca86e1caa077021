package resolve

import (
	"fmt"

	"gatehouse/lang/diag"
	"gatehouse/lang/model"
)

// across reads the crossing of an allow, or nil where it stays inside of each environment.
func (r *resolver) across(d *declaration) *model.Across {
	b := d.block.Child("across")
	if b == nil {
		return nil
	}
	out := &model.Across{Decl: b.Decl}
	from, _ := b.Attr("from")
	to, _ := b.Attr("to")
	out.From, _ = r.one(from.Expr, environmentsOnly)
	out.To, _ = r.one(to.Expr, environmentsOnly)
	if out.From.Addr == out.To.Addr && out.From.Addr.Name != "" {
		r.error(diag.InvalidValue, out.To.Range, fmt.Sprintf("%s crosses from %s to itself", d.addr, out.From.Addr),
			"Name two environments, or delete the block: inside of an environment an allow holds by itself.",
			diag.Related{Message: "from here", Range: out.From.Range})
	}
	if a, ok := d.block.Attr("environments"); ok {
		r.error(diag.InvalidValue, a.Range, fmt.Sprintf("%s has both environments and across", d.addr),
			"What crosses holds between the two environments of across, and nowhere else. Delete environments.",
			diag.Related{Message: "it crosses here", Range: b.Decl})
	}
	return out
}
