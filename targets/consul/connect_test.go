package consul_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/targets"
	"gatehouse/targets/consul"
)

const secret = "3f1c9a52-0000-4000-8000-5ec7e7000001"

var key = targets.Key{Kind: consul.Intentions, Name: "db"}

// agent is a server that answers by a script, one function a request, and remembers what was asked. It models nothing: how Consul behaves is
// tested against Consul.
type agent struct {
	*httptest.Server
	mutex   sync.Mutex
	asked   []string
	headers []http.Header
}

func serve(t *testing.T, answers ...http.HandlerFunc) *agent {
	t.Helper()
	a := &agent{}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mutex.Lock()
		n := len(a.asked)
		a.asked = append(a.asked, r.Method+" "+r.URL.RequestURI())
		a.headers = append(a.headers, r.Header)
		a.mutex.Unlock()
		_, _ = io.Copy(io.Discard, r.Body)
		answers[min(n, len(answers)-1)](w, r)
	}))
	t.Cleanup(a.Close)
	return a
}

func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status); fmt.Fprint(w, body) }
}

// hangUp cuts the connection without an answer.
func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func connect(t *testing.T, c consul.Config) *consul.Conn {
	t.Helper()
	c.Realm = realm
	if c.Patience == 0 {
		c.Patience = 2 * time.Second
	}
	conn, err := consul.Connect(c)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// write sends one change and returns what it was told, with the requests that it took.
func write(t *testing.T, a *agent, change targets.Change) (targets.Token, error) {
	t.Helper()
	return connect(t, consul.Config{Address: a.URL, Token: secret}).Write(context.Background(), change)
}

// TestEnvironmentIsIgnored sets every variable that Consul's own client reads, and finds none of them in the requests.
func TestEnvironmentIsIgnored(t *testing.T) {
	for name, value := range map[string]string{
		"CONSUL_HTTP_ADDR": "http://127.0.0.1:1", "CONSUL_HTTP_TOKEN": secret, "CONSUL_HTTP_TOKEN_FILE": "/nonexistent", "CONSUL_HTTP_AUTH": "me:" + secret,
		"CONSUL_HTTP_SSL": "true", "CONSUL_HTTP_SSL_VERIFY": "false", "CONSUL_CACERT": "/nonexistent", "CONSUL_CAPATH": "/nonexistent",
		"CONSUL_CLIENT_CERT": "/nonexistent", "CONSUL_CLIENT_KEY": "/nonexistent", "CONSUL_TLS_SERVER_NAME": "elsewhere", "CONSUL_NAMESPACE": "theirs", "CONSUL_PARTITION": "theirs",
	} {
		t.Setenv(name, value)
	}
	a := serve(t, says(200, `true`), says(200, entry("db", "*=deny")))
	conn := connect(t, consul.Config{Address: strings.TrimPrefix(a.URL, "http://")})
	if _, err := conn.Write(context.Background(), targets.Change{Key: key, After: []byte(entry("db", "*=deny"))}); err != nil {
		t.Fatal(err)
	}
	want := []string{"PUT /v1/config?cas=0", "GET /v1/config/service-intentions/db?consistent="}
	if diff := cmp.Diff(want, a.asked); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	for _, h := range a.headers {
		if h.Get("X-Consul-Token") != "" || h.Get("Authorization") != "" {
			t.Errorf("a credential of the environment was sent: %v", h)
		}
	}
}

func TestConfigIsSent(t *testing.T) {
	a := serve(t, says(200, `true`))
	conn := connect(t, consul.Config{Address: a.URL + "/behind/proxy/", Token: secret, Datacenter: "dc2", Partition: "eu", Namespace: "ml"})
	if _, err := conn.Write(context.Background(), targets.Change{Key: targets.Key{Kind: consul.Intentions, Name: "a b/ü"}, Token: "7"}); err != nil {
		t.Fatal(err)
	}
	want := []string{"DELETE /behind/proxy/v1/config/service-intentions/a%20b/%C3%BC?cas=7&dc=dc2&ns=ml&partition=eu"}
	if diff := cmp.Diff(want, a.asked); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
	if got := a.headers[0].Get("X-Consul-Token"); got != secret {
		t.Errorf("token %q", got)
	}
}

func TestConnectRefuses(t *testing.T) {
	dir := t.TempDir()
	empty := filepath.Join(dir, "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		want string
		consul.Config
	}{
		{`consul: address "": none was given`, consul.Config{}},
		{`consul: address "ftp://x": scheme "ftp": want http, https or unix`, consul.Config{Address: "ftp://x"}},
		{`consul: address "http://": no host`, consul.Config{Address: "http://"}},
		{`consul: address "https://x?y=z": only a host, a port and a path may stand there`, consul.Config{Address: "https://x?y=z"}},
		{`needs both its file and its key's`, consul.Config{Address: "x:1", TLS: consul.TLS{CertFile: empty}}},
		{`holds no PEM certificate`, consul.Config{Address: "x:1", TLS: consul.TLS{CAFile: empty}}},
		{`read certificate authorities: open`, consul.Config{Address: "x:1", TLS: consul.TLS{CAPath: filepath.Join(dir, "none")}}},
	} {
		if _, err := consul.Connect(test.Config); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: %v, want %s", test.Config, err, test.want)
		}
	}
}

func TestTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(says(200, `true`))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	dir := t.TempDir()
	ca := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, want string
		consul.TLS
	}{
		{"the system's roots", "certificate signed by unknown authority", consul.TLS{}},
		{"a file of authorities", "", consul.TLS{CAFile: ca}},
		{"a folder of authorities", "", consul.TLS{CAPath: dir}},
		{"another server name", "", consul.TLS{CAFile: ca, ServerName: "example.com"}},
		{"a wrong server name", "not elsewhere.test", consul.TLS{CAFile: ca, ServerName: "elsewhere.test"}},
		{"no verification", "", consul.TLS{InsecureSkipVerify: true}},
	} {
		conn := connect(t, consul.Config{Address: server.URL, TLS: test.TLS})
		_, err := conn.Write(context.Background(), targets.Change{Key: key, Token: "1"})
		if (test.want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", test.name, err, test.want)
		}
	}
}

func TestUnixSocket(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "consul.sock")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: says(200, `true`)}}
	server.Start()
	t.Cleanup(server.Close)
	conn := connect(t, consul.Config{Address: "unix://" + socket})
	if _, err := conn.Write(context.Background(), targets.Change{Key: key, Token: "1"}); err != nil {
		t.Error(err)
	}
}

// TestTokensStayPut follows no redirect with a token, and prints none.
func TestTokensStayPut(t *testing.T) {
	var leaked bool
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		leaked = leaked || r.Header.Get("X-Consul-Token") != ""
	}))
	t.Cleanup(elsewhere.Close)
	for _, answer := range []http.HandlerFunc{
		func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		},
		says(403, "token "+secret+" lacks\npermission"),
		says(200, secret),
	} {
		_, err := write(t, serve(t, answer), targets.Change{Key: key, Token: "1"})
		if err == nil || strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v", err)
		}
	}
	if leaked {
		t.Error("a redirect took the token elsewhere")
	}
}

