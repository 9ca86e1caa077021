package access

import (
	"fmt"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// large builds a policy of that many allows over a tenth as many workloads and stores, with a deny for every hundred allows, in one
// environment; every workload lends its service name to nobody, or with shared every tenth to its neighbour.
func large(allows int, shared bool) *model.Policy {
	p := &model.Policy{Name: "large", Environments: []*model.Environment{{
		Name: "prod", Consul: &model.Consul{Datacenter: "dc1"}, Google: &model.Google{Project: "p"},
	}}}
	n := max(allows/10, 1)
	for i := range n {
		service := fmt.Sprintf("w%06d", i)
		if shared && i%10 == 1 {
			service = fmt.Sprintf("w%06d", i-1)
		}
		w := &model.Workload{Addr: addr.New(addr.Workload, fmt.Sprintf("w%06d", i))}
		w.Places = []model.WorkloadPlace{{Environment: "prod", Service: model.Text{Value: service}, ServiceAccount: model.Text{Value: service + "@p"}}}
		s := &model.FeatureStore{Addr: addr.New(addr.FeatureStore, fmt.Sprintf("s%06d", i)), Online: &model.Online{}}
		s.Places = []model.StorePlace{{Environment: "prod", Service: model.Text{Value: fmt.Sprintf("s%06d", i)}}}
		p.Workloads, p.Stores = append(p.Workloads, w), append(p.Stores, s)
	}
	ref := func(a addr.Address) []model.Ref { return []model.Ref{{Addr: a}} }
	for i := range allows {
		a := &model.Allow{Addr: addr.New(addr.Allow, fmt.Sprintf("a%06d", i)), Actions: model.Actions(), Decl: hcl.Range{Filename: "p", Start: hcl.Pos{Byte: i}}}
		a.From, a.To = ref(p.Workloads[i%n].Addr), ref(p.Stores[(i*7+i/n)%n].Addr)
		p.Allows = append(p.Allows, a)
		if i%100 == 0 {
			d := &model.Deny{Addr: addr.New(addr.Deny, fmt.Sprintf("d%06d", i)), From: ref(p.Workloads[i%n].Addr), To: ref(p.Stores[(i*7)%n].Addr)}
			p.Denies = append(p.Denies, d)
		}
	}
	return p
}

// wide is one allow from one group to many stores, under many denies of one member each: where pairs of blocks would be compared.
func wide(members int) *model.Policy {
	p := large(members*10, false)
	g := &model.Group{Addr: addr.New(addr.Group, "g"), Members: map[string][]addr.Address{}}
	for _, w := range p.Workloads {
		g.Members["prod"] = append(g.Members["prod"], w.Addr)
	}
	p.Groups, p.Allows, p.Denies = []*model.Group{g}, p.Allows[:1], nil
	p.Allows[0].From, p.Allows[0].To = []model.Ref{{Addr: g.Addr}}, nil
	for _, s := range p.Stores[:10] {
		p.Allows[0].To = append(p.Allows[0].To, model.Ref{Addr: s.Addr})
	}
	for i, w := range p.Workloads[1:] {
		p.Denies = append(p.Denies, &model.Deny{Addr: addr.New(addr.Deny, fmt.Sprintf("d%06d", i)), From: []model.Ref{{Addr: w.Addr}}, To: p.Allows[0].To})
	}
	return p
}

func BenchmarkBuild(b *testing.B) {
	for _, bench := range []struct {
		name   string
		policy *model.Policy
	}{
		{"allows=1k", large(1_000, false)},
		{"allows=10k", large(10_000, false)},
		{"allows=100k", large(100_000, false)},
		{"allows=100k/shared", large(100_000, true)},
		{"denies=10k", wide(10_000)},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Build(bench.policy, time.Unix(0, 0))
			}
		})
	}
}

func BenchmarkLower(b *testing.B) {
	g, _ := Build(large(100_000, false), time.Unix(0, 0))
	b.ReportAllocs()
	for b.Loop() {
		Lower(g, "prod", meshOnly, time.Unix(0, 0))
	}
}

func BenchmarkLosses(b *testing.B) {
	g, _ := Build(large(100_000, false), time.Unix(0, 0))
	b.ReportAllocs()
	for b.Loop() {
		Losses(g, "prod", meshOnly, time.Unix(0, 0))
	}
}

func BenchmarkEqual(b *testing.B) {
	g, _ := Build(large(100_000, false), time.Unix(0, 0))
	edges := Lower(g, "prod", meshOnly, time.Unix(0, 0))
	b.ReportAllocs()
	for b.Loop() {
		if !Equal(edges, edges) {
			b.Fatal("not equal to itself")
		}
	}
}

func BenchmarkDiff(b *testing.B) {
	g, _ := Build(large(100_000, false), time.Unix(0, 0))
	b.ReportAllocs()
	for b.Loop() {
		Diff(g, g)
	}
}

func BenchmarkWhoCan(b *testing.B) {
	g, _ := Build(large(100_000, true), time.Unix(0, 0))
	b.ReportAllocs()
	for b.Loop() {
		WhoCan(g, model.Read, addr.New(addr.FeatureStore, "s000000"), "", time.Unix(0, 0))
	}
}
