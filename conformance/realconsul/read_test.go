package realconsul_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/compiler/access"
	"gatehouse/conformance/realconsul"
	"gatehouse/targets"
	"gatehouse/targets/consul"
)

// TestDefault finds out the mesh's default in each of the ways that it can be set, and where a "*" destination hides it. It is what proxies
// are given: intentions/check, which asks servers, is deaf to default_intention_policy.
func TestDefault(t *testing.T) {
	const wide = `{"Kind":"service-intentions","Name":"*","Sources":[{"Name":"%s","Action":"%s"}]}`
	for _, test := range []struct {
		want   string
		o      realconsul.Options
		source string // of a "*" destination
		action string
	}{
		{"allow", realconsul.Options{}, "", ""},
		{"deny", realconsul.Options{ACL: true}, "", ""},
		{"allow", realconsul.Options{ACL: true, ACLDefault: "allow"}, "", ""},
		{"deny", realconsul.Options{DefaultIntention: "deny"}, "", ""},
		{"allow", realconsul.Options{ACL: true, DefaultIntention: "allow"}, "", ""},
		{"deny", realconsul.Options{ACL: true, ACLDefault: "allow", DefaultIntention: "deny"}, "", ""},
		{"allow", realconsul.Options{}, "*", "deny"},
		{"deny", realconsul.Options{ACL: true}, "*", "allow"},
		{"deny", realconsul.Options{ACL: true}, "web", "allow"},
	} {
		t.Run(fmt.Sprintf("%+v %s %s", test.o, test.source, test.action), func(t *testing.T) {
			t.Parallel()
			s := start(t, test.o)
			if test.source != "" {
				s.put(fmt.Sprintf(wide, test.source, test.action))
			}
			live := s.inspect(targets.Scope{Owner: owner})
			if diff := cmp.Diff(targets.Settings{consul.DefaultSetting: test.want}, live.Settings); diff != "" {
				t.Errorf("settings (-want +got):\n%s", diff)
			}
		})
	}
}

// TestWeakTokens reads with tokens that see less than everything. Consul answers most of them with 200 and a shorter list.
func TestWeakTokens(t *testing.T) {
	s := start(t, realconsul.Options{ACL: true})
	s.write(targets.Change{Key: key, After: body(t, "a")})
	s.put(`{"Kind":"service-defaults","Name":"db","Protocol":"http"}`)
	for _, test := range []struct {
		name  string
		want  string // of the error; empty: none
		rules string
	}{
		{"full reader", "", `service_prefix "" { policy = "read" intentions = "read" } agent_prefix "" { policy = "read" }`},
		{"reader of entries", "", `service_prefix "" { policy = "read" intentions = "read" }`},
		{"no rules", "service:read on every service", ``},
		{"one service", "service:read on every service", `service "db" { policy = "read" intentions = "read" }`},
		{"no intentions", "intention:read on every service", `service_prefix "" { policy = "read" intentions = "deny" }`},
		{"all but one", "the token sees only a part of it", `service_prefix "" { policy = "read" intentions = "read" } service "db" { policy = "read" intentions = "deny" }`},
		{"all but one's defaults", "the token sees only a part of it", `service_prefix "" { policy = "read" intentions = "read" } service "db" { policy = "deny" intentions = "read" }`},
	} {
		token := s.token(test.name, test.rules)
		s.wantInspect(test.name, token, test.want)
	}
	s.wantInspect("anonymous", "", "service:read on every service")
	s.wantInspect("unknown", "00000000-1111-2222-3333-444444444444", "ACL not found")
}

// TestUnknownDefault reads with a token that may not know how the agent is configured: the worse is assumed, and said.
func TestUnknownDefault(t *testing.T) {
	s := start(t, realconsul.Options{ACL: true})
	conn := connect(t, s.Address, s.token("reader", `service_prefix "" { policy = "read" intentions = "read" }`))
	live, err := conn.Inspect(context.Background(), targets.Scope{Owner: owner})
	if err != nil {
		t.Fatal(err)
	}
	if live.Settings[consul.DefaultSetting] != "allow" || len(live.Unknown) == 0 || !strings.Contains(live.Unknown[0].Reason, "agent:read") {
		t.Errorf("settings %v, unknown %v", live.Settings, live.Unknown)
	}
	if found := (consul.Driver{}).Posture(live); len(found) > 0 {
		t.Errorf("an assumption is reported as posture: %v", found)
	}
}

// TestCheckIgnoresDefaultIntentionPolicy shows why the agent is asked: should this fail, servers have learnt to know the setting.
func TestCheckIgnoresDefaultIntentionPolicy(t *testing.T) {
	s := start(t, realconsul.Options{DefaultIntention: "deny"})
	if !s.check("web", "db") {
		t.Error("intentions/check now follows default_intention_policy")
	}
	s.must(http.MethodPut, "/v1/agent/service/register", `{"Name":"db"}`)
	var answer struct {
		Authorized bool
		Reason     string
	}
	s.decode(s.must(http.MethodPost, "/v1/agent/connect/authorize",
		`{"Target":"db","ClientCertURI":"spiffe://x.consul/ns/default/dc/dc1/svc/web","ClientCertSerial":"04"}`), &answer)
	if answer.Authorized || answer.Reason != "Default intention policy" {
		t.Errorf("an agent authorizes by %+v", answer)
	}
}

