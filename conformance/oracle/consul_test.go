package oracle_test

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/compiler/access"
	"gatehouse/conformance/oracle"
	"gatehouse/targets"
	"gatehouse/targets/consul"
)

// reach is who connects to what, by which request.
type reach struct {
	from, to string
	by       oracle.Request
}

// stranger is a service that no policy names.
const stranger = "somebody-else"

// names returns every service name that any workload or store has anywhere, and one more.
func (c comparison) names() []string {
	all := map[string]bool{stranger: true}
	for _, e := range c.p.Environments {
		for _, w := range c.p.Workloads {
			if who, ok := c.p.Principal(w, e.Name, oracle.InConsul); ok {
				all[who.Name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// connections is the oracle's own answer: who connects to what in an environment's mesh at a moment.
func connections(p oracle.Policy, environment string, names []string, at int64) map[reach]bool {
	out := map[reach]bool{}
	for _, r := range p.Resources() {
		to, ok := p.Destination(r, environment)
		if !ok || to.System != oracle.InConsul {
			continue
		}
		for _, n := range names {
			for _, request := range p.Probes() {
				if p.Connects(oracle.Principal{System: oracle.InConsul, Realm: to.Realm, Name: n}, r, environment, at, request) {
					out[reach{n, to.Name, request}] = true
				}
			}
		}
	}
	return out
}

// read takes connections out of edges, by hand.
func (c comparison) read(edges []access.Edge) map[reach]bool {
	out := map[reach]bool{}
	for _, e := range edges {
		if e.Requests != "" {
			c.seen["edge by request"]++
		}
		for _, n := range c.names() {
			for _, request := range c.p.Probes() {
				if (e.From.Name == n || e.From.Name == "*" && !slices.Contains(e.Except, n)) && lets(e.Requests, request) {
					out[reach{n, e.To.Name, request}] = true
				}
			}
		}
	}
	return out
}

// lets reads the text of a narrowing: METHODS PATH, and after "except" the patterns that it doesn't hold for.
func lets(text string, r oracle.Request) bool {
	pattern, excepted, _ := strings.Cut(text, " except ")
	return text == "" || narrowing(pattern).Matches(r) && !slices.ContainsFunc(strings.Split(excepted, "; "), func(e string) bool {
		return e != "" && narrowing(e).Matches(r)
	})
}

func narrowing(text string) oracle.Pattern {
	methods, path, _ := strings.Cut(text, " ")
	out := oracle.Pattern{Kind: "any"}
	if methods != "*" {
		out.Methods = strings.Split(methods, ",")
	}
	if path != "*" {
		out.Kind, out.Path, _ = strings.Cut(path, " ")
	}
	return out
}

// lowered compares what access.Lower asks of Consul, and what it says is lost.
func (c comparison) lowered(at int64) {
	for _, e := range c.p.Environments {
		if e.Consul == nil {
			continue
		}
		edges := access.Lower(c.g, e.Name, consul.Driver{}.Capabilities(), time.Unix(at, 0))
		if diff := cmp.Diff(connections(c.p, e.Name, c.names(), at), c.read(edges)); diff != "" {
			c.Errorf("lowered for %s at %d (-oracle +graph):\n%s", e.Name, at, diff)
		}
		got := map[string]bool{}
		for _, l := range access.Losses(c.g, e.Name, consul.Driver{}.Capabilities(), time.Unix(at, 0)) {
			got[strings.Join([]string{string(l.Kind), l.Principal.Name, l.Surface.Name}, " ")] = true
			c.seen[string(l.Kind)]++
		}
		if diff := cmp.Diff(c.losses(e.Name, at), got); diff != "" && !c.p.Narrowed() {
			c.Errorf("lost for %s at %d (-oracle +graph):\n%s", e.Name, at, diff)
		}
	}
}

// losses is the oracle's own account of what Consul gives beyond a policy that narrows nothing to requests. Of one that does, what is given is
// compared, and that no more of it is said to be lost than it has patterns for is TestLowerRequests' to show.
func (c comparison) losses(environment string, at int64) map[string]bool {
	out := map[string]bool{}
	for _, r := range c.p.Resources() {
		to, ok := c.p.Destination(r, environment)
		if !ok || to.System != oracle.InConsul {
			continue
		}
		for _, n := range c.names() {
			who := oracle.Principal{System: oracle.InConsul, Realm: to.Realm, Name: n}
			by := slices.DeleteFunc(c.p.Probes(), func(request oracle.Request) bool { return !c.p.Connects(who, r, environment, at, request) })
			if len(by) == 0 {
				continue
			}
			if c.p.Shared()[who] {
				out["shared-identity "+n+" "] = true
			}
			if c.coarse(who, r, environment, at) {
				out["coarse-action "+n+" "+to.Name] = true
			}
			if slices.ContainsFunc(c.p.Moments(), func(t int64) bool { return t > at && !c.p.Connects(who, r, environment, t, by[0]) }) {
				out["unenforced-expiry "+n+" "+to.Name] = true
			}
		}
	}
	return out
}

// coarse reports whether a principal has some action by every request, and not each.
func (c comparison) coarse(who oracle.Principal, resource, environment string, at int64) bool {
	some, all := false, true
	for _, action := range oracle.Actions() {
		whole := c.p.Whole(who, action, resource, environment, at)
		some, all = some || whole, all && whole
	}
	return some && !all
}

// interpreted compares what the compiled objects mean by Consul's own rules, under both of a mesh's defaults.
func (c comparison) interpreted(at int64) {
	for _, e := range c.p.Environments {
		if e.Consul == nil {
			continue
		}
		desired, diags := consul.Driver{}.Compile(c.g, e.Name, time.Unix(at, 0))
		if len(diags) > 0 {
			c.Errorf("compile %s: %v", e.Name, diags)
		}
		facts := targets.Facts{Realm: "here"}
		for _, o := range desired.Containers {
			facts.Objects = append(facts.Objects, targets.Object{Key: o.Key, Body: o.Body})
		}
		for _, mesh := range []string{"allow", "deny"} {
			facts.Settings = targets.Settings{consul.DefaultSetting: mesh}
			edges, err := consul.Driver{}.Interpret(facts, time.Unix(at, 0))
			if err != nil {
				c.Fatal(err)
			}
			if diff := cmp.Diff(connections(c.p, e.Name, c.names(), at), c.read(edges)); diff != "" {
				c.Errorf("compiled for %s at %d, mesh default %s (-oracle +interpreted):\n%s", e.Name, at, mesh, diff)
			}
		}
	}
}
