package resolve

import (
	"fmt"
	"regexp"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// guardrailName is how guardrails are called: PACKAGE/RULE.
var guardrailName = regexp.MustCompile(`^[a-z][a-z0-9_.-]*(/[a-z][a-z0-9_.-]*)+$`)

func (r *resolver) resolveExceptions() {
	for d := range r.declarations(addr.Exception) {
		e := &model.Exception{Addr: d.addr, Decl: d.block.Decl}
		e.Guardrail = r.guardrail(d)
		if a, ok := d.block.Attr("subjects"); ok {
			e.Subjects = r.references(a.Expr, d.addr, addr.Kinds())
		}
		e.Reason = r.present(d, "reason", "Say why, for whoever reviews the exception and for whoever ends it.")
		e.ApprovedBy = r.present(d, "approved_by", "Name who answers for it, such as \"security@acme.example\".")
		e.Expires, _ = r.moment(d.block, "expires")
		e.ExpiresAt = attrRange(d.block, "expires")
		if !d.second {
			r.policy.Exceptions = append(r.policy.Exceptions, e)
		}
	}
}

// guardrail reads which guardrail is waived. Whether it exists is known to whoever loads the guardrails.
func (r *resolver) guardrail(d *declaration) model.Text {
	t, ok := r.text(d.block, "guardrail")
	if ok && !guardrailName.MatchString(t.Value) {
		r.invalidValue(t, fmt.Sprintf("%q is not the name of a guardrail", clipped(t.Value)),
			"A guardrail is called by its package and its rule, such as \"ownership/owner-is-team\". gatehouse guardrails list shows all of them.")
	}
	return t
}
