package realconsul_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/conformance/realconsul"
	"gatehouse/targets"
	"gatehouse/targets/consul"
)

var (
	key   = targets.Key{Kind: consul.Intentions, Name: "db"}
	owner = targets.Owner{Policy: "acme", Environment: environment}
)

// body is an entry of ours for db that allows some sources.
func body(t testing.TB, sources ...string) []byte {
	t.Helper()
	text := `{"Kind":"service-intentions","Name":"db","Meta":{"gatehouse-policy":"acme","gatehouse-environment":"prod","gatehouse-format":"1"},"Sources":[`
	for _, s := range sources {
		text += fmt.Sprintf(`{"Name":%q,"Action":"allow"},`, s)
	}
	return []byte(text + `{"Name":"*","Action":"deny"}]}`)
}

func TestCompareAndSwap(t *testing.T) { both(t, realconsul.Options{}, compareAndSwap) }

func compareAndSwap(t *testing.T, s *server) {
	ctx := context.Background()
	first := s.write(targets.Change{Key: key, After: body(t, "a")})

	for _, test := range []struct {
		name   string
		change targets.Change
	}{
		{"create what exists", targets.Change{Key: key, After: body(t, "b")}},
		{"stale update", targets.Change{Key: key, After: body(t, "b"), Token: "1"}},
		{"stale delete", targets.Change{Key: key, Token: "1"}},
	} {
		if _, err := s.conn.Write(ctx, test.change); !errors.Is(err, targets.ErrMoved) {
			t.Errorf("%s: %v, want ErrMoved", test.name, err)
		}
		if got := s.index(key); got != first {
			t.Errorf("%s: the entry was written: index %s, was %s", test.name, got, first)
		}
	}

	second := s.write(targets.Change{Key: key, After: body(t, "b"), Token: first})
	if second == first || second != s.index(key) {
		t.Errorf("an update returned index %s, want the new one, %s", second, s.index(key))
	}
	if again := s.write(targets.Change{Key: key, After: body(t, "b"), Token: second}); again != second {
		t.Errorf("an identical write raised the index from %s to %s", second, again)
	}
	s.write(targets.Change{Key: key, Token: second})
	s.write(targets.Change{Key: key, Token: second}) // a delete of what is gone
}

// TestRacingWriters lets writers add themselves to one entry, each by reading, merging and writing until it gets through: nobody's
// addition is lost.
func TestRacingWriters(t *testing.T) { both(t, realconsul.Options{}, racingWriters) }

func racingWriters(t *testing.T, s *server) {
	s.write(targets.Change{Key: key, After: body(t)})
	const writers = 8
	var wait sync.WaitGroup
	for i := range writers {
		wait.Go(func() { s.join(fmt.Sprintf("writer-%d", i)) })
	}
	wait.Wait()
	for i := range writers {
		if name := fmt.Sprintf("writer-%d", i); !s.check(name, "db") {
			t.Errorf("%s was lost", name)
		}
	}
}

func (s *server) join(name string) {
	ctx := context.Background()
	for {
		live, err := s.conn.Inspect(ctx, targets.Scope{Owner: owner, Keys: []targets.Key{key}, Only: true})
		if err != nil {
			s.t.Error(err)
			return
		}
		var sources []string
		for _, item := range live.Containers[0].Items {
			if item.Value == "allow" {
				sources = append(sources, strings.Trim(strings.TrimPrefix(item.Key, "source "), `"`))
			}
		}
		if slices.Contains(sources, name) {
			return // it was written, and the next writer came before it was read back
		}
		change := targets.Change{Key: key, After: body(s.t, append(sources, name)...), Token: live.Containers[0].Token}
		_, err = s.conn.Write(ctx, change)
		if err == nil {
			return
		}
		if !errors.Is(err, targets.ErrMoved) {
			s.t.Error(err)
			return
		}
	}
}

func TestRefusedWritesAreNotRepeated(t *testing.T) {
	both(t, realconsul.Options{}, refusedWritesAreNotRepeated)
}

func refusedWritesAreNotRepeated(t *testing.T, s *server) {
	began := time.Now()
	_, err := s.conn.Write(context.Background(), targets.Change{Key: key, After: []byte(`{"Kind":"service-intentions","Name":"db","Sources":[]}`)})
	const want = "consul: write service-intentions/db: HTTP 500: At least one source is required"
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if took := time.Since(began); took > 2*time.Second {
		t.Errorf("it took %s: it was repeated", took)
	}
}

// TestNormalForms writes what Consul changes on the way in, and reads it as the same items.
func TestNormalForms(t *testing.T) { both(t, realconsul.Options{}, normalForms) }

func normalForms(t *testing.T, s *server) {
	s.put(`{"Kind":"service-defaults","Name":"db","Protocol":"HTTP"}`)
	s.put(`{"Kind":"service-intentions","Name":"db","Sources":[
		{"Name":"*","Action":"deny"},
		{"Name":"b","Action":"allow","Description":"why not"},
		{"Name":"a","Permissions":[{"Action":"allow","HTTP":{"PathPrefix":"/v1","Methods":["post","get"]}}]},
		{"Name":"c","Peer":"other","Action":"allow"}]}`)
	for _, test := range []struct {
		kind string
		want []targets.Item
	}{
		{consul.ServiceDefaults, []targets.Item{{Key: "protocol", Value: "http"}}},
		{consul.Intentions, []targets.Item{
			{Key: `source "*"`, Value: "deny"},
			{Key: `source "a"`, Value: "allow GET,POST prefix /v1"},
			{Key: `source "b"`, Value: "allow"},
			{Key: `source "c" peer "other"`, Value: "allow"},
		}},
	} {
		c, err := consul.Normal(s.body(targets.Key{Kind: test.kind, Name: "db"}), realm)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, c.Items, itemText); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.kind, diff)
		}
	}
}

