package policies_test

import (
	"fmt"
	"time"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// noon is the moment that the tests judge.
var noon = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

func at(file string, line int) hcl.Range {
	return hcl.Range{Filename: file, Start: hcl.Pos{Line: line, Column: 1, Byte: 100 * line}, End: hcl.Pos{Line: line, Column: 20, Byte: 100*line + 19}}
}

// packs are packs that no text asks for.
func packs(names ...string) []model.Text {
	var out []model.Text
	for _, name := range names {
		out = append(out, model.Text{Value: name})
	}
	return out
}

func workloadAddr(name string) addr.Address { return addr.New(addr.Workload, name) }

func onlineAddr(name string) addr.Address {
	return addr.New(addr.FeatureStore, name).On(addr.Online)
}

func workload(name, owner string, line int, environments ...string) access.Workload {
	w := access.Workload{Addr: workloadAddr(name), Owner: owner, Decl: at("fraud/workloads.gate.hcl", line)}
	for _, e := range environments {
		w.Places = append(w.Places, access.WorkloadPlace{
			Environment: e,
			Labels:      map[string]string{"team": "fraud"},
			Principals:  []access.Principal{{Target: access.Consul, Realm: e, Name: name}},
		})
	}
	return w
}

func store(name, owner string, class model.Classification, line int, environments ...string) access.Resource {
	r := access.Resource{Addr: onlineAddr(name), Owner: owner, Classification: class, Protocol: "grpc", Decl: at("features/stores.gate.hcl", line)}
	for _, e := range environments {
		r.Places = append(r.Places, access.ResourcePlace{Environment: e, Surface: access.Surface{Target: access.Consul, Realm: e, Kind: "service", Name: "feast-" + name}})
	}
	return r
}

// grant is a read of a store by a workload through one allow.
func grant(environment, from, to, allow, reason string, line int, span access.Span) access.Grant {
	return access.Grant{
		Environment: environment, Origin: environment, Workload: workloadAddr(from), Resource: onlineAddr(to), Action: model.Read, Spans: access.Spans{span},
		Sources: []access.Source{{
			Allow: addr.New(addr.Allow, allow), Decl: at("fraud/access.gate.hcl", line), Reason: reason, Span: span,
			From: model.Ref{Addr: workloadAddr(from), Range: at("fraud/access.gate.hcl", line+1)},
			To:   model.Ref{Addr: addr.New(addr.FeatureStore, to), Range: at("fraud/access.gate.hcl", line+2)},
		}},
	}
}

func until(year int, month time.Month) access.Span {
	return access.Span{Start: access.MinTime, End: time.Date(year, month, 1, 0, 0, 0, 0, time.UTC).Unix()}
}

// world is a small policy that no built-in guardrail objects to.
func world() *access.Graph {
	notebooks := workload("notebooks", "ds@acme.example", 20, "dev", "prod")
	notebooks.Interactive = true
	return &access.Graph{
		Policy: "acme-ml",
		Environments: []access.Environment{
			{Name: "dev", Tier: model.Development, Consul: &model.Consul{}, Decl: at("root.gate.hcl", 10)},
			{Name: "prod", Tier: model.Production, Consul: &model.Consul{}, Google: &model.Google{}, Decl: at("root.gate.hcl", 20)},
		},
		Workloads: []access.Workload{notebooks, workload("trainer", "fraud@acme.example", 10, "dev", "prod")},
		Resources: []access.Resource{
			store("customers", "features@acme.example", model.Restricted, 10, "dev", "prod"),
			store("merchants", "features@acme.example", model.Internal, 20, "prod"),
		},
		Grants: []access.Grant{
			grant("dev", "trainer", "customers", "training", "nightly training", 10, until(2027, 3)),
			grant("prod", "notebooks", "merchants", "exploration", "quarterly review", 20, until(2027, 1)),
			grant("prod", "trainer", "customers", "training", "nightly training", 10, until(2027, 3)),
			grant("prod", "trainer", "merchants", "merchants", "lookups", 30, access.Always),
		},
		Denies: []access.Deny{{
			Addr: addr.New(addr.Deny, "no-notebooks"), Reason: "not reviewed", Decl: at("security/denies.gate.hcl", 5),
			Workloads: []addr.Address{workloadAddr("notebooks")}, Resources: []addr.Address{onlineAddr("customers")}, Actions: model.Actions(),
		}},
	}
}

// large is a policy of n grants: every workload reads every store of its environment, a fifth of the stores being restricted.
func large(n int) *access.Graph {
	const stores = 100
	g := &access.Graph{Policy: "large", Environments: world().Environments}
	for i := range stores {
		class := []model.Classification{model.Public, model.Internal, model.Internal, model.Confidential, model.Restricted}[i%5]
		g.Resources = append(g.Resources, store(fmt.Sprintf("store-%03d", i), "features@acme.example", class, i+1, "prod"))
	}
	for i := range n / stores {
		name := fmt.Sprintf("workload-%04d", i)
		g.Workloads = append(g.Workloads, workload(name, "ml@acme.example", i+1, "prod"))
		for j := range stores {
			g.Grants = append(g.Grants, grant("prod", name, fmt.Sprintf("store-%03d", j), fmt.Sprintf("allow-%d", i), "training", i*10, until(2027, 3)))
		}
	}
	return g
}
