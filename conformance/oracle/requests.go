package oracle

import (
	"regexp"
	"slices"
	"strings"
)

// Request is one HTTP request.
type Request struct{ Method, Path string }

// Pattern is one path of an http block with the block's methods: what the compiler compares, while the meaning of it is which requests it
// matches. A nil list of methods is every one; the kind of a path is any, exact, prefix or regex.
type Pattern struct {
	Methods    []string
	Kind, Path string
}

// Patterns returns what http blocks say; none at all say one thing: every request.
func Patterns(list []HTTP) []Pattern {
	if len(list) == 0 {
		return []Pattern{{Kind: "any"}}
	}
	var out []Pattern
	for _, h := range list {
		before := len(out)
		for kind, paths := range map[string][]string{"exact": h.Paths, "prefix": h.Prefixes, "regex": h.Regexes} {
			for _, path := range paths {
				out = append(out, Pattern{h.Methods, kind, path})
			}
		}
		if len(out) == before {
			out = append(out, Pattern{h.Methods, "any", ""})
		}
	}
	for i := range out {
		if out[i].Kind == "prefix" && out[i].Path == "/" { // every path begins so
			out[i].Kind, out[i].Path = "any", ""
		}
	}
	return out
}

// Each returns the patterns method by method: those that rules are generated with, and one that stands for all others.
func Each(list []Pattern) []Pattern {
	var out []Pattern
	for _, p := range list {
		for _, method := range []string{"GET", "POST", "DELETE", "PATCH"} {
			if p.Methods == nil || slices.Contains(p.Methods, method) {
				out = append(out, Pattern{[]string{method}, p.Kind, p.Path})
			}
		}
	}
	return out
}

// Matches reports whether a request is one of the pattern's.
func (p Pattern) Matches(r Request) bool {
	if p.Methods != nil && !slices.Contains(p.Methods, r.Method) {
		return false
	}
	switch p.Kind {
	case "exact":
		return r.Path == p.Path
	case "prefix":
		return strings.HasPrefix(r.Path, p.Path)
	case "regex":
		return regexp.MustCompile("^(?:" + p.Path + ")$").MatchString(r.Path)
	}
	return true
}

func matches(list []HTTP, r Request) bool {
	return slices.ContainsFunc(Patterns(list), func(p Pattern) bool { return p.Matches(r) })
}

// Covers is the language's rule for when one pattern is known to hold all of another: no more methods, and a path that is the same text of the same
// kind, or any path, or a prefix of an exact path or of a longer prefix.
func (p Pattern) Covers(q Pattern) bool {
	methods := p.Methods == nil || q.Methods != nil && !slices.ContainsFunc(q.Methods, func(m string) bool { return !slices.Contains(p.Methods, m) })
	same := p.Kind == q.Kind && p.Path == q.Path
	inside := p.Kind == "prefix" && (q.Kind == "exact" || q.Kind == "prefix") && strings.HasPrefix(q.Path, p.Path)
	return methods && (p.Kind == "any" || same || inside)
}

// Apart is its rule for when two patterns are known to have no request in common. An expression may match anything.
func (p Pattern) Apart(q Pattern) bool {
	if p.Methods != nil && q.Methods != nil && !slices.ContainsFunc(p.Methods, func(m string) bool { return slices.Contains(q.Methods, m) }) {
		return true
	}
	textual := func(k string) bool { return k == "exact" || k == "prefix" }
	if !textual(p.Kind) || !textual(q.Kind) {
		return false
	}
	begins := func(p, q Pattern) bool {
		return p.Path == q.Path || p.Kind == "prefix" && strings.HasPrefix(q.Path, p.Path)
	}
	return !begins(p, q) && !begins(q, p)
}

// coveredBy reports whether one pattern of some http blocks covers another.
func coveredBy(list []HTTP, q Pattern) bool {
	return slices.ContainsFunc(Patterns(list), func(p Pattern) bool { return p.Covers(q) })
}

// Narrowed reports whether anything in the policy is narrowed to requests.
func (p Policy) Narrowed() bool {
	return slices.ContainsFunc(p.Allows, func(a Allow) bool { return a.HTTP != nil }) || slices.ContainsFunc(p.Denies, func(d Deny) bool { return d.HTTP != nil })
}

// Probes returns requests to ask about: one that stands for all where nothing is narrowed.
func (p Policy) Probes() []Request {
	if !p.Narrowed() {
		return []Request{{"GET", "/"}}
	}
	return []Request{{"GET", "/v1/a"}, {"POST", "/v1/a"}, {"GET", "/v1/b"}, {"GET", "/v2"}, {"DELETE", "/"}}
}
