package access

import "slices"

// Equal reports whether two sets of edges give the same access, whatever edges they say it with.
func Equal(a, b []Edge) bool {
	if sameOnes(a, b) {
		return true // the usual end of a proof, and much less work
	}
	return len(Subtract(a, b)) == 0 && len(Subtract(b, a)) == 0
}

// sameOnes reports whether two lists hold the same edges, each as often, in whatever order: nothing but comparing names, and what a proof nearly
// always comes to. Where they don't, they may give the same access all the same.
func sameOnes(a, b []Edge) bool {
	if len(a) != len(b) {
		return false
	}
	shelves := map[string]int32{}
	x, y := shelved(a, shelves), shelved(b, shelves)
	for i := range x {
		p, q := &a[x[i]], &b[y[i]]
		if compareEdge(p, q) != 0 || !p.Spans.Equal(q.Spans) {
			return false
		}
	}
	return true
}

// shelved returns the places of edges, those that reach things of one name together, in canonical order. Lists come ordered by who reaches, or by
// what is reached: to put each edge on its shelf and look whether it stands right there is much less work than to sort.
//
// Shelves are numbered as they are met, from list to list.
func shelved(edges []Edge, shelves map[string]int32) []int32 {
	on := make([]int32, len(edges))
	for i := range edges {
		name := edges[i].To.Name
		if i > 0 && name == edges[i-1].To.Name {
			on[i] = on[i-1]
			continue
		}
		n, known := shelves[name]
		if !known {
			n = int32(len(shelves))
			shelves[name] = n
		}
		on[i] = n
	}
	ends := make([]int32, len(shelves)+1) // where the next one of a shelf goes; afterwards where the shelf ends
	for _, n := range on {
		ends[n+1]++
	}
	for n := range len(shelves) {
		ends[n+1] += ends[n]
	}
	out := make([]int32, len(edges))
	for i, n := range on {
		out[ends[n]] = int32(i)
		ends[n]++
	}
	byIdentity := func(i, j int32) int { return compareEdge(&edges[i], &edges[j]) }
	start := int32(0)
	for _, end := range ends[:len(shelves)] {
		if shelf := out[start:end]; !slices.IsSortedFunc(shelf, byIdentity) {
			slices.SortFunc(shelf, byIdentity)
		}
		start = end
	}
	return out
}
