package google_test

import (
	"context"
	"testing"
	"time"

	admin "cloud.google.com/go/iam/admin/apiv1"
	"cloud.google.com/go/iam/admin/apiv1/adminpb"
	"cloud.google.com/go/iam/apiv1/iampb"
	resourcemanager "cloud.google.com/go/resourcemanager/apiv3"
	secretmanager "cloud.google.com/go/secretmanager/apiv1"
	"cloud.google.com/go/secretmanager/apiv1/secretmanagerpb"
	gax "github.com/googleapis/gax-go/v2"
	"google.golang.org/api/option"
	"google.golang.org/genproto/googleapis/type/expr"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	"gatehouse/targets/sandbox/google"
)

const (
	acme     = "projects/acme-prod"
	password = acme + "/secrets/warehouse-password"
	trainer  = "serviceAccount:fraud-trainer@acme-prod.iam.gserviceaccount.com"
	accessor = "roles/secretmanager.secretAccessor"
	ann      = "user:ann@acme.example"
)

// noon is the time by which the doubles of tests go.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// world is a double that serves, with one project, one secret and one service account.
type world struct {
	*google.Google
	address string
}

func open(t *testing.T, dir string, o google.Options) *world {
	t.Helper()
	if o.Clock == nil {
		o.Clock = func() time.Time { return noon }
	}
	g, err := google.Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	err = g.Seed(google.Seed{
		Project: "acme-prod", Number: "123456789012",
		Secrets:         []string{"warehouse-password"},
		ServiceAccounts: []string{"fraud-trainer@acme-prod.iam.gserviceaccount.com"},
	})
	if err != nil {
		t.Fatal(err)
	}
	address, stop, err := g.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(); g.Close() })
	return &world{g, address}
}

func (w *world) options(dial ...grpc.DialOption) []option.ClientOption {
	out := []option.ClientOption{
		option.WithEndpoint(w.address),
		option.WithoutAuthentication(),
		option.WithGRPCDialOption(grpc.WithTransportCredentials(insecure.NewCredentials())),
	}
	for _, d := range dial {
		out = append(out, option.WithGRPCDialOption(d))
	}
	return out
}

func (w *world) secrets(t *testing.T, dial ...grpc.DialOption) *secretmanager.Client {
	t.Helper()
	c, err := secretmanager.NewClient(t.Context(), w.options(dial...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func (w *world) projects(t *testing.T, dial ...grpc.DialOption) *resourcemanager.ProjectsClient {
	t.Helper()
	c, err := resourcemanager.NewProjectsClient(t.Context(), w.options(dial...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// iam is the bare protocol of IAM's admin service: its official client hides etags and conditions of policies.
func (w *world) iam(t *testing.T, dial ...grpc.DialOption) adminpb.IAMClient {
	t.Helper()
	conn, err := grpc.NewClient(w.address, append(dial, grpc.WithTransportCredentials(insecure.NewCredentials()))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return adminpb.NewIAMClient(conn)
}

// roles is the official client of IAM's admin service.
func (w *world) roles(t *testing.T, dial ...grpc.DialOption) *admin.IamClient {
	t.Helper()
	c, err := admin.NewIamClient(t.Context(), w.options(dial...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// policies is what the clients of all services have in common.
type policies interface {
	GetIamPolicy(context.Context, *iampb.GetIamPolicyRequest, ...gax.CallOption) (*iampb.Policy, error)
	SetIamPolicy(context.Context, *iampb.SetIamPolicyRequest, ...gax.CallOption) (*iampb.Policy, error)
}

func read(t *testing.T, c policies, resource string, version int32) *iampb.Policy {
	t.Helper()
	p, err := c.GetIamPolicy(t.Context(), &iampb.GetIamPolicyRequest{Resource: resource, Options: &iampb.GetPolicyOptions{RequestedPolicyVersion: version}})
	if err != nil {
		t.Fatalf("GetIamPolicy(%s): %v", resource, err)
	}
	return p
}

func write(t *testing.T, c policies, resource string, p *iampb.Policy, mask ...string) *iampb.Policy {
	t.Helper()
	out, err := c.SetIamPolicy(t.Context(), &iampb.SetIamPolicyRequest{Resource: resource, Policy: p, UpdateMask: maskOf(mask)})
	if err != nil {
		t.Fatalf("SetIamPolicy(%s): %v", resource, err)
	}
	return out
}

func refused(t *testing.T, c policies, resource string, p *iampb.Policy, want codes.Code, mask ...string) {
	t.Helper()
	_, err := c.SetIamPolicy(t.Context(), &iampb.SetIamPolicyRequest{Resource: resource, Policy: p, UpdateMask: maskOf(mask)})
	wantCode(t, err, want)
}

func wantCode(t *testing.T, err error, want codes.Code) {
	t.Helper()
	if got := status.Code(err); got != want {
		t.Errorf("got %v (%v), want %v", got, err, want)
	}
}

func bind(role string, members ...string) *iampb.Binding {
	return &iampb.Binding{Role: role, Members: members}
}

func bindIf(role, title, expression string, members ...string) *iampb.Binding {
	return &iampb.Binding{Role: role, Members: members, Condition: &expr.Expr{Title: title, Expression: expression}}
}

func until(t time.Time) string {
	return `request.time < timestamp("` + t.Format(time.RFC3339) + `")`
}

func automatic() *secretmanagerpb.Secret {
	return &secretmanagerpb.Secret{Replication: &secretmanagerpb.Replication{Replication: &secretmanagerpb.Replication_Automatic_{Automatic: &secretmanagerpb.Replication_Automatic{}}}}
}

func maskOf(paths []string) *fieldmaskpb.FieldMask {
	if len(paths) == 0 {
		return nil
	}
	return &fieldmaskpb.FieldMask{Paths: paths}
}
