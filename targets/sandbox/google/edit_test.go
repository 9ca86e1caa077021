package google_test

import (
	"context"
	"testing"

	"gatehouse/targets/sandbox/google"
)

func TestBind(t *testing.T) {
	g, err := google.Open("", google.Options{AnyAccount: true})
	if err != nil {
		t.Fatal(err)
	}
	defer g.Close()
	if err := g.Seed(google.Seed{Project: "acme-ml", Secrets: []string{"password"}}); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	for _, tt := range []struct {
		ok                     bool
		resource, role, member string
	}{
		{true, "projects/acme-ml", "roles/secretmanager.secretAccessor", "user:eve@acme.example"},
		{true, "projects/acme-ml/secrets/password", "roles/secretmanager.secretAccessor", "user:eve@acme.example"},
		{false, "projects/acme-ml/secrets/absent", "roles/secretmanager.secretAccessor", "user:eve@acme.example"},
		{false, "projects/acme-ml", "roles/nonsense", "user:eve@acme.example"},
		{false, "projects/acme-ml", "roles/secretmanager.secretAccessor", "eve"},
	} {
		if err := g.Bind(ctx, tt.resource, tt.role, tt.member); (err == nil) != tt.ok {
			t.Errorf("Bind(%s, %s, %s): %v, want ok %t", tt.resource, tt.role, tt.member, err, tt.ok)
		}
	}
	for range 2 { // taking away what isn't there changes nothing
		if err := g.Unbind(ctx, "projects/acme-ml", "roles/secretmanager.secretAccessor", "user:eve@acme.example"); err != nil {
			t.Error(err)
		}
	}
}
