package model

import (
	"slices"
	"strings"
)

// Sets of methods are texts, as Request.Methods is: upper-case, sorted, with "," between; empty for every method.

// OtherMethod stands, among methods, for every one that no list at hand names.
const OtherMethod = "*"

// Makes reports whether a pattern's methods hold one; OtherMethod is held by patterns of every method alone.
func (r Request) Makes(method string) bool {
	return r.Methods == "" || slices.Contains(strings.Split(r.Methods, ","), method)
}

// MethodsIn returns every method that some patterns name, sorted, and OtherMethod in the end: what is to be looked at so that nothing is missed.
func MethodsIn(patterns ...[]Request) []string {
	var out []string
	for _, list := range patterns {
		for _, r := range list {
			if r.Methods != "" {
				out = append(out, strings.Split(r.Methods, ",")...)
			}
		}
	}
	slices.Sort(out)
	return append(slices.Compact(out), OtherMethod)
}

// WithMethods returns the pattern with other methods: every one, where OtherMethod is among them.
func (r Request) WithMethods(methods []string) Request {
	r.Methods = ""
	if !slices.Contains(methods, OtherMethod) {
		sorted := slices.Sorted(slices.Values(methods))
		r.Methods = strings.Join(slices.Compact(sorted), ",")
	}
	return r
}

func uniteMethods(a, b string) string {
	if a == "" || b == "" || a == b {
		return min(a, b)
	}
	return Request{}.WithMethods(append(strings.Split(a, ","), strings.Split(b, ",")...)).Methods
}

// commonMethods returns the methods of both, and false where there is none.
func commonMethods(a, b string) (string, bool) {
	if a == "" || b == "" || a == b {
		return max(a, b), true
	}
	return pickMethods(a, func(m string) bool { return Request{Methods: b}.Makes(m) })
}

// withoutMethods returns the methods of a that are not of b, and false where none is left. No text says every method but some: of every method
// every one is left, unless b is every method, too.
func withoutMethods(a, b string) (string, bool) {
	if a == "" || b == "" {
		return a, b != ""
	}
	return pickMethods(a, func(m string) bool { return !Request{Methods: b}.Makes(m) })
}

func pickMethods(methods string, keep func(string) bool) (string, bool) {
	left := slices.DeleteFunc(strings.Split(methods, ","), func(m string) bool { return !keep(m) })
	return strings.Join(left, ","), len(left) > 0
}

// Unite returns the same requests in canonical form: one pattern for each path, with the methods of all that have it, but for those that the
// pattern of a wider path has as well. It says what one pattern says of others by their texts, as Covers does.
func Unite(patterns []Request) []Request {
	if len(patterns) == 0 {
		return nil
	}
	sorted := slices.Clone(patterns)
	slices.SortFunc(sorted, CompareRequest)
	all := sorted[:1]
	for _, r := range sorted[1:] {
		if last := &all[len(all)-1]; last.Kind == r.Kind && last.Path == r.Path {
			last.Methods = uniteMethods(last.Methods, r.Methods)
		} else {
			all = append(all, r)
		}
	}
	if len(all) == 1 {
		return all
	}
	out := make([]Request, 0, len(all))
	for i, r := range all {
		left := true
		for j, wider := range all {
			if left && i != j && wider.CoversPath(r) {
				r.Methods, left = withoutMethods(r.Methods, wider.Methods)
			}
		}
		if left {
			out = append(out, r)
		}
	}
	return out
}

// Left returns what is left of a pattern when others are denied: itself, without the methods that they deny of its whole path; false where
// none is left. What they deny of a part of its path Meeting tells.
func (r Request) Left(denied []Request) (Request, bool) {
	some := true
	for _, d := range denied {
		if some && d.CoversPath(r) {
			r.Methods, some = withoutMethods(r.Methods, d.Methods)
		}
	}
	return r, some
}

// Meeting returns what of some patterns overlaps with this one, in canonical form: with no methods but its own.
func (r Request) Meeting(patterns []Request) []Request {
	var out []Request
	for _, d := range patterns {
		if methods, some := commonMethods(r.Methods, d.Methods); some && !d.DisjointPath(r) {
			d.Methods = methods
			out = append(out, d)
		}
	}
	return Unite(out)
}

// CoveredBy reports whether every request of the pattern is of one of several: for each of its methods one pattern's path covers its own.
func (r Request) CoveredBy(patterns []Request) bool {
	_, some := r.Left(patterns)
	return !some
}
