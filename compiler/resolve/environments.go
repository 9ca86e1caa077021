package resolve

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
	"gatehouse/lang/syntax"
)

// environment is a declared environment with what later phases need of it and the model doesn't.
type environment struct {
	*model.Environment
	service        *template // of Consul service names; nil where the environment has no Consul
	serviceAccount *template // of Google service accounts; nil where the environment has no Google
	secret         *template // of Secret Manager ids; nil where the environment has no Google
	dataset        *template // of BigQuery dataset ids; nil where the environment has no Google
}

func (r *resolver) resolveEnvironments() {
	for d := range r.declarations(addr.Environment) {
		e := &environment{Environment: &model.Environment{Name: d.addr.Name, Decl: d.block.Decl}}
		e.Tier = word(r, d.block, "tier", model.Tier(""))
		e.Retired = flag(d.block, "retired")
		if b := d.block.Child("consul"); b != nil {
			e.Consul = r.consul(b)
			e.service = r.template(b, "service", "${name}")
		}
		if b := d.block.Child("google"); b != nil {
			e.Google = r.google(b)
			e.serviceAccount = r.template(b, "service_account", "${name}@"+e.Google.Project+".iam.gserviceaccount.com")
			e.secret = r.template(b, "secret", "${name}")
			e.dataset = r.template(b, "dataset", "${name}")
			e.dataset.underscores = true
			// Without a project (reported) the built-in template would make names that say nothing.
			e.serviceAccount.silent = e.serviceAccount.silent || e.serviceAccount.expr == nil && e.Google.Project == ""
		}
		if !d.second {
			r.environments[e.Name] = e
			r.policy.Environments = append(r.policy.Environments, e.Environment)
		}
	}
}

func (r *resolver) consul(b *syntax.Block) *model.Consul {
	c := &model.Consul{Decl: b.Decl}
	if t, ok := r.text(b, "address"); ok {
		c.Address = t.Value
		if problem := addressProblem(t.Value); problem != "" {
			r.invalidValue(t, "address is not the URL of a Consul server",
				problem+" Write address = \"https://consul.example:8501\", or leave it out and set CONSUL_HTTP_ADDR.")
		}
	}
	c.Datacenter = r.realmWord(b, "datacenter")
	c.Partition = r.realmWord(b, "partition")
	c.Namespace = r.realmWord(b, "namespace")
	return c
}

// addressProblem says what is wrong with the address of a Consul server, or "". It doesn't repeat the address, which may hold a password.
// Consul's own client also speaks over unix sockets;
// a policy is shared by people and machines, and a socket is one machine's, so that it can't stand here.
func addressProblem(s string) string {
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return "It is not a URL."
	case u.Scheme == "unix":
		return "A socket belongs to one machine, and a policy is read on many."
	case u.Scheme != "http" && u.Scheme != "https":
		return "It must start with https:// or http://."
	case u.Hostname() == "":
		return "It names no host."
	case u.User != nil:
		return "Credentials never stand in a policy."
	case u.RawQuery != "" || u.Fragment != "":
		return "It must end after the host, the port and perhaps a path."
	}
	return ""
}

// basicName is what Consul's agent takes for a datacenter and a partition (reBasicName in agent/config/builder.go, v1.22); namespaces
// follow the stricter rule of DNS labels, which is left to the server: both are of Consul Enterprise.
var basicName = regexp.MustCompile(`^[a-z0-9_-]+$`)

func (r *resolver) realmWord(b *syntax.Block, name string) string {
	t, ok := r.text(b, name)
	if ok && !basicName.MatchString(t.Value) {
		r.error(diag.InvalidRemoteName, t.Range, fmt.Sprintf("Consul would refuse the %s %q", name, t.Value),
			fmt.Sprintf("A %s is made of a-z, 0-9, \"-\" and \"_\", and is not empty. Leave the attribute out for Consul's default.", name))
	}
	return t.Value
}

// Google's rules: projects.create in the Resource Manager API ("6 to 30 lowercase letters, digits, or hyphens … start with a letter.
// Trailing hyphens are prohibited"), where an old project may carry its organisation's domain in front; project numbers are decimal.
var (
	projectID     = regexp.MustCompile(`^([a-z0-9.-]+\.[a-z]{2,}:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$`)
	projectNumber = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)
)

const projectRule = "A project id has 6 to 30 of a-z, 0-9 and \"-\", starts with a letter and doesn't end with \"-\"."

func (r *resolver) google(b *syntax.Block) *model.Google {
	g := &model.Google{Decl: b.Decl}
	if t, ok := r.text(b, "project"); ok {
		g.Project = r.project(t)
	}
	if t, ok := r.text(b, "project_number"); ok {
		g.ProjectNumber = t.Value
		if !projectNumber.MatchString(t.Value) {
			r.error(diag.InvalidRemoteName, t.Range, fmt.Sprintf("%q is not a project number", t.Value),
				"A project number is decimal digits, as gcloud projects describe PROJECT --format='value(projectNumber)' prints it.")
		}
	}
	g.Ownership = word(r, b, "ownership", model.Additive)
	if t, ok := r.text(b, "endpoint"); ok {
		g.Endpoint = t.Value
		r.endpoint(t)
	}
	return g
}

// project checks a project id, and returns "" for one that was reported.
func (r *resolver) project(t model.Text) string {
	if projectID.MatchString(t.Value) {
		return t.Value
	}
	r.error(diag.InvalidRemoteName, t.Range, fmt.Sprintf("Google would refuse the project id %q", t.Value),
		projectRule+" It is the id, not the display name: gcloud projects list prints both.")
	return ""
}

func (r *resolver) endpoint(t model.Text) {
	u, err := url.Parse("//" + t.Value)
	if err != nil || strings.Contains(t.Value, "/") || u.Hostname() == "" || u.Port() == "" || u.User != nil {
		summary := fmt.Sprintf("%q is not an endpoint", t.Value)
		if strings.Contains(t.Value, "@") {
			summary = "endpoint holds credentials, which never stand in a policy" // and are not repeated
		}
		r.invalidValue(t, summary, "Write host:port, such as 127.0.0.1:8085, without a scheme.")
		if full, err := url.Parse(t.Value); err == nil && full.Hostname() != "" && full.Port() != "" && full.String() == full.Scheme+"://"+full.Host {
			r.mendText(t, full.Host)
		}
	}
}
