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

// covers reports whether every request of another pattern is one of p's. What a regular expression covers is not worked out: only the same
// text counts.
func (p requestPattern) covers(o requestPattern) bool {
	for _, h := range p.headers {
		if !slices.Contains(o.headers, h) {
			return false
		}
	}
	if len(p.methods) > 0 && (len(o.methods) == 0 || slices.ContainsFunc(o.methods, func(m string) bool { return !slices.Contains(p.methods, m) })) {
		return false
	}
	switch p.kind {
	case "":
		return true
	case prefixPath:
		return (o.kind == exactPath || o.kind == prefixPath) && strings.HasPrefix(o.path, p.path)
	}
	return o.kind == p.kind && o.path == p.path
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
// Each clause that allows is a text, without the requests that clauses before it deny and that it may meet:
//
//	GET,HEAD prefix /v1 except * exact /v1/admin
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
	var denied []requestPattern
	for _, c := range v.clauses {
		if !c.allow {
			denied = append(denied, c.requestPattern)
		} else if text, ok := remains(c, denied); ok {
			out = append(out, text)
		}
	}
	if v.otherwise {
		if text, ok := remains(clause{allow: true}, denied); ok {
			out = append(out, text)
		}
	}
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

// remains is the text of what a clause allows and nothing before it denies; false where nothing is left.
func remains(c clause, denied []requestPattern) (string, bool) {
	var except []requestPattern
	for _, d := range denied {
		if d.covers(c.requestPattern) {
			return "", false
		}
		if d.meets(c.requestPattern) {
			except = append(except, d)
		}
	}
	if len(except) == 0 && c.everything() && c.token == "" {
		return "", true
	}
	return join(" with ", c.text(), c.token) + exceptions(except), true
}

// exceptions is the end of a text, without patterns that others cover.
func exceptions(patterns []requestPattern) string {
	slices.SortFunc(patterns, func(a, b requestPattern) int {
		return cmp.Or(cmp.Compare(a.kind, b.kind), cmp.Compare(a.path, b.path), cmp.Compare(a.text(), b.text()))
	})
	var texts []string
	for i, p := range patterns {
		shadowed := func(j int) bool { return patterns[j].covers(p) && (j < i || !p.covers(patterns[j])) }
		if !anyIndex(len(patterns), func(j int) bool { return j != i && shadowed(j) }) {
			texts = append(texts, p.text())
		}
	}
	if len(texts) == 0 {
		return ""
	}
	return " except " + strings.Join(texts, "; ")
}

func anyIndex(n int, holds func(int) bool) bool {
	for i := range n {
		if holds(i) {
			return true
		}
	}
	return false
}

func (v verdict) inOrder() string {
	var b strings.Builder
	b.WriteString("in order: ")
	for _, c := range v.clauses {
		b.WriteString(join(" with ", word(c.allow)+" "+c.text(), c.token) + "; ")
	}
	return b.String() + "else " + word(v.otherwise)
}
