package realconsul_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/conformance/realconsul"
	"gatehouse/lang/model"
	"gatehouse/targets"
	"gatehouse/targets/consul"
)

// sites is where a generated policy lives on a server.
func (s *server) sites(p *policy) []targets.Site {
	s.t.Helper()
	p.graph.Environments = []access.Environment{{Name: environment, Consul: &model.Consul{Address: s.Address}}}
	home := access.RealmOf(p.graph.Environments[0])
	for i := range p.graph.Workloads {
		p.graph.Workloads[i].Places[0].Principals[0].Realm = home
	}
	for i := range p.graph.Resources {
		p.graph.Resources[i].Places[0].Surface.Realm = home
	}
	conn, err := consul.Connect(consul.Config{Address: s.Address, Token: s.Token, Realm: home})
	if err != nil {
		s.t.Fatal(err)
	}
	return []targets.Site{{Environment: environment, Realm: home, Driver: consul.Driver{}, Conn: conn}}
}

func (s *server) plan(p *policy, o targets.PlanOptions) targets.Plan {
	s.t.Helper()
	o.At = now
	plan, err := targets.MakePlan(context.Background(), s.sites(p), p.graph, o)
	if err != nil {
		s.t.Fatal(err)
	}
	return plan
}

// carryOut applies a plan, whole, and plans again: nothing must be left to do.
func (s *server) carryOut(p *policy, plan targets.Plan) {
	s.t.Helper()
	o := targets.ApplyOptions{Now: func() time.Time { return now }, ExpectRemovals: targets.Removals(plan)}
	outcome, err := targets.Apply(context.Background(), plan, s.sites(p), p.graph, o, nil, nil)
	if err != nil || !outcome.Complete() {
		s.t.Fatalf("apply: %v, %+v", err, outcome)
	}
	if again := s.plan(p, targets.PlanOptions{}); len(again.Sites[0].Changes) > 0 {
		s.t.Errorf("a second plan has changes: %+v", again.Sites[0].Changes)
	}
}

// TestWholeWay takes generated policies through plan and apply, one over the other, on a real server with each default.
func TestWholeWay(t *testing.T) {
	for _, o := range []realconsul.Options{{}, {ACL: true}} {
		t.Run(fmt.Sprintf("ACLs %t", o.ACL), func(t *testing.T) { both(t, o, wholeWay) })
	}
}

func wholeWay(t *testing.T, s *server) {
	for seed := range uint64(6) {
		t.Logf("seed %d", seed)
		p := generate(seed)
		s.carryOut(&p, s.plan(&p, targets.PlanOptions{}))
		s.declared(p)
	}
	s.tampering()
	s.leaving()
	s.protocols()
}

func (s *server) declared(p policy) {
	s.t.Helper()
	for _, store := range p.stores {
		for _, workload := range append(slices.Clone(p.workloads), "stranger") {
			if got := s.check(workload, store); got != p.declared[pair{workload, store}] {
				s.t.Errorf("seed %d: %s -> %s: declared %t, Consul says %t", p.seed, workload, store, !got, got)
			}
		}
	}
}

// tampering lets a stranger in, and heals it.
func (s *server) tampering() {
	s.t.Helper()
	p := generate(1)
	s.carryOut(&p, s.plan(&p, targets.PlanOptions{}))
	mark := `"Meta":{"gatehouse-policy":"acme","gatehouse-environment":"prod","gatehouse-format":"1"}`
	s.put(`{"Kind":"service-intentions","Name":"store-1",` + mark + `,"Sources":[{"Name":"*","Action":"deny"},{"Name":"stranger","Action":"allow"}]}`)
	plan := s.plan(&p, targets.PlanOptions{})
	if len(plan.Sites[0].Changes) != 1 || len(plan.Sites[0].Delta.Lost) == 0 {
		s.t.Errorf("the tampering is not seen: %+v", plan.Sites[0])
	}
	s.carryOut(&p, plan)
	s.declared(p)
}

// leaving takes every store but one out of the policy. What is left of them must still let nobody in.
func (s *server) leaving() {
	s.t.Helper()
	p := generate(2)
	s.carryOut(&p, s.plan(&p, targets.PlanOptions{}))
	p.graph.Resources = p.graph.Resources[:1]
	p.graph.Grants = nil
	s.carryOut(&p, s.plan(&p, targets.PlanOptions{}))
	for _, store := range p.stores {
		if s.check("stranger", store) || s.check("job-1", store) {
			s.t.Errorf("%s is open after it has left", store)
		}
	}
}

// protocols changes a store to tcp while somebody has put an L7 source into its entry: the order of writes is forced.
func (s *server) protocols() {
	s.t.Helper()
	p := generate(3)
	p.graph.Resources[0].Protocol = "http"
	s.carryOut(&p, s.plan(&p, targets.PlanOptions{}))
	mark := `"Meta":{"gatehouse-policy":"acme","gatehouse-environment":"prod","gatehouse-format":"1"}`
	s.put(`{"Kind":"service-intentions","Name":"store-0",` + mark + `,"Sources":[{"Name":"x","Permissions":[{"Action":"deny","HTTP":{"PathPrefix":"/"}}]},{"Name":"*","Action":"deny"}]}`)
	p.graph.Resources[0].Protocol = "tcp"
	s.carryOut(&p, s.plan(&p, targets.PlanOptions{}))
	p.graph.Resources[0].Protocol = "http"
	s.carryOut(&p, s.plan(&p, targets.PlanOptions{}))
	s.put(`{"Kind":"service-intentions","Name":"store-0",` + mark + `,"Sources":[{"Name":"x","Permissions":[{"Action":"allow","HTTP":{"PathPrefix":"/"}}]},{"Name":"*","Action":"deny"}]}`)
	p.graph.Resources[0].Protocol = ""
	s.carryOut(&p, s.plan(&p, targets.PlanOptions{}))
}

// TestTokenRequirement lets somebody add a JWT requirement to an entry of ours: it shows as an extra item, and goes.
func TestTokenRequirement(t *testing.T) {
	s := start(t, realconsul.Options{})
	p := generate(1)
	s.carryOut(&p, s.plan(&p, targets.PlanOptions{}))
	s.put(`{"Kind":"jwt-provider","Name":"okta","JSONWebKeySet":{"Local":{"JWKS":"eyJrZXlzIjpbXX0="}}}`)
	var e map[string]any
	s.decode(s.body(targets.Key{Kind: consul.Intentions, Name: "store-1"}), &e)
	e["JWT"] = map[string]any{"Providers": []any{map[string]any{"Name": "okta"}}}
	delete(e, "Hash")
	changed, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	s.put(string(changed))
	plan := s.plan(&p, targets.PlanOptions{})
	if c := plan.Sites[0].Changes; len(c) != 1 || len(c[0].Items) != 1 || c[0].Items[0].Key != "jwt" {
		t.Errorf("the requirement is not seen: %+v", c)
	}
	s.carryOut(&p, plan)
}
