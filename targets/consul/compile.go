package consul

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/lang/diag"
	"gatehouse/targets"
)

// Compile returns an entry of service-intentions for every surface that is declared in the environment, and a claim on its
// service-defaults where the policy sets a protocol. Grants that are narrowed to requests become permissions. Grants that do not hold at the moment are left out: Consul has no clock.
//
// A surface with too many sources is an over-limit diagnostic, and its entry is compiled all the same.
func (Driver) Compile(g *access.Graph, environment string, at time.Time) (targets.Desired, diag.List) {
	var out targets.Desired
	var diags diag.List
	owner := targets.Owner{Policy: g.Policy, Environment: environment}
	grants := allowed(g, environment, at)
	for i := range g.Resources {
		resource := &g.Resources[i]
		surface, ok := resource.Surface(environment)
		if !ok || surface.Target != access.Consul || surface.Kind != Service {
			continue
		}
		callers := callersOf(grants[i])
		entry := intentions(surface, callers, owner)
		diags = append(diags, ceiling(resource, environment, surface, len(entry.Items)+ruleCount(callers))...)
		out.Containers = append(out.Containers, entry)
		if resource.Protocol != "" {
			out.Containers = append(out.Containers, serviceDefaults(surface, resource.Protocol, owner))
		}
	}
	slices.SortFunc(out.Containers, byKey)
	return out, diags
}

func byKey(a, b targets.Container) int { return compareKeys(a.Key, b.Key) }

func compareKeys(a, b targets.Key) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
}

// intentions returns the entry of one destination: a source for each caller, then a deny for everybody else. Where a source is narrowed to
// requests, the protocol has to be there first: Consul refuses permissions on tcp.
func intentions(surface access.Surface, callers []caller, owner targets.Owner) targets.Container {
	body := entry{Kind: Intentions, Name: surface.Name, Meta: mark(nil, owner)}
	body.Sources = make([]source, 0, len(callers)+1)
	items := make([]targets.Item, 0, len(callers)+1)
	items = append(items, targets.Item{Key: sourceKey(everybody), Value: deny})
	var requires []targets.Key
	for _, c := range callers {
		next := source{Name: c.name, Permissions: c.permissions}
		value := allow
		if next.Permissions == nil {
			next.Action = allow
		} else {
			value = spelledOut(next.Permissions)
			requires = []targets.Key{{Kind: ServiceDefaults, Name: surface.Name}}
		}
		body.Sources = append(body.Sources, next)
		items = append(items, targets.Item{Key: sourceKey(c.name), Value: value, Why: c.why})
	}
	body.Sources = append(body.Sources, source{Name: everybody, Action: deny})
	slices.SortFunc(items, func(a, b targets.Item) int { return cmp.Compare(a.Key, b.Key) })
	return targets.Container{
		Key:      targets.Key{Kind: Intentions, Name: surface.Name},
		Body:     encode(body),
		Owner:    owner,
		Items:    items,
		Governs:  []access.Surface{surface},
		Requires: requires,
		Whole:    true,
	}
}

// serviceDefaults returns the claim on a service's protocol. Consul refuses tcp while an intention has L7 sources, so that such a
// change has to wait for the entry that loses them.
func serviceDefaults(surface access.Surface, protocol string, owner targets.Owner) targets.Container {
	c := targets.Container{
		Key:     targets.Key{Kind: ServiceDefaults, Name: surface.Name},
		Body:    encode(entry{Kind: ServiceDefaults, Name: surface.Name, Protocol: protocol, Meta: mark(nil, owner)}),
		Owner:   owner,
		Items:   []targets.Item{{Key: protocolKey, Value: protocol}},
		Governs: []access.Surface{surface},
	}
	if protocol == "tcp" {
		c.Requires = []targets.Key{{Kind: Intentions, Name: surface.Name}}
	}
	return c
}

func ceiling(r *access.Resource, environment string, surface access.Surface, sources int) diag.List {
	if sources < WarnSources {
		return nil
	}
	d := diag.Diagnostic{
		Code:     diag.OverLimit,
		Severity: diag.Warning,
		Summary:  fmt.Sprintf("%s: destination %q in %q has %d sources, close to the limit of %d", r.Addr, surface.Name, environment, sources, MaxSources),
		Subject:  r.Decl,
	}
	if sources > MaxSources {
		d.Severity = diag.Error
		d.Summary = fmt.Sprintf("%s: destination %q in %q has %d sources, over the limit of %d", r.Addr, surface.Name, environment, sources, MaxSources)
	}
	d.Detail = "Consul keeps all sources of a destination in one entry, and servers have been seen to fail to restart with a very large one. " +
		"Each workload that is allowed is a source, and so is the closing deny; groups do not make them fewer. " +
		"Let workloads that always have the same access share one Consul service, or divide the feature store into several."
	return diag.List{d}
}
