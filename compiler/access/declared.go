package access

import (
	"slices"
	"strings"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// This file takes the ends of access over from the policy: environments, workloads with their principals, surfaces.

func environments(p *model.Policy) []Environment {
	out := make([]Environment, len(p.Environments))
	for i, e := range p.Environments {
		out[i] = Environment{Name: e.Name, Tier: e.Tier, Retired: e.Retired, Consul: e.Consul, Google: e.Google, Decl: e.Decl}
	}
	slices.SortFunc(out, func(a, b Environment) int { return strings.Compare(a.Name, b.Name) })
	return out
}

func (b *builder) workloads() []Workload {
	out := make([]Workload, len(b.declared))
	for i, w := range b.declared {
		out[i] = Workload{Addr: w.Addr, Owner: w.Owner.Value, Interactive: w.Interactive, Provider: w.Provider.Addr, Decl: w.Decl}
		for _, p := range w.Places {
			if e, ok := b.inUse(p.Environment); ok {
				out[i].Places = append(out[i].Places, WorkloadPlace{Environment: p.Environment, Labels: p.Labels, Principals: principals(*e, p)})
			}
		}
	}
	return out
}

// principals returns whom each of an environment's targets sees. A Google account's e-mail is compared without regard to case.
func principals(e Environment, p model.WorkloadPlace) []Principal {
	var out []Principal
	if e.Consul != nil && p.Service.Value != "" {
		out = append(out, Principal{Target: Consul, Realm: RealmOf(e), Name: p.Service.Value})
	}
	if e.Google != nil && p.ServiceAccount.Value != "" {
		out = append(out, Principal{Target: Google, Name: "serviceAccount:" + strings.ToLower(p.ServiceAccount.Value)})
	}
	return out
}

func (b *builder) resources() []Resource {
	var out []Resource
	for _, s := range b.policy.Stores {
		if s.Online != nil {
			out = append(out, b.online(s))
		}
		if s.Offline != nil {
			out = append(out, b.offline(s))
		}
	}
	for _, s := range b.policy.Secrets {
		out = append(out, b.secret(s))
	}
	slices.SortFunc(out, func(a, b Resource) int { return addr.Compare(a.Addr, b.Addr) })
	return out
}

func (b *builder) online(s *model.FeatureStore) Resource {
	r := Resource{Addr: s.Addr.On(addr.Online), Owner: s.Owner.Value, Classification: s.Classification, Decl: s.Decl}
	if at := s.Online.Protocol; at.Value != "tcp" || at.Range.Filename != "" {
		r.Protocol = at.Value // tcp without a place is the language's default: nobody asked for it
	}
	for _, p := range s.Places {
		e, ok := b.inUse(p.Environment)
		if !ok || e.Consul == nil || p.Service.Value == "" {
			continue
		}
		// Consul compares destinations without regard to case.
		surface := Surface{Target: Consul, Realm: RealmOf(*e), Kind: "service", Name: strings.ToLower(p.Service.Value)}
		r.Places = append(r.Places, ResourcePlace{p.Environment, p.Labels, surface})
	}
	return r
}

func (b *builder) offline(s *model.FeatureStore) Resource {
	r := Resource{Addr: s.Addr.On(addr.Offline), Owner: s.Owner.Value, Classification: s.Classification, Decl: s.Decl}
	for _, p := range s.Places {
		e, ok := b.inUse(p.Environment)
		if !ok || e.Google == nil || p.Project == "" || p.Dataset.Value == "" {
			continue
		}
		surface := Surface{Target: Google, Kind: "dataset", Name: "projects/" + p.Project + "/datasets/" + p.Dataset.Value}
		r.Places = append(r.Places, ResourcePlace{p.Environment, p.Labels, surface})
	}
	return r
}

func (b *builder) secret(s *model.Secret) Resource {
	r := Resource{Addr: s.Addr, Owner: s.Owner.Value, Classification: s.Classification, Rotation: s.Rotation, Decl: s.Decl}
	for _, p := range s.Places {
		e, ok := b.inUse(p.Environment)
		if !ok || e.Google == nil || p.Project == "" || p.Secret.Value == "" {
			continue
		}
		surface := Surface{Target: Google, Kind: "secret", Name: "projects/" + p.Project + "/secrets/" + p.Secret.Value}
		r.Places = append(r.Places, ResourcePlace{p.Environment, p.Labels, surface})
	}
	return r
}
