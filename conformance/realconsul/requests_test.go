package realconsul_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	rbac "github.com/envoyproxy/go-control-plane/envoy/config/rbac/v3"

	"gatehouse/compiler/access"
	"gatehouse/conformance/realconsul"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
	"gatehouse/targets"
	"gatehouse/targets/consul"
)

// TestNarrowedPolicies writes what Compile gives for policies that narrow access to requests, and holds what Consul then tells proxies to enforce to
// what access.Lower says was declared: the whole way, past every other test's reading of it. GATEHOUSE_WORLDS and GATEHOUSE_SEED as in TestCampaign.
func TestNarrowedPolicies(t *testing.T) {
	worlds, seed := number("GATEHOUSE_WORLDS", 6), uint64(number("GATEHOUSE_SEED", int(time.Now().UnixNano()%1_000_000)))
	for i, o := range []realconsul.Options{{}, {ACL: true}} {
		t.Run(map[bool]string{true: "deny", false: "allow"}[o.ACL], func(t *testing.T) {
			t.Parallel()
			t.Logf("GATEHOUSE_SEED=%d", seed)
			c := &campaign{server: start(t, o), seen: map[string]int{}}
			c.tokens()
			draw := dice{rand.New(rand.NewPCG(seed, uint64(i)))}
			for n := range worlds {
				if c.narrowed(draw, fmt.Sprintf("store%d", n)); t.Failed() {
					break
				}
			}
			t.Logf("%d requests: %v", c.asked, c.seen)
		})
	}
}

// narrowed tries one policy of one store.
func (c *campaign) narrowed(draw dice, store string) {
	c.t.Helper()
	p, told := draw.policy(store)
	g, diags := access.Build(p, now)
	if diags.HasErrors() {
		return // such as a deny that contradicts an allow of the same service's
	}
	proof, err := targets.Prove(consul.Driver{}, g, environment, now)
	if err != nil || !proof.Holds() {
		c.t.Fatalf("%v: %v %v", told, err, proof.Failures)
	}
	c.apply(proof.Desired)
	c.sidecar(store, 20_000)
	declared := proof.Declared()
	for i := range declared {
		declared[i].From.Realm, declared[i].To.Realm = realm, realm
	}
	var wrong []string
	agreed := c.agrees(store, func(rules *rbac.RBAC) bool {
		wrong = c.differ(store, rules, declared)
		return len(wrong) == 0
	})
	if !agreed {
		c.t.Errorf("Envoy does otherwise than was declared:\n%s\n%s\n%s", strings.Join(told, "\n"), strings.Join(wrong[:min(10, len(wrong))], "\n"), proof.Desired.Containers[1].Body)
	}
	c.unregister(store)
}

// policy draws a policy of two workloads and a store, and tells its rules.
func (d dice) policy(store string) (*model.Policy, []string) {
	s := addr.New(addr.FeatureStore, store)
	p := &model.Policy{
		Name:         "acme",
		Environments: []*model.Environment{{Name: environment, Tier: model.Production, Consul: &model.Consul{Datacenter: "dc1"}}},
		Stores: []*model.FeatureStore{{Addr: s, Online: &model.Online{Protocol: model.Text{Value: pick(d, "http", "http2", "grpc")}},
			Places: []model.StorePlace{{Environment: environment, Service: model.Text{Value: store}}}}},
	}
	var told []string
	for _, name := range []string{"job", "web"} {
		w := addr.New(addr.Workload, name)
		p.Workloads = append(p.Workloads, &model.Workload{Addr: w, Places: []model.WorkloadPlace{{Environment: environment, Service: model.Text{Value: name}}}})
		for i := range 1 + d.IntN(3) {
			requests := d.requests()
			from, to := []model.Ref{{Addr: w}}, []model.Ref{{Addr: s}}
			if i > 0 && d.often(5) {
				p.Denies = append(p.Denies, &model.Deny{Addr: addr.New(addr.Deny, fmt.Sprint(name, i)), From: from, To: to, Requests: requests})
				told = append(told, fmt.Sprint("deny ", name, requests))
				continue
			}
			p.Allows = append(p.Allows, &model.Allow{Addr: addr.New(addr.Allow, fmt.Sprint(name, i)), From: from, To: to, Actions: model.Actions(), Requests: requests})
			told = append(told, fmt.Sprint("allow ", name, requests))
		}
	}
	return p, told
}

func (d dice) requests() []model.Request {
	var out []model.Request
	for range d.IntN(4) {
		r := model.Request{Methods: pick(d, "", "GET", "GET,POST", "DELETE")}
		switch d.IntN(4) {
		case 0:
			r.Kind, r.Path = model.PathExact, pick(d, "/v1", "/v1/admin", "/health", "/v1;x")
		case 1:
			r.Kind, r.Path = model.PathPrefix, pick(d, "/v1", "/v1/", "/v1/admin", "/v")
		case 2:
			r.Kind, r.Path = model.PathRegex, pick(d, "/v[12]", "/v1/.*", "/.*x")
		}
		out = append(out, r)
	}
	slices.SortFunc(out, model.CompareRequest)
	return slices.Compact(out)
}
