package oracle_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/conformance/oracle"
	"gatehouse/conformance/realconsul"
	"gatehouse/targets"
	"gatehouse/targets/consul"
)

// TestRealConsul applies generated policies to real servers at several moments, and asks Consul itself about every pair of a service and a
// store: what it answers is what the oracle says, whatever the mesh's default is. Another plan of the same moment has nothing to write.
func TestRealConsul(t *testing.T) {
	for _, o := range []struct {
		name string
		realconsul.Options
	}{
		{"default allow, no ACLs", realconsul.Options{}},
		{"default deny, ACLs", realconsul.Options{ACL: true}},
	} {
		t.Run(o.name, func(t *testing.T) {
			t.Parallel()
			m := mesh{t, realconsul.Start(t, o.Options)}
			policies, pairs, open := 0, 0, 0
			for seed := 0; policies < 60; seed++ {
				p := onOneConsul(generate(seed))
				if len(p.Mistakes()) > 0 || len(p.Allows) == 0 {
					continue
				}
				policies++
				asked, allowed := m.policy(seed, p)
				pairs, open = pairs+asked, open+allowed
				m.wipe()
			}
			t.Logf("%s: %d policies, %d pairs asked, %d of them allowed; as the oracle says: %t", o.name, policies, pairs, open, !t.Failed())
			if open == 0 || open == pairs {
				t.Error("the policies are all alike")
			}
		})
	}
}

func generate(seed int) oracle.Policy { return policies().Example(seed) }

// onOneConsul puts every environment on the same server.
func onOneConsul(p oracle.Policy) oracle.Policy {
	for i, e := range p.Environments {
		if e.Consul != nil {
			here := *e.Consul
			here.Address, here.Datacenter = "", ""
			p.Environments[i].Consul = &here
		}
	}
	return p
}

// mesh is a real Consul.
type mesh struct {
	testing.TB
	*realconsul.Agent
}

// policy applies one policy at a few of its moments, each over the one before.
func (m mesh) policy(seed int, p oracle.Policy) (asked, allowed int) {
	m.Helper()
	result := compile(m, files(p, inOneFile), begin)
	moments := p.Moments()
	for _, at := range []int64{moments[0], moments[len(moments)/2], moments[len(moments)-1]} {
		m.apply(seed, result.Graph, at)
		names := comparison{p: p}.names()
		for _, e := range p.Environments {
			want := connections(p, e.Name, names, at)
			for _, r := range p.Resources() {
				to, ok := p.Destination(r, e.Name)
				if !ok || to.System != oracle.InConsul {
					continue
				}
				for _, n := range names {
					got := m.check(n, to.Name)
					if asked++; got {
						allowed++
					}
					if got != want[reach{n, to.Name, p.Probes()[0]}] {
						m.Errorf("seed %d at %d: %s to %s: oracle %t, Consul %t\n%s", seed, at, n, to.Name, !got, got, oracle.HCL(p.Blocks()))
					}
				}
			}
		}
	}
	return asked, allowed
}

// apply plans and applies for a moment, then plans again.
func (m mesh) apply(seed int, g *access.Graph, at int64) {
	m.Helper()
	ctx, now := context.Background(), time.Unix(at, 0)
	sites := m.sites(g)
	plan := func() targets.Plan {
		p, err := targets.MakePlan(ctx, sites, g, targets.PlanOptions{At: now})
		if err != nil {
			m.Fatalf("seed %d: %v", seed, err)
		}
		return p
	}
	first := plan()
	outcome, err := targets.Apply(ctx, first, sites, g,
		targets.ApplyOptions{Now: func() time.Time { return now }, ExpectRemovals: targets.Removals(first)}, nil, nil)
	if err != nil || !outcome.Complete() {
		m.Fatalf("seed %d: %v %+v", seed, err, outcome)
	}
	for _, s := range plan().Sites {
		if len(s.Changes) > 0 {
			m.Errorf("seed %d: a second apply would write %v", seed, s.Changes)
		}
	}
}

func (m mesh) sites(g *access.Graph) []targets.Site {
	m.Helper()
	var out []targets.Site
	for _, e := range g.Environments {
		realm, ok := consul.Driver{}.Realm(e)
		if !ok {
			continue
		}
		conn, err := consul.Connect(consul.Config{Address: m.Address, Token: m.Token, Realm: realm, Patience: 5 * time.Second})
		if err != nil {
			m.Fatal(err)
		}
		out = append(out, targets.Site{Environment: e.Name, Realm: realm, Driver: consul.Driver{}, Conn: conn})
	}
	return out
}

func (m mesh) get(path string, into any) {
	m.Helper()
	status, body, err := m.Do(context.Background(), http.MethodGet, path, nil)
	if err == nil && status == http.StatusOK {
		err = json.Unmarshal(body, into)
	}
	if err != nil || status != http.StatusOK {
		m.Fatalf("GET %s: %d %s %v", path, status, body, err)
	}
}

func (m mesh) check(from, to string) bool {
	m.Helper()
	var answer struct{ Allowed bool }
	m.get("/v1/connect/intentions/check?"+url.Values{"source": {from}, "destination": {to}}.Encode(), &answer)
	return answer.Allowed
}

// wipe removes every entry, so that one policy's leaving is not another's beginning. Intentions go first: services' protocols may
// carry them.
func (m mesh) wipe() {
	m.Helper()
	for _, kind := range []string{consul.Intentions, consul.ServiceDefaults} {
		var entries []struct{ Name string }
		m.get("/v1/config/"+kind, &entries)
		for _, e := range entries {
			path := fmt.Sprintf("/v1/config/%s/%s", kind, e.Name)
			if status, body, err := m.Do(context.Background(), http.MethodDelete, path, nil); err != nil || status != http.StatusOK {
				m.Fatalf("DELETE %s: %d %s %v", path, status, body, err)
			}
		}
	}
}
