package consul_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
	"gatehouse/targets"
	"gatehouse/targets/consul"
)

const (
	realm       = "test"
	environment = "prod"
)

var (
	now   = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	owner = targets.Owner{Policy: "acme", Environment: environment}
)

func surface(name string) access.Surface {
	return access.Surface{Target: access.Consul, Realm: realm, Kind: consul.Service, Name: name}
}

func principal(name string) access.Principal {
	return access.Principal{Target: access.Consul, Realm: realm, Name: name}
}

// graph returns declared access from lines such as "web -> db"; every word becomes a workload or a store of that name, and a line of a store
// alone declares it.
func graph(lines ...string) *access.Graph {
	g := &access.Graph{Policy: "acme"}
	workloads, stores := map[string]bool{}, map[string]bool{}
	for _, line := range lines {
		from, to, granted := strings.Cut(line, " -> ")
		if !granted {
			from, to = "", line
		}
		name, protocol, _ := strings.Cut(to, ":")
		if granted && !workloads[from] {
			workloads[from] = true
			g.Workloads = append(g.Workloads, access.Workload{Addr: addr.New(addr.Workload, from),
				Places: []access.WorkloadPlace{{Environment: environment, Principals: []access.Principal{principal(from)}}}})
		}
		store := addr.New(addr.FeatureStore, name).On(addr.Online)
		if !stores[name] {
			stores[name] = true
			g.Resources = append(g.Resources, access.Resource{Addr: store, Protocol: protocol,
				Places: []access.ResourcePlace{{Environment: environment, Surface: surface(name)}}})
		}
		if granted {
			g.Grants = append(g.Grants, access.Grant{Environment: environment, Workload: addr.New(addr.Workload, from), Resource: store,
				Action: model.Read, Spans: access.NewSpans(access.Always)})
		}
	}
	slices.SortFunc(g.Workloads, func(a, b access.Workload) int { return addr.Compare(a.Addr, b.Addr) })
	slices.SortFunc(g.Resources, func(a, b access.Resource) int { return addr.Compare(a.Addr, b.Addr) })
	return g
}

func compile(t testing.TB, g *access.Graph) targets.Desired {
	t.Helper()
	desired, diags := consul.Driver{}.Compile(g, environment, now)
	if len(diags) > 0 {
		t.Fatal(diags)
	}
	return desired
}

// facts makes a world of raw bodies; the kinds and names stand in them.
func facts(policy string, bodies ...string) targets.Facts {
	f := targets.Facts{Realm: realm, Settings: targets.Settings{consul.DefaultSetting: policy}}
	for _, body := range bodies {
		var named struct{ Kind, Name string }
		_ = json.Unmarshal([]byte(body), &named) // a body that is no JSON is for Interpret to refuse
		f.Objects = append(f.Objects, targets.Object{Key: targets.Key{Kind: named.Kind, Name: named.Name}, Body: json.RawMessage(body)})
	}
	return f
}

// lines prints edges as FROM -> TO, with what narrows them.
func lines(edges []access.Edge) []string {
	out := []string{}
	for _, e := range edges {
		line := e.From.Name
		if len(e.Except) > 0 {
			line += " but " + strings.Join(e.Except, ",")
		}
		line += " -> " + e.To.Name
		if e.Requests != "" {
			line += " for " + e.Requests
		}
		out = append(out, line)
	}
	return out
}

// entry is the body of service-intentions: sources are written as NAME=ACTION, or as JSON.
func entry(destination string, sources ...string) string {
	var list []string
	for _, s := range sources {
		if name, action, ok := strings.Cut(s, "="); ok && !strings.HasPrefix(s, "{") {
			s = fmt.Sprintf(`{"Name":%q,"Action":%q,"Type":"consul","Precedence":9}`, name, action)
		}
		list = append(list, s)
	}
	return fmt.Sprintf(`{"Kind":"service-intentions","Name":%q,"Sources":[%s],"Hash":1,"CreateIndex":2,"ModifyIndex":3}`, destination, strings.Join(list, ","))
}
