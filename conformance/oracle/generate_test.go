package oracle_test

import (
	"fmt"
	"slices"

	"pgregory.net/rapid"

	"gatehouse/conformance/oracle"
)

// generator draws policies. Simple things are drawn first in every choice, so that a counterexample shrinks to them.
type generator struct {
	*rapid.T
	p       oracle.Policy
	sharing bool // identities are shared often, which they rarely are
	cloudy  bool // it is about secrets above all, and accounts are shared often
	narrow  bool // rules are narrowed to requests
}

// often is a chance, or another where the policy is about secrets.
func (g *generator) often(percent, cloudy int) int {
	if g.cloudy {
		return cloudy
	}
	return percent
}

// policies generates policies, most of them without mistakes.
func policies() *rapid.Generator[oracle.Policy] { return generated(generator{}) }

// narrowedPolicies generates policies of which rules are narrowed to requests.
func narrowedPolicies() *rapid.Generator[oracle.Policy] { return generated(generator{narrow: true}) }

// cloudPolicies generates policies of which most is about secrets.
func cloudPolicies() *rapid.Generator[oracle.Policy] { return generated(generator{cloudy: true}) }

func generated(about generator) *rapid.Generator[oracle.Policy] {
	return rapid.Custom(func(t *rapid.T) oracle.Policy {
		g := &generator{T: t, cloudy: about.cloudy, narrow: about.narrow}
		g.sharing = g.chance("sharing", 40)
		g.environments()
		for i := range g.upTo("workloads", 4, 1) {
			g.p.Workloads = append(g.p.Workloads, g.workload(fmt.Sprintf("worker%d", i+1)))
		}
		for i := range g.upTo("stores", 3, 1) {
			g.p.Stores = append(g.p.Stores, g.store(fmt.Sprintf("store%d", i+1)))
		}
		for i := range g.upTo("secrets", g.often(2, 3), g.often(0, 1)) {
			if s := g.secret(fmt.Sprintf("secret%d", i+1)); len(s.Environments) > 0 {
				g.p.Secrets = append(g.p.Secrets, s)
			}
		}
		for i := range g.upTo("groups", 2, 0) {
			g.p.Groups = append(g.p.Groups, g.group(fmt.Sprintf("group%d", i+1)))
		}
		for i := range g.upTo("allows", 4, 0) {
			g.p.Allows = append(g.p.Allows, g.allow(fmt.Sprintf("allow%d", i+1)))
		}
		for i := range g.upTo("denies", 2, 0) {
			g.p.Denies = append(g.p.Denies, g.deny(fmt.Sprintf("deny%d", i+1)))
		}
		return g.p
	})
}

func (g *generator) upTo(what string, most, least int) int {
	return least + g.below(what, most-least+1)
}

// chance is false most easily.
func (g *generator) chance(what string, percent int) bool { return g.below(what, 100) >= 100-percent }

// below draws a number below n, about as often as any other: rapid's own ranges draw small numbers much more often than others. It
// shrinks to 0.
func (g *generator) below(what string, n int) int {
	return rapid.IntRange(0, 1<<16-1).Draw(g.T, what) * 40_503 >> 4 % n
}

// pick draws one of several, the first most easily.
func pick[T any](g *generator, what string, from ...T) T {
	return from[g.below(what, len(from))]
}

// some draws a part of a list in its order, at least one where there is any.
func (g *generator) some(what string, from []string, percent int) []string {
	out := []string{}
	for _, one := range from {
		if g.chance(what+" has "+one, percent) {
			out = append(out, one)
		}
	}
	if len(out) == 0 && len(from) > 0 {
		out = append(out, pick(g, what, from...))
	}
	return out
}

var (
	name        = oracle.Part{Variable: "name"}
	environment = oracle.Part{Variable: "environment"}
	team        = oracle.Part{Variable: "labels.team"}
)

func words(s string) oracle.Part { return oracle.Part{Text: s} }

func (g *generator) environments() {
	for i, name := range []string{"dev", "prod", "stage"}[:g.upTo("environments", 3, 1)] {
		e := oracle.Environment{Name: name, Tier: pick(g, "tier", "development", "production", "staging"), Retired: g.chance("retired", 5)}
		if !g.chance("no consul", 4) {
			e.Consul = g.consul(i)
		}
		if g.chance("google", g.often(60, 95)) {
			e.Google = g.google()
		}
		g.p.Environments = append(g.p.Environments, e)
	}
}

func (g *generator) consul(i int) *oracle.Consul {
	own := fmt.Sprintf("https://consul%d:8501", i)
	suffixed := oracle.Template{name, words("-"), environment}
	return &oracle.Consul{
		Address:    pick(g, "address", own, own, own, "", "https://one:8501", "HTTPS://One:8501/"),
		Datacenter: pick(g, "datacenter", "", "", "dc1", "dc2"),
		Service:    pick(g, "service template", nil, suffixed, suffixed, oracle.Template{name}, oracle.Template{team, words("-"), name, words("_"), environment}),
	}
}

func (g *generator) google() *oracle.Google {
	at := words("@acme-shared.iam.gserviceaccount.com")
	return &oracle.Google{
		Project:        pick(g, "project", "acme-one", "acme-two"),
		ServiceAccount: pick(g, "account template", nil, oracle.Template{name, words("-"), environment, at}, oracle.Template{name, at}, oracle.Template{team, at}),
		Secret:         pick(g, "secret template", nil, oracle.Template{environment, words("-"), name}, oracle.Template{environment, words("-"), name}),
		Dataset:        pick(g, "dataset template", nil, oracle.Template{name, words("_"), environment}, oracle.Template{name, words("_"), environment}),
	}
}

