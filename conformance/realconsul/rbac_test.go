package realconsul_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	rbac "github.com/envoyproxy/go-control-plane/envoy/config/rbac/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	matcher "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
)

// This file decides about requests by the rules that Envoy gets, as Envoy's documentation says that it does:
// https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/rbac/v3/rbac.proto. A rule of a kind that Consul isn't known to send is a panic.

// asked is one request.
type asked struct {
	source  string
	method  string
	path    string
	headers map[string]string
	token   map[string]map[string]string // by provider: its claims, by path with "/" between
}

// envoyJudge decides about one request, and knows the mesh's trust domain.
type envoyJudge struct {
	domain string
	asked
}

func (j envoyJudge) allows(rules *rbac.RBAC) bool {
	matched := false
	for _, p := range rules.GetPolicies() {
		matched = matched || slices.ContainsFunc(p.GetPrincipals(), j.principal) && slices.ContainsFunc(p.GetPermissions(), j.permission)
	}
	return matched == (rules.GetAction() == rbac.RBAC_ALLOW)
}

func (j envoyJudge) principal(p *rbac.Principal) bool {
	switch p := p.GetIdentifier().(type) {
	case *rbac.Principal_AndIds:
		return !slices.ContainsFunc(p.AndIds.GetIds(), func(p *rbac.Principal) bool { return !j.principal(p) })
	case *rbac.Principal_OrIds:
		return slices.ContainsFunc(p.OrIds.GetIds(), j.principal)
	case *rbac.Principal_NotId:
		return !j.principal(p.NotId)
	case *rbac.Principal_Any:
		return p.Any
	case *rbac.Principal_Authenticated_:
		return matches(p.Authenticated.GetPrincipalName(), fmt.Sprintf("spiffe://%s/ns/default/dc/dc1/svc/%s", j.domain, j.source))
	case *rbac.Principal_Metadata:
		//lint:ignore SA1019 Consul 1.22 sends this, and not what came after it
		return j.metadata(p.Metadata)
	}
	panic(fmt.Sprintf("an unexpected principal: %v", p))
}

func (j envoyJudge) permission(p *rbac.Permission) bool {
	switch p := p.GetRule().(type) {
	case *rbac.Permission_AndRules:
		return !slices.ContainsFunc(p.AndRules.GetRules(), func(p *rbac.Permission) bool { return !j.permission(p) })
	case *rbac.Permission_OrRules:
		return slices.ContainsFunc(p.OrRules.GetRules(), j.permission)
	case *rbac.Permission_NotRule:
		return !j.permission(p.NotRule)
	case *rbac.Permission_Any:
		return p.Any
	case *rbac.Permission_UrlPath:
		return matches(p.UrlPath.GetPath(), j.path)
	case *rbac.Permission_Header:
		return j.header(p.Header)
	case *rbac.Permission_Metadata:
		//lint:ignore SA1019 Consul 1.22 sends this, and not what came after it
		return j.metadata(p.Metadata)
	}
	panic(fmt.Sprintf("an unexpected permission: %v", p))
}

// header follows https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-headermatcher: of a
// header that is missing only its presence can be told, whatever is inverted.
func (j envoyJudge) header(h *route.HeaderMatcher) bool {
	value, present := j.headers[strings.ToLower(h.GetName())]
	if h.GetName() == ":method" {
		value, present = j.method, true
	}
	switch m := h.GetHeaderMatchSpecifier().(type) {
	case *route.HeaderMatcher_PresentMatch:
		return (present == m.PresentMatch) != h.GetInvertMatch()
	case *route.HeaderMatcher_StringMatch:
		return present && matches(m.StringMatch, value) != h.GetInvertMatch()
	}
	panic(fmt.Sprintf("an unexpected match of a header: %v", h))
}

// metadata looks at what the JWT filter has left of a token that it found good.
func (j envoyJudge) metadata(m *matcher.MetadataMatcher) bool {
	var keys []string
	for _, segment := range m.GetPath() {
		keys = append(keys, segment.GetKey())
	}
	provider, ok := strings.CutPrefix(keys[0], "jwt_payload_")
	if m.GetFilter() != "envoy.filters.http.jwt_authn" || !ok {
		panic(fmt.Sprintf("unexpected metadata: %v", m))
	}
	value, present := j.token[provider][strings.Join(keys[1:], "/")]
	return present && matches(m.GetValue().GetStringMatch(), value)
}

func matches(m *matcher.StringMatcher, text string) bool {
	fold := func(s string) string {
		if m.GetIgnoreCase() {
			return strings.ToLower(s)
		}
		return s
	}
	switch p := m.GetMatchPattern().(type) {
	case *matcher.StringMatcher_Exact:
		return fold(text) == fold(p.Exact)
	case *matcher.StringMatcher_Prefix:
		return strings.HasPrefix(fold(text), fold(p.Prefix))
	case *matcher.StringMatcher_Suffix:
		return strings.HasSuffix(fold(text), fold(p.Suffix))
	case *matcher.StringMatcher_Contains:
		return strings.Contains(fold(text), fold(p.Contains))
	case *matcher.StringMatcher_SafeRegex:
		return regexp.MustCompile(`^(?:` + p.SafeRegex.GetRegex() + `)$`).MatchString(text)
	}
	panic(fmt.Sprintf("an unexpected match of text: %v", m))
}
