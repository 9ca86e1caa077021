package access

import (
	"cmp"
	"slices"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// ComparePrincipal orders principals by target, realm and name.
func ComparePrincipal(a, b Principal) int {
	if a.Target != b.Target {
		return cmp.Compare(a.Target, b.Target)
	}
	if a.Realm != b.Realm {
		return cmp.Compare(a.Realm, b.Realm)
	}
	return cmp.Compare(a.Name, b.Name)
}

// CompareSurface orders surfaces by target, realm, kind and name.
func CompareSurface(a, b Surface) int {
	if a.Target != b.Target {
		return cmp.Compare(a.Target, b.Target)
	}
	if a.Realm != b.Realm {
		return cmp.Compare(a.Realm, b.Realm)
	}
	if a.Kind != b.Kind {
		return cmp.Compare(a.Kind, b.Kind)
	}
	return cmp.Compare(a.Name, b.Name)
}

// actionIndex returns an action's place in canonical order.
func actionIndex(a model.Action) int { return slices.Index(model.Actions(), a) }

func compareSource(a, b Source) int {
	return cmp.Or(
		addr.Compare(a.Allow, b.Allow),
		addr.Compare(a.From.Addr, b.From.Addr),
		addr.Compare(a.To.Addr, b.To.Addr),
		compareSpan(a.Span, b.Span),
	)
}

// sortedSet returns the addresses sorted and without repetition; it may reorder its input.
func sortedSet(addrs []addr.Address) []addr.Address {
	slices.SortFunc(addrs, addr.Compare)
	return slices.Compact(addrs)
}
