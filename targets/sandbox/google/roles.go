package google

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"gatehouse/targets/sandbox"
)

// rolesFile says what predefined roles hold, with its sources and their date.
//
//go:embed roles.json
var rolesFile []byte

// readRoles returns the permissions of predefined roles, sorted, by the role's name.
func readRoles(more map[string][]string) (map[string][]string, error) {
	var file struct {
		Roles map[string][]string `json:"roles"`
	}
	if err := json.Unmarshal(rolesFile, &file); err != nil {
		return nil, fmt.Errorf("sandbox: read roles.json: %w", err)
	}
	for name, permissions := range more {
		file.Roles[name] = permissions
	}
	for name, permissions := range file.Roles {
		file.Roles[name] = slices.Sorted(slices.Values(permissions))
	}
	return file.Roles, nil
}

// basic reports whether a role is one of the three that take no conditions.
func basic(role string) bool {
	return role == "roles/owner" || role == "roles/editor" || role == "roles/viewer"
}

// permissions returns what a role holds; ok is false where there is no such role.
func (g *Google) permissions(v *sandbox.View, role string) (held []string, ok bool, err error) {
	if strings.HasPrefix(role, "roles/") {
		held, ok = g.roles[role]
		return held, ok, nil
	}
	at, err := parseName(role)
	if err != nil || at.kind != kindRole {
		return nil, false, nil
	}
	p, ok, err := findProject(v, at.project)
	if err != nil || !ok {
		return nil, false, err
	}
	record, ok := v.Get(roleKey(p.ID, at.name))
	if !ok {
		return nil, false, nil
	}
	r, err := parseRole(record)
	return r.GetIncludedPermissions(), true, err
}

// grantable reports whether a role means anything on a kind of resource. Google refuses roles that don't: "Role … is not supported for
// this resource."
func grantable(kind kind, held []string) bool {
	prefix := ""
	switch kind {
	case kindSecret:
		prefix = "secretmanager."
	case kindAccount:
		prefix = "iam.serviceAccount" // accounts and their keys
	case kindProject, kindVersion, kindRole:
		return true
	}
	return slices.ContainsFunc(held, func(p string) bool { return strings.HasPrefix(p, prefix) })
}
