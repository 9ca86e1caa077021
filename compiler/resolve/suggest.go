package resolve

import (
	"fmt"
	"maps"
	"slices"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
)

// suggestionBudget bounds what all suggestions of one run may cost, in compared names: a policy with a hundred thousand broken
// references has another problem than spelling.
const suggestionBudget = 2_000_000

// didYouMean returns a sentence with the declared address nearest to an unknown one, or "". The kind that was written comes first;
// then the same name under another kind that may stand there.
func (r *resolver) didYouMean(kind addr.Kind, name string, allowed []addr.Kind) string {
	if slices.Contains(allowed, kind) {
		if near := r.nearestName(kind, name); near != "" {
			return fmt.Sprintf("Did you mean %s?", addr.New(kind, near))
		}
	}
	for _, k := range allowed {
		if r.named(k, name) {
			return fmt.Sprintf("Did you mean %s?", addr.New(k, name))
		}
	}
	for _, k := range allowed {
		if near := r.nearestName(k, name); k != kind && near != "" {
			return fmt.Sprintf("Did you mean %s?", addr.New(k, near))
		}
	}
	return ""
}

func (r *resolver) nearestName(kind addr.Kind, name string) string {
	if r.spent += len(r.declared[kind]); r.spent > suggestionBudget {
		return ""
	}
	return diag.Nearest(name, r.names(kind))
}

// names are all that a reference of a kind can mean, in no order: what is declared, and the blocks with for_each.
func (r *resolver) names(kind addr.Kind) []string {
	return slices.AppendSeq(slices.Clone(r.several[string(kind)]), maps.Keys(r.declared[kind]))
}

func (r *resolver) named(kind addr.Kind, name string) bool {
	_, declared := r.declared[kind][name]
	return declared || slices.Contains(r.several[string(kind)], name)
}
