package google

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"sync"

	"gatehouse/targets"
)

// rolesFile says what predefined roles hold, with its sources and their date.
//
//go:embed roles.json
var rolesFile []byte

// roles says what roles hold, by name. A role that isn't in it is unknown: neither empty nor full.
type roles map[string]permissions

// permissions are those of a role.
type permissions map[string]bool

// embedded reads the file once; nobody changes what it returns.
var embedded = sync.OnceValues(func() (roles, error) {
	var file struct{ Roles map[string][]string }
	if err := json.Unmarshal(rolesFile, &file); err != nil {
		return nil, fmt.Errorf("read roles.json: %w", err)
	}
	out := roles{}
	for name, held := range file.Roles {
		out[name] = permissionSet(held)
	}
	return out, nil
})

// knownRoles returns the embedded roles, for the caller to add to.
func knownRoles() (roles, error) {
	out, err := embedded()
	return maps.Clone(out), err
}

func permissionSet(held []string) permissions {
	out := permissions{}
	for _, p := range held {
		out[p] = true
	}
	return out
}

// add takes over what IAM says of a role, in the JSON form of google.iam.admin.v1.Role. A role that is deleted or disabled gives nothing.
func (r roles) add(o targets.Object) error {
	var role struct {
		IncludedPermissions []string
		Stage               string
		Deleted             bool
	}
	if err := json.Unmarshal(o.Body, &role); err != nil {
		return fmt.Errorf("decode: %w", err)
	}
	if role.Deleted || role.Stage == "DISABLED" {
		role.IncludedPermissions = nil
	}
	r[o.Key.Name] = permissionSet(role.IncludedPermissions)
	return nil
}

// home returns where a custom role is kept: projects/ID or organizations/NUMBER; false for a predefined one.
func home(role string) (string, bool) {
	at, _, ok := strings.Cut(role, "/roles/")
	return at, ok && at != ""
}
