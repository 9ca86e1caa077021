package google

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"gatehouse/compiler/access"
	"gatehouse/targets"
)

// denial is one deny policy. Where one of its rules denies, no allow policy counts: https://cloud.google.com/iam/docs/deny-overview.
type denial struct {
	at    targets.Key
	on    string // what it is attached to: projects/ID or NUMBER, folders/NUMBER, organizations/NUMBER
	rules []denyRule
}

// denyRule denies some permissions to some principals, but for some of each.
type denyRule struct {
	principals, exceptPrincipals   []string // as allow policies name them; access.Anyone for everybody
	permissions, exceptPermissions []string // SERVICE/RESOURCE.VERB; a "*" in a part's place is every one
	condition                      string
}

// deny takes in a deny policy in the JSON form of google.iam.v2.Policy. Its name says where it is attached.
func (w *world) deny(o targets.Object) error {
	var p struct {
		Rules []struct {
			DenyRule *struct {
				DeniedPrincipals, ExceptionPrincipals   []string
				DeniedPermissions, ExceptionPermissions []string
				DenialCondition                         struct{ Expression string }
			}
		}
	}
	if err := json.Unmarshal(o.Body, &p); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	on, err := attachment(o.Key.Name)
	if err != nil {
		return err
	}
	d := denial{at: o.Key, on: on}
	for _, r := range p.Rules {
		if r.DenyRule == nil {
			return errors.New("a rule that is no deny rule")
		}
		d.rules = append(d.rules, denyRule{
			deniable(r.DenyRule.DeniedPrincipals), deniable(r.DenyRule.ExceptionPrincipals),
			r.DenyRule.DeniedPermissions, r.DenyRule.ExceptionPermissions, r.DenyRule.DenialCondition.Expression,
		})
	}
	w.denials = append(w.denials, d)
	return nil
}

// attachment reads policies/cloudresourcemanager.googleapis.com%2Fprojects%2FID/denypolicies/NAME.
func attachment(name string) (string, error) {
	rest, ok := strings.CutPrefix(name, "policies/")
	point, _, also := strings.Cut(rest, "/denypolicies/")
	text, err := url.PathUnescape(point)
	on, is := strings.CutPrefix(text, "cloudresourcemanager.googleapis.com/")
	if !ok || !also || err != nil || !is {
		return "", errors.New("its name does not say what it is attached to")
	}
	return on, nil
}

// deniable reads principals as deny policies name them: https://cloud.google.com/iam/docs/principal-identifiers#v2.
func deniable(principals []string) []string {
	var out []string
	for _, p := range principals {
		switch {
		case p == "principalSet://goog/public:all":
			p = access.Anyone
		case strings.HasPrefix(p, "deleted:"):
			continue
		default:
			for _, form := range []struct{ v2, v1 string }{
				{"principal://goog/subject/", "user:"},
				{"principalSet://goog/group/", groupPrefix},
				{"principal://iam.googleapis.com/projects/-/serviceAccounts/", accountPrefix},
			} {
				if name, ok := strings.CutPrefix(p, form.v2); ok {
					p = form.v1 + strings.ToLower(name)
				}
			}
		}
		out = append(out, p)
	}
	return out
}

// services are those of permissions that deny policies name otherwise than by SERVICE.googleapis.com.
var services = map[string]string{"resourcemanager": "cloudresourcemanager.googleapis.com"}

// deniedName is a permission as deny policies name it: https://cloud.google.com/iam/docs/deny-permissions-support.
func deniedName(permission string) string {
	service, rest, _ := strings.Cut(permission, ".")
	if host := services[service]; host != "" {
		return host + "/" + rest
	}
	return service + ".googleapis.com/" + rest
}

// names reports whether one of some patterns is of a permission: SERVICE/RESOURCE.VERB with "*" for RESOURCE, VERB, or both.
func names(patterns []string, permission string) bool {
	service, rest, _ := strings.Cut(deniedName(permission), "/")
	resource, verb, _ := strings.Cut(rest, ".")
	return slices.ContainsFunc(patterns, func(p string) bool {
		s, r, _ := strings.Cut(p, "/")
		of, does, _ := strings.Cut(r, ".")
		return s == service && (of == "*" || of == resource) && (does == "*" || does == verb)
	})
}

// denied says whether deny policies keep a principal from a permission on something that lies in a lineage, and which one does, or may. A
// policy counts on what it is attached to and everything below.
func (i *interpreter) denied(name, permission string, lineage []string) (certainty, string) {
	worst, which := no, ""
	for _, d := range i.denials {
		if !i.covers(d.on, lineage) {
			continue
		}
		for _, r := range d.rules {
			if c := i.rule(r, name, permission); c > worst {
				worst, which = c, d.at.String()
			}
		}
	}
	return worst, which
}

// covers reports whether something is in a lineage; projects go by number, too.
func (w *world) covers(on string, lineage []string) bool {
	if slices.Contains(lineage, on) {
		return true
	}
	number, ok := strings.CutPrefix(on, "projects/")
	return ok && slices.ContainsFunc(lineage, func(at string) bool {
		project, ok := strings.CutPrefix(at, "projects/")
		return ok && w.projects[project].number == number
	})
}

func (i *interpreter) rule(r denyRule, name, permission string) certainty {
	if !names(r.permissions, permission) || names(r.exceptPermissions, permission) {
		return no
	}
	in, out := i.among(name, r.principals), i.among(name, r.exceptPrincipals)
	if in == no || out == yes {
		return no
	}
	sure := in
	if out == maybe {
		sure = maybe
	}
	return min(sure, i.applies(r.condition))
}

// among says whether a principal is one of several, or of several sets.
func (w *world) among(name string, list []string) certainty {
	best := no
	for _, p := range list {
		best = max(best, w.belongs(name, p))
	}
	return best
}

// applies evaluates a denial's condition. Only tags may stand in one, which nobody reads here: it is certain only where it does not hang on them.
func (i *interpreter) applies(condition string) certainty {
	if condition == "" {
		return yes
	}
	t, _ := i.conditions.ask(condition, request{})
	switch {
	case len(t.doubtful()) > 0:
		return maybe
	case len(t.is) > 0:
		return certainly(len(t.isNot) == 0, yes, maybe)
	}
	return no
}
