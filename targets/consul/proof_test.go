package consul_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"gatehouse/compiler/access"
	"gatehouse/lang/model"
	"gatehouse/targets"
	"gatehouse/targets/consul"
)

// TestProof runs the proof over generated graphs: interpreting what is compiled gives the declared access, under both defaults.
func TestProof(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var declared []string
		for range rapid.IntRange(0, 12).Draw(t, "lines") {
			store := fmt.Sprintf("s%d:%s", rapid.IntRange(0, 3).Draw(t, "store"), rapid.SampledFrom([]string{"", "tcp", "http", "grpc"}).Draw(t, "protocol"))
			if rapid.Bool().Draw(t, "granted") {
				store = fmt.Sprintf("w%d -> %s", rapid.IntRange(0, 4).Draw(t, "workload"), store)
			}
			declared = append(declared, store)
		}
		g := graph(declared...)
		g.Environments = []access.Environment{{Name: environment, Consul: &model.Consul{Datacenter: "dc1"}}}
		relabel(g, access.RealmOf(g.Environments[0]))
		proof, err := targets.Prove(consul.Driver{}, g, environment, now)
		if err != nil || !proof.Holds() {
			t.Fatalf("%v: %v %v", declared, err, proof.Failures)
		}
	})
}

// relabel gives the names of a graph their realm, and its grants their canonical order.
func relabel(g *access.Graph, realm string) {
	for i := range g.Workloads {
		g.Workloads[i].Places[0].Principals[0].Realm = realm
	}
	for i := range g.Resources {
		g.Resources[i].Places[0].Surface.Realm = realm
	}
}

// TestProofNoticesAnOpenEntry takes the closing deny out of what was compiled: the proof's own comparison must see it under a default of allow.
func TestProofNoticesAnOpenEntry(t *testing.T) {
	f := facts("allow", entry("db", "web=allow"))
	edges, err := consul.Driver{}.Interpret(f, now)
	if err != nil {
		t.Fatal(err)
	}
	declared := []access.Edge{{From: principal("web"), To: surface("db"), Verb: access.Connect, Spans: access.Spans{access.Always}}}
	if access.Equal(edges, declared) {
		t.Error("an entry without its closing deny counts as exact")
	}
}
