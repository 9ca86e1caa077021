package google_test

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"cloud.google.com/go/iam/admin/apiv1/adminpb"
	"cloud.google.com/go/iam/apiv1/iampb"
	"cloud.google.com/go/resourcemanager/apiv3/resourcemanagerpb"
	"cloud.google.com/go/secretmanager/apiv1/secretmanagerpb"
	"google.golang.org/api/iterator"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"gatehouse/targets/sandbox/google"
)

func TestCreateSecret(t *testing.T) {
	rotating := func(period, next time.Duration, topics int) *secretmanagerpb.Secret {
		s := automatic()
		s.Rotation = &secretmanagerpb.Rotation{RotationPeriod: durationpb.New(period), NextRotationTime: timestamppb.New(noon.Add(next))}
		for i := range topics {
			s.Topics = append(s.Topics, &secretmanagerpb.Topic{Name: fmt.Sprintf("projects/acme-prod/topics/t%d", i)})
		}
		return s
	}
	endless := rotating(time.Hour, time.Hour, 1)
	endless.Rotation.NextRotationTime = nil
	expiring := automatic()
	expiring.Expiration = &secretmanagerpb.Secret_Ttl{Ttl: durationpb.New(time.Hour)}
	tests := []struct {
		want   codes.Code
		id     string
		secret *secretmanagerpb.Secret
	}{
		{codes.OK, "Feast_db-1", automatic()},
		{codes.AlreadyExists, "Feast_db-1", automatic()},
		{codes.AlreadyExists, "warehouse-password", automatic()},
		{codes.InvalidArgument, "", automatic()},
		{codes.InvalidArgument, "a.b", automatic()},
		{codes.InvalidArgument, "plain", nil},
		{codes.InvalidArgument, "plain", &secretmanagerpb.Secret{}},
		{codes.OK, "rotated", rotating(time.Hour, time.Hour, 1)},
		{codes.InvalidArgument, "soon", rotating(time.Hour, time.Minute, 1)},
		{codes.InvalidArgument, "often", rotating(time.Minute, time.Hour, 1)},
		{codes.InvalidArgument, "unheard", rotating(time.Hour, time.Hour, 0)},
		{codes.InvalidArgument, "loud", rotating(time.Hour, time.Hour, 11)},
		{codes.InvalidArgument, "endless", endless},
		{codes.Unimplemented, "expiring", expiring},
	}
	w := open(t, "", google.Options{})
	c := w.secrets(t)
	for _, tt := range tests {
		s, err := c.CreateSecret(t.Context(), &secretmanagerpb.CreateSecretRequest{Parent: acme, SecretId: tt.id, Secret: tt.secret})
		if got := status.Code(err); got != tt.want {
			t.Errorf("%s: got %v (%v), want %v", tt.id, got, err, tt.want)
		}
		if want := "projects/123456789012/secrets/" + tt.id; err == nil && s.Name != want {
			t.Errorf("name %s, want %s", s.Name, want)
		}
	}
	s, err := c.GetSecret(t.Context(), &secretmanagerpb.GetSecretRequest{Name: "projects/123456789012/secrets/rotated"})
	if err != nil || s.GetRotation().GetRotationPeriod().AsDuration() != time.Hour {
		t.Errorf("got %v, %v", s, err)
	}
}

func TestListSecretsInPages(t *testing.T) {
	w := open(t, "", google.Options{MaxPage: 3})
	var want []string
	for i := range 7 {
		id := fmt.Sprintf("s%d", i)
		want = append(want, "projects/123456789012/secrets/"+id)
		if err := w.EnsureSecret("acme-prod", id, nil); err != nil {
			t.Fatal(err)
		}
	}
	want = append(want, "projects/123456789012/secrets/warehouse-password")
	c := w.secrets(t)
	var got []string
	for it := c.ListSecrets(t.Context(), &secretmanagerpb.ListSecretsRequest{Parent: acme}); ; {
		s, err := it.Next()
		if err == iterator.Done {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, s.Name)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if n := w.Reads(); n != 3 {
		t.Errorf("%d reads, want 3 pages", n)
	}
	_, err := c.ListSecrets(t.Context(), &secretmanagerpb.ListSecretsRequest{Parent: acme, PageToken: "?"}).Next()
	wantCode(t, err, codes.InvalidArgument)
	_, err = c.ListSecrets(t.Context(), &secretmanagerpb.ListSecretsRequest{Parent: acme, Filter: "name:s1"}).Next()
	wantCode(t, err, codes.Unimplemented)
}

// TestDeletedSecret is gone with its policy and versions, and one of the same name starts anew.
func TestDeletedSecret(t *testing.T) {
	w := open(t, "", google.Options{})
	c := w.secrets(t)
	addVersion(t, w)
	write(t, c, password, &iampb.Policy{Bindings: []*iampb.Binding{bind(accessor, ann)}})
	wantCode(t, c.DeleteSecret(t.Context(), &secretmanagerpb.DeleteSecretRequest{Name: password, Etag: `"0"`}), codes.FailedPrecondition)
	if err := c.DeleteSecret(t.Context(), &secretmanagerpb.DeleteSecretRequest{Name: password}); err != nil {
		t.Fatal(err)
	}
	_, err := c.GetIamPolicy(t.Context(), &iampb.GetIamPolicyRequest{Resource: password})
	wantCode(t, err, codes.NotFound)
	if err := w.EnsureSecret("acme-prod", "warehouse-password", nil); err != nil {
		t.Fatal(err)
	}
	if p := read(t, c, password, 3); len(p.Bindings) > 0 {
		t.Errorf("the new secret has the old one's policy: %v", p)
	}
	_, err = c.AccessSecretVersion(t.Context(), &secretmanagerpb.AccessSecretVersionRequest{Name: password + "/versions/1"})
	wantCode(t, err, codes.NotFound)
}

// TestPayloadIsForgotten looks for a payload in the files, and finds but its length.
func TestPayloadIsForgotten(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir, google.Options{})
	addVersion(t, w)
	text, err := os.ReadFile(google.Path(dir))
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{"hunter2", "aHVudGVyMg"} {
		if bytes.Contains(text, []byte(form)) {
			t.Errorf("the state holds %s", form)
		}
	}
	v, err := w.secrets(t).AccessSecretVersion(t.Context(), &secretmanagerpb.AccessSecretVersionRequest{Name: password + "/versions/latest"})
	if err != nil || string(v.Payload.Data) != "xxxxxxx" || v.Name != "projects/123456789012/secrets/warehouse-password/versions/1" {
		t.Errorf("got %v, %v", v, err)
	}
	wrong := int64(1)
	for _, p := range []*secretmanagerpb.SecretPayload{nil, {}, {Data: make([]byte, 64<<10+1)}, {Data: []byte("x"), DataCrc32C: &wrong}} {
		_, err := w.secrets(t).AddSecretVersion(t.Context(), &secretmanagerpb.AddSecretVersionRequest{Parent: password, Payload: p})
		wantCode(t, err, codes.InvalidArgument)
	}
}

