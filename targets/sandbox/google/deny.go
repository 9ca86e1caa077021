package google

import (
	"context"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"

	denypb "cloud.google.com/go/iam/apiv2/iampb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"gatehouse/targets/sandbox"
)

// denyPolicies answers for IAM's deny policies of projects: they are listed and read, and made by EnsureDenyPolicy alone. What one denies, no
// allow policy gives. The rules are those of https://cloud.google.com/iam/docs/deny-overview.
type denyPolicies struct {
	*Google
	denypb.UnimplementedPoliciesServer
}

func denyKey(project, id string) string { return "deny/" + project + "/" + id }

var denyPolicyID = regexp.MustCompile(`^[a-z][a-z0-9.-]{2,62}$`)

// attached reads policies/cloudresourcemanager.googleapis.com%2Fprojects%2FP/denypolicies and the ID after it, which may be missing.
func attached(text string) (n name, id string, err error) {
	bad := invalid("Invalid resource name %q.", text)
	parts := strings.Split(text, "/")
	if len(parts) < 3 || len(parts) > 4 || parts[0] != "policies" || parts[2] != "denypolicies" {
		return n, "", bad
	}
	point, err := url.PathUnescape(parts[1])
	on, ok := strings.CutPrefix(point, "cloudresourcemanager.googleapis.com/")
	if err != nil || !ok {
		return n, "", bad
	}
	if !strings.HasPrefix(on, "projects/") {
		return n, "", unmodelled("deny policies of " + on)
	}
	if n, err = parseKind(on, kindProject); err != nil {
		return n, "", bad
	}
	if len(parts) == 4 {
		id = parts[3]
	}
	return n, id, nil
}