func (g *generator) environmentNames(where func(oracle.Environment) bool) []string {
	var out []string
	for _, e := range g.p.Environments {
		if where(e) || g.chance("in the wrong place", 1) {
			out = append(out, e.Name)
		}
	}
	return out
}

// labels almost always hold a team, which templates ask for.
func (g *generator) labels() map[string]string {
	out := map[string]string{}
	if !g.chance("no team", 3) {
		out["team"] = pick(g, "team", "fraud-ml", "search")
	}
	if g.chance("stage", 60) {
		out["stage"] = pick(g, "stage is", "train", "serve")
	}
	return out
}

// overrides draws in blocks, which mostly stand where the thing is and name what the environment has.
func (g *generator) overrides(environments []string, fill func(*oracle.Override, oracle.Environment)) []oracle.Override {
	var out []oracle.Override
	for _, e := range g.p.Environments {
		percent := 1
		if slices.Contains(environments, e.Name) {
			percent = 50
		}
		if !g.chance("override "+e.Name, percent) {
			continue
		}
		o := oracle.Override{Environment: e.Name}
		if g.chance("labels", 40) {
			o.Labels = map[string]string{"stage": pick(g, "stage there", "train", "serve")}
		}
		fill(&o, e)
		out = append(out, o)
	}
	return out
}

// has is true where an environment has a system, and rarely where it hasn't.
func (g *generator) has(there bool) bool { return there || g.chance("without a target", 4) }

func (g *generator) workload(name string) oracle.Workload {
	everywhere := g.environmentNames(func(oracle.Environment) bool { return true })
	w := oracle.Workload{Name: name, Environments: g.some("environments", everywhere, 60), Labels: g.labels()}
	w.In = g.overrides(w.Environments, func(o *oracle.Override, e oracle.Environment) {
		if g.sharing && e.Consul != nil && g.chance("shared", 70) {
			o.Service = "shared"
		} else if g.has(e.Consul != nil) && g.chance("service", 40) {
			o.Service = pick(g, "service is", name+"-x", "worker1", "shared", "store1", "refused-")
		}
		if g.has(e.Google != nil) && g.chance("account", g.often(30, 60)) {
			o.ServiceAccount = pick(g, "account is", "shared@acme-one.iam.gserviceaccount.com", "worker1@acme-one.iam.gserviceaccount.com")
		}
	})
	return w
}

func (g *generator) store(name string) oracle.Store {
	all := g.environmentNames(func(e oracle.Environment) bool { return e.Consul != nil })
	if len(all) == 0 {
		all = []string{g.p.Environments[0].Name}
	}
	s := oracle.Store{Name: name, Environments: g.some("environments", all, 40), Labels: g.labels()}
	if !g.chance("no surface", 8) {
		s.Online = &oracle.Online{Protocol: pick(g, "protocol", "", "tcp", "grpc", "http")}
		if g.narrow {
			s.Online.Protocol = pick(g, "protocol of requests", "http", "grpc", "http2")
		}
		if g.chance("own service", 15) {
			s.Online.Service = pick(g, "own service is", name+"-own", name+"-own", "store2")
		}
	}
	clouded := !slices.ContainsFunc(s.Environments, func(e string) bool { return g.environment(e).Google == nil })
	if clouded && g.chance("offline", 35) || g.chance("offline anywhere", 2) {
		s.Offline = &oracle.Offline{}
		if g.chance("own dataset", 10) {
			s.Offline.Dataset = pick(g, "own dataset is", name+"_own", name+"_own", "store2_dev", "refused-")
		}
	}
	s.In = g.overrides(s.Environments, func(o *oracle.Override, e oracle.Environment) {
		if (s.Offline != nil || g.chance("of no dataset", 2)) && g.chance("dataset", 30) {
			o.Dataset = pick(g, "dataset is", name+"_"+e.Name, name+"_"+e.Name, "store1")
			o.Project = pick(g, "project of it", "", "acme-vault")
		}
		if g.has(e.Consul != nil) && (s.Online != nil || g.chance("of no surface", 30)) && g.chance("service", 40) {
			o.Service = pick(g, "service is", name+"-"+e.Name, name+"-"+e.Name, name+"-"+e.Name, "store1")
		}
	})
	return s
}

func (g *generator) environment(name string) oracle.Environment {
	for _, e := range g.p.Environments {
		if e.Name == name {
			return e
		}
	}
	return oracle.Environment{}
}

func (g *generator) secret(name string) oracle.Secret {
	all := g.environmentNames(func(e oracle.Environment) bool { return e.Google != nil })
	s := oracle.Secret{Name: name, Environments: g.some("environments", all, 40), Labels: g.labels()}
	s.In = g.overrides(s.Environments, func(o *oracle.Override, e oracle.Environment) {
		if g.has(e.Google != nil) && g.chance("secret", 40) {
			o.Secret = pick(g, "secret is", name+"-"+e.Name, "Mixed_Case-"+name, "secret1")
		}
		if g.has(e.Google != nil) && g.chance("project", 30) {
			o.Project = pick(g, "project is", "acme-vault", "acme-one")
		}
	})
	return s
}
