package realconsul_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gatehouse/compiler/access"
	"gatehouse/conformance/realconsul"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
	"gatehouse/targets"
	"gatehouse/targets/consul"
)

const environment = "prod"

// rounds of generated policies are written over each other on one server, so that updates are tried and not only creations.
const rounds = 12

// TestGeneratedPolicies writes what Compile gives for generated policies, and asks Consul about every pair of a workload and a store.
func TestGeneratedPolicies(t *testing.T) {
	for _, o := range []struct {
		name string
		realconsul.Options
	}{
		{"default allow, no ACLs", realconsul.Options{}},
		{"default deny, ACLs", realconsul.Options{ACL: true}},
		{"ACLs deny, intentions allow", realconsul.Options{ACL: true, DefaultIntention: "allow"}},
	} {
		t.Run(o.name, func(t *testing.T) {
			both(t, o.Options, func(t *testing.T, s *server) {
				for seed := range uint64(rounds) {
					t.Logf("seed %d", seed)
					s.round(generate(seed))
				}
			})
		})
	}
}

// round applies one policy and compares all that can be seen of it.
func (s *server) round(p policy) {
	s.t.Helper()
	desired, diags := consul.Driver{}.Compile(p.graph, environment, now)
	if len(diags) > 0 {
		s.t.Fatalf("seed %d: %v", p.seed, diags)
	}
	s.apply(desired)
	live := s.inspect(scopeOf(p.graph, desired))
	s.sameItems(desired, live)
	s.pairs(p, live)
	if wrote := s.apply(desired); wrote != 0 {
		s.t.Errorf("seed %d: a second apply wrote %d entries", p.seed, wrote)
	}
}

// apply is the smallest loop that brings a server to what is desired: it returns how many entries it wrote.
func (s *server) apply(desired targets.Desired) int {
	s.t.Helper()
	wrote := 0
	owner := desired.Containers[0].Owner
	live := map[targets.Key]targets.Container{}
	for _, c := range s.inspect(targets.Scope{Owner: owner}).Containers {
		live[c.Key] = c
	}
	for _, want := range desired.Containers {
		change := targets.Change{Key: want.Key}
		var is *targets.Container
		if c, ok := live[want.Key]; ok {
			is, change.Token = &c, c.Token
			if equalItems(want.Items, c.Items) {
				continue
			}
		}
		body, err := consul.Driver{}.Merge(&want, is, nil, owner)
		if err != nil {
			s.t.Fatal(err)
		}
		change.After = body
		s.write(change)
		wrote++
	}
	return wrote
}

var itemText = cmpopts.IgnoreFields(targets.Item{}, "Why", "Ours")

func equalItems(a, b []targets.Item) bool { return cmp.Equal(a, b, itemText, cmpopts.EquateEmpty()) }

// sameItems fails where what was read is not, in normal form, what was compiled.
func (s *server) sameItems(desired targets.Desired, live targets.Live) {
	s.t.Helper()
	found := map[targets.Key]targets.Container{}
	for _, c := range live.Containers {
		found[c.Key] = c
	}
	for _, want := range desired.Containers {
		got := found[want.Key]
		if diff := cmp.Diff(want.Items, got.Items, itemText); diff != "" || got.Owner != want.Owner {
			s.t.Errorf("%s: owner %v, items (-compiled +read):\n%s", want.Key, got.Owner, diff)
		}
	}
}

// pairs compares declared access, what Consul answers, and what Interpret says of the live entries.
func (s *server) pairs(p policy, live targets.Live) {
	s.t.Helper()
	facts := targets.Facts{Settings: live.Settings, Objects: live.Context}
	for _, c := range live.Containers {
		facts.Objects = append(facts.Objects, targets.Object{Key: c.Key, Body: c.Body})
	}
	edges := interpret(s.t, facts)
	for _, store := range p.stores {
		for _, workload := range append(slices.Clone(p.workloads), "stranger") {
			declared, answer := p.declared[pair{workload, store}], s.check(workload, store)
			if answer != declared {
				s.t.Errorf("seed %d: %s -> %s: declared %t, Consul says %t", p.seed, workload, store, declared, answer)
			}
			if got := reaches(edges, workload, store); got != answer {
				s.t.Errorf("seed %d: %s -> %s: Interpret says %t, Consul %t", p.seed, workload, store, got, answer)
			}
		}
	}
}

func scopeOf(g *access.Graph, desired targets.Desired) targets.Scope {
	scope := targets.Scope{Owner: targets.Owner{Policy: g.Policy, Environment: environment}}
	for _, c := range desired.Containers {
		scope.Keys = append(scope.Keys, c.Key)
	}
	return scope
}

// policy is a generated access graph, with the truth about it kept apart from it.
type policy struct {
	seed      uint64
	graph     *access.Graph
	workloads []string // Consul names
	stores    []string
	declared  map[pair]bool
}

type pair struct{ workload, store string }

// generate makes a policy of a few workloads, two of which share a name, and a few stores, one of which nobody reaches. Some grants are
// over and some have not begun.
func generate(seed uint64) policy {
	random := rand.New(rand.NewPCG(seed, 1))
	p := policy{seed: seed, graph: &access.Graph{Policy: "acme"}, declared: map[pair]bool{}}
	for i := range 6 {
		name := fmt.Sprintf("job-%d", max(i, 1)) // job-1 twice
		p.workloads = append(p.workloads, name)
		p.graph.Workloads = append(p.graph.Workloads, access.Workload{
			Addr: addr.New(addr.Workload, fmt.Sprintf("w%d", i)),
			Places: []access.WorkloadPlace{{Environment: environment,
				Principals: []access.Principal{principal(name)}}},
		})
	}
	for i := range 5 {
		p.store(random, i)
	}
	return p
}

func (p *policy) store(random *rand.Rand, i int) {
	name := fmt.Sprintf("store-%d", i)
	p.stores = append(p.stores, name)
	resource := access.Resource{
		Addr:   addr.New(addr.FeatureStore, fmt.Sprintf("s%d", i)).On(addr.Online),
		Places: []access.ResourcePlace{{Environment: environment, Surface: surface(name)}},
	}
	if i%2 == 0 {
		resource.Protocol = []string{"tcp", "http", "http2", "grpc"}[random.IntN(4)]
	}
	p.graph.Resources = append(p.graph.Resources, resource)
	if i == 0 {
		return
	}
	for w := range p.graph.Workloads {
		for _, action := range model.Actions() {
			if random.IntN(3) == 0 {
				p.grant(random, p.graph.Workloads[w].Addr, resource.Addr, action, pair{p.workloads[w], name})
			}
		}
	}
}

func (p *policy) grant(random *rand.Rand, workload, resource addr.Address, action model.Action, who pair) {
	span := access.Always
	switch random.IntN(5) {
	case 0:
		span.End = now.Unix() // exclusive: it is over
	case 1:
		span.Start = now.Unix() // inclusive: it has begun
	case 2:
		span.Start = now.Unix() + 1
	}
	if span.Contains(now) {
		p.declared[who] = true
	}
	p.graph.Grants = append(p.graph.Grants, access.Grant{
		Environment: environment, Workload: workload, Resource: resource, Action: action, Spans: access.NewSpans(span),
	})
}
