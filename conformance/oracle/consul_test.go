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

// reach is who connects to what.
type reach struct{ from, to string }

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
			if p.Connects(oracle.Principal{System: oracle.InConsul, Realm: to.Realm, Name: n}, r, environment, at) {
				out[reach{n, to.Name}] = true
			}
		}
	}
	return out
}

// read takes connections out of edges, by hand.
func read(edges []access.Edge, names []string) map[reach]bool {
	out := map[reach]bool{}
	for _, e := range edges {
		for _, n := range names {
			if e.From.Name == n || e.From.Name == "*" && !slices.Contains(e.Except, n) {
				out[reach{n, e.To.Name}] = true
			}
		}
	}
	return out
}

// lowered compares what access.Lower asks of Consul, and what it says is lost.
func (c comparison) lowered(at int64) {
	for _, e := range c.p.Environments {
		if e.Consul == nil {
			continue
		}
		edges, losses := access.Lower(c.g, e.Name, consul.Driver{}.Capabilities(), time.Unix(at, 0))
		if diff := cmp.Diff(connections(c.p, e.Name, c.names(), at), read(edges, c.names())); diff != "" {
			c.Errorf("lowered for %s at %d (-oracle +graph):\n%s", e.Name, at, diff)
		}
		got := map[string]bool{}
		for _, l := range losses {
			got[strings.Join([]string{string(l.Kind), l.Principal.Name, l.Surface.Name}, " ")] = true
			c.seen[string(l.Kind)]++
		}
		if diff := cmp.Diff(c.losses(e.Name, at), got); diff != "" {
			c.Errorf("lost for %s at %d (-oracle +graph):\n%s", e.Name, at, diff)
		}
	}
}

// losses is the oracle's own account of what Consul gives beyond the policy.
func (c comparison) losses(environment string, at int64) map[string]bool {
	out := map[string]bool{}
	for _, r := range c.p.Resources() {
		to, ok := c.p.Destination(r, environment)
		if !ok || to.System != oracle.InConsul {
			continue
		}
		for _, n := range c.names() {
			who := oracle.Principal{System: oracle.InConsul, Realm: to.Realm, Name: n}
			if !c.p.Connects(who, r, environment, at) {
				continue
			}
			if c.p.Shared()[who] {
				out["shared-identity "+n+" "] = true
			}
			if c.coarse(who, r, environment, at) {
				out["coarse-action "+n+" "+to.Name] = true
			}
			if slices.ContainsFunc(c.p.Moments(), func(t int64) bool { return t > at && !c.p.Connects(who, r, environment, t) }) {
				out["unenforced-expiry "+n+" "+to.Name] = true
			}
		}
	}
	return out
}

// coarse reports whether some action is not declared for any workload that is a principal.
func (c comparison) coarse(who oracle.Principal, resource, environment string, at int64) bool {
	return slices.ContainsFunc(oracle.Actions(), func(action string) bool {
		return !slices.ContainsFunc(c.p.Workloads, func(w oracle.Workload) bool {
			as, ok := c.p.Principal(w, environment, oracle.InConsul)
			return ok && as == who && c.p.Granted(oracle.Question{Environment: environment, Workload: w, Resource: resource, Action: action}, at)
		})
	})
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
			if diff := cmp.Diff(connections(c.p, e.Name, c.names(), at), read(edges, c.names())); diff != "" {
				c.Errorf("compiled for %s at %d, mesh default %s (-oracle +interpreted):\n%s", e.Name, at, mesh, diff)
			}
		}
	}
}
