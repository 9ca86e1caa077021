package access

import (
	"slices"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/model"
)

// sharedPlaces tells which places, of those that may be told of, are of use to something that is written there. It finds out what it is asked for.
type sharedPlaces struct {
	allows       map[hcl.Range][]int32            // by declaration
	declarations map[hcl.Range]bool               // that are of use
	patterns     map[hcl.Range]map[hcl.Range]bool // by declaration: the places of patterns that are of use
	elements     map[hcl.Range]map[hcl.Range]bool // and those of elements
}

// writtenAt returns the allows of a declaration: several where it has a for_each.
func (b *builder) writtenAt(u *useless, decl hcl.Range) []int32 {
	if u.allows == nil {
		u.allows = make(map[hcl.Range][]int32, len(b.allows))
		for i, a := range b.allows {
			u.allows[a.Decl] = append(u.allows[a.Decl], int32(i))
		}
		u.declarations = map[hcl.Range]bool{}
		u.patterns, u.elements = map[hcl.Range]map[hcl.Range]bool{}, map[hcl.Range]map[hcl.Range]bool{}
	}
	return u.allows[decl]
}

// declarationOfUse reports whether one of the allows of a declaration is not covered.
func (b *builder) declarationOfUse(u *useless, decl hcl.Range) bool {
	all := b.writtenAt(u, decl)
	ofUse, known := u.declarations[decl]
	if !known {
		ofUse = slices.ContainsFunc(all, func(i int32) bool {
			_, covered := b.coveringAllow(i)
			return !covered || !b.outcomes[i].given || b.ended(b.allows[i])
		})
		u.declarations[decl] = ofUse
	}
	return ofUse
}

// patternOfUse reports whether one of the patterns that are written at a place is neither covered nor denied.
func (b *builder) patternOfUse(u *useless, decl, at hcl.Range) bool {
	all := b.writtenAt(u, decl)
	if u.patterns[decl] == nil {
		ofUse := map[hcl.Range]bool{}
		for _, index := range all {
			a := b.allows[index]
			for i := range a.Requests {
				n := b.firstUnit[index] + int32(i)
				_, shadowed := b.covering(n)
				if b.ended(a) || !shadowed && !b.units[n].taken() && !coveredBeside(a.Requests, i) {
					ofUse[written(a.RequestsAt, i, a.Decl)] = true
				}
			}
		}
		u.patterns[decl] = ofUse
	}
	return u.patterns[decl][at]
}

// elementOfUse reports whether one of the elements that are written at a place is given something, or may be: one expression may stand for many,
// as a group does.
func (b *builder) elementOfUse(u *useless, decl, at hcl.Range) bool {
	all := b.writtenAt(u, decl)
	if u.elements[decl] == nil {
		ofUse := map[hcl.Range]bool{}
		for _, i := range all {
			b.outcomes[i].from.ofUse(b.allows[i].From, ofUse)
			b.outcomes[i].to.ofUse(b.allows[i].To, ofUse)
		}
		u.elements[decl] = ofUse
	}
	return u.elements[decl][at]
}

// taken reports whether all that an element is allowed is denied. Nothing is known of those that have no bit.
func (e elements) taken(i int) bool { return e.denied&^e.given&bit(int32(i)) != 0 }

func (e elements) ofUse(list []model.Ref, places map[hcl.Range]bool) {
	for i, ref := range list {
		if !e.taken(i) {
			places[ref.Range] = true
		}
	}
}

// environmentOfUse reports whether one of the environments that are written at a place is in use.
func (b *builder) environmentOfUse(u *useless, decl, at hcl.Range) bool {
	return slices.ContainsFunc(b.writtenAt(u, decl), func(i int32) bool {
		return slices.ContainsFunc(b.allows[i].Environments, func(ref model.Ref) bool {
			e, found := b.graph.Environment(ref.Addr.Name)
			return ref.Range == at && found && !e.Retired
		})
	})
}
