package consul

import (
	"slices"
	"strconv"
	"strings"
)

// permission is one L7 rule of a source. Within a source the first whose HTTP part matches decides.
type permission struct {
	Action string
	HTTP   *httpMatch
	JWT    *requirement
}

// httpMatch is which requests a permission speaks of: all of its parts have to match.
type httpMatch struct {
	PathExact, PathPrefix, PathRegex string
	Header                           []headerMatch
	Methods                          []string
}

type headerMatch struct {
	Name                                   string
	Present                                bool
	Exact, Prefix, Suffix, Contains, Regex string
	Invert, IgnoreCase                     bool
}

// requirement asks for a token of one of its providers.
type requirement struct {
	Providers []struct {
		Name         string
		VerifyClaims []struct {
			Path  []string
			Value string
		}
	}
}

// verdict is what a source may do: the first clause that matches a request decides, and otherwise the last word does.
type verdict struct {
	clauses   []clause
	otherwise bool
	unknown   string // why it can't be told what the source may do; empty where it can

	by *sourceRule // what decides, in an entry; nil: the mesh's default does
	in *rules
}

// clause is one rule of a verdict. A request that its pattern matches, and that lacks the token it asks for, has the mesh's default, which
// is then never what the clause says: later clauses are not consulted.
type clause struct {
	allow bool
	requestPattern
	token string // canonical text; empty where none is asked for
}

// judge reads one rule. Consul derives allow-only (or deny-only) Envoy rules from it, for a default of deny (or allow), which decides
// three things: what no permission matches gets the default; so does what lacks the token that a clause asks for; and a clause whose action is
// the default's asks for no token at all (agent/xds/rbac.go: removeSourcePrecedence, removePermissionPrecedence, addJWTPrincipal).
// On a destination that does not speak HTTP, permissions deny and tokens are not looked at.
func (w *world) judge(d destination, r *rules, s *sourceRule) verdict {
	if len(s.Permissions) == 0 {
		allowed := s.Action == allow
		if !d.http || r.JWT.empty() || allowed == w.defaultAllow {
			return verdict{otherwise: allowed}
		}
		return verdict{clauses: []clause{{allow: allowed, token: r.JWT.text()}}, otherwise: w.defaultAllow}
	}
	if !d.http {
		return verdict{}
	}
	return w.layer7(r, s)
}

func (w *world) layer7(r *rules, s *sourceRule) verdict {
	v := verdict{otherwise: w.defaultAllow}
	tokens := false // a clause asks for one: who lacks it has the mesh's default, whatever the last word is
	for i := range s.Permissions {
		p := &s.Permissions[i]
		next := clause{allow: p.Action == allow, requestPattern: p.HTTP.pattern()}
		if next.allow != w.defaultAllow {
			next.token = join(" and ", r.JWT.text(), p.JWT.text())
		}
		tokens = tokens || next.token != ""
		if next.everything() && !tokens {
			v.otherwise = next.allow
			break
		}
		v.clauses = append(v.clauses, next)
		if next.everything() {
			break
		}
	}
	return v.trimmed()
}

// trimmed drops the clauses at the end that say what the last word says.
func (v verdict) trimmed() verdict {
	for len(v.clauses) > 0 && v.clauses[len(v.clauses)-1].allow == v.otherwise {
		v.clauses = v.clauses[:len(v.clauses)-1]
	}
	return v
}

// pattern returns what a permission's HTTP part matches; nil matches everything.
func (h *httpMatch) pattern() requestPattern {
	if h == nil {
		return requestPattern{}
	}
	var p requestPattern
	for _, m := range h.Methods {
		p.methods = append(p.methods, strings.ToUpper(m))
	}
	slices.Sort(p.methods)
	p.methods = slices.Compact(p.methods)
	switch {
	case h.PathExact != "":
		p.kind, p.path = exactPath, h.PathExact
	case h.PathPrefix != "" && h.PathPrefix != "/":
		p.kind, p.path = prefixPath, h.PathPrefix
	case h.PathRegex != "":
		p.kind, p.path = regexPath, h.PathRegex
	}
	for i := range h.Header {
		p.headers = append(p.headers, h.Header[i].text())
	}
	slices.Sort(p.headers)
	p.headers = slices.Compact(p.headers)
	return p
}

// text of a header match; names of headers compare without regard to case. Of several comparisons Envoy is given one, by an order of its own,
// but Consul takes no entry that has several.
func (m *headerMatch) text() string {
	parts := []string{"header " + strconv.Quote(strings.ToLower(m.Name))}
	if m.Invert {
		parts = append(parts, "not")
	}
	if m.Present {
		parts = append(parts, "present")
	}
	parts = appendQuoted(parts, "is", m.Exact)
	parts = appendQuoted(parts, "begins", m.Prefix)
	parts = appendQuoted(parts, "ends", m.Suffix)
	parts = appendQuoted(parts, "contains", m.Contains)
	parts = appendQuoted(parts, "regex", m.Regex)
	if m.IgnoreCase {
		parts = append(parts, "in any case")
	}
	return strings.Join(parts, " ")
}

func appendQuoted(parts []string, key, value string) []string {
	if value == "" {
		return parts
	}
	return append(parts, key+" "+strconv.Quote(value))
}

func (r *requirement) empty() bool { return r == nil || len(r.Providers) == 0 }

// text of the tokens that satisfy a requirement: one of several; sorted, since their order means nothing.
func (r *requirement) text() string {
	if r.empty() {
		return ""
	}
	var tokens []string
	for _, p := range r.Providers {
		var claims []string
		for _, c := range p.VerifyClaims {
			claims = append(claims, strconv.Quote(strings.Join(c.Path, "/"))+" is "+strconv.Quote(c.Value))
		}
		slices.Sort(claims)
		tokens = append(tokens, strings.Join(append([]string{strconv.Quote(p.Name)}, claims...), " with "))
	}
	slices.Sort(tokens)
	return "token of " + strings.Join(tokens, " or ")
}

// join puts a separator between those texts that are not empty.
func join(separator string, texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(s string) bool { return s == "" }), separator)
}

// describe names a source as people write it.
func (s *sourceRule) describe() string {
	text := "source " + strconv.Quote(s.Name)
	switch {
	case s.Peer != "":
		text += " of peer " + strconv.Quote(s.Peer)
	case s.SamenessGroup != "":
		text += " of sameness group " + strconv.Quote(s.SamenessGroup)
	}
	switch {
	case len(s.Permissions) > 0:
		return text + " has permissions"
	case s.Action == allow:
		return text + " allows"
	}
	return text + " denies"
}
