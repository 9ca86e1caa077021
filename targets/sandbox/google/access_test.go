package google_test

import (
	"testing"
	"time"

	"cloud.google.com/go/iam/admin/apiv1/adminpb"
	"cloud.google.com/go/iam/apiv1/iampb"
	"cloud.google.com/go/resourcemanager/apiv3/resourcemanagerpb"
	"cloud.google.com/go/secretmanager/apiv1/secretmanagerpb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"gatehouse/targets/sandbox/google"
)

// TestEffectiveAccess reads a payload as the trainer, under bindings of the secret and of its project, at noon.
func TestEffectiveAccess(t *testing.T) {
	pool := "principalSet://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/ci/*"
	runner := "principal://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/ci/subject/main"
	secretName := func(n string) string {
		return `resource.name == "projects/` + n + `/secrets/warehouse-password/versions/1"`
	}
	yes, no := codes.OK, codes.PermissionDenied
	tests := []struct {
		want    codes.Code
		name    string
		secret  *iampb.Binding
		project *iampb.Binding
		as      grpc.DialOption
	}{
		{no, "nothing", nil, nil, google.As(trainer)},
		{yes, "operator", nil, nil, nil},
		{yes, "on the secret", bind(accessor, trainer), nil, google.As(trainer)},
		{no, "somebody else's", bind(accessor, trainer), nil, google.As(ann)},
		{yes, "in other letters", bind(accessor, ann), nil, google.As("user:Ann@Acme.Example")},
		{yes, "inherited", nil, bind(accessor, trainer), google.As(trainer)},
		{yes, "inherited, owner", nil, bind("roles/owner", trainer), google.As(trainer)},
		{no, "inherited, editor", nil, bind("roles/editor", trainer), google.As(trainer)},
		{no, "security admin, before helping themselves", nil, bind("roles/iam.securityAdmin", trainer), google.As(trainer)},
		{no, "viewer of secrets", bind("roles/secretmanager.viewer", trainer), nil, google.As(trainer)},
		{no, "adder of versions", bind("roles/secretmanager.secretVersionAdder", trainer), nil, google.As(trainer)},
		{yes, "custom role", bind(acme+"/roles/reader", trainer), nil, google.As(trainer)},
		{no, "custom role, disabled", bind(acme+"/roles/formerReader", trainer), nil, google.As(trainer)},
		{yes, "group", bind(accessor, "group:ml@acme.example"), nil, google.As(ann, "group:ml@acme.example")},
		{no, "another group", bind(accessor, "group:ml@acme.example"), nil, google.As(ann, "group:hr@acme.example")},
		{yes, "domain", bind(accessor, "domain:acme.example"), nil, google.As(ann)},
		{no, "domain of another", bind(accessor, "domain:cme.example"), nil, google.As(ann)},
		{no, "domain and a service account", bind(accessor, "domain:acme-prod.iam.gserviceaccount.com"), nil, google.As(trainer)},
		{yes, "everybody", bind(accessor, "allUsers"), nil, google.As(trainer)},
		{yes, "pool", bind(accessor, pool), nil, google.As(runner)},
		{no, "pool and another caller", bind(accessor, pool), nil, google.As(trainer)},
		{no, "deleted", bind(accessor, "deleted:user:ann@acme.example?uid=1"), nil, google.As(ann)},
		{yes, "until later", bindIf(accessor, "t", until(noon.Add(time.Second)), trainer), nil, google.As(trainer)},
		{no, "until now", bindIf(accessor, "t", until(noon), trainer), nil, google.As(trainer)},
		{yes, "inherited, until later", nil, bindIf(accessor, "t", until(noon.Add(time.Hour)), trainer), google.As(trainer)},
		{yes, "by the name with the number", bindIf(accessor, "t", secretName("123456789012"), trainer), nil, google.As(trainer)},
		{no, "by the name with the ID", bindIf(accessor, "t", secretName("acme-prod"), trainer), nil, google.As(trainer)},
		{no, "of another type", bindIf(accessor, "t", `resource.type == "secretmanager.googleapis.com/Secret"`, trainer), nil, google.As(trainer)},
		{codes.Unauthenticated, "no principal", nil, nil, google.As("ann")},
	}
	w := open(t, "", google.Options{})
	if err := w.EnsureRole(acme+"/roles/reader", "secretmanager.versions.access"); err != nil {
		t.Fatal(err)
	}
	former := &adminpb.Role{Stage: adminpb.Role_DISABLED, IncludedPermissions: []string{"secretmanager.versions.access"}}
	if _, err := w.roles(t).CreateRole(t.Context(), &adminpb.CreateRoleRequest{Parent: acme, RoleId: "formerReader", Role: former}); err != nil {
		t.Fatal(err)
	}
	root, top := w.secrets(t), w.projects(t)
	addVersion(t, w)
	for _, tt := range tests {
		write(t, root, password, policyOf(tt.secret))
		write(t, top, acme, policyOf(tt.project))
		var dial []grpc.DialOption
		if tt.as != nil {
			dial = append(dial, tt.as)
		}
		_, err := w.secrets(t, dial...).AccessSecretVersion(t.Context(), &secretmanagerpb.AccessSecretVersionRequest{Name: password + "/versions/1"})
		if got := status.Code(err); got != tt.want {
			t.Errorf("%s: got %v (%v), want %v", tt.name, got, err, tt.want)
		}
	}
}

