package toy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
	"gatehouse/targets"
)

// Noon is the moment at which the toy's policies are planned.
var Noon = time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC)

// Policy returns the graph of policy "house". A line is "ENVIRONMENT DOOR[:LIGHT] NAME...": who may pass; a name may carry the seconds
// after Noon at which it begins and ends, as "ann@0-60". A line without a door declares the environment alone.
func Policy(lines ...string) *access.Graph {
	g := &access.Graph{Policy: "house"}
	for n, line := range lines {
		words := strings.Fields(line)
		env := words[0]
		if _, ok := g.Environment(env); !ok {
			g.Environments = append(g.Environments, access.Environment{Name: env})
			slices.SortFunc(g.Environments, func(a, b access.Environment) int { return strings.Compare(a.Name, b.Name) })
		}
		if len(words) == 1 {
			continue
		}
		door, light, _ := strings.Cut(words[1], ":")
		store := addResource(g, env, door, light)
		for _, word := range words[2:] {
			addGrant(g, env, store, word, n+1)
		}
	}
	slices.SortStableFunc(g.Grants, func(a, b access.Grant) int {
		return cmp.Or(strings.Compare(a.Environment, b.Environment), addr.Compare(a.Workload, b.Workload), addr.Compare(a.Resource, b.Resource))
	})
	return g
}

func addResource(g *access.Graph, env, door, light string) addr.Address {
	a := addr.New(addr.FeatureStore, door).On(addr.Online)
	place := access.ResourcePlace{Environment: env, Surface: Door(env, door)}
	if r, ok := g.Resource(a); ok {
		r.Places = append(r.Places, place)
		slices.SortFunc(r.Places, func(a, b access.ResourcePlace) int { return strings.Compare(a.Environment, b.Environment) })
		return a
	}
	g.Resources = append(g.Resources, access.Resource{Addr: a, Protocol: light, Places: []access.ResourcePlace{place}})
	slices.SortFunc(g.Resources, func(a, b access.Resource) int { return addr.Compare(a.Addr, b.Addr) })
	return a
}

func addGrant(g *access.Graph, env string, store addr.Address, word string, line int) {
	name, times, _ := strings.Cut(word, "@")
	who := addr.New(addr.Workload, name)
	if w, ok := g.Workload(who); !ok {
		g.Workloads = append(g.Workloads, access.Workload{Addr: who, Places: []access.WorkloadPlace{workloadPlace(env, name)}})
		slices.SortFunc(g.Workloads, func(a, b access.Workload) int { return addr.Compare(a.Addr, b.Addr) })
	} else if _, ok := w.Place(env); !ok {
		w.Places = append(w.Places, workloadPlace(env, name))
		slices.SortFunc(w.Places, func(a, b access.WorkloadPlace) int { return strings.Compare(a.Environment, b.Environment) })
	}
	span := access.Always
	var begin, end int64
	if n, _ := fmt.Sscanf(times, "%d-%d", &begin, &end); n == 2 {
		span = access.Span{Start: Noon.Unix() + begin, End: Noon.Unix() + end}
	}
	g.Grants = append(g.Grants, access.Grant{
		Environment: env, Workload: who, Resource: store, Action: model.Read, Spans: access.NewSpans(span),
		Sources: []access.Source{{
			Allow: addr.New(addr.Allow, fmt.Sprintf("line-%d", line)), Span: span, Reason: "they live here",
			Decl: hcl.Range{Filename: "house.gate.hcl", Start: hcl.Pos{Line: line, Column: 1}},
		}},
	})
}

func workloadPlace(env, name string) access.WorkloadPlace {
	return access.WorkloadPlace{Environment: env, Principals: []access.Principal{Name(env, name)}}
}

// Owner marks what policy "house" owns.
func Owner(environment string) targets.Owner {
	return targets.Owner{Policy: "house", Environment: environment}
}

// Site returns the toy in an environment of a world.
func Site(environment string, w *World) targets.Site {
	return targets.Site{Environment: environment, Realm: environment, Driver: w.Driver, Conn: w}
}

// Name is a principal of the toy, Door a surface.
func Name(realm, name string) access.Principal {
	return access.Principal{Target: Target, Realm: realm, Name: name}
}

// Door is the surface behind a door.
func Door(realm, name string) access.Surface {
	return access.Surface{Target: Target, Realm: realm, Kind: "door", Name: name}
}
