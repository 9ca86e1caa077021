package realconsul_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/conformance/realconsul"
	"gatehouse/targets"
	"gatehouse/targets/consul"
	sandbox "gatehouse/targets/sandbox/consul"
)

const realm = "test"

// now is when every test happens: access that is declared for other times is not written.
var now = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)

// server is an agent with the driver's connection to it.
type server struct {
	*realconsul.Agent
	t    testing.TB
	conn *consul.Conn
}

// both runs a test on the real server and on the sandbox's double: where only the double fails, that is a defect of the double.
func both(t *testing.T, o realconsul.Options, test func(*testing.T, *server)) {
	t.Helper()
	t.Run("real", func(t *testing.T) { t.Parallel(); test(t, start(t, o)) })
	t.Run("sandbox", func(t *testing.T) { t.Parallel(); test(t, double(t, o)) })
}

// double is the sandbox with the same options.
func double(t testing.TB, o realconsul.Options) *server {
	t.Helper()
	options := sandbox.Options{DefaultIntentionPolicy: o.DefaultIntention}
	agent := &realconsul.Agent{}
	if o.ACL {
		options.DefaultPolicy = cmp.Or(o.ACLDefault, "deny")
		options.Tokens = []sandbox.Token{{Secret: realconsul.ManagementToken, Management: true}}
		agent.Token = realconsul.ManagementToken
	}
	c, err := sandbox.Open("", "", options)
	if err != nil {
		t.Fatal(err)
	}
	address, stop, err := c.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	agent.Address = address
	return &server{agent, t, connect(t, agent.Address, agent.Token)}
}

func start(t testing.TB, o realconsul.Options) *server {
	t.Helper()
	agent := realconsul.Start(t, o)
	return &server{agent, t, connect(t, agent.Address, agent.Token)}
}

func connect(t testing.TB, address, token string) *consul.Conn {
	t.Helper()
	conn, err := consul.Connect(consul.Config{Address: address, Token: token, Realm: realm, Patience: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

// must sends a request that has to succeed, and returns the answer.
func (s *server) must(method, path, body string) []byte {
	s.t.Helper()
	status, text, err := s.Do(context.Background(), method, path, strings.NewReader(body))
	if err != nil || status != http.StatusOK {
		s.t.Fatalf("%s %s: %d %s %v", method, path, status, text, err)
	}
	return text
}

func (s *server) put(body string) { s.t.Helper(); s.must(http.MethodPut, "/v1/config", body) }

func (s *server) remove(key string) { s.t.Helper(); s.must(http.MethodDelete, "/v1/config/"+key, "") }

// check asks Consul whether a source may connect.
func (s *server) check(source, destination string) bool {
	s.t.Helper()
	query := url.Values{"source": {source}, "destination": {destination}}
	var answer struct{ Allowed bool }
	s.decode(s.must(http.MethodGet, "/v1/connect/intentions/check?"+query.Encode(), ""), &answer)
	return answer.Allowed
}

func (s *server) decode(text []byte, into any) {
	s.t.Helper()
	if err := json.Unmarshal(text, into); err != nil {
		s.t.Fatalf("decode %s: %v", text, err)
	}
}

// objects returns every entry of the kinds, raw, read past the driver.
func (s *server) objects(kinds ...string) []targets.Object {
	s.t.Helper()
	var out []targets.Object
	for _, kind := range kinds {
		var bodies []json.RawMessage
		s.decode(s.must(http.MethodGet, "/v1/config/"+kind, ""), &bodies)
		for _, body := range bodies {
			var named struct{ Name string }
			s.decode(body, &named)
			out = append(out, targets.Object{Key: targets.Key{Kind: kind, Name: named.Name}, Body: body})
		}
	}
	return out
}

func (s *server) inspect(scope targets.Scope) targets.Live {
	s.t.Helper()
	live, err := s.conn.Inspect(context.Background(), scope)
	if err != nil {
		s.t.Fatal(err)
	}
	return live
}

func (s *server) write(change targets.Change) targets.Token {
	s.t.Helper()
	token, err := s.conn.Write(context.Background(), change)
	if err != nil {
		s.t.Fatal(err)
	}
	return token
}

// body returns one entry as it is stored, without the blanks that a dev agent puts in.
func (s *server) body(key targets.Key) json.RawMessage {
	s.t.Helper()
	var text bytes.Buffer
	if err := json.Compact(&text, s.must(http.MethodGet, "/v1/config/"+key.String(), "")); err != nil {
		s.t.Fatal(err)
	}
	return text.Bytes()
}

func (s *server) index(key targets.Key) targets.Token {
	s.t.Helper()
	c, err := consul.Normal(s.body(key), realm)
	if err != nil {
		s.t.Fatal(err)
	}
	return c.Token
}

func surface(name string) access.Surface {
	return access.Surface{Target: access.Consul, Realm: realm, Kind: consul.Service, Name: name}
}

func principal(name string) access.Principal {
	return access.Principal{Target: access.Consul, Realm: realm, Name: name}
}

// interpret asks the driver who reaches what.
func interpret(t testing.TB, f targets.Facts) []access.Edge {
	t.Helper()
	f.Realm = realm
	edges, err := consul.Driver{}.Interpret(f, now)
	if err != nil {
		t.Fatal(err)
	}
	return edges
}

// reaches reads the edges by hand: by name, or as anyone else. Edges that narrow to requests don't count, as for intentions/check.
func reaches(edges []access.Edge, source, destination string) bool {
	for _, e := range edges {
		if e.To != surface(destination) || e.Requests != "" {
			continue
		}
		if e.From.Name == source || e.From.Name == access.Anyone && !contains(e.Except, source) {
			return true
		}
	}
	return false
}

func contains(names []string, name string) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}