// TestWriteSettles loses answers, and finds out by reading back what became of the write.
func TestWriteSettles(t *testing.T) {
	mine := `{"Kind":"service-intentions","Name":"db","Sources":[{"Name":"a","Action":"allow"}],"ModifyIndex":8}`
	before := `{"Kind":"service-intentions","Name":"db","Sources":[{"Name":"b","Action":"allow"}],"ModifyIndex":7}`
	theirs := `{"Kind":"service-intentions","Name":"db","Sources":[{"Name":"c","Action":"allow"}],"ModifyIndex":9}`
	put := targets.Change{Key: key, Token: "7", After: []byte(mine)}
	remove := targets.Change{Key: key, Token: "7"}
	for _, test := range []struct {
		name     string
		change   targets.Change
		answers  []http.HandlerFunc
		token    targets.Token
		moved    bool
		requests int
	}{
		{"written, the answer lost", put, []http.HandlerFunc{hangUp, says(200, mine)}, "8", false, 3},
		{"not written, sent again", put, []http.HandlerFunc{hangUp, says(200, before), says(200, "true"), says(200, mine)}, "8", false, 4},
		{"sent again, and the first had got through", put, []http.HandlerFunc{hangUp, says(200, before), says(200, "false"), says(200, mine)}, "8", false, 5},
		{"lost to somebody else", put, []http.HandlerFunc{hangUp, says(200, theirs)}, "", true, 2},
		{"moved", put, []http.HandlerFunc{says(200, "false")}, "", true, 1},
		{"written, then overwritten", put, []http.HandlerFunc{says(200, "true"), says(200, theirs)}, "", true, 2},
		{"a gateway gave up", put, []http.HandlerFunc{says(504, ""), says(200, mine)}, "8", false, 3},
		{"deleted, the answer lost", remove, []http.HandlerFunc{hangUp, says(404, "")}, "", false, 2},
		{"not deleted, sent again", remove, []http.HandlerFunc{hangUp, says(200, before), says(200, "true")}, "", false, 3},
		{"busy, then written", put, []http.HandlerFunc{says(429, "rate limit"), says(503, "retry later"), says(500, "No cluster leader"),
			says(500, "Intentions are read only while being upgraded to config entries"), says(200, "true"), says(200, mine)}, "8", false, 6},
	} {
		a := serve(t, test.answers...)
		token, err := write(t, a, test.change)
		if token != test.token || errors.Is(err, targets.ErrMoved) != test.moved || (err != nil) != test.moved || len(a.asked) != test.requests {
			t.Errorf("%s: token %q, error %v, after %q", test.name, token, err, a.asked)
		}
	}
}

func TestWriteErrors(t *testing.T) {
	put := targets.Change{Key: key, Token: "7", After: []byte(entry("db", "*=deny"))}
	for _, test := range []struct {
		want     string
		change   targets.Change
		answers  []http.HandlerFunc
		requests int
	}{
		{`consul: write service-intentions/db: HTTP 500: At least one source is required`, put, []http.HandlerFunc{says(500, "At least one source is required")}, 1},
		{`consul: write service-intentions/db: HTTP 403: Permission denied`, put, []http.HandlerFunc{says(403, "Permission denied")}, 1},
		{`consul: write service-intentions/db: HTTP 200: not an answer of Consul's: "<html>"`, put, []http.HandlerFunc{says(200, "<html>")}, 1},
		{`consul: write service-intentions/db: written, but not read back: HTTP 403`, put, []http.HandlerFunc{says(200, "true"), says(403, "")}, 2},
		{`consul: write service-intentions/db: a delete of what does not exist`, targets.Change{Key: key}, []http.HandlerFunc{says(200, "true")}, 0},
	} {
		a := serve(t, test.answers...)
		if _, err := write(t, a, test.change); err == nil || err.Error() != test.want || len(a.asked) != test.requests {
			t.Errorf("%v after %q, want %s", err, a.asked, test.want)
		}
	}
}

