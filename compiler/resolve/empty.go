package resolve

import (
	"fmt"
	"slices"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/syntax"
)

// emptyList tells of a list that names nothing. Where that is because a for_each declares nothing, a rule and a group are sound: with other values they
// mean something, so that they are warned of. What else has to name something can't do without.
func (r *resolver) emptyList(list syntax.List, of addr.Address, allowed []addr.Kind) {
	who := of.String()
	if !slices.Contains(addr.Kinds(), of.Kind) {
		who = "the " + string(of.Kind) // a test has no address
	}
	if len(list.Vain) == 0 {
		r.error(diag.EmptyList, list.Range, who+" has an empty list",
			fmt.Sprintf("It must name at least one %s; otherwise the block does nothing, and should be deleted.", kindsInProse(allowed)))
		return
	}
	name := list.Vain[0].Name
	because := diag.Related{Message: "the for_each of " + name + " is empty", Range: list.Vain[0].ForEach}
	code, summary := vainRule(of.Kind, allowed)
	if code == "" {
		r.error(diag.EmptyList, list.Range, fmt.Sprintf("%s names nothing here: %s declares nothing", who, name),
			fmt.Sprintf("It must name at least one %s. Give the for_each an element, or name something else beside.", kindsInProse(allowed)), because)
		return
	}
	r.current.vain = r.current.vain || of.Kind != addr.Group
	r.warn(code, list.Range, fmt.Sprintf("%s %s: %s declares nothing", of, summary, name),
		"That changes when the for_each gets an element. If none is to come, delete both.", because)
}

// vainRule is how a rule or a group is called whose list stands for nothing; empty for what can't do without.
func vainRule(kind addr.Kind, allowed []addr.Kind) (code diag.Code, summary string) {
	switch {
	case &allowed[0] == &environmentsOnly[0]:
		return "", ""
	case kind == addr.Allow:
		return diag.IneffectiveAllow, "gives nothing"
	case kind == addr.Deny && &allowed[0] == &fromKinds[0]:
		return diag.IneffectiveDeny, "is against nobody"
	case kind == addr.Deny:
		return diag.IneffectiveDeny, "guards nothing"
	case kind == addr.Group:
		return diag.EmptyGroup, "has no member"
	}
	return "", ""
}
