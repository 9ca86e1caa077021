package google

import (
	"regexp"
	"strings"
)

// The forms of a principal: https://cloud.google.com/iam/docs/principal-identifiers.
var (
	email   = regexp.MustCompile(`^[a-z0-9.!#$%&'*+/=?^_{|}~-]+@([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$`)
	domain  = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]$`)
	kubeID  = regexp.MustCompile(`^[a-z][a-z0-9:.-]*\.svc\.id\.goog\[[a-z0-9-]+/[a-z0-9.-]+\]$`)
	uid     = regexp.MustCompile(`^[0-9]+$`)
	oneOf   = regexp.MustCompile(`^//iam\.googleapis\.com/(projects/[0-9]+/locations/global/workloadIdentityPools|locations/global/workforcePools)/[a-z0-9-]+/subject/[^\s]+$`)
	setOf   = regexp.MustCompile(`^//iam\.googleapis\.com/(projects/[0-9]+/locations/global/workloadIdentityPools|locations/global/workforcePools)/[a-z0-9-]+/(\*|group/[^\s]+|attribute\.[a-z0-9_]+/[^\s]+)$`)
	withinA = regexp.MustCompile(`^//cloudresourcemanager\.googleapis\.com/(projects|folders|organizations)/[0-9]+/type/(ServiceAccount|ServiceAgent)$`)
)

// maxMember is more than any principal has; it bounds what is looked at.
const maxMember = 2048

// normalMember returns a principal as IAM stores it: the value after the type in lower case, but for the federated ones. It reports false
// where IAM would refuse the text. normalMember(normalMember(m)) is normalMember(m).
func normalMember(text string) (string, bool) {
	if len(text) > maxMember {
		return "", false
	}
	if text == allUsers || text == allAuthenticatedUsers {
		return text, true
	}
	kind, value, _ := strings.Cut(text, ":")
	lower := strings.ToLower(value)
	switch kind {
	case "user", "group":
		return kind + ":" + lower, email.MatchString(lower)
	case "serviceAccount":
		return kind + ":" + lower, email.MatchString(lower) || kubeID.MatchString(lower)
	case "domain":
		return kind + ":" + lower, domain.MatchString(lower)
	case "deleted":
		return normalDeleted(value)
	case "principal":
		return text, oneOf.MatchString(value)
	case "principalSet":
		return text, setOf.MatchString(value) || withinA.MatchString(value)
	}
	return "", false
}

// normalDeleted reads what follows "deleted:".
func normalDeleted(text string) (string, bool) {
	kind, value, _ := strings.Cut(text, ":")
	if kind == "principal" {
		return "deleted:" + text, oneOf.MatchString(value)
	}
	value = strings.ToLower(value)
	address, query, _ := strings.Cut(value, "?")
	id, isUID := strings.CutPrefix(query, "uid=")
	ok := isUID && uid.MatchString(id) && email.MatchString(address)
	switch kind {
	case "user", "serviceAccount", "group":
		return "deleted:" + kind + ":" + value, ok
	}
	return "", false
}

const (
	allUsers              = "allUsers"
	allAuthenticatedUsers = "allAuthenticatedUsers"
)

// public reports whether a member stands for everybody.
func public(member string) bool { return member == allUsers || member == allAuthenticatedUsers }

// covers reports whether a normal member of a binding stands for the caller.
func (c caller) covers(member string) bool {
	if public(member) {
		return true
	}
	for _, id := range c.ids {
		if id == member {
			return true
		}
	}
	of, isDomain := strings.CutPrefix(member, "domain:")
	if isDomain && len(c.ids) > 0 && strings.HasPrefix(c.ids[0], "user:") {
		return strings.HasSuffix(c.ids[0], "@"+of)
	}
	pool, isPool := strings.CutSuffix(member, "/*")
	if isPool && len(c.ids) > 0 {
		pool = strings.Replace(pool, "principalSet:", "principal:", 1)
		return strings.HasPrefix(c.ids[0], pool+"/subject/")
	}
	return false
}