// ListPolicies tells no rules: "the response lists only policy metadata" (google.iam.v2.Policies).
func (s *denyPolicies) ListPolicies(ctx context.Context, req *denypb.ListPoliciesRequest) (*denypb.ListPoliciesResponse, error) {
	n, id, err := attached(req.GetParent())
	if err == nil && id != "" {
		err = invalid("Invalid parent %q.", req.GetParent())
	}
	if err != nil {
		return nil, err
	}
	out := &denypb.ListPoliciesResponse{}
	err = s.store.View(func(v *sandbox.View) error {
		at, err := s.allow(ctx, v, "iam.denypolicies.list", n)
		if err != nil {
			return err
		}
		size := int(req.GetPageSize())
		page, next, err := s.page(v.List(denyKey(at.in.ID, "")), size, req.GetPageToken(), 1000)
		if err != nil {
			return err
		}
		out.NextPageToken = next
		for _, r := range page {
			p, err := denyPolicyOf(at.in, r)
			if err != nil {
				return err
			}
			p.Rules = nil
			out.Policies = append(out.Policies, p)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// GetPolicy returns one deny policy with its rules.
func (s *denyPolicies) GetPolicy(ctx context.Context, req *denypb.GetPolicyRequest) (*denypb.Policy, error) {
	n, id, err := attached(req.GetName())
	if err == nil && id == "" {
		err = invalid("Invalid name %q.", req.GetName())
	}
	if err != nil {
		return nil, err
	}
	var out *denypb.Policy
	err = s.store.View(func(v *sandbox.View) error {
		at, err := s.allow(ctx, v, "iam.denypolicies.get", n)
		if err != nil {
			return err
		}
		record, ok := v.Get(denyKey(at.in.ID, id))
		if !ok {
			return status.Errorf(codes.NotFound, "Policy %s not found.", req.GetName())
		}
		out, err = denyPolicyOf(at.in, record)
		return err
	})
	return out, err
}

// denyPolicyOf reads a record; answers name the project by its number.
func denyPolicyOf(in project, r sandbox.Record) (*denypb.Policy, error) {
	p, err := parseMessage(r, &denypb.Policy{})
	if err != nil {
		return nil, err
	}
	point := url.PathEscape("cloudresourcemanager.googleapis.com/projects/" + in.Number)
	p.Name = "policies/" + point + "/denypolicies/" + strings.TrimPrefix(r.Key, denyKey(in.ID, ""))
	p.Kind = "DenyPolicy"
	p.Etag = string(etagOf(r))
	return p, nil
}

// EnsureDenyPolicy makes a project's deny policy hold exactly these rules.
func (g *Google) EnsureDenyPolicy(project, id string, rules ...*denypb.DenyRule) error {
	return g.setUp("deny policy "+id, func(tx *setUp) error {
		if !tx.known(projectKey(project)) {
			return fmt.Errorf("there is no project %s", project)
		}
		if !denyPolicyID.MatchString(id) {
			return fmt.Errorf("%q is no ID of a deny policy", id)
		}
		p := &denypb.Policy{}
		for _, r := range rules {
			if err := checkDenyRule(r); err != nil {
				return err
			}
			p.Rules = append(p.Rules, &denypb.PolicyRule{Kind: &denypb.PolicyRule_DenyRule{DenyRule: proto.CloneOf(r)}})
		}
		return putMessage(tx.Tx, denyKey(project, id), p)
	})
}

var (
	deniedPrincipal  = regexp.MustCompile(`^(principal|principalSet)://(goog/(subject/|group/|public:all$|cloudIdentityCustomerId/)|iam\.googleapis\.com/projects/|cloudresourcemanager\.googleapis\.com/)`)
	deniedPermission = regexp.MustCompile(`^[a-z.]+\.googleapis\.com/([A-Za-z]+|\*)\.([A-Za-z]+|\*)$`)
)

func checkDenyRule(r *denypb.DenyRule) error {
	if len(r.GetDeniedPrincipals()) == 0 || len(r.GetDeniedPermissions()) == 0 {
		return fmt.Errorf("a deny rule names principals and permissions")
	}
	if r.GetDenialCondition().GetExpression() != "" {
		return fmt.Errorf("conditions of deny rules are about tags, which are not modelled")
	}
	for _, p := range slices.Concat(r.GetDeniedPrincipals(), r.GetExceptionPrincipals()) {
		if !deniedPrincipal.MatchString(p) {
			return fmt.Errorf("%q is no principal of a deny policy", p)
		}
	}
	for _, p := range slices.Concat(r.GetDeniedPermissions(), r.GetExceptionPermissions()) {
		if !deniedPermission.MatchString(p) {
			return fmt.Errorf("%q is no permission of a deny policy", p)
		}
	}
	return nil
}

// denied reports whether a deny policy of the project keeps a caller from a permission.
func (g *Google) denied(v *sandbox.View, who caller, permission string, in project) (bool, error) {
	for _, record := range v.List(denyKey(in.ID, "")) {
		p, err := parseMessage(record, &denypb.Policy{})
		if err != nil {
			return false, err
		}
		for _, rule := range p.Rules {
			r := rule.GetDenyRule()
			if deniedByName(r.GetDeniedPermissions(), permission) && !deniedByName(r.GetExceptionPermissions(), permission) &&
				slices.ContainsFunc(r.GetDeniedPrincipals(), who.deniedAs) && !slices.ContainsFunc(r.GetExceptionPrincipals(), who.deniedAs) {
				return true, nil
			}
		}
	}
	return false, nil
}

// deniedByName compares a permission such as secretmanager.versions.access with SERVICE.googleapis.com/RESOURCE.VERB.
func deniedByName(patterns []string, permission string) bool {
	parts := strings.SplitN(permission, ".", 3)
	if parts[0] == "resourcemanager" {
		parts[0] = "cloudresourcemanager"
	}
	return len(parts) == 3 && slices.ContainsFunc(patterns, func(p string) bool {
		service, rest, _ := strings.Cut(p, ".googleapis.com/")
		resource, verb, _ := strings.Cut(rest, ".")
		return service == parts[0] && (resource == "*" || resource == parts[1]) && (verb == "*" || verb == parts[2])
	})
}

// deniedAs reports whether a caller is a principal of a deny policy, or belongs to it.
func (c caller) deniedAs(principal string) bool {
	switch {
	case principal == "principalSet://goog/public:all":
		return true
	case strings.HasPrefix(principal, "principal://goog/subject/"):
		principal = "user:" + strings.TrimPrefix(principal, "principal://goog/subject/")
	case strings.HasPrefix(principal, "principalSet://goog/group/"):
		principal = "group:" + strings.TrimPrefix(principal, "principalSet://goog/group/")
	case strings.HasPrefix(principal, "principal://iam.googleapis.com/projects/-/serviceAccounts/"):
		principal = "serviceAccount:" + strings.TrimPrefix(principal, "principal://iam.googleapis.com/projects/-/serviceAccounts/")
	}
	id, ok := normalMember(principal)
	return ok && slices.Contains(c.ids, id)
}
