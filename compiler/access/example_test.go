package access_test

import (
	"fmt"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

var (
	trainer   = addr.New(addr.Workload, "trainer")
	notebooks = addr.New(addr.Workload, "notebooks")
	features  = addr.New(addr.FeatureStore, "features")
	now       = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
)

// declare returns a policy with two workloads, which share a name if asked to, and one store; the trainer may read it until a day.
func declare(notebooksAre string, until time.Time) *model.Policy {
	workload := func(a addr.Address, service string) *model.Workload {
		return &model.Workload{Addr: a, Places: []model.WorkloadPlace{{Environment: "prod", Service: model.Text{Value: service}}}}
	}
	return &model.Policy{
		Name:         "acme",
		Environments: []*model.Environment{{Name: "prod", Tier: model.Production, Consul: &model.Consul{Datacenter: "dc1"}}},
		Workloads:    []*model.Workload{workload(notebooks, notebooksAre), workload(trainer, "trainer")},
		Stores: []*model.FeatureStore{{
			Addr: features, Online: &model.Online{},
			Places: []model.StorePlace{{Environment: "prod", Service: model.Text{Value: "feast"}}},
		}},
		Allows: []*model.Allow{{
			Addr: addr.New(addr.Allow, "training"), From: []model.Ref{{Addr: trainer}}, To: []model.Ref{{Addr: features}},
			Actions: []model.Action{model.Read}, Interval: model.Interval{Expires: until},
		}},
	}
}

func ExampleBuild() {
	g, diags := access.Build(declare("trainer", time.Time{}), now)
	for _, grant := range g.Grants {
		fmt.Println(grant.Environment, grant.Workload, grant.Action, grant.Resource, "by", grant.Sources[0].Allow)
	}
	for _, d := range diags {
		fmt.Println(d.Severity, d.Code+":", d.Summary)
	}
	// Output:
	// prod workload.trainer read feature_store.features.online by allow.training
	// warning shared-identity: workload.notebooks and workload.trainer are both the Consul service "trainer"
}

func ExampleLower() {
	mesh := access.Capabilities{
		Target: access.Consul, Kinds: []string{"service"},
		Verbs: map[model.Action]access.Verb{model.Read: access.Connect, model.Write: access.Connect},
	}
	g, _ := access.Build(declare("notebooks", now.AddDate(0, 1, 0)), now)
	for _, e := range access.Lower(g, "prod", mesh, now) {
		fmt.Println(e.From.Name, e.Verb, e.To.Name)
	}
	for _, l := range access.Losses(g, "prod", mesh, now) {
		fmt.Println(l.Kind+":", l.Detail)
	}
	// Output:
	// trainer connect feast
	// coarse-action: connect includes write, which is not declared
	// unenforced-expiry: declared until 2027-01-01T00:00:00Z, and given until the next apply after that
}

func ExampleDiff() {
	before, _ := access.Build(declare("notebooks", now), now)
	after, _ := access.Build(declare("notebooks", now.AddDate(0, 1, 0)), now)
	for _, row := range access.Diff(before, after).Gained {
		since, _ := row.Spans[0].Begins()
		until, _ := row.Spans[0].Ends()
		fmt.Println(row.Principal.Name, row.Action, row.Resource, "from", since.Format(time.DateOnly), "to", until.Format(time.DateOnly))
	}
	// Output:
	// trainer read feature_store.features.online from 2026-12-01 to 2027-01-01
}

func ExampleDiffWorld() {
	before, _ := access.Build(declare("notebooks", now), now)
	after, _ := access.Build(declare("notebooks-2", now), now)
	for _, row := range access.DiffWorld(before, after) {
		fmt.Println(row.Fate, row.Addr, "-", row.Detail)
	}
	// Output:
	// changed workload.notebooks - consul name in prod notebooks → notebooks-2
}

func ExampleWhoCan() {
	g, _ := access.Build(declare("trainer", time.Time{}), now)
	for _, a := range access.WhoCan(g, model.Read, features, "", now) {
		fmt.Println(a.Workload, a.Means, "by the grant of", a.Grantee)
	}
	// Output:
	// workload.notebooks shared-identity by the grant of workload.trainer
	// workload.trainer declared by the grant of workload.trainer
}

func ExampleWhy() {
	g, _ := access.Build(declare("notebooks", now.AddDate(0, -1, 0)), now)
	e := access.Why(g, trainer, model.Read, features, "prod", now)
	ended, _ := e.When.Ends()
	fmt.Println(e.Allowed, e.Verdict, ended.Format(time.DateOnly), e.Grants[0].Sources[0].Allow)
	// Output:
	// false expired 2026-11-01 allow.training
}

func ExampleClosure() {
	trainer := access.Principal{Target: access.Google, Name: "serviceAccount:trainer@acme"}
	ada := access.Principal{Target: access.Google, Name: "user:ada@acme"}
	secret := access.Surface{Target: access.Google, Kind: "secret", Name: "projects/acme/secrets/warehouse"}
	always := access.Spans{access.Always}
	for _, e := range access.Closure([]access.Edge{
		{From: ada, ActsAs: trainer, Spans: always, Via: []access.Step{{Detail: "ada creates tokens for trainer"}}},
		{From: trainer, To: secret, Verb: access.ReadData, Spans: always, Via: []access.Step{{Detail: "trainer is an accessor"}}},
	}) {
		if e.From == ada && e.To == secret {
			fmt.Println(e.From.Name, e.Verb, e.To.Name)
			for _, step := range e.Via {
				fmt.Println("-", step.Detail)
			}
		}
	}
	// Output:
	// user:ada@acme read projects/acme/secrets/warehouse
	// - ada creates tokens for trainer
	// - trainer is an accessor
}

func ExampleSubtract() {
	in := func(name string) access.Edge {
		from := access.Principal{Target: access.Consul, Name: name}
		to := access.Surface{Target: access.Consul, Kind: "service", Name: "feast"}
		return access.Edge{From: from, To: to, Verb: access.Connect, Spans: access.Spans{access.Always}}
	}
	live, declared := []access.Edge{in(access.Anyone), in("trainer")}, []access.Edge{in("trainer")}
	for _, e := range access.Subtract(live, declared) {
		fmt.Println(e.From.Name, "except", e.Except, "reaches", e.To.Name)
	}
	// Output:
	// * except [trainer] reaches feast
}

func ExampleRunTests() {
	p := declare("notebooks", time.Time{})
	expect := func(sentence string, from addr.Address, what model.Expectation) *model.Test {
		return &model.Test{
			Name: model.Text{Value: sentence}, Environments: []model.Ref{{Addr: addr.New(addr.Environment, "prod")}},
			From: []model.Ref{{Addr: from}}, To: []model.Ref{{Addr: features}}, Actions: []model.Action{model.Read}, Expect: what,
		}
	}
	p.Tests = []*model.Test{
		expect("the trainer reads features", trainer, model.ExpectAllow),
		expect("notebooks read features", notebooks, model.ExpectAllow),
	}
	g, _ := access.Build(p, now)
	results := access.RunTests(g, now)
	for _, r := range results {
		fmt.Println(r.Passed, r.Test.Name.Value)
		for _, f := range r.Failures {
			fmt.Println("    ", f.Holds)
		}
	}
	c := access.CoverageOf(g, results)
	fmt.Printf("%d of %d allows are exercised\n", c.Allows.Exercised, c.Allows.All)
	// Output:
	// true the trainer reads features
	// false notebooks read features
	//      workload.notebooks may not read feature_store.features.online in "prod": no allow gives it
	// 1 of 1 allows are exercised
}

func ExampleUnapplied() {
	p := declare("notebooks", time.Time{})
	p.Stores[0].Online.Protocol = model.Text{Value: "http"}
	p.Allows[0].Requests = []model.Request{{Methods: "GET", Kind: model.PathPrefix, Path: "/v1/"}}
	mesh := access.Capabilities{
		Target: access.Consul, Kinds: []string{"service"},
		Verbs: map[model.Action]access.Verb{model.Read: access.Connect, model.Write: access.Connect},
	}
	g, _ := access.Build(p, now)
	edges := access.Lower(g, "prod", mesh, now)
	fmt.Println(len(edges), "edges")
	for _, d := range access.ReportUnapplied(access.Unapplied(g, "prod", mesh)) {
		fmt.Println(d.Severity, d.Code+":", d.Summary)
	}
	mesh.Requests = true
	edges = access.Lower(g, "prod", mesh, now)
	fmt.Println(edges[0].From.Name, edges[0].Verb, edges[0].To.Name, edges[0].Requests)
	// Output:
	// 0 edges
	// warning not-applied: the consul target does not apply what allow.training narrows to requests
	// trainer connect feast GET prefix /v1/
}
