package google

import (
	"context"
	"slices"
	"strings"

	"cloud.google.com/go/iam/admin/apiv1/adminpb"
	"cloud.google.com/go/iam/apiv1/iampb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"gatehouse/targets/sandbox"
)

// allow finds what a request is about and refuses callers without the permission. As with Google, who may not know whether a thing
// exists hears that permission is denied, and not that it is missing.
func (g *Google) allow(ctx context.Context, v *sandbox.View, permission string, n name) (place, error) {
	at, err := find(v, n)
	if err != nil {
		return at, err
	}
	who, err := g.caller(ctx)
	if err != nil {
		return at, err
	}
	held, err := g.holds(v, who, permission, at)
	if err != nil {
		return at, err
	}
	if !held {
		return at, status.Errorf(codes.PermissionDenied, "Permission '%s' denied for resource '%s' (or it may not exist).", permission, at.full())
	}
	if !at.exists {
		return at, at.missing()
	}
	return at, nil
}

// holds reports whether the policies of a resource and of its project give a permission that no deny policy takes away.
func (g *Google) holds(v *sandbox.View, who caller, permission string, at place) (bool, error) {
	if who.operator {
		return true, nil
	}
	if at.in.ID == "" {
		return false, nil
	}
	if denied, err := g.denied(v, who, permission, at.in); denied || err != nil {
		return false, err
	}
	keys := []string{projectKey(at.in.ID)}
	if at.kind != kindProject && at.kind != kindRole {
		keys = append(keys, at.key)
	}
	for _, key := range keys {
		record, ok := v.Get(policyKey(key))
		if !ok {
			continue
		}
		policy, err := parsePolicy(record)
		if err != nil {
			return false, err
		}
		for _, b := range policy.Bindings {
			if ok, err := g.grants(v, b, who, permission, at); ok || err != nil {
				return ok, err
			}
		}
	}
	return false, nil
}

func (g *Google) grants(v *sandbox.View, b *iampb.Binding, who caller, permission string, at place) (bool, error) {
	if !slices.ContainsFunc(b.Members, who.covers) {
		return false, nil
	}
	r, ok, err := g.findRole(v, b.Role)
	if err != nil || !ok || r.GetStage() == adminpb.Role_DISABLED || !slices.Contains(r.GetIncludedPermissions(), permission) {
		return false, err
	}
	return g.conditions.holds(b.Condition, g.request(at)), nil
}

// full is a resource's name with the project's number, as Google's answers have it.
func (p place) full() string {
	in := p.in.Number
	if in == "" {
		in = p.project
	}
	switch p.kind {
	case kindSecret:
		return "projects/" + in + "/secrets/" + p.name.name
	case kindVersion:
		return "projects/" + in + "/secrets/" + p.name.name + "/versions/" + p.version
	case kindAccount:
		return "projects/" + p.in.ID + "/serviceAccounts/" + p.name.name
	case kindRole:
		return "projects/" + p.in.ID + "/roles/" + p.name.name
	case kindProject:
	}
	return "projects/" + in
}

// request is what conditions see of a call about a resource. IAM's own resources offer no attributes.
func (g *Google) request(at place) request {
	r := request{time: g.opts.Clock()}
	switch at.kind {
	case kindProject:
		r.name, r.kind, r.service = at.full(), "cloudresourcemanager.googleapis.com/Project", "cloudresourcemanager.googleapis.com"
	case kindSecret:
		r.name, r.kind, r.service = at.full(), "secretmanager.googleapis.com/Secret", "secretmanager.googleapis.com"
	case kindVersion:
		r.name, r.kind, r.service = at.full(), "secretmanager.googleapis.com/SecretVersion", "secretmanager.googleapis.com"
	case kindAccount, kindRole:
	}
	return r
}

// test returns those of some permissions that the caller has.
func (g *Google) test(ctx context.Context, req *iampb.TestIamPermissionsRequest, want kind) (*iampb.TestIamPermissionsResponse, error) {
	n, err := parseKind(req.GetResource(), want)
	if err != nil {
		return nil, err
	}
	for _, p := range req.GetPermissions() {
		if !permissionID.MatchString(p) || strings.Contains(p, "*") {
			return nil, invalid("Invalid permission %q.", p)
		}
	}
	who, err := g.caller(ctx)
	if err != nil {
		return nil, err
	}
	out := &iampb.TestIamPermissionsResponse{}
	err = g.store.View(func(v *sandbox.View) error {
		at, err := find(v, n)
		if err != nil {
			return err
		}
		if !at.exists {
			return nil // "returns an empty set of permissions, not a NOT_FOUND error"
		}
		for _, p := range req.GetPermissions() {
			held, err := g.holds(v, who, p, at)
			if err != nil {
				return err
			}
			if held {
				out.Permissions = append(out.Permissions, p)
			}
		}
		return nil
	})
	return out, err
}