// TestLeaving shows what a tombstone is for: under a default of allow, deleting an entry opens its destination.
func TestLeaving(t *testing.T) { both(t, realconsul.Options{}, leaving) }

func leaving(t *testing.T, s *server) {
	s.write(targets.Change{Key: key, After: body(t, "a")})
	live := s.inspect(targets.Scope{Owner: owner}).Containers[0]
	stone, ok := consul.Driver{}.Tombstone(live)
	if !ok {
		t.Fatal("no tombstone")
	}
	after, err := consul.Driver{}.Merge(&stone, &live, nil, owner)
	if err != nil {
		t.Fatal(err)
	}
	token := s.write(targets.Change{Key: key, After: after, Token: live.Token})
	if s.check("a", "db") || s.check("stranger", "db") {
		t.Error("a tombstone lets somebody in")
	}
	if left := s.inspect(targets.Scope{Owner: owner}).Containers; len(left) != 1 || !left[0].Residual {
		t.Errorf("the tombstone reads as %+v", left)
	}
	s.write(targets.Change{Key: key, Token: token})
	if !s.check("stranger", "db") {
		t.Error("deleting the entry did not open the destination: tombstones would not be needed")
	}
}

// TestServiceDefaults claims the protocol of an entry that others have filled, and lets it go again.
func TestServiceDefaults(t *testing.T) { both(t, realconsul.Options{}, serviceDefaults) }

func serviceDefaults(t *testing.T, s *server) {
	defaults := targets.Key{Kind: consul.ServiceDefaults, Name: "db"}
	s.put(`{"Kind":"service-defaults","Name":"db","MaxInboundConnections":7,"Meta":{"team":"data"},
		"UpstreamConfig":{"Defaults":{"ConnectTimeoutMs":99,"PassiveHealthCheck":{"Interval":"30s","MaxFailures":3}}},
		"Mode":"transparent","TransparentProxy":{"OutboundListenerPort":15001}}`)
	want := targets.Container{Key: defaults, Items: []targets.Item{{Key: "protocol", Value: "grpc"}}}
	s.mergeOver(defaults, &want, nil)
	claimed := string(s.body(defaults))
	for _, part := range []string{`"Protocol":"grpc"`, `"MaxInboundConnections":7`, `"team":"data"`, `"gatehouse-policy":"acme"`, `"Interval":30000000000`, `"OutboundListenerPort":15001`} {
		if !strings.Contains(claimed, part) {
			t.Errorf("claimed, the entry lacks %s:\n%s", part, claimed)
		}
	}
	s.mergeOver(defaults, nil, []string{"protocol"})
	released := string(s.body(defaults))
	if strings.Contains(released, "grpc") || strings.Contains(released, "gatehouse") || !strings.Contains(released, `"MaxInboundConnections":7`) {
		t.Errorf("released, the entry is\n%s", released)
	}

	s.remove(defaults.String())
	s.write(targets.Change{Key: defaults, After: []byte(`{"Kind":"service-defaults","Name":"db","Protocol":"grpc","Meta":{"gatehouse-policy":"acme"}}`)})
	if left := s.mergeOver(defaults, nil, []string{"protocol"}); left != nil {
		t.Errorf("an entry of ours alone is not deleted: %s", left)
	}
}

// mergeOver merges into the live entry, writes the result and returns it.
func (s *server) mergeOver(key targets.Key, want *targets.Container, remove []string) []byte {
	s.t.Helper()
	live := s.inspect(targets.Scope{Owner: owner, Keys: []targets.Key{key}}).Containers[0]
	after, err := consul.Driver{}.Merge(want, &live, remove, owner)
	if err != nil {
		s.t.Fatal(err)
	}
	s.write(targets.Change{Key: key, After: after, Token: live.Token})
	return after
}

// TestProtocolUnderLayer7 shows the dependency that Requires expresses: Consul refuses tcp, and a deletion, while an intention has L7 sources.
func TestProtocolUnderLayer7(t *testing.T) { both(t, realconsul.Options{}, protocolUnderLayer7) }

func protocolUnderLayer7(t *testing.T, s *server) {
	defaults := targets.Key{Kind: consul.ServiceDefaults, Name: "db"}
	s.put(`{"Kind":"service-defaults","Name":"db","Protocol":"http"}`)
	s.put(`{"Kind":"service-intentions","Name":"db","Sources":[{"Name":"a","Permissions":[{"Action":"allow","HTTP":{"PathPrefix":"/"}}]}]}`)
	for _, change := range []targets.Change{
		{Key: defaults, Token: s.index(defaults), After: []byte(`{"Kind":"service-defaults","Name":"db","Protocol":"tcp"}`)},
		{Key: defaults, Token: s.index(defaults)},
	} {
		_, err := s.conn.Write(context.Background(), change)
		if err == nil || !strings.Contains(err.Error(), "incompatible with L7 intentions") {
			t.Errorf("%s: %v, want a refusal", change.After, err)
		}
	}
	live := s.inspect(targets.Scope{Owner: owner, Keys: []targets.Key{key}}).Containers[0]
	if diff := cmp.Diff([]targets.Key{defaults}, live.Requires); diff != "" {
		t.Errorf("what must outlast the L7 sources (-want +got):\n%s", diff)
	}
}
