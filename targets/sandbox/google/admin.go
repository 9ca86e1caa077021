package google

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"strings"

	"cloud.google.com/go/iam/admin/apiv1/adminpb"
	"cloud.google.com/go/iam/apiv1/iampb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"gatehouse/targets/sandbox"
)

// iamAdmin answers for IAM: roles and service accounts.
type iamAdmin struct {
	*Google
	adminpb.UnimplementedIAMServer
}

// GetRole needs no permission for predefined roles.
func (s *iamAdmin) GetRole(ctx context.Context, req *adminpb.GetRoleRequest) (*adminpb.Role, error) {
	if strings.HasPrefix(req.GetName(), "roles/") {
		r, ok := s.roles[req.GetName()]
		if !ok {
			return nil, status.Errorf(codes.NotFound, "The role named %s was not found.", req.GetName())
		}
		return r, nil
	}
	if strings.HasPrefix(req.GetName(), "organizations/") {
		return nil, unmodelled("role " + req.GetName())
	}
	n, err := parseKind(req.GetName(), kindRole)
	if err != nil {
		return nil, err
	}
	var out *adminpb.Role
	err = s.store.View(func(v *sandbox.View) error {
		at, err := s.allow(ctx, v, "iam.roles.get", n)
		if err != nil {
			return err
		}
		record, _ := v.Get(at.key)
		out, err = parseRole(record)
		if err == nil {
			out.Name, out.Etag = at.full(), etagOf(record)
		}
		return err
	})
	return out, err
}

func (s *iamAdmin) CreateRole(ctx context.Context, req *adminpb.CreateRoleRequest) (*adminpb.Role, error) {
	if strings.HasPrefix(req.GetParent(), "organizations/") {
		return nil, unmodelled("roles of an organization")
	}
	n, err := parseParent(req.GetParent())
	if err != nil {
		return nil, err
	}
	if !roleID.MatchString(req.GetRoleId()) {
		return nil, invalid("The role_id %q is invalid: 3 to 64 letters, digits, underscores and periods.", req.GetRoleId())
	}
	role := &adminpb.Role{}
	if req.GetRole() != nil {
		role = proto.CloneOf(req.GetRole())
	}
	for _, p := range role.IncludedPermissions {
		if !permissionID.MatchString(p) {
			return nil, invalid("Permission %s is not valid.", p)
		}
	}
	err = s.store.Update(func(tx *sandbox.Tx) error {
		at, err := s.allow(ctx, &tx.View, "iam.roles.create", n)
		if err != nil {
			return err
		}
		key := roleKey(at.in.ID, req.GetRoleId())
		if _, exists := tx.Get(key); exists {
			return status.Errorf(codes.AlreadyExists, "A role named %s in projects/%s already exists.", req.GetRoleId(), at.in.ID)
		}
		role.Name = "projects/" + at.in.ID + "/roles/" + req.GetRoleId()
		role.Etag = etagOf(sandbox.Record{Modified: tx.Next()})
		return putMessage(tx, key, role)
	})
	if err != nil {
		return nil, err
	}
	return role, nil
}

func (s *iamAdmin) GetServiceAccount(ctx context.Context, req *adminpb.GetServiceAccountRequest) (*adminpb.ServiceAccount, error) {
	n, err := parseKind(req.GetName(), kindAccount)
	if err != nil {
		return nil, err
	}
	var out *adminpb.ServiceAccount
	err = s.store.View(func(v *sandbox.View) error {
		at, err := s.allow(ctx, v, "iam.serviceAccounts.get", n)
		if err != nil {
			return err
		}
		out = accountOf(at.in, n.name)
		return nil
	})
	return out, err
}

// accountOf returns a service account as clients see it. Its number is made of its name, and stays.
func accountOf(in project, email string) *adminpb.ServiceAccount {
	h := fnv.New64a()
	h.Write([]byte(email))
	id := fmt.Sprintf("1%020d", h.Sum64())
	return &adminpb.ServiceAccount{Name: "projects/" + in.ID + "/serviceAccounts/" + email, ProjectId: in.ID, UniqueId: id, Oauth2ClientId: id, Email: email}
}

func (s *iamAdmin) ListServiceAccounts(ctx context.Context, req *adminpb.ListServiceAccountsRequest) (*adminpb.ListServiceAccountsResponse, error) {
	n, err := parseParent(req.GetName())
	if err != nil {
		return nil, err
	}
	out := &adminpb.ListServiceAccountsResponse{}
	err = s.store.View(func(v *sandbox.View) error {
		at, err := s.allow(ctx, v, "iam.serviceAccounts.list", n)
		if err != nil {
			return err
		}
		prefix := accountKey(at.in.ID, "")
		size := int(req.GetPageSize())
		if size == 0 {
			size = 20
		}
		page, next, err := s.page(v.List(prefix), size, req.GetPageToken(), 100)
		if err != nil {
			return err
		}
		out.NextPageToken = next
		for _, r := range page {
			out.Accounts = append(out.Accounts, accountOf(at.in, strings.TrimPrefix(r.Key, prefix)))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (s *iamAdmin) CreateServiceAccount(ctx context.Context, req *adminpb.CreateServiceAccountRequest) (*adminpb.ServiceAccount, error) {
	n, err := parseParent(req.GetName())
	if err != nil {
		return nil, err
	}
	if !accountID.MatchString(req.GetAccountId()) {
		return nil, invalid("Service account ID %q is invalid: 6 to 30 lower-case letters, digits and hyphens.", req.GetAccountId())
	}
	var out *adminpb.ServiceAccount
	err = s.store.Update(func(tx *sandbox.Tx) error {
		at, err := s.allow(ctx, &tx.View, "iam.serviceAccounts.create", n)
		if err != nil {
			return err
		}
		email := req.GetAccountId() + "@" + at.in.ID + ".iam.gserviceaccount.com"
		if _, exists := tx.Get(accountKey(at.in.ID, email)); exists {
			return status.Errorf(codes.AlreadyExists, "Service account %s already exists within project projects/%s.", req.GetAccountId(), at.in.ID)
		}
		out = accountOf(at.in, email)
		return putAccount(tx, at.in.ID, email)
	})
	return out, err
}

func putAccount(tx *sandbox.Tx, id, email string) error {
	if err := put(tx, emailKey(email), id); err != nil {
		return err
	}
	return put(tx, accountKey(id, email), json.RawMessage("{}"))
}

func (s *iamAdmin) GetIamPolicy(ctx context.Context, req *iampb.GetIamPolicyRequest) (*iampb.Policy, error) {
	return s.getPolicy(ctx, req, kindAccount, "iam.serviceAccounts.getIamPolicy")
}

func (s *iamAdmin) SetIamPolicy(ctx context.Context, req *iampb.SetIamPolicyRequest) (*iampb.Policy, error) {
	return s.setPolicy(ctx, req, kindAccount, "iam.serviceAccounts.setIamPolicy")
}

func (s *iamAdmin) TestIamPermissions(ctx context.Context, req *iampb.TestIamPermissionsRequest) (*iampb.TestIamPermissionsResponse, error) {
	return s.test(ctx, req, kindAccount)
}
