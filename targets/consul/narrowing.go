package consul

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// requestPattern is a set of HTTP requests as the interpreter knows it. The zero value is every request: a path that does not begin with a
// slash never gets through Envoy, so that the prefix "/" is every path.
//
// Paths are compared as Envoy has normalised them, without their query.
type requestPattern struct {
	methods []string // upper-case, sorted; nil: every method
	kind    string   // exactPath, prefixPath, regexPath; empty: every path
	path    string
	headers []string // canonical texts, sorted; all have to match
}

// The kinds of paths.
const (
	exactPath  = "exact"
	prefixPath = "prefix"
	regexPath  = "regex"
)

func (p requestPattern) everything() bool {
	return len(p.methods) == 0 && p.kind == "" && len(p.headers) == 0
}

// text is canonical: METHODS PATH, and the headers after it.
func (p requestPattern) text() string {
	methods, path := "*", "*"
	if len(p.methods) > 0 {
		methods = strings.Join(p.methods, ",")
	}
	if p.kind != "" {
		path = p.kind + " " + plainPath(p.path)
	}
	return strings.Join(append([]string{methods, path}, p.headers...), " ")
}

// plainPath returns a path as it is where it is one plain word, and quoted where it could be taken for more than a path.
func plainPath(path string) string {
	odd := func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) || r == '"' || r == ';' }
	if strings.ContainsFunc(path, odd) {
		return strconv.Quote(path)
	}
	return path
}

// around reports whether every request of another pattern is one of p's, but for its method. What a regular expression covers is not worked out:
// only the same text counts.
func (p requestPattern) around(o requestPattern) bool {
	for _, h := range p.headers {
		if !slices.Contains(o.headers, h) {
			return false
		}
	}
	switch p.kind {
	case "":
		return true
	case prefixPath:
		return (o.kind == exactPath || o.kind == prefixPath) && strings.HasPrefix(o.path, p.path)
	}
	return o.kind == p.kind && o.path == p.path
}

// less returns the pattern without another one's methods, and false where it has no other: of every method every one is left.
func (p requestPattern) less(o requestPattern) (requestPattern, bool) {
	if len(o.methods) == 0 {
		return p, false
	}
	if len(p.methods) == 0 {
		return p, true
	}
	p.methods = slices.DeleteFunc(slices.Clone(p.methods), func(m string) bool { return slices.Contains(o.methods, m) })
	return p, len(p.methods) > 0
}

// beyond returns what of a pattern is not of others that are around it.
func (p requestPattern) beyond(others []requestPattern) (requestPattern, bool) {
	left := true
	for _, o := range others {
		if left && o.around(p) {
			p, left = p.less(o)
		}
	}
	return p, left
}

// within returns the pattern with no methods but another one's; they have some in common.
func (p requestPattern) within(o requestPattern) requestPattern {
	switch {
	case len(o.methods) == 0:
	case len(p.methods) == 0:
		p.methods = o.methods
	default:
		p.methods = slices.DeleteFunc(slices.Clone(p.methods), func(m string) bool { return !slices.Contains(o.methods, m) })
	}
	return p
}

// united returns the same requests with one pattern for each path and headers, without the methods that a pattern around it has; sorted by kind and path.
func united(patterns []requestPattern) []requestPattern {
	sorted := slices.SortedFunc(slices.Values(patterns), func(a, b requestPattern) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.path, b.path), slices.Compare(a.headers, b.headers))
	})
	var all []requestPattern
	for _, p := range sorted {
		if last := len(all) - 1; last >= 0 && all[last].kind == p.kind && all[last].path == p.path && slices.Equal(all[last].headers, p.headers) {
			all[last].methods = both(all[last].methods, p.methods)
		} else {
			all = append(all, p)
		}
	}
	var out []requestPattern
	for i, p := range all {
		if left, some := p.beyond(slices.Delete(slices.Clone(all), i, i+1)); some {
			out = append(out, left)
		}
	}
	return out
}

// both returns the methods of two lists; nil is every one.
func both(a, b []string) []string {
	if len(a) == 0 || len(b) == 0 {
		return nil
	}
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(a, b))))
}

