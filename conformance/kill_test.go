package conformance

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// The kill tests run the program itself, end it as kill -9 does before or after any of its writes, and look at what it leaves behind.

func TestKilledOnSandbox(t *testing.T) { killEverywhere(t, newSandbox(t, false)) }

func TestKilledOnConsul(t *testing.T) { killEverywhere(t, newPool(t, false).take(t)) }

// before and after are two policies whose difference has writes of every class: narrowings, mixed ones, widenings, new entries and leaving
// ones.
var (
	before = shop(map[string][]string{"narrow": {"a", "b"}, "mixed": {"a"}, "wide": {"a"}, "leaving": {"a"}, "same": {"a"}}, "tcp")
	after  = shop(map[string][]string{"narrow": {"a"}, "mixed": {"b"}, "wide": {"a", "b"}, "coming": {"b"}, "same": {"a"}}, "http")
)

// shop writes a policy in which workloads reach stores.
func shop(stores map[string][]string, protocol string) string {
	out := "gatehouse {\n  policy = \"shop\"\n  packs = []\n}\nenvironment \"prod\" {\n  tier = \"production\"\n  consul {}\n}\n"
	for _, w := range []string{"a", "b"} {
		out += fmt.Sprintf("workload %q { environments = [environment.prod] }\n", w)
	}
	for name, from := range stores {
		out += fmt.Sprintf("feature_store %q {\n  classification = \"internal\"\n  environments = [environment.prod]\n  online { protocol = %q }\n}\n", name, protocol)
		for _, w := range from {
			out += fmt.Sprintf("allow \"%s-%s\" {\n  from = [workload.%s]\n  to = [feature_store.%s]\n}\n", name, w, w, name)
		}
	}
	return out
}

// reaches says who reaches what, as a policy made by shop says.
func reaches(policy, workload, store string) bool {
	return strings.Contains(policy, fmt.Sprintf("from = [workload.%s]\n  to = [feature_store.%s]\n", workload, store))
}

// killEverywhere counts the writes that lead from one policy to the other, and then dies at each of them.
func killEverywhere(t *testing.T, m mesh) {
	writes := killAt(t, m, 0, false)
	if writes < 6 {
		t.Fatalf("only %d writes: there is too little between which to die", writes)
	}
	for n := 1; n <= writes; n++ {
		for _, done := range []bool{false, true} {
			if testing.Short() && done == (n%2 == 0) {
				continue // every other one
			}
			killAt(t, m, n, done)
			if t.Failed() {
				t.Fatalf("killed at write %d of %d, which was done: %t", n, writes, done)
			}
		}
	}
	t.Logf("killed before and after each of %d writes", writes)
}

// killAt starts with one policy applied, and kills the apply of the other at a write, before or after it is done. What is left gives
// nobody what neither policy gives; the next apply finishes, drift is clean, and nothing is left to write.
func killAt(t *testing.T, m mesh, n int, done bool) (writes int) {
	t.Helper()
	clear(t, m)
	dir := t.TempDir()
	write(t, dir, before)
	gatehouse(t, 0, m.address(), dir, "apply", "--auto-approve")
	write(t, dir, after)
	d := &deadly{target: m.address(), at: n, done: done}
	d.run(t, dir)
	for _, store := range []string{"narrow", "mixed", "wide", "leaving", "coming", "same"} {
		for _, workload := range []string{"a", "b", "stranger"} {
			was, will := reaches(before, workload, store), reaches(after, workload, store)
			closed := strings.Contains(before, fmt.Sprintf("%q", store)) // coming is open to all until it has an entry
			if got := allowed(t, m, workload, store); closed && got && !was && !will {
				t.Errorf("%s reaches %s, as neither policy says", workload, store)
			} else if !got && was && will {
				t.Errorf("%s does not reach %s, as both policies say", workload, store)
			}
		}
	}
	gatehouse(t, 0, m.address(), dir, "apply", "--auto-approve")
	gatehouse(t, 0, m.address(), dir, "drift")
	mark := m.mark(t)
	if out := gatehouse(t, 0, m.address(), dir, "apply", "--auto-approve"); !strings.Contains(out, "no changes") || m.mark(t) != mark {
		t.Errorf("an apply after it still wrote:\n%s", out)
	}
	return d.seen
}

// deadly stands between the program and its mesh, lets one write through at a time, and kills the program at one of them.
type deadly struct {
	target string
	at     int // 0: never
	done   bool

	mu      sync.Mutex
	seen    int
	process *os.Process
	dead    bool
}

func (d *deadly) run(t *testing.T, dir string) {
	t.Helper()
	target, err := url.Parse(d.target)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(d.between(httputil.NewSingleHostReverseProxy(target)))
	defer server.Close()
	cmd := program(server.URL, dir, "apply", "--auto-approve")
	d.mu.Lock()
	err = cmd.Start()
	d.process = cmd.Process
	d.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if d.at > 0 && (!errors.As(err, &exit) || exit.Exited()) {
		t.Errorf("it was to be killed at write %d, and ended with %v", d.at, err)
	}
	if d.at == 0 && err != nil {
		t.Errorf("apply: %v", err)
	}
}

func (d *deadly) between(mesh http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			mesh.ServeHTTP(w, r)
			return
		}
		d.mu.Lock()
		defer d.mu.Unlock()
		d.seen++
		switch {
		case d.dead: // a write that was on its way
		case d.seen != d.at:
			mesh.ServeHTTP(w, r)
		case d.done:
			mesh.ServeHTTP(httptest.NewRecorder(), r)
			d.kill()
		default:
			d.kill()
		}
	})
}

func (d *deadly) kill() {
	d.dead = true
	_ = d.process.Kill()
}

// program prepares a run of Gatehouse, against a mesh, in the folder of a policy.
func program(address, dir string, args ...string) *exec.Cmd {
	cmd := exec.Command("gatehouse", args...)
	cmd.Dir = dir
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "CONSUL_") }), "CONSUL_HTTP_ADDR="+address, "NO_COLOR=1")
	return cmd
}

// gatehouse runs the program and fails unless it ends with that code.
func gatehouse(t *testing.T, code int, address, dir string, args ...string) string {
	t.Helper()
	cmd := program(address, dir, args...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != code {
		t.Errorf("gatehouse %s: %v, want exit code %d\n%s", strings.Join(args, " "), err, code, out)
	}
	return string(out)
}

func write(t *testing.T, dir, policy string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "policy.gate.hcl"), []byte(policy), 0o644); err != nil {
		t.Fatal(err)
	}
}

func allowed(t *testing.T, m mesh, source, destination string) bool {
	t.Helper()
	query := url.Values{"source": {source}, "destination": {destination}}
	status, text, err := m.do(http.MethodGet, "/v1/connect/intentions/check?"+query.Encode(), "")
	var answer struct{ Allowed bool }
	if err == nil {
		err = json.Unmarshal([]byte(text), &answer)
	}
	if err != nil || status != http.StatusOK {
		t.Fatalf("check: %d %s %v", status, text, err)
	}
	return answer.Allowed
}
