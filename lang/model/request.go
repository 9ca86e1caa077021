package model

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// CompareRequest orders requests by kind of path, path and methods.
func CompareRequest(a, b Request) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Path, b.Path), cmp.Compare(a.Methods, b.Methods))
}

// String prints a request as METHODS PATH: "* *" is every request, "GET,POST prefix /v1/" some.
func (r Request) String() string {
	methods, path := r.Methods, string(r.Kind)+" "+oneWord(r.Path)
	if methods == "" {
		methods = "*"
	}
	if r.Kind == PathAny {
		path = "*"
	}
	return methods + " " + path
}

// oneWord returns a path as it is, and quoted where it could be read as more than one word: no two lists of patterns print the same.
func oneWord(path string) string {
	odd := func(c rune) bool { return unicode.IsSpace(c) || !unicode.IsPrint(c) || c == '"' || c == ';' }
	if strings.ContainsFunc(path, odd) {
		return strconv.Quote(path)
	}
	return path
}

// Covers reports whether every request of s is one of r, as far as their texts show: between regular expressions only identical text counts,
// and no other pattern but that of every path is known to cover one. Request.CoveredBy asks of several patterns together.
func (r Request) Covers(s Request) bool { return r.coversMethods(s) && r.CoversPath(s) }

func (r Request) coversMethods(s Request) bool {
	if r.Methods == "" || r.Methods == s.Methods {
		return true
	}
	own := strings.Split(r.Methods, ",")
	return s.Methods != "" && !slices.ContainsFunc(strings.Split(s.Methods, ","), func(m string) bool { return !slices.Contains(own, m) })
}

// CoversPath is Covers of paths alone, whatever the methods.
func (r Request) CoversPath(s Request) bool {
	switch {
	case r.Kind == PathAny:
		return true
	case r.Kind == PathPrefix && (s.Kind == PathExact || s.Kind == PathPrefix):
		return strings.HasPrefix(s.Path, r.Path)
	}
	return r.Kind == s.Kind && r.Path == s.Path
}

// Disjoint reports whether no request is of both, as far as their texts show: a regular expression may match any path.
func (r Request) Disjoint(s Request) bool { return r.disjointMethods(s) || r.DisjointPath(s) }

func (r Request) disjointMethods(s Request) bool {
	if r.Methods == "" || s.Methods == "" {
		return false
	}
	other := strings.Split(s.Methods, ",")
	return !slices.ContainsFunc(strings.Split(r.Methods, ","), func(m string) bool { return slices.Contains(other, m) })
}

// DisjointPath is Disjoint of paths alone, whatever the methods.
func (r Request) DisjointPath(s Request) bool {
	switch {
	case r.Kind == PathExact && s.Kind == PathExact:
		return r.Path != s.Path
	case r.Kind == PathExact && s.Kind == PathPrefix:
		return !strings.HasPrefix(r.Path, s.Path)
	case r.Kind == PathPrefix && s.Kind == PathExact:
		return !strings.HasPrefix(s.Path, r.Path)
	case r.Kind == PathPrefix && s.Kind == PathPrefix:
		return !strings.HasPrefix(r.Path, s.Path) && !strings.HasPrefix(s.Path, r.Path)
	}
	return false
}