func TestProjectsAndAccounts(t *testing.T) {
	w := open(t, "", google.Options{})
	for _, name := range []string{acme, "projects/123456789012"} {
		p, err := w.projects(t).GetProject(t.Context(), &resourcemanagerpb.GetProjectRequest{Name: name})
		if err != nil || p.Name != "projects/123456789012" || p.ProjectId != "acme-prod" {
			t.Errorf("%s: %v, %v", name, p, err)
		}
	}
	a := w.roles(t)
	account, err := a.CreateServiceAccount(t.Context(), &adminpb.CreateServiceAccountRequest{Name: acme, AccountId: "scorer"})
	if err != nil {
		t.Fatal(err)
	}
	again, err := a.GetServiceAccount(t.Context(), &adminpb.GetServiceAccountRequest{Name: "projects/-/serviceAccounts/" + account.Email})
	if err != nil || again.UniqueId != account.UniqueId {
		t.Errorf("got %v, %v", again, err)
	}
	_, err = a.GetServiceAccount(t.Context(), &adminpb.GetServiceAccountRequest{Name: "projects/-/serviceAccounts/no@acme-prod.iam.gserviceaccount.com"})
	wantCode(t, err, codes.NotFound)
	var emails []string
	for it := a.ListServiceAccounts(t.Context(), &adminpb.ListServiceAccountsRequest{Name: acme}); ; {
		s, err := it.Next()
		if err != nil {
			break
		}
		emails = append(emails, s.Email)
	}
	if want := []string{"fraud-trainer@acme-prod.iam.gserviceaccount.com", "scorer@acme-prod.iam.gserviceaccount.com"}; !slices.Equal(emails, want) {
		t.Errorf("got %v, want %v", emails, want)
	}
	role, err := a.CreateRole(t.Context(), &adminpb.CreateRoleRequest{Parent: acme, RoleId: "reader", Role: &adminpb.Role{IncludedPermissions: []string{"secretmanager.versions.access"}}})
	if err != nil {
		t.Fatal(err)
	}
	role, err = a.GetRole(t.Context(), &adminpb.GetRoleRequest{Name: role.Name})
	if err != nil || !slices.Equal(role.IncludedPermissions, []string{"secretmanager.versions.access"}) {
		t.Errorf("got %v, %v", role, err)
	}
}

// TestImpersonation keeps the policy of a service account, whom others may act as.
func TestImpersonation(t *testing.T) {
	w := open(t, "", google.Options{})
	c := w.iam(t)
	name := "projects/-/serviceAccounts/fraud-trainer@acme-prod.iam.gserviceaccount.com"
	set := func(role string) (*iampb.Policy, error) {
		return c.SetIamPolicy(t.Context(), &iampb.SetIamPolicyRequest{Resource: name, Policy: &iampb.Policy{Bindings: []*iampb.Binding{bind(role, "serviceAccount:acme-prod.svc.id.goog[jobs/trainer]")}}})
	}
	_, err := set("roles/secretmanager.secretAccessor")
	wantCode(t, err, codes.InvalidArgument)
	if _, err := set("roles/iam.workloadIdentityUser"); err != nil {
		t.Fatal(err)
	}
	p, err := c.GetIamPolicy(t.Context(), &iampb.GetIamPolicyRequest{Resource: name})
	if err != nil || p.Bindings[0].Role != "roles/iam.workloadIdentityUser" {
		t.Errorf("got %v, %v", p, err)
	}
}
