package google

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
	"gatehouse/targets"
)

// granted is the value of every item: all that can be said of a grant is in its key.
const granted = "granted"

// Compile returns the policy of every secret that is declared in the environment, with a grant for each service account and action.
// Intervals become conditions. What has wholly ended at the moment is left out, and an interval that has several parts stays as it is
// until the last has ended, so that time passing writes as little as possible; access.Lower knows the same rule.
//
// What Google would refuse is an over-limit diagnostic, and the policy is compiled all the same. What others have put into a policy counts
// too: Merge looks at the sum.
func (Driver) Compile(g *access.Graph, environment string, at time.Time) (targets.Desired, diag.List) {
	var out targets.Desired
	var diags diag.List
	grants := allowed(g, environment)
	for i := range g.Resources {
		resource := &g.Resources[i]
		surface, ok := resource.Surface(environment)
		if !ok || surface.Target != access.Google || surface.Kind != Secret {
			continue
		}
		c, problems := secretPolicy(surface, resource, environment, grants[resource.Addr], at)
		diags = append(diags, problems...)
		out.Containers = append(out.Containers, c)
	}
	slices.SortFunc(out.Containers, func(a, b targets.Container) int { return targets.CompareKey(a.Key, b.Key) })
	return out, diags
}

// who is one principal in one role.
type who struct{ role, member string }

// reason is when and why somebody is granted a role.
type reason struct {
	spans   access.Spans
	sources []access.Source
}

// allowed gathers who is granted what on each resource. Several workloads with one service account are one member.
func allowed(g *access.Graph, environment string) map[addr.Address]map[who]reason {
	out := map[addr.Address]map[who]reason{}
	for _, grant := range g.In(environment) {
		role, ok := roleOf(grant.Action)
		principal, surface, found := g.Remote(grant)
		if !ok || !found || surface.Target != access.Google || surface.Kind != Secret {
			continue
		}
		if out[grant.Resource] == nil {
			out[grant.Resource] = map[who]reason{}
		}
		w := who{role, normalMember(principal.Name)}
		r := out[grant.Resource][w]
		out[grant.Resource][w] = reason{r.spans.Union(grant.Spans), slices.Concat(r.sources, grant.Sources)}
	}
	return out
}

func roleOf(a model.Action) (string, bool) {
	switch a {
	case model.Read:
		return Reader, true
	case model.Write:
		return Writer, true
	}
	return "", false
}

// over reports whether no part of an interval is left at a moment.
func over(spans access.Spans, at time.Time) bool {
	_, now := spans.At(at)
	_, later := spans.Next(at)
	return !now && !later
}

// secretPolicy compiles the policy of one secret.
func secretPolicy(s access.Surface, r *access.Resource, environment string, grants map[who]reason, at time.Time) (targets.Container, diag.List) {
	c := targets.Container{
		Key:     targets.Key{Kind: SecretPolicy, Name: s.Name},
		Governs: []access.Surface{s},
		Shared:  true,
	}
	var p policy
	var diags diag.List
	for _, w := range slices.SortedFunc(maps.Keys(grants), func(a, b who) int {
		return cmp.Or(cmp.Compare(a.role, b.role), cmp.Compare(a.member, b.member))
	}) {
		if over(grants[w].spans, at) {
			continue
		}
		condition, operators := during(grants[w].spans)
		diags = append(diags, tooManyOperators(r, environment, w, len(grants[w].spans), operators)...)
		g := grant{w.role, w.member, condition}
		p.grants = append(p.grants, g)
		c.Items = append(c.Items, targets.Item{Key: g.key(), Value: granted, Why: grants[w].sources})
	}
	slices.SortFunc(c.Items, func(a, b targets.Item) int { return cmp.Compare(a.Key, b.Key) })
	p.grants = normalGrants(p.grants)
	c.Body, _ = p.encode() // strings and nothing else: it can't fail
	return c, append(diags, tooManyPrincipals(r, environment, p)...)
}
