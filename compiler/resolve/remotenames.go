package resolve

import (
	"fmt"
	"regexp"
	"strings"

	"gatehouse/lang/diag"
	"gatehouse/lang/model"
)

// refusal is a name that a template made for a place and the remote system would refuse.
type refusal struct {
	place *place
	name  remoteName
	value string
	rule  string
}

// checked reports a written name that the remote system would refuse, and returns it all the same: it was meant.
func (r *resolver) checked(p *place, n remoteName, t model.Text) model.Text {
	if rule := n.rule(t.Value); rule != "" {
		r.error(diag.InvalidRemoteName, t.Range, refusedSummary(n, t.Value), rule+" Write another name here.")
	}
	return t
}

// checkedTemplate keeps a refused name until every place has its name: only then it is known whether template or thing is to blame.
func (r *resolver) checkedTemplate(p *place, n remoteName, t model.Text) model.Text {
	rule := n.rule(t.Value)
	if rule == "" {
		n.template.good = true
		return t
	}
	if p.of.badName {
		return t
	}
	r.refused = append(r.refused, refusal{place: p, name: n, value: clipped(t.Value), rule: rule})
	return t
}

func refusedSummary(n remoteName, value string) string {
	return fmt.Sprintf("%s would refuse the %s %q", targetName(n.target), n.what, clipped(value))
}

// clipped keeps messages about absurd names readable.
func clipped(s string) string {
	const longest = 80
	if len(s) <= longest {
		return s
	}
	return strings.ToValidUTF8(s[:longest], "") + "…"
}

func targetName(block string) string {
	if block == "consul" {
		return "Consul"
	}
	return "Google"
}

// reportRefusedNames blames a template that suits nothing once, and otherwise the things whose names it spoils.
func (r *resolver) reportRefusedNames() {
	blamed := map[*template]bool{}
	for _, f := range r.refused {
		t, label := f.name.template, f.place.of.block.NameRange()
		where := fmt.Sprintf("for %s in environment.%s", f.place.of.addr, f.place.environment.Name)
		change := fmt.Sprintf("set %s in an in %q block of %s", f.name.attr, f.place.environment.Name, f.place.of.addr)
		switch {
		case t.written == zero:
			r.error(diag.InvalidRemoteName, label, refusedSummary(f.name, f.value)+" "+where, f.rule+" Rename it, or "+change+".")
		case t.good:
			r.error(diag.InvalidRemoteName, label, refusedSummary(f.name, f.value)+" "+where,
				f.rule+" Rename it, change the template, or "+change+".", diag.Related{Message: "the template", Range: t.written})
		case !blamed[t]:
			blamed[t] = true
			r.error(diag.InvalidRemoteName, t.written, refusedSummary(f.name, f.value)+" "+where,
				f.rule+" Change the template, or "+change+".", diag.Related{Message: "evaluated for this", Range: label})
		}
	}
}

// serviceName is the rule for service identities (IsValidServiceIdentityName in acl/validation.go, Consul v1.22): the catalogue takes
// almost anything, and a service that no token can be made for is of no use here. Names over 63 bytes are not found by DNS, which the
// agent only warns of (agent/agent.go, validateService).
var serviceName = regexp.MustCompile(`^[a-z0-9]([a-z0-9_-]*[a-z0-9])?$`)

func serviceRule(s string) string {
	if len(s) <= 256 && serviceName.MatchString(s) {
		return ""
	}
	return "A service has at most 256 of a-z, 0-9, \"-\" and \"_\", and starts and ends with a letter or digit."
}

// accountID is the rule of projects.serviceAccounts.create in the IAM API: "must be 6-30 characters long, and match the regular
// expression [a-z]([-a-z0-9]*[a-z0-9])".
var accountID = regexp.MustCompile(`^[a-z]([-a-z0-9]*[a-z0-9])$`)

// Accounts that Google makes follow rules of their own: NUMBER-compute@developer…, PROJECT@appspot…, service-NUMBER@gcp-sa-….iam…
var (
	accountDomain = regexp.MustCompile(`^([a-z0-9.-]+\.)?gserviceaccount\.com$`)
	googleMade    = regexp.MustCompile(`^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$`)
)

const accountRule = "A service account is ID@PROJECT.iam.gserviceaccount.com, where ID has 6 to 30 of a-z, 0-9 and \"-\", starts with a letter and " +
	"doesn't end with \"-\"."

func serviceAccountRule(s string) string {
	id, domain, found := strings.Cut(s, "@")
	project, own := strings.CutSuffix(domain, ".iam.gserviceaccount.com")
	switch {
	case found && own && !strings.HasPrefix(project, "gcp-sa-"):
		if len(id) >= 6 && len(id) <= 30 && accountID.MatchString(id) && validAccountProject(project) {
			return ""
		}
	case found && accountDomain.MatchString(domain) && googleMade.MatchString(id):
		return ""
	}
	return accountRule
}

// validAccountProject takes the project part of an e-mail: of a project example.com:p it is p.example.com.
func validAccountProject(s string) bool {
	project, domain, scoped := strings.Cut(s, ".")
	return projectID.MatchString(project) && (!scoped || domain != "")
}

// secretID is the rule of CreateSecretRequest.secret_id in Secret Manager's API: "a maximum length of 255 characters and can contain
// uppercase and lowercase letters, numerals, and the hyphen (-) and underscore (_) characters".
var secretID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)

func secretRule(s string) string {
	if secretID.MatchString(s) {
		return ""
	}
	return "A secret's id has 1 to 255 of A-Z, a-z, 0-9, \"-\" and \"_\": it is the id alone, without projects/….../secrets/."
}
