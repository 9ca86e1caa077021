package consul_test

import (
	"context"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/targets"
	"gatehouse/targets/consul"
)

// TestEnvironmentIsIgnored sets every variable that Consul's own client reads, and finds none of them in the requests, whether they contradict
// what was given or, as the token's may, agree with it.
func TestEnvironmentIsIgnored(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("the file's"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"CONSUL_HTTP_ADDR": "http://127.0.0.1:1", "CONSUL_HTTP_TOKEN": secret, "CONSUL_HTTP_AUTH": "me:" + secret,
		"CONSUL_HTTP_SSL": "true", "CONSUL_HTTP_SSL_VERIFY": "false", "CONSUL_CACERT": "/nonexistent", "CONSUL_CAPATH": "/nonexistent",
		"CONSUL_CLIENT_CERT": "/nonexistent", "CONSUL_CLIENT_KEY": "/nonexistent", "CONSUL_TLS_SERVER_NAME": "elsewhere", "CONSUL_NAMESPACE": "theirs", "CONSUL_PARTITION": "theirs",
	} {
		t.Setenv(name, value)
	}
	for _, test := range []struct{ tokenFile, token string }{
		{"", ""}, {"", secret}, {"", "mine"},
		{file, ""}, {file, secret}, {file, "mine"},
		{"/nonexistent", ""}, {"/nonexistent", secret},
		{os.DevNull, ""}, {os.DevNull, secret},
	} {
		t.Setenv("CONSUL_HTTP_TOKEN_FILE", test.tokenFile)
		a := serve(t, says(200, `true`), says(200, entry("db", "*=deny")))
		conn := connect(t, consul.Config{Address: strings.TrimPrefix(a.URL, "http://"), Token: test.token})
		if _, err := conn.Write(context.Background(), targets.Change{Key: key, After: []byte(entry("db", "*=deny"))}); err != nil {
			t.Fatal(err)
		}
		want := []string{"PUT /v1/config?cas=0", "GET /v1/config/service-intentions/db?consistent="}
		if diff := cmp.Diff(want, a.asked); diff != "" {
			t.Errorf("%q: requests (-want +got):\n%s", test, diff)
		}
		for _, h := range a.headers {
			if got := h.Get("X-Consul-Token"); got != test.token || h.Get("Authorization") != "" {
				t.Errorf("%q: token %q, authorization %q", test, got, h.Get("Authorization"))
			}
		}
	}
}

// TestEnvironmentIsIgnoredOverTLS sets the variables that would take a certificate's name or its verification away.
func TestEnvironmentIsIgnoredOverTLS(t *testing.T) {
	server, _ := serveTLS(t)
	t.Setenv("CONSUL_HTTP_SSL_VERIFY", "false")
	t.Setenv("CONSUL_HTTP_SSL", "false")
	_, err := connect(t, consul.Config{Address: server.URL}).Write(context.Background(), targets.Change{Key: key, Token: "1"})
	if err == nil || !strings.Contains(err.Error(), "certificate signed by unknown authority") {
		t.Errorf("%v, want a certificate that is not trusted", err)
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
		{`consul: TLS: both client cert and client key must be provided`, consul.Config{Address: "x:1", TLS: consul.TLS{CertFile: empty}}},
		{`consul: TLS: Error loading CA File: Couldn't parse PEM in: `, consul.Config{Address: "x:1", TLS: consul.TLS{CAFile: empty}}},
		{`no such file or directory`, consul.Config{Address: "x:1", TLS: consul.TLS{CAPath: filepath.Join(dir, "none")}}},
	} {
		if _, err := consul.Connect(test.Config); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%+v: %v, want %s", test.Config, err, test.want)
		}
	}
}

// serveTLS starts a server that answers everything with true, and returns it with the file of its authority.
func serveTLS(t *testing.T) (*httptest.Server, string) {
	t.Helper()
	server := httptest.NewUnstartedServer(says(200, `true`))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return server, ca
}

func TestTLS(t *testing.T) {
	server, ca := serveTLS(t)
	for _, test := range []struct {
		name, want string
		consul.TLS
	}{
		{"the system's roots", "certificate signed by unknown authority", consul.TLS{}},
		{"a file of authorities", "", consul.TLS{CAFile: ca}},
		{"a folder of authorities", "", consul.TLS{CAPath: filepath.Dir(ca)}},
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
		says(500, secret),
		saysIn("text/plain", 200, secret),
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

// TestConnectionsGoWithConn drops a Conn, and with it the connection that it kept.
func TestConnectionsGoWithConn(t *testing.T) {
	closed := make(chan bool, 1)
	server := httptest.NewUnstartedServer(says(200, `true`))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			closed <- true
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	if _, err := connect(t, consul.Config{Address: server.URL}).Write(context.Background(), targets.Change{Key: key, Token: "1"}); err != nil {
		t.Fatal(err)
	}
	for patience := time.After(10 * time.Second); ; {
		runtime.GC()
		select {
		case <-closed:
			return
		case <-patience:
			t.Fatal("the connection is still open")
		case <-time.After(time.Millisecond):
		}
	}
}