// TestPatience gives up on a closed port quickly, and on a cancelled context at once.
func TestPatience(t *testing.T) {
	a := serve(t, says(429, "rate limit"))
	conn := connect(t, consul.Config{Address: a.URL, Patience: time.Minute})
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := conn.Write(ctx, targets.Change{Key: key, Token: "7"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want the context's error", err)
	}
	closed := httptest.NewServer(nil)
	closed.Close()
	conn = connect(t, consul.Config{Address: closed.URL, Patience: time.Minute})
	_, err := conn.Inspect(context.Background(), targets.Scope{Owner: owner})
	if err == nil || !strings.HasPrefix(err.Error(), "consul: ask for the default: dial tcp") || !strings.HasSuffix(err.Error(), "connection refused") {
		t.Errorf("%v", err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
}

// world answers what Inspect asks for, by path; another path is 404.
func world(answers map[string]string, header map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		path, _ := url.PathUnescape(strings.TrimPrefix(r.URL.Path, "/v1/"))
		body, ok := answers[path]
		if !ok {
			w.WriteHeader(http.StatusNotFound)
		}
		for key, value := range header {
			w.Header().Set(key, value)
		}
		_, _ = bytes.NewBufferString(body).WriteTo(w)
	}
}

func TestInspect(t *testing.T) {
	const mark = `"Meta":{"gatehouse-policy":"%s","gatehouse-environment":"%s","gatehouse-format":"1"},"Sources":[{"Name":"*","Action":"deny"}]`
	marked := func(name, policy, environment string) string {
		return fmt.Sprintf(`{"Kind":"service-intentions","Name":%q,"ModifyIndex":4,`+mark+`}`, name, policy, environment)
	}
	a := serve(t, world(map[string]string{
		"connect/intentions/check": `{"Allowed":false}`,
		"agent/self":               `{"Config":{"Datacenter":"dc1"},"DebugConfig":{"DefaultIntentionPolicy":""}}`,
		"config/service-intentions": "[" + strings.Join([]string{marked("zz", "acme", "prod"), marked("old", "acme", "gone"), marked("theirs", "other", "prod"),
			entry("DB", "web=allow"), entry("*", "web=deny"), entry("unrelated", "*=deny")}, ",") + "]",
		"config/service-defaults": `[{"Kind":"service-defaults","Name":"Db","Protocol":"http","ModifyIndex":9},{"Kind":"service-defaults","Name":"zz"},{"Kind":"service-defaults","Name":"unrelated"}]`,
		"config/proxy-defaults":   `[{"Kind":"proxy-defaults","Name":"global"}]`,
		"config/mesh":             `[{"Kind":"mesh"}]`,
	}, nil))
	live, err := connect(t, consul.Config{Address: a.URL}).Inspect(context.Background(),
		targets.Scope{Owner: owner, Keys: []targets.Key{key, {Kind: consul.ServiceDefaults, Name: "db"}}})
	if err != nil {
		t.Fatal(err)
	}
	var containers, context []string
	for _, c := range live.Containers {
		containers = append(containers, fmt.Sprintf("%s %s %s/%s", c.Key, c.Token, c.Owner.Policy, c.Owner.Environment))
	}
	for _, o := range live.Context {
		context = append(context, o.Key.String())
	}
	want := []string{"service-defaults/db 9 /", "service-intentions/db 3 /", "service-intentions/old 4 acme/gone", "service-intentions/zz 4 acme/prod"}
	if diff := cmp.Diff(want, containers); diff != "" {
		t.Errorf("containers (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"mesh/mesh", "proxy-defaults/global", "service-defaults/zz", "service-intentions/*"}, context); diff != "" {
		t.Errorf("context (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(targets.Settings{consul.DefaultSetting: "deny"}, live.Settings); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestInspectRefuses(t *testing.T) {
	whole := map[string]string{
		"connect/intentions/check": `{"Allowed":false}`, "agent/self": `{}`, "config/service-intentions": `[]`, "config/service-defaults": `[]`,
		"config/proxy-defaults": `[]`, "config/mesh": `[]`,
	}
	for _, test := range []struct {
		want         string
		path, answer string
		header       map[string]string
	}{
		{"", "", "", nil},
		{"consul: list service-intentions: the token sees only a part of it: the token needs intention:read on every service", "", "",
			map[string]string{"X-Consul-Results-Filtered-By-ACLs": "true"}},
		{"consul: list service-intentions: decode: ", "config/service-intentions", `{`, nil},
		{"consul: list service-intentions: decode: ", "config/service-intentions", `[7]`, nil},
		{"consul: ask for the default: the address does not answer as a Consul agent does", "connect/intentions/check", `<html>`, nil},
		{`consul: read service-intentions/x: its mark has format "2"`, "config/service-intentions",
			`[{"Kind":"service-intentions","Name":"x","Meta":{"gatehouse-policy":"acme","gatehouse-format":"2"}}]`, nil},
		{`consul: ask for the default: default_intention_policy is "perhaps"`, "agent/self", `{"DebugConfig":{"DefaultIntentionPolicy":"perhaps"}}`, nil},
	} {
		answers := map[string]string{}
		for path, body := range whole {
			answers[path] = body
		}
		if test.path != "" {
			answers[test.path] = test.answer
		}
		a := serve(t, world(answers, test.header))
		_, err := connect(t, consul.Config{Address: a.URL}).Inspect(context.Background(), targets.Scope{Owner: owner})
		if (err == nil) != (test.want == "") || err != nil && !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
}