func policyOf(b *iampb.Binding) *iampb.Policy {
	p := &iampb.Policy{Version: 3}
	if b != nil {
		p.Bindings = []*iampb.Binding{b}
	}
	return p
}

func addVersion(t *testing.T, w *world) {
	t.Helper()
	_, err := w.secrets(t).AddSecretVersion(t.Context(), &secretmanagerpb.AddSecretVersionRequest{Parent: password, Payload: &secretmanagerpb.SecretPayload{Data: []byte("hunter2")}})
	if err != nil {
		t.Fatal(err)
	}
}

// TestPermissionOfMethods calls each method as Ann, with and without the role that it takes.
func TestPermissionOfMethods(t *testing.T) {
	w := open(t, "", google.Options{})
	if err := w.EnsureRole(acme+"/roles/reader", "secretmanager.versions.access"); err != nil {
		t.Fatal(err)
	}
	as, top := google.As(ann), w.projects(t)
	c, p, a := w.secrets(t, as), w.projects(t, as), w.iam(t, as)
	ctx, account := t.Context(), acme+"/serviceAccounts/fraud-trainer@acme-prod.iam.gserviceaccount.com"
	tests := []struct {
		role string
		name string
		call func() error
	}{
		{"roles/secretmanager.viewer", "GetSecret", func() error {
			_, err := c.GetSecret(ctx, &secretmanagerpb.GetSecretRequest{Name: password})
			return err
		}},
		{"roles/secretmanager.viewer", "ListSecrets", func() error {
			_, err := c.ListSecrets(ctx, &secretmanagerpb.ListSecretsRequest{Parent: acme}).Next()
			return err
		}},
		{"roles/secretmanager.viewer", "GetIamPolicy", func() error {
			_, err := c.GetIamPolicy(ctx, &iampb.GetIamPolicyRequest{Resource: password})
			return err
		}},
		{"roles/iam.securityAdmin", "SetIamPolicy", func() error {
			_, err := c.SetIamPolicy(ctx, &iampb.SetIamPolicyRequest{Resource: password, Policy: &iampb.Policy{}})
			return err
		}},
		{"roles/editor", "CreateSecret", func() error {
			_, err := c.CreateSecret(ctx, &secretmanagerpb.CreateSecretRequest{Parent: acme, SecretId: "new", Secret: automatic()})
			return err
		}},
		{"roles/secretmanager.secretVersionAdder", "AddSecretVersion", func() error {
			_, err := c.AddSecretVersion(ctx, &secretmanagerpb.AddSecretVersionRequest{Parent: password, Payload: &secretmanagerpb.SecretPayload{Data: []byte("x")}})
			return err
		}},
		{"roles/secretmanager.admin", "DeleteSecret", func() error {
			return c.DeleteSecret(ctx, &secretmanagerpb.DeleteSecretRequest{Name: acme + "/secrets/new"})
		}},
		{"roles/browser", "GetProject", func() error {
			_, err := p.GetProject(ctx, &resourcemanagerpb.GetProjectRequest{Name: acme})
			return err
		}},
		{"roles/viewer", "GetIamPolicy of a project", func() error {
			_, err := p.GetIamPolicy(ctx, &iampb.GetIamPolicyRequest{Resource: acme})
			return err
		}},
		{"roles/iam.roleAdmin", "GetRole", func() error {
			_, err := a.GetRole(ctx, &adminpb.GetRoleRequest{Name: acme + "/roles/reader"})
			return err
		}},
		{"roles/iam.roleAdmin", "CreateRole", func() error {
			_, err := a.CreateRole(ctx, &adminpb.CreateRoleRequest{Parent: acme, RoleId: "another", Role: &adminpb.Role{}})
			return err
		}},
		{"roles/iam.serviceAccountUser", "GetServiceAccount", func() error {
			_, err := a.GetServiceAccount(ctx, &adminpb.GetServiceAccountRequest{Name: account})
			return err
		}},
		{"roles/iam.serviceAccountUser", "ListServiceAccounts", func() error {
			_, err := a.ListServiceAccounts(ctx, &adminpb.ListServiceAccountsRequest{Name: acme})
			return err
		}},
		{"roles/iam.serviceAccountAdmin", "CreateServiceAccount", func() error {
			_, err := a.CreateServiceAccount(ctx, &adminpb.CreateServiceAccountRequest{Name: acme, AccountId: "another-one"})
			return err
		}},
		{"roles/iam.serviceAccountAdmin", "GetIamPolicy of a service account", func() error {
			_, err := a.GetIamPolicy(ctx, &iampb.GetIamPolicyRequest{Resource: account})
			return err
		}},
		{"roles/iam.serviceAccountAdmin", "SetIamPolicy of a service account", func() error {
			_, err := a.SetIamPolicy(ctx, &iampb.SetIamPolicyRequest{Resource: account, Policy: &iampb.Policy{Bindings: []*iampb.Binding{bind("roles/iam.serviceAccountTokenCreator", ann)}}})
			return err
		}},
	}
	for _, tt := range tests {
		write(t, top, acme, &iampb.Policy{})
		wantCode(t, tt.call(), codes.PermissionDenied)
		write(t, top, acme, policyOf(bind(tt.role, ann)))
		if err := tt.call(); err != nil {
			t.Errorf("%s as %s: %v", tt.name, tt.role, err)
		}
	}
}

