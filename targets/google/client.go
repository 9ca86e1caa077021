package google

import (
	"context"
	"errors"
	"fmt"
	"net/url"

	iamadmin "cloud.google.com/go/iam/admin/apiv1"
	"cloud.google.com/go/iam/admin/apiv1/adminpb"
	"cloud.google.com/go/iam/apiv1/iampb"
	iamdeny "cloud.google.com/go/iam/apiv2"
	denypb "cloud.google.com/go/iam/apiv2/iampb"
	resourcemanager "cloud.google.com/go/resourcemanager/apiv3"
	"cloud.google.com/go/resourcemanager/apiv3/resourcemanagerpb"
	secretmanager "cloud.google.com/go/secretmanager/apiv1"
	"cloud.google.com/go/secretmanager/apiv1/secretmanagerpb"
	"google.golang.org/api/iterator"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// api is what the driver asks of Google. No call of it reads a payload.
type api interface {
	secretPolicy(ctx context.Context, secret string) (*iampb.Policy, error)
	setSecretPolicy(ctx context.Context, secret string, p *iampb.Policy) (*iampb.Policy, error)
	secrets(ctx context.Context, project string) ([]*secretmanagerpb.Secret, error)
	project(ctx context.Context, name string) (*resourcemanagerpb.Project, error)
	folder(ctx context.Context, name string) (*resourcemanagerpb.Folder, error)
	policy(ctx context.Context, kind, name string) (*iampb.Policy, error) // of a project, folder, organization or service account
	role(ctx context.Context, name string) (*adminpb.Role, error)
	denials(ctx context.Context, on string) ([]*denypb.Policy, error) // of a project, folder or organization, with their rules
	close() error
}

// clients are the official ones.
type clients struct {
	secretManager *secretmanager.Client
	projects      *resourcemanager.ProjectsClient
	folders       *resourcemanager.FoldersClient
	organizations *resourcemanager.OrganizationsClient
	iam           *iamadmin.IamClient
	deny          *iamdeny.PoliciesClient
}

// dial makes the clients.
func dial(ctx context.Context, c Config) (*clients, error) {
	options := []option.ClientOption{option.WithUserAgent("gatehouse")}
	if c.Endpoint != "" {
		options = append(options, option.WithEndpoint(c.Endpoint), option.WithoutAuthentication(),
			option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())))
	}
	options = append(options, c.Options...)
	out := &clients{}
	var errs [6]error
	out.secretManager, errs[0] = secretmanager.NewClient(ctx, options...)
	out.projects, errs[1] = resourcemanager.NewProjectsClient(ctx, options...)
	out.folders, errs[2] = resourcemanager.NewFoldersClient(ctx, options...)
	out.organizations, errs[3] = resourcemanager.NewOrganizationsClient(ctx, options...)
	out.iam, errs[4] = iamadmin.NewIamClient(ctx, options...)
	out.deny, errs[5] = iamdeny.NewPoliciesClient(ctx, options...)
	for _, err := range errs {
		if err != nil {
			return nil, errors.Join(err, out.close())
		}
	}
	return out, nil
}

func (c *clients) close() error {
	var errs []error
	if c.secretManager != nil {
		errs = append(errs, c.secretManager.Close())
	}
	if c.projects != nil {
		errs = append(errs, c.projects.Close())
	}
	if c.folders != nil {
		errs = append(errs, c.folders.Close())
	}
	if c.organizations != nil {
		errs = append(errs, c.organizations.Close())
	}
	if c.iam != nil {
		errs = append(errs, c.iam.Close())
	}
	if c.deny != nil {
		errs = append(errs, c.deny.Close())
	}
	return errors.Join(errs...)
}

// get asks for a policy with its conditions, which lower versions withhold.
func get(resource string) *iampb.GetIamPolicyRequest {
	return &iampb.GetIamPolicyRequest{Resource: resource, Options: &iampb.GetPolicyOptions{RequestedPolicyVersion: 3}}
}

func (c *clients) secretPolicy(ctx context.Context, secret string) (*iampb.Policy, error) {
	return c.secretManager.GetIamPolicy(ctx, get(secret))
}

// setSecretPolicy writes bindings if the etag is still the stored one: that is the default update mask.
func (c *clients) setSecretPolicy(ctx context.Context, secret string, p *iampb.Policy) (*iampb.Policy, error) {
	return c.secretManager.SetIamPolicy(ctx, &iampb.SetIamPolicyRequest{Resource: secret, Policy: p})
}

func (c *clients) secrets(ctx context.Context, project string) ([]*secretmanagerpb.Secret, error) {
	var out []*secretmanagerpb.Secret
	list := c.secretManager.ListSecrets(ctx, &secretmanagerpb.ListSecretsRequest{Parent: project, PageSize: 25_000})
	for {
		s, err := list.Next()
		if errors.Is(err, iterator.Done) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
}

func (c *clients) project(ctx context.Context, name string) (*resourcemanagerpb.Project, error) {
	return c.projects.GetProject(ctx, &resourcemanagerpb.GetProjectRequest{Name: name})
}

func (c *clients) folder(ctx context.Context, name string) (*resourcemanagerpb.Folder, error) {
	return c.folders.GetFolder(ctx, &resourcemanagerpb.GetFolderRequest{Name: name})
}

func (c *clients) policy(ctx context.Context, kind, name string) (*iampb.Policy, error) {
	switch kind {
	case ProjectPolicy:
		return c.projects.GetIamPolicy(ctx, get(name))
	case FolderPolicy:
		return c.folders.GetIamPolicy(ctx, get(name))
	case OrganizationPolicy:
		return c.organizations.GetIamPolicy(ctx, get(name))
	case ServiceAccountPolicy:
		p, err := c.iam.GetIamPolicy(ctx, get(name))
		if err != nil {
			return nil, err
		}
		return p.InternalProto, nil
	}
	return nil, fmt.Errorf("%s: no policy that is read", kind)
}

func (c *clients) role(ctx context.Context, name string) (*adminpb.Role, error) {
	return c.iam.GetRole(ctx, &adminpb.GetRoleRequest{Name: name})
}

// denials lists deny policies and reads each, since a list holds no rules.
func (c *clients) denials(ctx context.Context, on string) ([]*denypb.Policy, error) {
	var out []*denypb.Policy
	list := c.deny.ListPolicies(ctx, &denypb.ListPoliciesRequest{Parent: "policies/" + url.PathEscape("cloudresourcemanager.googleapis.com/"+on) + "/denypolicies"})
	for {
		p, err := list.Next()
		if errors.Is(err, iterator.Done) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		if p, err = c.deny.GetPolicy(ctx, &denypb.GetPolicyRequest{Name: p.GetName()}); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
}
