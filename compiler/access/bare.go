package access

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
)

// stores are feature stores that have no surface: they are declared, and nothing of them exists anywhere.
type stores map[addr.Address]*model.FeatureStore

func (b *builder) withoutSurface() stores {
	out := stores{}
	for _, s := range b.policy.Stores {
		if s.Online == nil && s.Offline == nil {
			out[s.Addr] = s
		}
	}
	return out
}

// among returns those that are named, in the order in which they are.
func (s stores) among(refs []model.Ref) []*model.FeatureStore {
	if len(s) == 0 {
		return nil
	}
	var out []*model.FeatureStore
	for _, ref := range refs {
		if store := s[ref.Addr]; store != nil && !slices.Contains(out, store) {
			out = append(out, store)
		}
	}
	return out
}

// offersAny reports whether anything that is named exists in an environment.
func (b *builder) offersAny(refs []model.Ref) bool {
	return slices.ContainsFunc(refs, func(ref model.Ref) bool {
		return slices.ContainsFunc(b.resource[ref.Addr], func(r int32) bool { return len(b.offered[r]) > 0 })
	})
}

// warnOfBare warns of a rule that is of no use since the stores that it is to have no surface.
func (b *builder) warnOfBare(code diag.Code, at hcl.Range, summary string, lacking []*model.FeatureStore) {
	var names []string
	var places []diag.Related
	for _, s := range lacking {
		names = append(names, s.Addr.String())
		places = append(places, diag.Related{Message: s.Addr.String() + " is here", Range: s.Decl})
	}
	has, it := "has", "it"
	if len(lacking) > 1 {
		has, it = "have", "them"
	}
	if more := len(names) - manyPlaces; more > 0 {
		names = append(names[:manyPlaces], fmt.Sprintf("%d more", more))
	}
	b.warn(code, at, summary+": "+diag.Listed(names, "and")+" "+has+" no surface",
		"Add an online block, an offline block, or both to "+it+": without one, nothing of a store exists.",
		places[:min(len(places), manyPlaces)]...)
}
