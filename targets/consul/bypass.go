package consul

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"gatehouse/compiler/access"
)

// bypasses appends what lets anybody in past intentions, or may: plaintext, exposed paths, and whatever rewrites a proxy's configuration. What the
// registration of a single proxy says is not seen here: it may expose paths, too, and set another protocol than service-defaults do.
func (w *world) bypasses(edges []access.Edge, d destination) []access.Edge {
	add := func(object, requests, detail string) {
		edges = append(edges, access.Edge{
			From:     access.Principal{Target: access.Consul, Realm: d.surface.Realm, Name: access.Anyone},
			To:       d.surface,
			Verb:     access.Connect,
			Requests: requests,
			Spans:    always,
		})
		if w.steps {
			edges[len(edges)-1].Via = []access.Step{{Object: object, Detail: detail}}
		}
	}
	if object, yes := w.permissive(d.surface.Name); yes {
		add(object, "", "MutualTLSMode permissive: plaintext is let in, whatever intentions say")
	}
	object, paths := w.exposed(d.surface.Name)
	for _, path := range paths {
		add(object, requestPattern{kind: exactPath, path: path}.text(), "Expose: the path is served in plaintext, whatever intentions say")
	}
	if d.http && w.proxies.ownListener {
		add(proxyDefaultsObject, unknownWord+"proxies have a listener of their own", "envoy_public_listener_json: intentions are put into it as well as may be")
	}
	for _, e := range w.extensions(d.surface.Name) {
		add(e.object, unknownWord+"the extension "+e.name+" may change what proxies let in", "EnvoyExtensions: "+e.name)
	}
	return edges
}

const proxyDefaultsObject = ProxyDefaults + "/global"

// permissive returns the object that lets plaintext in to a destination, if one does.
func (w *world) permissive(name string) (string, bool) {
	if s := w.services[strings.ToLower(name)]; s != nil && s.MutualTLSMode != "" {
		return ServiceDefaults + "/" + s.Name, s.MutualTLSMode == "permissive"
	}
	return proxyDefaultsObject, w.proxies.MutualTLSMode == "permissive"
}

// exposed returns the paths that are served in plaintext, sorted. A service's own list replaces that of all services
// (agent/configentry/resolve.go). Paths of checks are open to the node alone, and are no access.
func (w *world) exposed(name string) (object string, paths []string) {
	object, list := proxyDefaultsObject, w.proxies.Expose.Paths
	if s := w.services[strings.ToLower(name)]; s != nil && len(s.Expose.Paths) > 0 {
		object, list = ServiceDefaults+"/"+s.Name, s.Expose.Paths
	}
	for _, p := range list {
		paths = append(paths, p.Path)
	}
	slices.Sort(paths)
	return object, slices.Compact(paths)
}

// harmless are the extensions that only add checks or logs: ext-authz and the rate limits refuse, others report.
var harmless = []string{"builtin/ext-authz", "builtin/http/localratelimit", "builtin/otel-access-logging", "builtin/aws/lambda"}

type extension struct{ object, name string }

// extensions returns those that may change what a proxy lets in: property-override rewrites any part of its configuration, and code that runs in
// it may rewrite a request before it is judged.
func (w *world) extensions(name string) []extension {
	var out []extension
	take := func(object string, f *serviceFacts) {
		for _, e := range f.EnvoyExtensions {
			if x := (extension{object, e.Name}); !slices.Contains(harmless, e.Name) && !slices.Contains(out, x) {
				out = append(out, x)
			}
		}
	}
	take(proxyDefaultsObject, &w.proxies)
	if s := w.services[strings.ToLower(name)]; s != nil {
		take(ServiceDefaults+"/"+s.Name, s)
	}
	return out
}

// spelled appends what is not known of services whose names a source spells only by chance: Consul puts a source's name into a regular expression
// as it is (agent/xds/rbac.go: makeSpiffePattern), so that "a.b" speaks of "a-b" as well. intentions/check compares names exactly.
func (w *world) spelled(edges []access.Edge, d destination) []access.Edge {
	for _, name := range d.named {
		if !strings.ContainsAny(name, special) {
			continue
		}
		v := w.decide(d, d.local(name))
		_, disputed := w.disputed(d, name, v)
		if !disputed && slices.Equal(v.requests(), w.decide(d, d.local(nobody)).requests()) {
			continue
		}
		v.unknown = fmt.Sprintf("proxies take the source %s for a regular expression", strconv.Quote(name))
		edges = w.edges(edges, d, access.Anyone, beside(name, d.named), v)
	}
	return edges
}

// special are the characters that mean something else in a regular expression than themselves.
const special = `.*+?()[]{}|^$\`

// beside returns those of some names that a name does not match as a regular expression, and the name itself.
func beside(name string, names []string) []string {
	expression, err := regexp.Compile("^(?:" + name + ")$")
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(names), func(other string) bool { return other != name && expression.MatchString(other) })
}
