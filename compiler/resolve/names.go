package resolve

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
)

// holder is a resource that has a remote name in an environment.
type holder struct {
	addr        addr.Address
	environment string
	name        model.Text
	template    *template
	listed      hcl.Range
}

// coincidingNames reports resources that are one object out there. Consul compares destinations without regard to case, Secret
// Manager and BigQuery don't. In a retired environment nothing is an object, so that another may take its place.
func (r *resolver) coincidingNames() {
	taken := map[[2]string]holder{}
	for _, s := range r.policy.Stores {
		for _, p := range s.Places {
			r.claimStore(taken, s, p)
		}
	}
	for _, s := range r.policy.Secrets {
		for _, p := range s.Places {
			if p.Secret.Value == "" || p.Project == "" || r.environments[p.Environment].Retired {
				continue
			}
			r.claim(taken, [2]string{"project " + p.Project, p.Secret.Value}, "secret of project "+p.Project,
				holder{s.Addr, p.Environment, p.Secret, r.environments[p.Environment].secret, p.Listed})
		}
	}
}

// claimStore claims both surfaces of a store in a place. BigQuery compares datasets with regard to case.
func (r *resolver) claimStore(taken map[[2]string]holder, s *model.FeatureStore, p model.StorePlace) {
	e := r.environments[p.Environment]
	if e.Retired {
		return
	}
	if p.Service.Value != "" && e.Consul != nil {
		r.claim(taken, [2]string{realm(e.Consul), strings.ToLower(p.Service.Value)}, "Consul service",
			holder{s.Addr, p.Environment, p.Service, e.service, p.Listed})
	}
	if p.Dataset.Value != "" && p.Project != "" {
		r.claim(taken, [2]string{"datasets of " + p.Project, p.Dataset.Value}, "dataset of project "+p.Project,
			holder{s.Addr, p.Environment, p.Dataset, e.dataset, p.Listed})
	}
}

func (r *resolver) claim(taken map[[2]string]holder, key [2]string, what string, h holder) {
	first, clash := taken[key]
	if !clash {
		taken[key] = h
		return
	}
	same := first.addr == h.addr
	if r.written(first) && !r.written(h) {
		first, h = h, first // who wrote the name down can choose another
	}
	r.error(diag.CoincidingNames, r.coincides(h, same),
		fmt.Sprintf("%s in environment.%s and %s in environment.%s are one %s, %q",
			first.addr, first.environment, h.addr, h.environment, what, h.name.Value),
		"What is granted on one would be granted on the other, and each would undo what the other wrote. Give one of them another name in an in block, "+
			"or declare it in one environment only.",
		diag.Related{Message: "the other", Range: r.coincides(first, same)})
}

// coincides is where a clash is best shown: the written name; the thing's label where a template made it; and where both are one
// thing, the environment that it lists.
func (r *resolver) coincides(h holder, same bool) hcl.Range {
	switch {
	case same:
		return h.listed
	case !r.written(h):
		return r.declared[h.addr.Kind][h.addr.Name].block.NameRange()
	}
	return h.name.Range
}

// written reports whether a name stands in the text, for this thing alone.
func (r *resolver) written(h holder) bool {
	return h.name.Range != h.template.written && h.name.Range != r.declared[h.addr.Kind][h.addr.Name].block.NameRange()
}

// realm is where Consul's destinations are unique. An empty partition or namespace is Consul's "default"; every empty address is the same
// one, CONSUL_HTTP_ADDR.
func realm(c *model.Consul) string {
	address := strings.TrimRight(c.Address, "/")
	return strings.ToLower(strings.Join([]string{address, c.Datacenter, cmp.Or(c.Partition, "default"), cmp.Or(c.Namespace, "default")}, "|"))
}
