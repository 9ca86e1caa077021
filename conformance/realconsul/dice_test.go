package realconsul_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// This file draws worlds at random, and lists what is asked of each.

// dice draws entries as people might write them, and some that Consul refuses.
type dice struct{ *rand.Rand }

var (
	issuers = []string{"okta", "auth0"}
	askers  = []string{"web", "job", "a.b", "a-b", "somebody-else"}
	paths   = []string{"/", "/v1", "/v1/admin", "/v1/admin/x", "/v1/x", "/v2", "/health", "/a b", "/v1;x"}
)

func pick[T any](d dice, list ...T) T { return list[d.IntN(len(list))] }

// often is true in n of ten cases.
func (d dice) often(n int) bool { return d.IntN(10) < n }

func text(fields map[string]any) string {
	out, err := json.Marshal(fields)
	if err != nil {
		panic(err) // maps, lists and strings
	}
	return string(out)
}

func (d dice) proxyDefaults() string {
	return text(map[string]any{"Kind": "proxy-defaults", "Name": "global", "Config": map[string]any{"protocol": pick(d, "tcp", "http", "grpc", "HTTP")}})
}

// serviceDefaults is empty where the service has none.
func (d dice) serviceDefaults(name string) string {
	protocol := pick(d, "", "", "tcp", "http", "http2", "grpc", "Http")
	if protocol == "" {
		return ""
	}
	return text(map[string]any{"Kind": "service-defaults", "Name": name, "Protocol": protocol})
}

// intentions are those of one destination; empty where it has none. Half of them are of connections alone, which any protocol takes.
func (d dice) intentions(name string, requests bool) string {
	var sources []any
	requests = requests && d.often(5)
	for i, source := range []string{"web", "job", "*", "a.b"} {
		if d.often([]int{6, 6, 6, 1}[i]) {
			sources = append(sources, d.source(source, requests))
		}
	}
	if d.often(2) {
		peered := d.source(pick(d, "web", "*"), requests)
		peered["Peer"] = "west"
		sources = append(sources, peered)
	}
	if len(sources) == 0 {
		return ""
	}
	entry := map[string]any{"Kind": "service-intentions", "Name": name, "Sources": sources}
	if d.often(2) {
		entry["JWT"] = d.jwt()
	}
	return text(entry)
}

func (d dice) source(name string, requests bool) map[string]any {
	if !requests || d.often(3) {
		return map[string]any{"Name": name, "Action": pick(d, "allow", "deny")}
	}
	var permissions []any
	for range 1 + d.IntN(4) {
		p := map[string]any{"Action": pick(d, "allow", "deny"), "HTTP": d.http()}
		if d.often(2) {
			p["JWT"] = d.jwt()
		}
		permissions = append(permissions, p)
	}
	return map[string]any{"Name": name, "Permissions": permissions}
}

func (d dice) http() map[string]any {
	http := map[string]any{}
	switch d.IntN(8) {
	case 0, 1:
		http["PathExact"] = pick(d, paths...)
	case 2, 3, 4:
		http["PathPrefix"] = pick(d, "/", "/v1", "/v1/", "/v1/admin", "/a ", "/v1;")
	case 5, 6:
		http["PathRegex"] = pick(d, "/v[12]", "/v1/.*", "/.*x", "/a b|/health", `/v1;"?.*`)
	}
	if d.often(4) {
		http["Methods"] = pick(d, []string{"GET"}, []string{"post", "GET"}, []string{"DELETE"})
	}
	for range d.IntN(3) {
		if d.often(4) {
			http["Header"] = append(asList(http["Header"]), d.header())
		}
	}
	return http
}

func asList(v any) []any {
	list, _ := v.([]any)
	return list
}

func (d dice) header() map[string]any {
	how := pick(d, "Present", "Exact", "Prefix", "Suffix", "Contains", "Regex")
	h := map[string]any{"Name": pick(d, "x-team", "X-Team", "x-debug"), how: pick(d, "fraud", "Fr", "d", "ra")}
	switch how {
	case "Present":
		h[how] = true
	case "Regex":
		h[how] = pick(d, "[Ff]raud", "fra", ".+d")
	default:
		h["IgnoreCase"] = d.often(5)
	}
	h["Invert"] = d.often(3)
	return h
}

func (d dice) jwt() map[string]any {
	var providers []any
	for _, issuer := range issuers {
		if d.often(5) || len(providers) == 0 && issuer == issuers[len(issuers)-1] {
			p := map[string]any{"Name": issuer}
			if d.often(4) {
				p["VerifyClaims"] = []any{map[string]any{"Path": []string{"perms", "role"}, "Value": pick(d, "ml", "ops")}}
			}
			providers = append(providers, p)
		}
	}
	return map[string]any{"Providers": providers}
}

// sample are the requests that are asked about, for every source.
func sample() []asked {
	headers := []map[string]string{{}, {"x-team": "Fraud"}, {"x-team": "fraud", "x-debug": "d"}}
	tokens := []map[string]map[string]string{{}, {"okta": {"iss": "okta"}}, {"okta": {"iss": "okta", "perms/role": "ml"}},
		{"auth0": {"iss": "auth0", "perms/role": "ops"}}}
	var out []asked
	for _, source := range askers {
		for _, method := range []string{"GET", "POST", "DELETE"} {
			for _, path := range paths {
				for _, h := range headers {
					for _, token := range tokens {
						out = append(out, asked{source, method, path, h, token})
					}
				}
			}
		}
	}
	return out
}

// question writes what was asked and answered, as a line of a case.
func question(answer reached, destination string, a asked) string {
	line := fmt.Sprintf("%-8s %s -> %s: %s %q", answer, a.source, destination, a.method, a.path)
	for _, name := range slices.Sorted(maps.Keys(a.headers)) {
		line += fmt.Sprintf(" %s=%s", name, a.headers[name])
	}
	for _, issuer := range slices.Sorted(maps.Keys(a.token)) {
		line += " token:" + issuer
		for _, claim := range slices.Sorted(maps.Keys(a.token[issuer])) {
			if claim != "iss" {
				line += "," + strings.Join([]string{claim, a.token[issuer][claim]}, "=")
			}
		}
	}
	return line
}
