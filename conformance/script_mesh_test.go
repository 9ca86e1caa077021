package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"gatehouse/conformance/realconsul"
	"gatehouse/targets/sandbox/consul"
)

// mesh is a Consul that a script runs against: the sandbox, or the real thing.
type mesh interface {
	address() string
	// tokens are variables of the script: MANAGEMENT may do everything, READER may read all that Gatehouse reads, PARTIAL sees the service
	// features alone. Without ACLs there are none.
	tokens() map[string]string
	// mark is a text that changes with every write: every entry with its indexes. A write of what is there already changes nothing.
	mark(fataler) string
	// sent is how many writes were asked for, where that is known.
	sent() int
	// do sends a request by somebody who may do everything.
	do(method, path, body string) (status int, text string, err error)
}

const (
	readerToken  = "22222222-2222-2222-2222-222222222222"
	partialToken = "33333333-3333-3333-3333-333333333333"
)

func tokenVariables(acl bool) map[string]string {
	if !acl {
		return nil
	}
	return map[string]string{"MANAGEMENT": realconsul.ManagementToken, "READER": readerToken, "PARTIAL": partialToken}
}

// endpoint is what the two kinds of mesh have in common.
type endpoint struct {
	url, token string
	acl        bool
}

func (e endpoint) address() string           { return e.url }
func (e endpoint) tokens() map[string]string { return tokenVariables(e.acl) }

func (e endpoint) do(method, path, body string) (int, string, error) {
	request, err := http.NewRequest(method, e.url+path, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	if e.token != "" {
		request.Header.Set("X-Consul-Token", e.token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

// entryKinds are what scripts may write, in an order in which it can be deleted.
var entryKinds = []string{"service-intentions", "service-defaults", "proxy-defaults", "mesh"}

// fataler is a test or a script.
type fataler interface{ Fatalf(string, ...any) }

func (e endpoint) mark(t fataler) string {
	out := ""
	for _, kind := range entryKinds {
		status, text, err := e.do(http.MethodGet, "/v1/config/"+kind, "")
		if err != nil || status != http.StatusOK {
			t.Fatalf("list %s: %d %s %v", kind, status, text, err)
		}
		out += kind + strings.TrimSpace(text)
	}
	return out
}

// double is the sandbox in memory.
type double struct {
	endpoint
	*consul.Consul
}

func newSandbox(t testing.TB, acl bool) mesh {
	t.Helper()
	d, err := openDouble(acl)
	if err != nil {
		t.Fatal(err)
	}
	address, stop, err := d.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	out := double{endpoint{url: address, acl: acl}, d}
	if acl {
		out.token = realconsul.ManagementToken
	}
	return out
}

func openDouble(acl bool) (*consul.Consul, error) {
	if !acl {
		return consul.Open("", "scripts", consul.Options{})
	}
	return consul.Open("", "scripts", consul.Options{DefaultPolicy: "deny", Tokens: []consul.Token{
		{Secret: realconsul.ManagementToken, Management: true},
		{Secret: readerToken, Services: []consul.ServiceRule{{Prefix: true, Policy: "read", Intentions: "read"}}, Mesh: "read", Operator: "read", Agent: "read"},
		{Secret: partialToken, Services: []consul.ServiceRule{{Name: "features", Policy: "read", Intentions: "read"}}, Mesh: "read", Operator: "read", Agent: "read"},
	}})
}

func (d double) sent() int { return d.Writes() }

// real is an agent of a pool.
type real struct{ endpoint }

func (r real) sent() int { return 0 }

// clear removes every entry that a mesh holds.
func clear(t fataler, m mesh) {
	for _, kind := range entryKinds {
		_, text, err := m.do(http.MethodGet, "/v1/config/"+kind, "")
		var entries []struct{ Name string }
		if err == nil {
			err = json.Unmarshal([]byte(text), &entries)
		}
		if err != nil {
			t.Fatalf("list %s: %s %v", kind, text, err)
		}
		for _, e := range entries {
			name := e.Name
			if kind == "mesh" {
				name = "mesh"
			}
			if status, text, err := m.do(http.MethodDelete, "/v1/config/"+kind+"/"+name, ""); err != nil || status != http.StatusOK {
				t.Fatalf("delete %s/%s: %d %s %v", kind, name, status, text, err)
			}
		}
	}
}

// pool shares a few agents among many scripts; each gets one that holds nothing.
type pool struct {
	free chan *realconsul.Agent
	acl  bool
}

const agents = 2

func newPool(t *testing.T, acl bool) *pool {
	t.Helper()
	p := &pool{make(chan *realconsul.Agent, agents), acl}
	for range agents {
		agent := realconsul.Start(t, realconsul.Options{ACL: acl})
		if acl {
			makeTokens(t, agent)
		}
		p.free <- agent
	}
	return p
}

// makeTokens gives an agent the weak tokens. A token that reads is not enough for what an apply needs.
func makeTokens(t testing.TB, agent *realconsul.Agent) {
	t.Helper()
	const rest = ` mesh = "read" operator = "read" agent_prefix "" { policy = "read" }`
	for token, rules := range map[string]string{
		readerToken:  `service_prefix "" { policy = "read" intentions = "read" }` + rest,
		partialToken: `service "features" { policy = "read" intentions = "read" }` + rest,
	} {
		name := "policy-" + token
		for _, r := range []struct {
			path string
			body map[string]any
		}{
			{"/v1/acl/policy", map[string]any{"Name": name, "Rules": rules}},
			{"/v1/acl/token", map[string]any{"SecretID": token, "Policies": []map[string]string{{"Name": name}}}},
		} {
			body, _ := json.Marshal(r.body)
			if status, text, err := agent.Do(context.Background(), http.MethodPut, r.path, bytes.NewReader(body)); err != nil || status != http.StatusOK {
				t.Fatalf("%s: %d %s %v", r.path, status, text, err)
			}
		}
	}
}

func (p *pool) take(t testing.TB) mesh {
	agent := <-p.free
	r := real{endpoint{agent.Address, agent.Token, p.acl}}
	t.Cleanup(func() { p.free <- agent })
	clear(t, r)
	return r
}
