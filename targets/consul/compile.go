package consul

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
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
	sources := allowed(g, environment, at)
	for i := range g.Resources {
		resource := &g.Resources[i]
		surface, ok := resource.Surface(environment)
		if !ok || surface.Target != access.Consul || surface.Kind != Service {
			continue
		}
		entry := intentions(surface, sources[resource.Addr], owner)
		diags = append(diags, ceiling(resource, environment, surface, len(entry.Items)+sources[resource.Addr].rules())...)
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

// admitted is what one principal is let do on a surface, and the lines that say so.
type admitted struct {
	requests []model.Request // what its grants allow; every request where one of them is not narrowed
	except   []model.Request // what is denied of that
	why      []access.Source
}

// callers holds, by principal's name, who is let in.
type callers map[string]*admitted

// allowed gathers who may connect to what in an environment. Several actions, and several workloads with one name, are one source.
func allowed(g *access.Graph, environment string, at time.Time) map[addr.Address]callers {
	out := map[addr.Address]callers{}
	for i := range g.Grants {
		grant := &g.Grants[i]
		if grant.Environment != environment || !grant.Spans.Contains(at) {
			continue
		}
		name, ok := sourceName(g, grant)
		if !ok {
			continue
		}
		of := out[grant.Resource]
		if of == nil {
			of = callers{}
			out[grant.Resource] = of
		}
		if of[name] == nil {
			of[name] = &admitted{}
		}
		of[name].add(grant)
	}
	return out
}

func (a *admitted) add(grant *access.Grant) {
	a.requests = append(a.requests, grant.Request)
	a.except = append(a.except, grant.Except...)
	if a.why == nil {
		a.why = grant.Sources[:len(grant.Sources):len(grant.Sources)] // most have no others; to append is to copy
		return
	}
	a.why = append(a.why, grant.Sources...)
}

func sourceName(g *access.Graph, grant *access.Grant) (string, bool) {
	workload, ok := g.Workload(grant.Workload)
	if !ok {
		return "", false
	}
	place, ok := workload.Place(grant.Home())
	if !ok {
		return "", false
	}
	principal, ok := place.Principal(access.Consul)
	return principal.Name, ok
}

// intentions returns the entry of one destination: a source for each caller, then a deny for everybody else. Where a source is narrowed to
// requests, the protocol has to be there first: Consul refuses permissions on tcp.
func intentions(surface access.Surface, of callers, owner targets.Owner) targets.Container {
	body := entry{Kind: Intentions, Name: surface.Name, Meta: mark(nil, owner)}
	items := make([]targets.Item, 0, len(of)+1)
	items = append(items, targets.Item{Key: sourceKey(everybody), Value: deny})
	var requires []targets.Key
	for _, name := range slices.Sorted(maps.Keys(of)) {
		next := source{Name: name, Permissions: of[name].permissions()}
		value := allow
		if next.Permissions == nil {
			next.Action = allow
		} else {
			value = spelledOut(next.Permissions)
			requires = []targets.Key{{Kind: ServiceDefaults, Name: surface.Name}}
		}
		body.Sources = append(body.Sources, next)
		items = append(items, targets.Item{Key: sourceKey(name), Value: value, Why: distinct(of[name].why)})
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

// distinct drops the repetitions that one allow of two actions gives.
func distinct(sources []access.Source) []access.Source {
	if len(sources) == 2 && sameLine(&sources[0], &sources[1]) { // nearly always, and much cheaper
		return sources[:1:1]
	}
	if len(sources) < 2 {
		return sources
	}
	type line struct {
		allow, from, to addr.Address
		at              hcl.Range
	}
	seen := map[line]bool{}
	var out []access.Source
	for _, s := range sources {
		l := line{s.Allow, s.From.Addr, s.To.Addr, s.From.Range}
		if !seen[l] {
			seen[l] = true
			out = append(out, s)
		}
	}
	return out
}

func sameLine(a, b *access.Source) bool {
	return a.Allow == b.Allow && a.From.Addr == b.From.Addr && a.To.Addr == b.To.Addr && a.From.Range == b.From.Range
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
