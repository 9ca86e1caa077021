package google

import (
	"cmp"
	"slices"
	"strings"

	"cloud.google.com/go/iam/apiv1/iampb"
	"google.golang.org/genproto/googleapis/type/expr"

	"gatehouse/targets/sandbox"
)

// The limits of an allow policy: https://cloud.google.com/iam/quotas and the comments of google.iam.v1.Policy. Every occurrence of a
// principal counts, those in two roles twice.
const (
	maxPrincipals = 1500
	maxGroups     = 250 // and domains
	maxConditions = 20  // of the same role and member
)

// checkPolicy refuses a policy that IAM would refuse, as far as a mask takes it, and brings it into the form in which IAM stores it.
func (g *Google) checkPolicy(v *sandbox.View, at place, p *iampb.Policy, mask mask) error {
	if !validVersion(p.Version) {
		return invalid("Invalid policy version %d: valid versions are 0, 1 and 3.", p.Version)
	}
	if mask.bindings {
		for _, b := range p.Bindings {
			if err := g.checkBinding(v, at, b); err != nil {
				return err
			}
		}
		p.Bindings = normalBindings(p.Bindings)
		if conditional(p) && p.Version != 3 {
			return invalid("Conditional role bindings need policy version 3; the request says %d.", p.Version)
		}
	}
	if mask.audit {
		return checkAudit(at, p)
	}
	return nil
}

func (g *Google) checkBinding(v *sandbox.View, at place, b *iampb.Binding) error {
	if len(b.GetMembers()) == 0 {
		return invalid("Binding of role %q has no members.", b.GetRole())
	}
	if err := g.checkRole(v, at, b.Role); err != nil {
		return err
	}
	for i, text := range b.Members {
		member, ok := normalMember(text)
		if !ok {
			return invalid("Invalid member %q: want a type, a colon and a value, such as user:ann@example.com.", text)
		}
		if err := g.checkMember(v, at, member); err != nil {
			return err
		}
		b.Members[i] = member
	}
	if b.Condition == nil {
		return nil
	}
	if basic(b.Role) {
		return invalid("Conditions are not supported on the basic role %s.", b.Role)
	}
	if slices.ContainsFunc(b.Members, public) {
		return invalid("Conditions are not supported for allUsers and allAuthenticatedUsers.")
	}
	return g.conditions.check(b.Condition)
}

func (g *Google) checkRole(v *sandbox.View, at place, role string) error {
	if strings.HasPrefix(role, "organizations/") {
		return unmodelled("role " + role)
	}
	r, ok, err := g.findRole(v, role)
	if err != nil {
		return err
	}
	if own := "projects/" + at.in.ID + "/"; ok && strings.HasPrefix(role, "projects/") && !strings.HasPrefix(role, own) {
		ok = false // a project's roles are for the project alone
	}
	if !ok || !grantable(at.kind, r) {
		return invalid("Role %s is not supported for this resource.", role)
	}
	return nil
}

func (g *Google) checkMember(v *sandbox.View, at place, member string) error {
	if public(member) && at.kind == kindProject {
		return invalid("Members of type allUsers and allAuthenticatedUsers cannot be set on this resource.")
	}
	address, ok := strings.CutPrefix(member, "serviceAccount:")
	if !ok || g.opts.AnyAccount {
		return nil
	}
	id := accountProject(address)
	if _, here := v.Get(projectKey(id)); id == "" || !here {
		return nil // of a project that the double doesn't hold: who knows
	}
	if _, known := v.Get(accountKey(id, address)); !known {
		return invalid("Service account %s does not exist.", address)
	}
	return nil
}

// accountProject returns the project that an email of a service account names; "" for those of Google's own.
func accountProject(email string) string {
	_, host, _ := strings.Cut(email, "@")
	id, ok := strings.CutSuffix(host, ".iam.gserviceaccount.com")
	if !ok {
		return ""
	}
	return id
}

// checkAudit checks and normalises audit configs, which only projects (and what is above them) take.
func checkAudit(at place, p *iampb.Policy) error {
	if len(p.AuditConfigs) > 0 && at.kind != kindProject {
		return invalid("Audit configs are not supported for this resource.")
	}
	for _, a := range p.AuditConfigs {
		if a.GetService() != "allServices" && !strings.HasSuffix(a.GetService(), ".googleapis.com") {
			return invalid("Invalid service %q in audit configs.", a.GetService())
		}
		if len(a.AuditLogConfigs) == 0 {
			return invalid("Audit config of %s has no log types.", a.Service)
		}
		for _, l := range a.AuditLogConfigs {
			if l.GetLogType() == iampb.AuditLogConfig_LOG_TYPE_UNSPECIFIED {
				return invalid("Audit config of %s has a log type that is not specified.", a.Service)
			}
			for i, text := range l.ExemptedMembers {
				member, ok := normalMember(text)
				if !ok {
					return invalid("Invalid exempted member %q.", text)
				}
				l.ExemptedMembers[i] = member
			}
		}
	}
	return nil
}

// normalBindings merges bindings of one role and condition, and sorts them and their members. Members are in normal form already.
func normalBindings(bindings []*iampb.Binding) []*iampb.Binding {
	merged := map[string]*iampb.Binding{}
	var out []*iampb.Binding
	for _, b := range bindings {
		key := bindingKey(b)
		if merged[key] == nil {
			merged[key] = &iampb.Binding{Role: b.Role, Condition: b.Condition}
			out = append(out, merged[key])
		}
		merged[key].Members = append(merged[key].Members, b.Members...)
	}
	for _, b := range out {
		slices.Sort(b.Members)
		b.Members = slices.Compact(b.Members)
	}
	slices.SortFunc(out, func(a, b *iampb.Binding) int { return cmp.Compare(bindingKey(a), bindingKey(b)) })
	return out
}

// bindingKey is a binding's identity: its role and its condition.
func bindingKey(b *iampb.Binding) string {
	return b.GetRole() + "\x00" + conditionKey(b.GetCondition())
}

func conditionKey(e *expr.Expr) string {
	if e == nil {
		return ""
	}
	return "\x01" + e.GetTitle() + "\x00" + e.GetDescription() + "\x00" + e.GetExpression()
}

func checkLimits(p *iampb.Policy) error {
	principals, groups := 0, 0
	count := func(members []string) {
		principals += len(members)
		for _, m := range members {
			if strings.HasPrefix(m, "group:") || strings.HasPrefix(m, "domain:") {
				groups++
			}
		}
	}
	conditions := map[[2]string]int{}
	for _, b := range p.Bindings {
		count(b.Members)
		for _, m := range b.Members {
			if b.Condition == nil {
				continue
			}
			if conditions[[2]string{b.Role, m}]++; conditions[[2]string{b.Role, m}] > maxConditions {
				return invalid("Member %s has more than %d bindings of role %s with different conditions.", m, maxConditions, b.Role)
			}
		}
	}
	for _, a := range p.AuditConfigs {
		for _, l := range a.AuditLogConfigs {
			count(l.ExemptedMembers)
		}
	}
	if principals > maxPrincipals {
		return invalid("The number of members in the policy (%d) is larger than the maximum allowed size %d.", principals, maxPrincipals)
	}
	if groups > maxGroups {
		return invalid("The number of groups and domains in the policy (%d) is larger than the maximum allowed size %d.", groups, maxGroups)
	}
	return nil
}
