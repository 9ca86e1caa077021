package consul

import (
	"slices"
	"strconv"
	"strings"

	"gatehouse/compiler/access"
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

// verdict is what a source may do: the first clause that matches a request decides, and otherwise the last word does. Clauses of the
// same action as the last word matter only for what they hide from clauses after them.
type verdict struct {
	clauses   []clause
	otherwise bool
	via       access.Step
}

type clause struct {
	allow bool
	match string // canonical text
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
		return verdict{clauses: []clause{{allowed, "any" + r.JWT.text()}}, otherwise: w.defaultAllow}
	}
	if !d.http {
		return verdict{}
	}
	return w.layer7(r, s)
}

func (w *world) layer7(r *rules, s *sourceRule) verdict {
	v := verdict{otherwise: w.defaultAllow}
	for i := range s.Permissions {
		p := &s.Permissions[i]
		allowed := p.Action == allow
		token := ""
		if allowed != w.defaultAllow {
			token = r.JWT.text() + p.JWT.text()
		}
		if p.HTTP.everything() {
			if token == "" {
				v.otherwise = allowed
			} else {
				v.clauses = append(v.clauses, clause{allowed, "any" + token})
			}
			break
		}
		v.clauses = append(v.clauses, clause{allowed, p.HTTP.text() + token})
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

// nothing reports whether no request is let through.
func (v verdict) nothing() bool { return len(v.clauses) == 0 && !v.otherwise }

// requests is the canonical text of a narrowing, empty where everything is let through. Clauses read in order, such as
//
//	deny path "/admin"; allow GET,HEAD path-prefix "/v1"; else deny
func (v verdict) requests() string {
	if len(v.clauses) == 0 {
		return ""
	}
	var b strings.Builder
	for _, c := range v.clauses {
		b.WriteString(word(c.allow) + " " + c.match + "; ")
	}
	return b.String() + "else " + word(v.otherwise)
}

// everything reports whether the part matches all requests: every path begins with a slash.
func (h *httpMatch) everything() bool {
	return h == nil || (h.PathExact == "" && h.PathRegex == "" && (h.PathPrefix == "" || h.PathPrefix == "/") &&
		len(h.Header) == 0 && len(h.Methods) == 0)
}

func (h *httpMatch) text() string {
	var parts []string
	if len(h.Methods) > 0 {
		methods := make([]string, len(h.Methods))
		for i, m := range h.Methods {
			methods[i] = strings.ToUpper(m)
		}
		slices.Sort(methods)
		parts = append(parts, strings.Join(slices.Compact(methods), ","))
	}
	parts = appendQuoted(parts, "path", h.PathExact)
	parts = appendQuoted(parts, "path-prefix", h.PathPrefix)
	parts = appendQuoted(parts, "path-regex", h.PathRegex)
	headers := make([]string, 0, len(h.Header))
	for i := range h.Header {
		headers = append(headers, h.Header[i].text())
	}
	slices.Sort(headers)
	return strings.Join(append(parts, headers...), " ")
}

func appendQuoted(parts []string, key, value string) []string {
	if value == "" {
		return parts
	}
	return append(parts, key+" "+strconv.Quote(value))
}

// text of a header match; names of headers compare without regard to case.
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
	return " token " + strings.Join(tokens, " or ")
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
