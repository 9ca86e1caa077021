package google

import (
	"strings"

	"gatehouse/compiler/access"
)

// This file knows members as the interpreter sees them. It shares nothing with the form in which the compiler writes them.

// accountPrefix begins the names of service accounts as principals.
const accountPrefix = "serviceAccount:"

// principalName returns whom a member of a binding stands for, and false where it stands for nobody: an identity that was deleted has no
// access. Both kinds of public are access.Anyone: who is authenticated is anybody with a Google account.
func principalName(member string) (string, bool) {
	if member == "allUsers" || member == "allAuthenticatedUsers" {
		return access.Anyone, true
	}
	kind, name, ok := strings.Cut(member, ":")
	if !ok || kind == "deleted" {
		return member, !ok && member != ""
	}
	if strings.HasPrefix(kind, "principal") {
		return member, true // pools tell subjects apart by case
	}
	return kind + ":" + strings.ToLower(name), true
}

// principal is a name in Google's one realm.
func principal(name string) access.Principal {
	return access.Principal{Target: access.Google, Name: name}
}

// homeOf returns the project that a service account's e-mail names; false for Google's own agents and for accounts that are named by a
// project's number: https://cloud.google.com/iam/docs/service-account-types.
func homeOf(email string) (string, bool) {
	name, host, ok := strings.Cut(email, "@")
	if !ok {
		return "", false
	}
	if project, ok := strings.CutSuffix(host, ".iam.gserviceaccount.com"); ok {
		return project, !strings.HasPrefix(project, "gcp-sa-")
	}
	return name, host == "appspot.gserviceaccount.com"
}
