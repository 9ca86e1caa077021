// Package sandbox holds the doubles to the systems that they double: the same scripts of raw requests run against both. It is tests
// alone.
package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"gatehouse/conformance/realconsul"
	"gatehouse/targets/sandbox/consul"
)

// update writes what the real system answers into the scripts instead of comparing with it. Read the difference before you commit it.
var update = os.Getenv("GATEHOUSE_UPDATE") == "1"

// TestSandboxConsul runs the scripts of testdata/consul against the double: a difference is a bug of the double.
func TestSandboxConsul(t *testing.T) {
	for _, script := range consulScripts(t) {
		t.Run(script.name, func(t *testing.T) {
			t.Parallel()
			script.agent.Now = hurried(script.clock)
			double, err := consul.Open(t.TempDir(), "dc1", script.agent)
			if err != nil {
				t.Fatal(err)
			}
			defer double.Close()
			address, stop, err := double.Start()
			if err != nil {
				t.Fatal(err)
			}
			defer stop()
			if diff := cmp.Diff(script.text(), script.run(t, address)); diff != "" {
				t.Errorf("-script +double:\n%s", diff)
			}
		})
	}
}

// hurried returns a clock that runs some times faster, so that nobody waits as long for the double's sessions to end as for real ones.
func hurried(times int) func() time.Time {
	start := time.Now()
	return func() time.Time { return start.Add(time.Since(start) * time.Duration(times)) }
}

