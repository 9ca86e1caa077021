package model

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Methods returns those that Consul takes in an intention's permission (validHTTPMethods in agent/structs/config_entry_intentions.go, v1.22), sorted.
func Methods() []string {
	return []string{"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"}
}

// SpeaksHTTP reports whether requests can be told apart on a protocol: Consul takes permissions on it.
func SpeaksHTTP(protocol string) bool {
	return slices.Contains([]string{"http", "http2", "grpc"}, protocol)
}

// Call is one HTTP request, as a proxy compares it with patterns. The zero Call is none.
type Call struct {
	Method string // upper-case
	Path   string // as NormalPath returns it, without a query
}

// String prints a call as METHOD PATH.
func (c Call) String() string { return c.Method + " " + c.Path }

// ParseCall reads METHOD PATH, such as "POST /v1/features". The error says what to write instead.
func ParseCall(text string) (Call, error) {
	method, path, _ := strings.Cut(strings.TrimSpace(text), " ")
	c := Call{strings.ToUpper(method), strings.TrimSpace(path)}
	switch {
	case !slices.Contains(Methods(), c.Method) || !strings.HasPrefix(c.Path, "/"):
		return Call{}, fmt.Errorf("%q is no request: want METHOD PATH, such as \"GET /v1/features\"", text)
	case strings.ContainsAny(c.Path, "?#"):
		return Call{}, fmt.Errorf("the path %q holds a query or a fragment: only the path is compared, up to the question mark", c.Path)
	case strings.ContainsFunc(c.Path, func(r rune) bool { return r <= ' ' || r == 0x7f }):
		return Call{}, fmt.Errorf("the path %q holds a blank or a control character: write it as it stands in a URL", c.Path)
	}
	if want := NormalPath(c.Path); want != c.Path {
		return Call{}, fmt.Errorf("the path %q arrives as %q: proxies compare paths after they have normalised them", c.Path, want)
	}
	return c, nil
}

// Matches reports whether a request is one of the pattern's. An expression that is no RE2 matches nothing.
func (r Request) Matches(c Call) bool {
	if !r.Makes(c.Method) {
		return false
	}
	switch r.Kind {
	case PathAny:
		return true
	case PathExact:
		return c.Path == r.Path
	case PathPrefix:
		return strings.HasPrefix(c.Path, r.Path)
	}
	whole, err := regexp.Compile("^(?:" + r.Path + ")$")
	return err == nil && whole.MatchString(c.Path)
}
