package google

import "strings"

// normalMember returns a member in the form in which IAM keeps it: what follows the type in lower case, but for identities of federated
// pools, whose subjects and attributes keep theirs. A type that isn't known stays as it is.
// See https://cloud.google.com/iam/docs/principal-identifiers.
func normalMember(member string) string {
	kind, value, ok := strings.Cut(member, ":")
	if !ok {
		return member
	}
	switch kind {
	case "user", "serviceAccount", "group", "domain":
		return kind + ":" + strings.ToLower(value)
	case "deleted":
		return kind + ":" + normalMember(value)
	}
	return member
}

// collective reports whether a member counts against the limit on groups and domains.
func collective(member string) bool {
	return strings.HasPrefix(member, "group:") || strings.HasPrefix(member, "domain:")
}
