package cli

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	sandboxconsul "gatehouse/targets/sandbox/consul"
	sandboxgoogle "gatehouse/targets/sandbox/google"
	"gatehouse/targets/state"
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

const trainer = "trainer@tiny-prod.iam.gserviceaccount.com"

// startCloud serves a Google Cloud that holds what the policy declares.
func startCloud(t *testing.T) (cloud *sandboxgoogle.Google, address string) {
	t.Helper()
	cloud, err := sandboxgoogle.Open("", sandboxgoogle.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cloud.Close() })
	seed := sandboxgoogle.Seed{Project: "tiny-prod", Number: "123456789012", Secrets: []string{"key"}, ServiceAccounts: []string{trainer}}
	if err := cloud.Seed(seed); err != nil {
		t.Fatal(err)
	}
	address, stop, err := cloud.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	return cloud, address
}

// What was granted in the sandbox is claimed there, and nowhere else: out there somebody else may have granted the same.
func TestTheSandboxKeepsAStateOfItsOwn(t *testing.T) {
	const role, member = "roles/secretmanager.secretAccessor", "serviceAccount:" + trainer
	const secret = "projects/tiny-prod/secrets/key"
	cloud, address := startCloud(t)
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

// hearing is a writer that acts on what it is told.
type hearing func(string)

func (h hearing) Write(p []byte) (int, error) {
	h(string(p))
	return len(p), nil
}

// Whoever waits for another apply is told for whose.
func TestAnApplyThatWaitsSaysForWhom(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "p.gate.hcl"), []byte(stateless+allowed), 0o600); err != nil {
		t.Fatal(err)
	}
	other := state.NewFile(filepath.Join(dir, ".gatehouse", "sandbox", "state", "prod.json"))
	_, unlock, err := other.Lock(t.Context(), state.Holder{Who: "ann@desk", Since: time.Unix(0, 0), For: "apply"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	told := 0
	stderr := hearing(func(text string) {
		if strings.Contains(text, "locked by ann@desk since 1970-01-01T00:00:00Z for apply; waiting") {
			told++
			if err := unlock(); err != nil {
				t.Error(err)
			}
		}
	})
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	w := world{stdin: strings.NewReader(""), stdout: io.Discard, stderr: stderr, now: time.Now, getenv: func(string) string { return "" }}
	if code := run(ctx, []string{"apply", "--sandbox", "--auto-approve", dir}, w); code != 0 || told != 1 {
		t.Errorf("exit %d, told %d times", code, told)
	}
}

// An apply whose lock is taken from it fails, and still tells what it has written.
func TestALostLockHidesNothing(t *testing.T) {
	dir := t.TempDir()
	meshed := strings.Replace(stateless, "  google {", "  consul {}\n  google {", 1)
	if err := os.WriteFile(filepath.Join(dir, "p.gate.hcl"), []byte(meshed+allowed), 0o600); err != nil {
		t.Fatal(err)
	}
	mesh, err := sandboxconsul.Open("", "prod", sandboxconsul.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer mesh.Close()
	url, stop, err := mesh.Start()
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	cloud, address := startCloud(t)
	cloud.OnWrite(nil, func(int) {
		request, err := http.NewRequest(http.MethodDelete, url+"/v1/kv/gatehouse/tiny/prod/lock", nil)
		if err != nil {
			t.Error(err)
			return
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Error(err)
			return
		}
		response.Body.Close()
	})
	var out, stderr bytes.Buffer
	w := world{stdin: strings.NewReader(""), stdout: &out, stderr: &stderr, now: time.Now, getenv: func(name string) string {
		return map[string]string{"GATEHOUSE_GOOGLE_ENDPOINT": address, "CONSUL_HTTP_ADDR": url}[name]
	}}
	code := run(t.Context(), []string{"apply", "--auto-approve", dir}, w)
	if code != exitFailed || !strings.Contains(out.String(), "applied 1 of 1 change") || !strings.Contains(stderr.String(), "the lock was lost") {
		t.Errorf("exit %d\n%s%s", code, out.String(), stderr.String())
	}
}
