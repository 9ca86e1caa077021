package google

import (
	"regexp"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// kind is what a resource name names.
type kind int

const (
	kindProject kind = iota
	kindSecret
	kindVersion
	kindAccount
	kindRole
)

// name is a resource name taken apart.
type name struct {
	kind    kind
	project string // as written: an ID, a number, or "-" before a service account
	name    string // a secret's, a role's, or a service account's email
	version string // a number or "latest"
}

var (
	projectID    = regexp.MustCompile(`^[a-z][a-z0-9-]{4,28}[a-z0-9]$`)
	number       = regexp.MustCompile(`^[1-9][0-9]{0,18}$`)
	secretID     = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)
	roleID       = regexp.MustCompile(`^[A-Za-z0-9_.]{3,64}$`)
	accountID    = regexp.MustCompile(`^[a-z][a-z0-9-]{4,28}[a-z0-9]$`)
	permissionID = regexp.MustCompile(`^[a-z][a-zA-Z0-9.]*\.[a-zA-Z0-9/.]+\.[a-zA-Z]+$`)
)

// parseName reads projects/P, projects/P/secrets/S, projects/P/secrets/S/versions/V, projects/P/serviceAccounts/EMAIL and
// projects/P/roles/R.
func parseName(text string) (name, error) {
	parts := strings.Split(text, "/")
	bad := status.Errorf(codes.InvalidArgument, "Resource ID [%s] is not in a valid format.", text)
	if len(parts) < 2 || len(parts)%2 != 0 || parts[0] != "projects" {
		return name{}, bad
	}
	n := name{project: parts[1]}
	if n.project != "-" && !projectID.MatchString(n.project) && !number.MatchString(n.project) {
		return name{}, bad
	}
	if len(parts) > 2 {
		n.name = parts[3]
	}
	ok := n.project != "-"
	switch {
	case len(parts) == 2:
		n.kind = kindProject
	case parts[2] == "locations":
		return name{}, unmodelled("regional secrets")
	case len(parts) == 4 && parts[2] == "secrets":
		n.kind = kindSecret
		ok = ok && secretID.MatchString(n.name)
	case len(parts) == 6 && parts[2] == "secrets" && parts[4] == "versions":
		n.kind, n.version = kindVersion, parts[5]
		ok = ok && secretID.MatchString(n.name) && (n.version == "latest" || number.MatchString(n.version))
	case len(parts) == 4 && parts[2] == "serviceAccounts":
		n.kind, ok = kindAccount, strings.Contains(n.name, "@")
	case len(parts) == 4 && parts[2] == "roles":
		n.kind = kindRole
		ok = ok && roleID.MatchString(n.name)
	default:
		ok = false
	}
	if !ok {
		return name{}, bad
	}
	return n, nil
}

// parseKind is parseName for one kind alone.
func parseKind(text string, want kind) (name, error) {
	n, err := parseName(text)
	if err == nil && n.kind != want {
		err = status.Errorf(codes.InvalidArgument, "Resource ID [%s] is not in a valid format.", text)
	}
	return n, err
}

// unmodelled says loudly that a request went beyond the double.
func unmodelled(what string) error {
	return status.Errorf(codes.Unimplemented, "sandbox: %s: not modelled", what)
}

func invalid(format string, args ...any) error {
	return status.Errorf(codes.InvalidArgument, format, args...)
}