func TestNotFound(t *testing.T) {
	w := open(t, "", google.Options{})
	c := w.secrets(t)
	get := func(name string) error {
		_, err := c.GetSecret(t.Context(), &secretmanagerpb.GetSecretRequest{Name: name})
		return err
	}
	wantCode(t, get(acme+"/secrets/nothing"), codes.NotFound)
	wantCode(t, get("projects/nothing-here/secrets/warehouse-password"), codes.NotFound)
	wantCode(t, get("projects/acme-prod/locations/europe-west1/secrets/x"), codes.Unimplemented)
	for _, name := range []string{"", "secrets/x", "projects/a/secrets/x", acme, acme + "/secrets/", acme + "/secrets/a b", password + "/versions/1", "projects/-/secrets/x"} {
		wantCode(t, get(name), codes.InvalidArgument)
	}
	// Who may not know hears that permission is denied.
	_, err := w.secrets(t, google.As(ann)).GetSecret(t.Context(), &secretmanagerpb.GetSecretRequest{Name: acme + "/secrets/nothing"})
	wantCode(t, err, codes.PermissionDenied)
	_, err = c.AccessSecretVersion(t.Context(), &secretmanagerpb.AccessSecretVersionRequest{Name: password + "/versions/latest"})
	wantCode(t, err, codes.NotFound)
	_, err = w.projects(t).GetProject(t.Context(), &resourcemanagerpb.GetProjectRequest{Name: "projects/nothing-here"})
	wantCode(t, err, codes.NotFound)
	_, err = c.UpdateSecret(t.Context(), &secretmanagerpb.UpdateSecretRequest{Secret: &secretmanagerpb.Secret{Name: password}})
	wantCode(t, err, codes.Unimplemented)
	_, err = w.roles(t).GetRole(t.Context(), &adminpb.GetRoleRequest{Name: "roles/nothing"})
	wantCode(t, err, codes.NotFound)
}

func TestTestIamPermissions(t *testing.T) {
	w := open(t, "", google.Options{})
	write(t, w.secrets(t), password, &iampb.Policy{Bindings: []*iampb.Binding{bind("roles/secretmanager.viewer", ann)}})
	c := w.secrets(t, google.As(ann))
	ask := []string{"secretmanager.secrets.get", "secretmanager.versions.access", "secretmanager.versions.list"}
	held, err := c.IAM(password).TestPermissions(t.Context(), ask)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"secretmanager.secrets.get", "secretmanager.versions.list"}, held); diff != "" {
		t.Error(diff)
	}
	if held, err := c.IAM(acme+"/secrets/nothing").TestPermissions(t.Context(), ask); err != nil || len(held) > 0 {
		t.Errorf("of nothing: %v, %v", held, err)
	}
	_, err = c.IAM(password).TestPermissions(t.Context(), []string{"secretmanager.*"})
	wantCode(t, err, codes.InvalidArgument)
}

// TestEditorOfKeys keeps a fact in view that is easily forgotten: the basic role editor makes keys for service accounts.
func TestEditorOfKeys(t *testing.T) {
	w := open(t, "", google.Options{})
	role, err := w.roles(t).GetRole(t.Context(), &adminpb.GetRoleRequest{Name: "roles/editor"})
	if err != nil {
		t.Fatal(err)
	}
	held := map[string]bool{}
	for _, p := range role.IncludedPermissions {
		held[p] = true
	}
	if !held["iam.serviceAccountKeys.create"] || held["secretmanager.versions.access"] {
		t.Errorf("editor holds %v", role.IncludedPermissions)
	}
}
