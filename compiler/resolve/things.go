package resolve

import (
	"fmt"
	"slices"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
	"gatehouse/lang/syntax"
)

func (r *resolver) resolveWorkloads() {
	for d := range r.declarations(addr.Workload) {
		w := &model.Workload{Addr: d.addr, Interactive: flag(d.block, "interactive"), Decl: d.block.Decl}
		w.Owner, _ = r.text(d.block, "owner")
		places := r.places(d)
		w.Provider = r.vouched(d, places)
		for _, p := range places {
			w.Places = append(w.Places, model.WorkloadPlace{
				Environment: p.environment.Name, Labels: p.labels, Listed: p.listed,
				Service: r.remoteName(p, remoteName{
					attr: "service", template: p.environment.service, target: "consul", rule: serviceRule, what: "service name",
				}),
				ServiceAccount: r.remoteName(p, remoteName{
					attr: "service_account", template: p.environment.serviceAccount, target: "google", rule: serviceAccountRule, what: "service account",
				}),
			})
		}
		if !d.second {
			r.policy.Workloads = append(r.policy.Workloads, w)
		}
	}
}

func (r *resolver) resolveStores() {
	for d := range r.declarations(addr.FeatureStore) {
		s := &model.FeatureStore{Addr: d.addr, Classification: word(r, d.block, "classification", model.Classification("")), Decl: d.block.Decl}
		s.Owner, _ = r.text(d.block, "owner")
		online := d.block.Child("online")
		if online != nil {
			s.Online = &model.Online{Protocol: r.protocol(online), Decl: online.Decl}
		}
		offline := d.block.Child("offline")
		if offline != nil {
			s.Offline = &model.Offline{Decl: offline.Decl}
		}
		if online == nil && offline == nil && !r.unsure(d) && !namesSurface(d.block) {
			r.warn(diag.MissingBlock, d.block.Decl, fmt.Sprintf("%s has no surface", d.addr),
				"Nothing can reach it, and no allow gives anything on it. Add an online block, an offline block, or both.")
		}
		for _, p := range r.places(d) {
			at := model.StorePlace{Environment: p.environment.Name, Labels: p.labels, Listed: p.listed, Service: r.onlineService(p, online)}
			at.Project, at.Dataset = r.offlinePlace(p, offline)
			s.Places = append(s.Places, at)
		}
		if !d.second {
			r.policy.Stores = append(r.policy.Stores, s)
		}
	}
}

// namesSurface reports whether an in block names a surface, which is told there if the store has none.
func namesSurface(b *syntax.Block) bool {
	return slices.ContainsFunc(b.Children("in"), func(in *syntax.Block) bool {
		return hasAttr(in, "service") || hasAttr(in, "dataset") || hasAttr(in, "project")
	})
}

// protocol is tcp where the policy says nothing, which is Consul's own default.
func (r *resolver) protocol(online *syntax.Block) model.Text {
	if t, ok := r.text(online, "protocol"); ok {
		return t
	}
	return model.Text{Value: "tcp"}
}

// onlineService names a store's Consul service in a place. A surface in an environment without its target is an error.
func (r *resolver) onlineService(p *place, online *syntax.Block) model.Text {
	if online == nil {
		r.serviceWithoutSurface(p)
		return model.Text{}
	}
	if p.environment.Consul == nil {
		r.missingTarget(p, p.listed, "consul", fmt.Sprintf("%s can't be online in environment.%s, which has no Consul", p.of.addr, p.environment.Name),
			fmt.Sprintf("take environment.%s out of this list", p.environment.Name))
		return model.Text{}
	}
	own, _ := r.text(online, "service")
	if own.Range == zero && hasAttr(online, "service") {
		return model.Text{} // reported
	}
	return r.remoteName(p, remoteName{
		attr: "service", own: own, template: p.environment.service, target: "consul", rule: serviceRule, what: "service name",
	})
}

func (r *resolver) serviceWithoutSurface(p *place) {
	if p.override == nil || r.unsure(p.of) {
		return
	}
	if a, ok := p.override.Attr("service"); ok {
		r.error(diag.MissingBlock, a.Range, fmt.Sprintf("%s has no online block", p.of.addr),
			"The service names the store's online surface. Add online {} to the store, or delete the attribute.", diag.Related{Message: "the feature store", Range: p.of.block.Decl})
	}
}

func (r *resolver) resolveSecrets() {
	for d := range r.declarations(addr.Secret) {
		s := &model.Secret{Addr: d.addr, Classification: word(r, d.block, "classification", model.Classification("")), Rotation: r.rotation(d.block), Decl: d.block.Decl}
		s.Owner, _ = r.text(d.block, "owner")
		for _, p := range r.places(d) {
			s.Places = append(s.Places, r.secretPlace(p))
		}
		if !d.second {
			r.policy.Secrets = append(r.policy.Secrets, s)
		}
	}
}

func (r *resolver) secretPlace(p *place) model.SecretPlace {
	out := model.SecretPlace{Environment: p.environment.Name, Labels: p.labels, Listed: p.listed}
	google := p.environment.Google
	if google == nil {
		r.missingTarget(p, p.listed, "google",
			fmt.Sprintf("%s can't be in environment.%s, which has no Google project", p.of.addr, p.environment.Name),
			fmt.Sprintf("take environment.%s out of this list", p.environment.Name))
		return out
	}
	out.Project = r.projectOf(p)
	out.Secret = r.remoteName(p, remoteName{
		attr: "secret", template: p.environment.secret, target: "google", rule: secretRule, what: "secret id",
	})
	return out
}