// wantInspect reads with a token, everything and one entry, and compares the error with what it should name.
func (s *server) wantInspect(name, token, want string) {
	s.t.Helper()
	conn := connect(s.t, s.Address, token)
	live, err := conn.Inspect(context.Background(), targets.Scope{Owner: owner, Keys: []targets.Key{key}})
	switch {
	case want == "" && (err != nil || len(live.Containers) != 1):
		s.t.Errorf("%s: %v, read %d containers", name, err, len(live.Containers))
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		s.t.Errorf("%s: %v, want an error that names %q", name, err, want)
	case err != nil && token != "" && strings.Contains(err.Error(), token):
		s.t.Errorf("%s: the error holds the token: %v", name, err)
	}
}

// token makes a token with a policy of its own.
func (s *server) token(name, rules string) string {
	s.t.Helper()
	name = strings.NewReplacer(" ", "-", "'", "").Replace(name)
	s.must(http.MethodPut, "/v1/acl/policy", fmt.Sprintf(`{"Name":%q,"Rules":%q}`, name, rules))
	var made struct{ SecretID string }
	s.decode(s.must(http.MethodPut, "/v1/acl/token", fmt.Sprintf(`{"Policies":[{"Name":%q}]}`, name)), &made)
	return made.SecretID
}

// TestReadOnlyTokens shows that a reader's token can't write, and that the error names what it lacks.
func TestReadOnlyTokens(t *testing.T) {
	s := start(t, realconsul.Options{ACL: true})
	conn := connect(t, s.Address, s.token("reader", `service_prefix "" { policy = "read" intentions = "read" }`))
	_, err := conn.Write(context.Background(), targets.Change{Key: key, After: body(t, "a")})
	if err == nil || !strings.Contains(err.Error(), "lacks permission 'intention:write'") {
		t.Errorf("%v, want a refusal that names intention:write", err)
	}
}

// TestNameCase holds the rules of case against the server. Proxies are given the entry of their destination in any case, which is what
// Interpret follows; intentions/check alone wants the destination's exact case. Sources want their exact case everywhere.
func TestNameCase(t *testing.T) {
	s := start(t, realconsul.Options{ACL: true})
	s.put(`{"Kind":"service-intentions","Name":"DB","Sources":[{"Name":"web","Action":"allow"}]}`)

	var match map[string][]struct{ SourceName string }
	s.decode(s.must(http.MethodGet, "/v1/connect/intentions/match?by=destination&name=db", ""), &match)
	if len(match["db"]) != 1 || match["db"][0].SourceName != "web" {
		t.Errorf("a proxy of db is given %v, want the entry DB", match)
	}
	if !s.check("web", "DB") || s.check("web", "db") || s.check("WEB", "DB") {
		t.Error("intentions/check no longer compares exactly")
	}

	edges := interpret(t, targets.Facts{
		Objects:  s.objects(consul.Intentions),
		Settings: targets.Settings{consul.DefaultSetting: "deny"},
		Surfaces: []access.Surface{surface("db")},
	})
	if !reaches(edges, "web", "db") || reaches(edges, "WEB", "db") {
		t.Errorf("Interpret says %v", edges)
	}

	live := s.inspect(targets.Scope{Owner: owner, Keys: []targets.Key{key}})
	if len(live.Containers) != 1 || live.Containers[0].Key != key {
		t.Fatalf("the entry DB reads as %v, want the container %s", live.Containers, key)
	}
	s.write(targets.Change{Key: key, After: body(t, "web"), Token: live.Containers[0].Token})
	if got := s.objects(consul.Intentions); len(got) != 1 || got[0].Key.Name != "db" {
		t.Errorf("after a write there are %v, want db alone", got)
	}
}

// TestContext reads what decides access beside the containers, in a whole read and in a second look alike.
func TestContext(t *testing.T) {
	s := start(t, realconsul.Options{})
	s.put(`{"Kind":"mesh","AllowEnablingPermissiveMutualTLS":true}`)
	s.put(`{"Kind":"proxy-defaults","Name":"global","Config":{"protocol":"http"}}`)
	s.put(`{"Kind":"service-defaults","Name":"db","MutualTLSMode":"permissive"}`)
	s.put(`{"Kind":"service-defaults","Name":"unrelated","Protocol":"http"}`)
	s.put(`{"Kind":"exported-services","Name":"default","Services":[{"Name":"db","Consumers":[{"Peer":"west"}]}]}`)
	s.put(`{"Kind":"service-intentions","Name":"*","Sources":[{"Name":"*","Action":"deny"}]}`)
	s.put(`{"Kind":"service-intentions","Name":"unrelated","Sources":[{"Name":"*","Action":"deny"}]}`)
	s.write(targets.Change{Key: key, After: body(t, "a")})
	want := []string{"exported-services/default", "mesh/mesh", "proxy-defaults/global", "service-defaults/db", "service-intentions/*"}
	for _, only := range []bool{false, true} {
		live := s.inspect(targets.Scope{Owner: owner, Keys: []targets.Key{key}, Only: only})
		var got []string
		for _, o := range live.Context {
			got = append(got, o.Key.String())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("only %t: context (-want +got):\n%s", only, diff)
		}
		if len(live.Containers) != 1 || live.Containers[0].Key != key {
			t.Errorf("only %t: containers %v", only, live.Containers)
		}
		facts := targets.Facts{Objects: live.Context, Settings: live.Settings}
		facts.Objects = append(facts.Objects, targets.Object{Key: key, Body: live.Containers[0].Body})
		edges := interpret(t, facts)
		if !reaches(edges, "stranger", "db") {
			t.Errorf("only %t: plaintext is not seen: %v", only, edges)
		}
	}
}