// meets reports whether a request may be of both patterns. A regular expression is taken to meet every path.
func (p requestPattern) meets(o requestPattern) bool {
	if len(p.methods) > 0 && len(o.methods) > 0 && !slices.ContainsFunc(p.methods, func(m string) bool { return slices.Contains(o.methods, m) }) {
		return false
	}
	switch {
	case p.kind == "" || o.kind == "" || p.kind == regexPath || o.kind == regexPath:
		return true
	case p.kind == exactPath && o.kind == exactPath:
		return p.path == o.path
	case p.kind == exactPath:
		return strings.HasPrefix(p.path, o.path)
	case o.kind == exactPath:
		return strings.HasPrefix(o.path, p.path)
	}
	return strings.HasPrefix(p.path, o.path) || strings.HasPrefix(o.path, p.path)
}

// requests are the canonical texts of what a verdict lets through, one for each edge; a single "" where that is everything, and none
// where it is nothing.
//
// Of clauses that allow each path is a text, with the methods of all that have it and follow each other, without the requests that clauses before
// it deny and that it may meet:
//
//	GET,HEAD prefix /v1 except GET exact /v1/admin
//
// Where tokens are asked for and clauses meet, that would not tell what somebody without a token gets. The clauses are then told in their order:
//
//	in order: allow * prefix /v1 with token of "okta"; deny * exact /v1/admin; else deny
//
// What isn't known is one text that begins with "unknown".
func (v verdict) requests() []string {
	switch {
	case v.unknown != "":
		return []string{unknownWord + v.unknown}
	case len(v.clauses) == 0 && v.otherwise:
		return []string{""}
	case v.tangled():
		return []string{v.inOrder()}
	}
	var out []string
	var denied, allowed []requestPattern
	for _, c := range v.clauses {
		switch {
		case !c.allow:
			out = append(out, remaining(allowed, denied, "")...)
			allowed, denied = nil, append(denied, c.requestPattern)
		case c.token != "":
			out = append(out, remaining([]requestPattern{c.requestPattern}, denied, c.token)...)
		default:
			allowed = append(allowed, c.requestPattern)
		}
	}
	if v.otherwise {
		allowed = append(allowed, requestPattern{})
	}
	out = append(out, remaining(allowed, denied, "")...)
	if slices.Contains(out, "") {
		return []string{""}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// unknownWord begins a text about which nothing is known.
const unknownWord = "unknown: "

// tangled reports whether a token is asked for where that hangs together with other clauses.
func (v verdict) tangled() bool {
	for i, c := range v.clauses {
		if c.token == "" {
			continue
		}
		if !c.allow {
			return true
		}
		for _, other := range v.clauses[i+1:] {
			if other.allow && c.meets(other.requestPattern) {
				return true
			}
		}
	}
	return false
}

// remaining are the texts of what clauses allow that follow each other, and nothing before them denies: one for each path.
func remaining(allowed, denied []requestPattern, token string) []string {
	var rest []requestPattern
	for _, p := range allowed {
		if left, some := p.beyond(denied); some {
			rest = append(rest, left)
		}
	}
	var out []string
	for _, p := range united(rest) {
		var except []requestPattern
		for _, d := range denied {
			if d.meets(p) {
				except = append(except, d.within(p))
			}
		}
		if len(except) == 0 && p.everything() && token == "" {
			return []string{""}
		}
		out = append(out, join(" with ", p.text(), token)+exceptions(united(except)))
	}
	return out
}

// exceptions is the end of a text.
func exceptions(patterns []requestPattern) string {
	if len(patterns) == 0 {
		return ""
	}
	var texts []string
	for _, p := range patterns {
		texts = append(texts, p.text())
	}
	return " except " + strings.Join(texts, "; ")
}

func (v verdict) inOrder() string {
	var b strings.Builder
	b.WriteString("in order: ")
	for _, c := range v.clauses {
		b.WriteString(join(" with ", word(c.allow)+" "+c.text(), c.token) + "; ")
	}
	return b.String() + "else " + word(v.otherwise)
}
