// Package realconsul runs real Consul agents for tests: the server is built by conformance/upstream, and it
// starts as many agents side by side as tests ask for, each with ports of its own, in memory, and gone when its test ends.
//
// It is a harness, and knows nothing of policies; the tests beside it hold the driver in targets/consul against the real server. A test that
// can get no server fails; only with -short it is skipped. Consul is run as a tool, and none of its code is linked in here.
package realconsul

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"gatehouse/conformance/upstream"
)

// ManagementToken is the token that may do everything on an agent that was started with ACLs.
const ManagementToken = "11111111-2222-3333-4444-555555555555"

// Options says how an agent decides. The zero value is Consul out of the box: no ACLs, so that the mesh's default is allow.
type Options struct {
	ACL              bool   // ACLs on, with ManagementToken
	ACLDefault       string // with ACL: "allow" or "deny"; empty means deny
	DefaultIntention string // default_intention_policy: "allow" or "deny"; empty leaves it to the ACL default
	Config           string // further configuration, in HCL
}

// Agent is one running Consul, a server of its own.
type Agent struct {
	Address string // http://127.0.0.1:PORT
	GRPC    string // 127.0.0.1:PORT, where proxies ask for their configuration
	Token   string // the management token; empty without ACLs
	log     *os.File
}

// Start runs an agent until the test ends. It returns once the agent takes writes.
func Start(t testing.TB, o Options) *Agent {
	t.Helper()
	if testing.Short() {
		t.Skip("needs a real Consul")
	}
	binary, err := upstream.Consul()
	if err != nil {
		t.Fatalf("a real Consul is needed, and there is none: %v", err)
	}
	// Ports that were free a moment ago can be taken by somebody else's agent.
	for attempt := 1; ; attempt++ {
		a, err := start(t, binary, o)
		if err == nil {
			return a
		}
		if attempt == 3 {
			t.Fatalf("start Consul: %v", err)
		}
	}
}

func start(t testing.TB, binary string, o Options) (*Agent, error) {
	dir := t.TempDir()
	ports, err := FreePorts(4)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "agent.hcl")
	if err := os.WriteFile(file, []byte(o.config(ports)), 0o600); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "agent.log"))
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(binary, "agent", "-dev", "-bind", "127.0.0.1", "-client", "127.0.0.1", "-config-file", file)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Dir = dir
	dieWithParent(cmd)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	a := &Agent{Address: fmt.Sprintf("http://127.0.0.1:%d", ports[0]), GRPC: fmt.Sprintf("127.0.0.1:%d", ports[1]), log: log}
	if o.ACL {
		a.Token = ManagementToken
	}
	exited := make(chan struct{})
	go func() { _ = cmd.Wait(); close(exited) }()
	t.Cleanup(func() { a.stop(t, cmd.Process, exited) })
	return a, a.ready(exited)
}

func (a *Agent) stop(t testing.TB, process *os.Process, exited <-chan struct{}) {
	_ = process.Kill()
	<-exited
	if t.Failed() {
		t.Logf("the end of the log of %s:\n%s", a.Address, a.tail())
	}
	_ = a.log.Close()
}

// ready waits until the agent has a leader that takes writes and, with ACLs, knows its management token. A new leader refuses to write
// intentions for a moment, even to delete one that does not exist, which changes nothing: so that is what is tried.
func (a *Agent) ready(exited <-chan struct{}) error {
	const path = "/v1/config/service-intentions/not-there"
	deadline := time.After(time.Minute)
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		status, _, err := a.Do(context.Background(), http.MethodDelete, path, nil)
		if err == nil && status == http.StatusOK {
			return nil
		}
		select {
		case <-exited:
			return fmt.Errorf("the agent ended:\n%s", a.tail())
		case <-deadline:
			return fmt.Errorf("no leader that takes writes after a minute:\n%s", a.tail())
		case <-tick.C:
		}
	}
}

// Do sends one request to the agent, with its management token, and returns the status and the body.
func (a *Agent) Do(ctx context.Context, method, path string, body io.Reader) (int, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, a.Address+path, body)
	if err != nil {
		return 0, nil, err
	}
	if a.Token != "" {
		request.Header.Set("X-Consul-Token", a.Token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, text, err
}

// tail returns the last lines of the agent's log.
func (a *Agent) tail() string {
	text, err := os.ReadFile(a.log.Name())
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-3000):])
}

func (o Options) config(ports []int) string {
	text := fmt.Sprintf(`
log_level            = "warn"
disable_update_check = true
node_name            = "node-%d"
ports {
  http = %d
  grpc = %d
  server = %d
  serf_lan = %d
  serf_wan = -1
  grpc_tls = -1
  dns = -1
  https = -1
}
`, ports[0], ports[0], ports[1], ports[2], ports[3])
	if o.ACL {
		policy := o.ACLDefault
		if policy == "" {
			policy = "deny"
		}
		text += fmt.Sprintf("acl {\n  enabled = true\n  default_policy = %q\n  tokens { initial_management = %q }\n}\n", policy, ManagementToken)
	}
	if o.DefaultIntention != "" {
		text += fmt.Sprintf("default_intention_policy = %q\n", o.DefaultIntention)
	}
	return text + o.Config + "\n"
}

// FreePorts returns n ports that nobody listens on.
func FreePorts(n int) ([]int, error) {
	var ports []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}
