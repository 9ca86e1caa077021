package google_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"

	"cloud.google.com/go/iam/apiv1/iampb"
	secretmanager "cloud.google.com/go/secretmanager/apiv1"
	"cloud.google.com/go/secretmanager/apiv1/secretmanagerpb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"gatehouse/targets/sandbox/google"
)

// TestFiftyWriters has fifty add themselves to one policy, through two doubles on one file.
func TestFiftyWriters(t *testing.T) {
	dir := t.TempDir()
	doubles := []*world{open(t, dir, google.Options{}), open(t, dir, google.Options{})}
	var clients []policies
	for _, w := range doubles {
		clients = append(clients, w.secrets(t))
	}
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() { join(t, clients[i%2], fmt.Sprintf("user:u%02d@acme.example", i)) })
	}
	all.Wait()
	p := read(t, clients[0], password, 3)
	if len(p.Bindings) != 1 || len(p.Bindings[0].Members) != 50 {
		t.Errorf("got %v, want 50 members", p)
	}
}

// join adds a member to the accessors by read-modify-write, again after every conflict.
func join(t *testing.T, c policies, member string) {
	for {
		p, err := c.GetIamPolicy(t.Context(), &iampb.GetIamPolicyRequest{Resource: password, Options: &iampb.GetPolicyOptions{RequestedPolicyVersion: 3}})
		if err != nil {
			t.Error(err)
			return
		}
		p.Version = 3
		p.Bindings = append(p.Bindings, bind(accessor, member))
		_, err = c.SetIamPolicy(t.Context(), &iampb.SetIamPolicyRequest{Resource: password, Policy: p})
		if status.Code(err) == codes.Aborted {
			continue
		}
		if err != nil {
			t.Error(err)
		}
		return
	}
}

// killed names the folder of the child of TestKilled.
const killed = "GATEHOUSE_SANDBOX_KILLED"

// TestKilled kills a process that keeps adding members, as soon as it says that some were added: all of those are there, and the file
// serves on.
func TestKilled(t *testing.T) {
	if dir := os.Getenv(killed); dir != "" {
		addForever(t, dir)
	}
	dir := t.TempDir()
	for round := range 3 {
		said := runAndKill(t, dir, 5+round)
		w := open(t, dir, google.Options{})
		p := read(t, w.secrets(t), password, 3)
		for _, member := range said {
			if !slices.Contains(p.Bindings[0].Members, member) {
				t.Errorf("%s was added, and is gone", member)
			}
		}
		join(t, w.secrets(t), fmt.Sprintf("user:after%d@acme.example", round))
	}
}

func addForever(t *testing.T, dir string) {
	w := open(t, dir, google.Options{})
	c := w.secrets(t)
	for i := 0; ; i++ {
		member := fmt.Sprintf("user:p%d-%d@acme.example", os.Getpid(), i)
		join(t, c, member)
		fmt.Println("added", member)
	}
}

func runAndKill(t *testing.T, dir string, after int) (said []string) {
	t.Helper()
	child := exec.Command(os.Args[0], "-test.run=^TestKilled$", "-test.timeout=60s")
	child.Env = append(os.Environ(), killed+"="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if member, ok := strings.CutPrefix(lines.Text(), "added "); ok {
			said = append(said, member)
		}
		if len(said) == after {
			_ = child.Process.Kill() // what is left in the pipe is read too
		}
	}
	_ = child.Wait()
	return said
}

func TestSeedOnce(t *testing.T) {
	dir := t.TempDir()
	w := open(t, dir, google.Options{})
	c := w.secrets(t)
	write(t, c, password, &iampb.Policy{Bindings: []*iampb.Binding{bind(accessor, trainer)}})
	w = open(t, dir, google.Options{}) // seeds again
	if p := read(t, w.secrets(t), password, 3); len(p.Bindings) != 1 {
		t.Errorf("seeding changed a policy: %v", p)
	}
	if err := c.DeleteSecret(t.Context(), &secretmanagerpb.DeleteSecretRequest{Name: password}); err != nil {
		t.Fatal(err)
	}
	w = open(t, dir, google.Options{})
	_, err := w.secrets(t).GetSecret(t.Context(), &secretmanagerpb.GetSecretRequest{Name: password})
	wantCode(t, err, codes.NotFound)
}

func TestSetUpRefuses(t *testing.T) {
	w := open(t, "", google.Options{})
	if err := w.EnsureProject("acme-prod", ""); err != nil { // whatever its number is
		t.Error(err)
	}
	for name, err := range map[string]error{
		"project's ID":           w.EnsureProject("Acme", ""),
		"project's number":       w.EnsureProject("acme-dev", "x"),
		"number in use":          w.EnsureProject("acme-dev", "123456789012"),
		"another number":         w.EnsureProject("acme-prod", "1"),
		"secret of no project":   w.EnsureSecret("acme-dev", "s", nil),
		"secret's ID":            w.EnsureSecret("acme-prod", "a/b", nil),
		"account of no project":  w.EnsureServiceAccount("trainer@acme-dev.iam.gserviceaccount.com"),
		"account of Google's":    w.EnsureServiceAccount("123@developer.gserviceaccount.com"),
		"role of no project":     w.EnsureRole("projects/acme-dev/roles/reader"),
		"role that is no custom": w.EnsureRole("roles/reader"),
	} {
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

// TestPrincipalOfOptions lets everybody who doesn't say who calls be one principal.
func TestPrincipalOfOptions(t *testing.T) {
	w := open(t, "", google.Options{Principal: ann})
	_, err := w.secrets(t).GetSecret(t.Context(), &secretmanagerpb.GetSecretRequest{Name: password})
	wantCode(t, err, codes.PermissionDenied)
}

// BenchmarkReadPolicies reads the policies of a thousand secrets, one after the other.
func BenchmarkReadPolicies(b *testing.B) {
	g, err := google.Open(b.TempDir(), google.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer g.Close()
	seed := google.Seed{Project: "acme-prod"}
	for i := range 1000 {
		seed.Secrets = append(seed.Secrets, fmt.Sprintf("s%d", i))
	}
	if err := g.Seed(seed); err != nil {
		b.Fatal(err)
	}
	address, stop, err := g.Start()
	if err != nil {
		b.Fatal(err)
	}
	defer stop()
	c, err := secretmanager.NewClient(b.Context(), (&world{g, address}).options()...)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	for b.Loop() {
		for _, id := range seed.Secrets {
			if _, err := c.GetIamPolicy(b.Context(), &iampb.GetIamPolicyRequest{Resource: acme + "/secrets/" + id}); err != nil {
				b.Fatal(err)
			}
		}
	}
}
