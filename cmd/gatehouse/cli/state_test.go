package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sandboxgoogle "gatehouse/targets/sandbox/google"
)

const stateless = `gatehouse {
  policy = "tiny"
  packs  = []
}
environment "prod" {
  tier = "production"
  google {
    project         = "tiny-prod"
    project_number  = "123456789012"
    service_account = "${name}@tiny-prod.iam.gserviceaccount.com"
  }
}
workload "trainer" {
  owner        = "ml@acme.example"
  environments = [environment.prod]
}
secret "key" {
  owner          = "ml@acme.example"
  classification = "internal"
  environments   = [environment.prod]
}
`

const allowed = `allow "training" {
  from   = [workload.trainer]
  to     = [secret.key]
  reason = "training"
}
`

// What was granted in the sandbox is claimed there, and nowhere else: out there somebody else may have granted the same.
func TestTheSandboxKeepsAStateOfItsOwn(t *testing.T) {
	const role, member = "roles/secretmanager.secretAccessor", "serviceAccount:trainer@tiny-prod.iam.gserviceaccount.com"
	const secret = "projects/tiny-prod/secrets/key"
	cloud, err := sandboxgoogle.Open(t.TempDir(), sandboxgoogle.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer cloud.Close()
	if err := cloud.Seed(sandboxgoogle.Seed{Project: "tiny-prod", Number: "123456789012", Secrets: []string{"key"}, ServiceAccounts: []string{"trainer@tiny-prod.iam.gserviceaccount.com"}}); err != nil {
		t.Fatal(err)
	}
	address, stop, err := cloud.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	if err := cloud.Bind(t.Context(), secret, role, member); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	gatehouse := func(policy string, args ...string) string {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "p.gate.hcl"), []byte(policy), 0o600); err != nil {
			t.Fatal(err)
		}
		var out, stderr bytes.Buffer
		w := world{stdin: strings.NewReader(""), stdout: &out, stderr: &stderr, now: time.Now, getenv: func(name string) string {
			return map[string]string{"GATEHOUSE_GOOGLE_ENDPOINT": address}[name]
		}}
		if code := run(t.Context(), append(args, dir), w); code != 0 {
			t.Fatalf("%v: exit %d\n%s%s", args, code, out.String(), stderr.String())
		}
		return out.String()
	}
	gatehouse(stateless+allowed, "apply", "--sandbox", "--auto-approve")
	for _, policy := range []string{stateless + allowed, stateless} {
		if out := gatehouse(policy, "apply", "--auto-approve"); !strings.Contains(out, "no changes") || strings.Contains(out, "state") {
			t.Errorf("an apply out there after one in the sandbox:\n%s", out)
		}
	}
}
