package google

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cloud.google.com/go/iam/admin/apiv1/adminpb"

	"gatehouse/targets/sandbox"
)

// rolesFile says what predefined roles hold, with its sources and their date.
//
//go:embed roles.json
var rolesFile []byte

// readRoles returns the predefined roles by name, with sorted permissions.
func readRoles(more map[string][]string) (map[string]*adminpb.Role, error) {
	var file struct {
		Roles map[string][]string `json:"roles"`
	}
	if err := json.Unmarshal(rolesFile, &file); err != nil {
		return nil, fmt.Errorf("sandbox: read roles.json: %w", err)
	}
	maps.Copy(file.Roles, more)
	out := map[string]*adminpb.Role{}
	for name, permissions := range file.Roles {
		out[name] = &adminpb.Role{Name: name, Stage: adminpb.Role_GA, IncludedPermissions: slices.Sorted(slices.Values(permissions)), Etag: []byte{0}}
	}
	return out, nil
}

// basic reports whether a role is one of the three that take no conditions.
func basic(role string) bool {
	return role == "roles/owner" || role == "roles/editor" || role == "roles/viewer"
}

// findRole finds a predefined role, or a project's own. Nobody may change what it returns.
func (g *Google) findRole(v *sandbox.View, role string) (r *adminpb.Role, ok bool, err error) {
	if strings.HasPrefix(role, "roles/") {
		r, ok = g.roles[role]
		return r, ok, nil
	}
	n, err := parseName(role)
	if err != nil || n.kind != kindRole {
		return nil, false, nil
	}
	at, err := find(v, n)
	if err != nil || !at.exists {
		return nil, false, err
	}
	record, _ := v.Get(at.key)
	r, err = parseRole(record)
	return r, true, err
}

// grantable reports whether a role means anything on a kind of resource. Google refuses roles that don't: "Role … is not supported for
// this resource."
func grantable(kind kind, r *adminpb.Role) bool {
	prefix := ""
	switch kind {
	case kindSecret:
		prefix = "secretmanager."
	case kindAccount:
		prefix = "iam.serviceAccount" // accounts and their keys
	case kindProject, kindVersion, kindRole:
		return true
	}
	return slices.ContainsFunc(r.GetIncludedPermissions(), func(p string) bool { return strings.HasPrefix(p, prefix) })
}
