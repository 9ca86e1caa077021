package consul

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
)

// Token is an ACL token. One with an empty Secret gives the anonymous token its rules.
type Token struct {
	Secret     string
	Accessor   string // shown in errors
	Management bool   // may do everything
	Services   []ServiceRule
	Mesh       string // "read", "write", "deny"; empty: no rule
	Operator   string
	Agent      string // of every agent
	Keys       []KeyRule
	Session    string // of every node
}

// ServiceRule is a service or service_prefix rule. The exact rule wins over prefixes, and longer prefixes over shorter ones.
type ServiceRule struct {
	Name       string
	Prefix     bool
	Policy     string // "read", "write", "deny"
	Intentions string // empty: read where Policy is read or write, else deny
}

// KeyRule is a key or key_prefix rule. The exact rule wins over prefixes, and longer prefixes over shorter ones.
type KeyRule struct {
	Name   string
	Prefix bool
	Policy string // "read", "write", "deny"
}

// access is what a request wants to do.
type access string

const (
	read  access = "read"
	write access = "write"
)

// The resources of ACL rules, as errors name them.
const (
	resourceIntention = "intention"
	resourceService   = "service"
	resourceMesh      = "mesh"
	resourceAgent     = "agent"
	resourceKey       = "key"
	resourceSession   = "session"
)

// demand is one permission that a request needs; the zero demand is always met.
type demand struct {
	resource string
	access   access
	name     string
}

// authority decides what tokens may do.
type authority struct {
	tokens   map[string]Token
	fallback bool // where no rule speaks
}

// anonymous is the accessor of Consul's anonymous token.
const anonymous = "00000000-0000-0000-0000-000000000002"

func newAuthority(o Options) *authority {
	a := &authority{tokens: map[string]Token{"": {}}, fallback: o.DefaultPolicy == "allow"}
	for _, t := range o.Tokens {
		a.tokens[t.Secret] = t
	}
	anon := a.tokens[""]
	anon.Accessor = anonymous
	a.tokens[""] = anon
	return a
}

// holder is a request's token; nil where ACLs are off.
type holder struct {
	authority *authority
	token     Token
}

// resolve finds the token of a request, in the header, as a bearer token or in the query.
func (c *Consul) resolve(r *http.Request) (*holder, error) {
	if c.acls == nil {
		return nil, nil
	}
	bearer, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	secret := cmp.Or(r.URL.Query().Get("token"), r.Header.Get("X-Consul-Token"), bearer)
	token, ok := c.acls.tokens[secret]
	if !ok {
		return nil, refuse(http.StatusForbidden, "ACL not found")
	}
	return &holder{c.acls, token}, nil
}

// anonymous reports whether no token came with the request: then Consul does not say that a list was filtered.
func (h *holder) anonymous() bool { return h != nil && h.token.Secret == "" }

// need refuses what the token may not do.
func (h *holder) need(d demand) error {
	if h == nil || d.resource == "" || h.may(d) {
		return nil
	}
	on := ""
	if d.name != "" {
		on = fmt.Sprintf(" on %q", d.name)
	}
	if h.token.Accessor == anonymous {
		return refuse(http.StatusForbidden, "Permission denied: anonymous token lacks permission '%s:%s'%s. The anonymous token is used "+
			"implicitly when a request does not specify a token.", d.resource, d.access, on)
	}
	return refuse(http.StatusForbidden, "Permission denied: token with AccessorID '%s' lacks permission '%s:%s'%s",
		h.token.Accessor, d.resource, d.access, on)
}

func (h *holder) may(d demand) bool {
	if h.token.Management {
		return true
	}
	var policy string
	switch d.resource {
	case resourceMesh:
		policy = cmp.Or(h.token.Mesh, h.token.Operator)
	case resourceAgent:
		policy = h.token.Agent
	case resourceSession:
		policy = h.token.Session
	case resourceKey:
		policy = h.keyRule(d.name)
	case resourceIntention:
		if d.name == wildcard {
			return h.mayAll(d.access)
		}
		policy = h.rule(d.name).intentions()
	case resourceService:
		policy = h.rule(d.name).Policy
	}
	return h.decide(policy, d.access)
}

func (h *holder) decide(policy string, a access) bool {
	switch policy {
	case "":
		return h.authority.fallback
	case string(write):
		return true
	}
	return policy == string(a)
}

// mayAll is the rule for the wildcard destination: some rule must let it be read; every rule must let it be written, and one of them
// must be for all services.
func (h *holder) mayAll(a access) bool {
	all, everywhere := true, false
	for _, rule := range h.token.Services {
		allows := rule.intentions() == string(write) || rule.intentions() == string(a)
		if a == read && allows {
			return true
		}
		all = all && allows
		everywhere = everywhere || rule.Prefix && rule.Name == ""
	}
	switch {
	case a == read, all && !everywhere:
		return h.authority.fallback
	}
	return all
}

// rule returns the rule that speaks for a service; the zero rule where none does.
func (h *holder) rule(name string) ServiceRule {
	var best ServiceRule
	found := false
	for _, rule := range h.token.Services {
		if !rule.Prefix && rule.Name == name {
			return rule
		}
		if rule.Prefix && strings.HasPrefix(name, rule.Name) && (!found || len(rule.Name) > len(best.Name)) {
			best, found = rule, true
		}
	}
	return best
}

func (r ServiceRule) intentions() string {
	switch {
	case r.Intentions != "" || r.Policy == "":
		return r.Intentions
	case r.Policy == "deny":
		return "deny"
	}
	return string(read)
}

// keyRule returns the policy of the rule that speaks for a key; empty where none does.
func (h *holder) keyRule(name string) string {
	policy, longest := "", -1
	for _, rule := range h.token.Keys {
		if !rule.Prefix && rule.Name == name {
			return rule.Policy
		}
		if rule.Prefix && strings.HasPrefix(name, rule.Name) && len(rule.Name) > longest {
			policy, longest = rule.Policy, len(rule.Name)
		}
	}
	return policy
}

// needPrefix refuses to write all keys with a prefix where a rule for some of them does not let them be written.
func (h *holder) needPrefix(prefix string) error {
	if h == nil || h.token.Management {
		return nil
	}
	base := Token{Secret: h.token.Secret, Accessor: h.token.Accessor}
	for _, rule := range h.token.Keys {
		if rule.Prefix && strings.HasPrefix(prefix, rule.Name) {
			base.Keys = append(base.Keys, rule)
		}
	}
	for _, rule := range h.token.Keys {
		if strings.HasPrefix(rule.Name, prefix) && rule.Policy != string(write) {
			base.Keys = []KeyRule{{Name: prefix, Policy: "deny"}}
		}
	}
	return (&holder{h.authority, base}).need(demand{resourceKey, write, prefix})
}
