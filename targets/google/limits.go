package google

import (
	"encoding/json"
	"fmt"

	"gatehouse/compiler/access"
	"gatehouse/lang/diag"
)

// tally is how much of Google's limits a policy uses.
type tally struct {
	readers, writers, others int // occurrences of principals: in the managed roles, and in others
	exempted                 int // in audit configs
	groups                   int // of all of them, those that are groups and domains
	crowded                  grant
	conditions               int // of the role and member that has the most: crowded
}

func (t tally) principals() int { return t.readers + t.writers + t.others + t.exempted }

// String is the arithmetic.
func (t tally) String() string {
	text := fmt.Sprintf("%d of read + %d of write", t.readers, t.writers)
	if t.others > 0 {
		text += fmt.Sprintf(" + %d of other roles", t.others)
	}
	if t.exempted > 0 {
		text += fmt.Sprintf(" + %d exempted from audit", t.exempted)
	}
	return fmt.Sprintf("%s = %d of %d", text, t.principals(), MaxPrincipals)
}

func (p policy) tally() tally {
	var t tally
	conditions := map[who]int{}
	for _, g := range p.grants {
		switch g.role {
		case Reader:
			t.readers++
		case Writer:
			t.writers++
		default:
			t.others++
		}
		if collective(g.member) {
			t.groups++
		}
		w := who{g.role, g.member}
		if conditions[w]++; conditions[w] > t.conditions {
			t.crowded, t.conditions = g, conditions[w]
		}
	}
	exempted := exemptedMembers(p.rest["auditConfigs"])
	t.exempted = len(exempted)
	for _, m := range exempted {
		if collective(m) {
			t.groups++
		}
	}
	return t
}

// exemptedMembers returns who is exempted from audit logs, each as often as it stands there. What can't be read counts as nobody: Google
// itself judges it.
func exemptedMembers(raw json.RawMessage) []string {
	var configs []struct {
		AuditLogConfigs []struct{ ExemptedMembers []string }
	}
	if len(raw) == 0 || json.Unmarshal(raw, &configs) != nil {
		return nil
	}
	var out []string
	for _, c := range configs {
		for _, l := range c.AuditLogConfigs {
			out = append(out, l.ExemptedMembers...)
		}
	}
	return out
}

// refused says why Google would refuse a policy, or nothing.
func (t tally) refused() error {
	switch {
	case t.principals() > MaxPrincipals:
		return fmt.Errorf("the policy would hold more principals than Google takes (%s): what others have put there counts, too", t)
	case t.groups > MaxGroups:
		return fmt.Errorf("the policy would hold %d groups and domains, and Google takes %d", t.groups, MaxGroups)
	case t.conditions > MaxConditions:
		return fmt.Errorf("the policy would grant %s to %s under %d conditions, and Google takes %d for one role and member",
			t.crowded.role, t.crowded.member, t.conditions, MaxConditions)
	}
	return nil
}

// tooManyPrincipals tells of a policy that is close to the limit by what is declared alone.
func tooManyPrincipals(r *access.Resource, environment string, p policy) diag.List {
	t := p.tally()
	if t.principals() < warnAt(MaxPrincipals) {
		return nil
	}
	d := diag.Diagnostic{
		Code:     diag.OverLimit,
		Severity: diag.Warning,
		Summary:  fmt.Sprintf("%s in %q comes close to the principals that Google takes in one policy: %s", r.Addr, environment, t),
		Detail: "Each workload that may read is one principal, and each that may write another; groups of this policy do not make them fewer. " +
			"What others have put into the policy comes on top. Let workloads that always have the same access share a service account, or divide the secret.",
		Subject: r.Decl,
	}
	if t.principals() > MaxPrincipals {
		d.Severity = diag.Error
		d.Summary = fmt.Sprintf("%s in %q has more principals than Google takes in one policy: %s", r.Addr, environment, t)
	}
	return diag.List{d}
}

// tooManyOperators tells of an interval of so many parts that its condition comes close to the limit.
func tooManyOperators(r *access.Resource, environment string, w who, parts, operators int) diag.List {
	if operators < warnAt(MaxOperators) {
		return nil
	}
	d := diag.Diagnostic{
		Code:     diag.OverLimit,
		Severity: diag.Warning,
		Summary: fmt.Sprintf("%s in %q: the %d intervals of %s need %d logical operators in one condition, close to the %d that Google takes",
			r.Addr, environment, parts, w.member, operators, MaxOperators),
		Detail: "An interval with two ends needs one operator, and each further interval one more. Unite the intervals of the allows, " +
			"or delete those that have ended.",
		Subject: r.Decl,
	}
	if operators > MaxOperators {
		d.Severity = diag.Error
		d.Summary = fmt.Sprintf("%s in %q: the %d intervals of %s need %d logical operators in one condition, and Google takes %d",
			r.Addr, environment, parts, w.member, operators, MaxOperators)
	}
	return diag.List{d}
}
