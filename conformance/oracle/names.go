package oracle

import (
	"maps"
	"slices"
	"strings"
)

// Principal is who a remote system sees: a service in a realm of Consul's, or an account of Google's, which is the same everywhere.
type Principal struct{ System, Realm, Name string }

// Destination is what a remote system guards.
type Destination struct{ System, Realm, Name string }

// The remote systems.
const (
	InConsul = "consul"
	InGoogle = "google"
)

func (p Policy) environment(name string) Environment {
	for _, e := range p.Environments {
		if e.Name == name {
			return e
		}
	}
	return Environment{}
}

// realm is where Consul's names are unique: one server's datacenter.
func realm(c *Consul) string {
	address := strings.ToLower(strings.TrimRight(c.Address, "/"))
	if address == "" {
		address = "$CONSUL_HTTP_ADDR"
	}
	return address + "|" + c.Datacenter + "|default|default"
}

func override(in []Override, environment string) Override {
	for _, o := range in {
		if o.Environment == environment {
			return o
		}
	}
	return Override{}
}

// labels are a thing's own, with the environment's laid over them.
func labels(own map[string]string, o Override) map[string]string {
	out := map[string]string{}
	maps.Copy(out, own)
	maps.Copy(out, o.Labels)
	return out
}

// make returns the name that a template makes, and false where it asks for a label that isn't there.
func (t Template) make(name, environment string, labels map[string]string) (string, bool) {
	out := ""
	for _, part := range t {
		key, isLabel := strings.CutPrefix(part.Variable, "labels.")
		switch {
		case part.Variable == "name":
			out += name
		case part.Variable == "environment":
			out += environment
		case isLabel:
			value, ok := labels[key]
			if !ok {
				return "", false
			}
			out += value
		default:
			out += part.Text
		}
	}
	return out, true
}

func orElse(t Template, otherwise ...Part) Template {
	if t == nil {
		return otherwise
	}
	return t
}

// service is the name of a workload or store in an environment's mesh; own is written on the surface itself.
func (p Policy) service(name, own, environment string, with map[string]string, o Override) (string, bool) {
	switch {
	case o.Service != "":
		return o.Service, true
	case own != "":
		return own, true
	}
	return orElse(p.environment(environment).Consul.Service, Part{Variable: "name"}).make(name, environment, labels(with, o))
}

// account is a workload's service account in an environment.
func (p Policy) account(w Workload, environment string) (string, bool) {
	o, google := override(w.In, environment), p.environment(environment).Google
	if o.ServiceAccount != "" {
		return o.ServiceAccount, true
	}
	return orElse(google.ServiceAccount, Part{Variable: "name"}, Part{Text: "@" + google.Project + ".iam.gserviceaccount.com"}).
		make(w.Name, environment, labels(w.Labels, o))
}

// Principal returns who a system sees in a workload in an environment; false where it sees nobody, as in one that is retired.
func (p Policy) Principal(w Workload, environment, system string) (Principal, bool) {
	if p.environment(environment).Retired {
		return Principal{}, false
	}
	return p.declaredPrincipal(w, environment, system)
}

// declaredPrincipal is Principal whether or not the environment is retired: what is declared there still has to be right.
func (p Policy) declaredPrincipal(w Workload, environment, system string) (Principal, bool) {
	e := p.environment(environment)
	switch {
	case !slices.Contains(w.Environments, environment):
	case system == InConsul && e.Consul != nil:
		name, ok := p.service(w.Name, "", environment, w.Labels, override(w.In, environment))
		return Principal{InConsul, realm(e.Consul), name}, ok
	case system == InGoogle && e.Google != nil:
		name, ok := p.account(w, environment)
		return Principal{InGoogle, "", "serviceAccount:" + strings.ToLower(name)}, ok
	}
	return Principal{}, false
}

// Destination returns what guards a resource in an environment; false where it isn't there, or nothing is.
func (p Policy) Destination(resource, environment string) (Destination, bool) {
	if p.environment(environment).Retired {
		return Destination{}, false
	}
	return p.declaredDestination(resource, environment)
}

func (p Policy) declaredDestination(resource, environment string) (Destination, bool) {
	e := p.environment(environment)
	for _, s := range p.Stores {
		if resource == "feature_store."+s.Name+".offline" && s.Offline != nil && slices.Contains(s.Environments, environment) && e.Google != nil {
			o := override(s.In, environment)
			name, ok := p.dataset(s, environment, o)
			return Destination{InGoogle, "", "projects/" + either(o.Project, e.Google.Project) + "/datasets/" + name}, ok
		}
		if resource == "feature_store."+s.Name+".online" && s.Online != nil && slices.Contains(s.Environments, environment) && e.Consul != nil {
			name, ok := p.service(s.Name, s.Online.Service, environment, s.Labels, override(s.In, environment))
			return Destination{InConsul, realm(e.Consul), name}, ok
		}
	}
	for _, s := range p.Secrets {
		if resource == "secret."+s.Name && slices.Contains(s.Environments, environment) && e.Google != nil {
			o := override(s.In, environment)
			project := either(o.Project, e.Google.Project)
			if o.Secret != "" {
				return Destination{InGoogle, "", "projects/" + project + "/secrets/" + o.Secret}, true
			}
			name, ok := orElse(e.Google.Secret, Part{Variable: "name"}).make(s.Name, environment, labels(s.Labels, o))
			return Destination{InGoogle, "", "projects/" + project + "/secrets/" + name}, ok
		}
	}
	return Destination{}, false
}

// dataset is the name of a store's offline surface: the environment's, the store's own, the template's, or the store's name with "_" for "-".
func (p Policy) dataset(s Store, environment string, o Override) (string, bool) {
	google := p.environment(environment).Google
	switch {
	case o.Dataset != "":
		return o.Dataset, true
	case s.Offline.Dataset != "":
		return s.Offline.Dataset, true
	case google.Dataset == nil:
		return strings.ReplaceAll(s.Name, "-", "_"), true
	}
	return google.Dataset.make(s.Name, environment, labels(s.Labels, o))
}

func either(first, otherwise string) string {
	if first != "" {
		return first
	}
	return otherwise
}