// TestRealConsul runs the same scripts against a real Consul: a difference is a bug of the script. With GATEHOUSE_UPDATE=1 it writes
// what Consul answers into the scripts.
func TestRealConsul(t *testing.T) {
	if testing.Short() {
		t.Skip("needs a real Consul")
	}
	servers := &realServers{t: t, agents: map[realconsul.Options]*realconsul.Agent{}}
	for _, script := range consulScripts(t) {
		t.Run(script.name, func(t *testing.T) {
			agent := servers.get(script.agent)
			empty(t, agent)
			makeTokens(t, agent, script.agent.Tokens)
			got := script.run(t, agent.Address)
			if update {
				if err := os.WriteFile(script.path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(script.text(), got); diff != "" {
				t.Errorf("-script +Consul:\n%s", diff)
			}
		})
	}
}

// consulScript is a script of raw requests with their answers; testdata/consul/README.md says how one is written.
type consulScript struct {
	path    string
	name    string
	agent   consul.Options
	show    []string // headers to show beside those that always are
	clock   int      // how many times faster the double's clock runs
	archive *txtar.Archive
}

func (s *consulScript) text() string { return string(txtar.Format(s.archive)) }

func consulScripts(t *testing.T) []*consulScript {
	t.Helper()
	paths, err := filepath.Glob("../testdata/consul/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	var scripts []*consulScript
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		s := &consulScript{path: path, name: strings.TrimSuffix(filepath.Base(path), ".txtar"), archive: archive, clock: 1}
		for _, f := range archive.Files {
			switch f.Name {
			case "agent":
				if err := json.Unmarshal(f.Data, &s.agent); err != nil {
					t.Fatalf("%s: %v", path, err)
				}
			case "show":
				s.show = strings.Fields(string(f.Data))
			case "clock":
				if s.clock, err = strconv.Atoi(strings.TrimSpace(string(f.Data))); err != nil {
					t.Fatalf("%s: clock: %v", path, err)
				}
			}
		}
		scripts = append(scripts, s)
	}
	return scripts
}

// run sends the requests and returns the script with the answers that came.
func (s *consulScript) run(t *testing.T, address string) string {
	t.Helper()
	session := &session{t: t, address: address, show: s.show}
	out := &txtar.Archive{Comment: s.archive.Comment}
	for _, f := range s.archive.Files {
		switch f.Name {
		case "request":
			out.Files = append(out.Files, f, txtar.File{Name: "answer", Data: []byte(session.render(session.send(string(f.Data))))})
		case "request in background":
			session.background(string(f.Data))
			out.Files = append(out.Files, f)
		case "answer", "answer from background":
			if f.Name != "answer" {
				out.Files = append(out.Files, txtar.File{Name: f.Name, Data: []byte(session.render(<-session.later))})
			}
		default:
			out.Files = append(out.Files, f)
		}
	}
	return string(txtar.Format(out))
}

// session is one run of a script. Indices are shown as #1, #2, … in the order in which they first appear, and written so in requests; so
// are the IDs of Consul's sessions, as @1, @2, ….
type session struct {
	t       *testing.T
	address string
	show    []string
	indices []string
	ids     []string
	later   chan reply
}

type reply struct {
	response *http.Response
	body     []byte
	err      error
}

var label = regexp.MustCompile(`[#@](\d+)`)

func (s *session) background(text string) {
	s.later = make(chan reply, 1)
	request := s.request(text)
	go func() { s.later <- do(request) }()
}

func (s *session) send(text string) reply { return do(s.request(text)) }

// request reads METHOD PATH, header lines, and after an empty line the body. In the body, N*"text" repeats the text.
func (s *session) request(text string) *http.Request {
	s.t.Helper()
	head, body, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(strings.TrimSpace(head), "\n")
	method, path, _ := strings.Cut(lines[0], " ")
	path = label.ReplaceAllStringFunc(path, func(l string) string {
		known := s.indices
		if l[0] == '@' {
			known = s.ids
		}
		n, err := strconv.Atoi(l[1:])
		if err != nil || n < 1 || n > len(known) {
			s.t.Fatalf("%s: nothing is known as %s", lines[0], l)
		}
		return known[n-1]
	})
	request, err := http.NewRequestWithContext(context.Background(), method, s.address+path, strings.NewReader(repeat(body)))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, l := range lines[1:] {
		name, value, _ := strings.Cut(l, ": ")
		request.Header.Set(name, value)
	}
	return request
}

var repeated = regexp.MustCompile(`(\d+)\*"([^"]*)"`)

func repeat(body string) string {
	return repeated.ReplaceAllStringFunc(strings.TrimSuffix(body, "\n"), func(m string) string {
		parts := repeated.FindStringSubmatch(m)
		n, _ := strconv.Atoi(parts[1])
		return strconv.Quote(strings.Repeat(parts[2], n))
	})
}

func do(request *http.Request) reply {
	response, err := http.DefaultTransport.RoundTrip(request) // redirects are shown, not followed
	if err != nil {
		return reply{err: err}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return reply{response, body, err}
}

// render shows an answer: the status, the headers, the body.
func (s *session) render(r reply) string {
	s.t.Helper()
	if r.err != nil {
		s.t.Fatal(r.err)
	}
	var out strings.Builder
	fmt.Fprintln(&out, r.response.StatusCode)
	for _, name := range append([]string{"Allow", "Location", "X-Consul-Index", "X-Consul-Results-Filtered-By-Acls"}, s.show...) {
		value := r.response.Header.Get(name)
		if name == "X-Consul-Index" && value != "" {
			value = s.label(value)
		}
		if value != "" {
			fmt.Fprintf(&out, "%s: %s\n", name, value)
		}
	}
	body := s.body(r.body)
	if body != "" {
		fmt.Fprintf(&out, "\n%s\n", body)
	}
	return out.String()
}

var (
	stored = regexp.MustCompile(`"(CreateIndex|ModifyIndex)":(\d+)`)
	hash   = regexp.MustCompile(`"Hash":\d+`)
	long   = regexp.MustCompile(`([a-zA-Z])[a-zA-Z0-9+/]{99,}`)
	made   = regexp.MustCompile(`^\{"ID":"([0-9a-f-]{36})"\}$`)
	node   = regexp.MustCompile(`("Node":| on )"(node-\d+|sandbox)"`)
)

func (s *session) body(text []byte) string {
	var compact bytes.Buffer
	if json.Compact(&compact, text) != nil {
		return s.masked(strings.TrimRight(string(text), "\n"))
	}
	if id := made.FindStringSubmatch(compact.String()); id != nil {
		s.ids = append(s.ids, id[1])
	}
	one := hash.ReplaceAllString(compact.String(), `"Hash":HASH`)
	one = stored.ReplaceAllStringFunc(one, func(m string) string {
		parts := stored.FindStringSubmatch(m)
		return fmt.Sprintf("%q:%s", parts[1], s.label(parts[2]))
	})
	for _, field := range []string{"Kind", "LockIndex", "ID"} {
		one = strings.ReplaceAll(one, `},{"`+field+`"`, "},\n"+`{"`+field+`"`)
	}
	return s.masked(one)
}

// masked cuts long texts, and puts labels in the place of the node's name and of the IDs of Consul's sessions.
func (s *session) masked(text string) string {
	text = node.ReplaceAllString(text, `$1"NODE"`)
	for i, id := range s.ids {
		text = strings.ReplaceAll(text, id, fmt.Sprintf("@%d", i+1))
	}
	return long.ReplaceAllString(text, "$1…")
}

func (s *session) label(index string) string {
	for i, known := range s.indices {
		if known == index {
			return fmt.Sprintf("#%d", i+1)
		}
	}
	s.indices = append(s.indices, index)
	return fmt.Sprintf("#%d", len(s.indices))
}

// realServers are the agents that run: one for each way of deciding that scripts ask for, until the test of all scripts ends.
type realServers struct {
	t      *testing.T
	agents map[realconsul.Options]*realconsul.Agent
}

func (r *realServers) get(o consul.Options) *realconsul.Agent {
	options := realconsul.Options{DefaultIntention: o.DefaultIntentionPolicy}
	if o.DefaultPolicy == "deny" || len(o.Tokens) > 0 {
		options.ACL, options.ACLDefault = true, o.DefaultPolicy
		if options.ACLDefault == "" {
			options.ACLDefault = "allow"
		}
	}
	if r.agents[options] == nil {
		r.agents[options] = realconsul.Start(r.t, options)
	}
	return r.agents[options]
}

// empty deletes all config entries (intentions first, since others can't go before them), sessions and keys.
func empty(t *testing.T, agent *realconsul.Agent) {
	t.Helper()
	for _, kind := range []string{"service-intentions", ""} {
		var entries []struct{ Kind, Name string }
		if err := json.Unmarshal(ask(t, agent, "GET", "/v1/config/"+kind, nil), &entries); err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			ask(t, agent, "DELETE", "/v1/config/"+e.Kind+"/"+e.Name, nil)
		}
	}
	var sessions []struct{ ID string }
	if err := json.Unmarshal(ask(t, agent, "GET", "/v1/session/list", nil), &sessions); err != nil {
		t.Fatal(err)
	}
	for _, s := range sessions {
		ask(t, agent, "PUT", "/v1/session/destroy/"+s.ID, nil)
	}
	ask(t, agent, "DELETE", "/v1/kv/?recurse", nil)
}

func ask(t *testing.T, agent *realconsul.Agent, method, path string, body any) []byte {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	status, answer, err := agent.Do(context.Background(), method, path, bytes.NewReader(text))
	if err != nil || status != http.StatusOK {
		t.Fatalf("%s %s: %d %v\n%s", method, path, status, err, answer)
	}
	return answer
}

// makeTokens makes a script's tokens on a real server, and takes them away after the test. The management token is there already.
func makeTokens(t *testing.T, agent *realconsul.Agent, tokens []consul.Token) {
	t.Helper()
	for _, token := range tokens {
		if token.Management {
			continue
		}
		var policy struct{ ID, Name string }
		text := ask(t, agent, "PUT", "/v1/acl/policy", map[string]string{"Name": "script-" + token.Accessor, "Rules": rules(token)})
		if err := json.Unmarshal(text, &policy); err != nil {
			t.Fatal(err)
		}
		ask(t, agent, "PUT", "/v1/acl/token", map[string]any{
			"SecretID": token.Secret, "AccessorID": token.Accessor, "Policies": []any{map[string]string{"ID": policy.ID}},
		})
		t.Cleanup(func() {
			ask(t, agent, "DELETE", "/v1/acl/token/"+token.Accessor, nil)
			ask(t, agent, "DELETE", "/v1/acl/policy/"+policy.ID, nil)
		})
	}
}

// rules writes a token's rules as Consul reads them.
func rules(token consul.Token) string {
	var out strings.Builder
	for _, r := range token.Services {
		block := "service"
		if r.Prefix {
			block = "service_prefix"
		}
		fmt.Fprintf(&out, "%s %q {\n  policy = %q\n", block, r.Name, r.Policy)
		if r.Intentions != "" {
			fmt.Fprintf(&out, "  intentions = %q\n", r.Intentions)
		}
		fmt.Fprintln(&out, "}")
	}
	for _, r := range token.Keys {
		block := "key"
		if r.Prefix {
			block = "key_prefix"
		}
		fmt.Fprintf(&out, "%s %q {\n  policy = %q\n}\n", block, r.Name, r.Policy)
	}
	if token.Session != "" {
		fmt.Fprintf(&out, "session_prefix \"\" {\n  policy = %q\n}\n", token.Session)
	}
	for name, policy := range map[string]string{"mesh": token.Mesh, "operator": token.Operator} {
		if policy != "" {
			fmt.Fprintf(&out, "%s = %q\n", name, policy)
		}
	}
	if token.Agent != "" {
		fmt.Fprintf(&out, "agent_prefix \"\" {\n  policy = %q\n}\n", token.Agent)
	}
	return out.String()
}
