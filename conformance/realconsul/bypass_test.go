package realconsul_test

import (
	"slices"
	"strings"
	"testing"

	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"

	"gatehouse/conformance/realconsul"
	"gatehouse/targets"
	"gatehouse/targets/consul"
)

// TestBypasses writes what lets anybody past intentions, and compares what a proxy is told to serve without asking with what Interpret says.
func TestBypasses(t *testing.T) {
	const closed = `{"Kind":"service-intentions","Name":"db","Sources":[{"Name":"*","Action":"deny"}]}`
	for _, test := range []struct {
		name    string
		entries []string
		open    func(*watched) bool
		want    string // what anyone may do
	}{
		{"nothing", nil, func(w *watched) bool { return len(unguarded(w)) == 0 }, ""},
		{"permissive mutual TLS", []string{
			`{"Kind":"mesh","AllowEnablingPermissiveMutualTLS":true}`,
			`{"Kind":"service-defaults","Name":"db","Protocol":"http","MutualTLSMode":"permissive","Mode":"transparent"}`,
		}, func(w *watched) bool { return slices.Equal(unguarded(w), []string{"public_listener"}) }, "consul anyone may connect to service \"db\""},
		{"an exposed path", []string{
			`{"Kind":"service-defaults","Name":"db","Protocol":"http","Expose":{"Paths":[{"Path":"/health","ListenerPort":21500,"LocalPathPort":8080}]}}`,
		}, func(w *watched) bool { return slices.Equal(unguarded(w), []string{"exposed_path_health"}) },
			"consul anyone may connect to service \"db\" for * exact /health"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := start(t, realconsul.Options{})
			for _, e := range append(test.entries, closed) {
				s.put(e)
			}
			s.sidecar("db", 20_000)
			if !s.listens("db", test.open) {
				t.Error("proxies are told something else")
			}
			facts := targets.Facts{Objects: s.objects(consul.Intentions, consul.ServiceDefaults, consul.ProxyDefaults), Settings: targets.Settings{consul.DefaultSetting: "allow"}}
			var got []string
			for _, e := range interpret(t, facts) {
				got = append(got, targets.Sentence(e))
			}
			if strings.Join(got, "\n") != test.want {
				t.Errorf("Interpret says %q, want %q", got, test.want)
			}
		})
	}
}

// unguarded returns the names, up to a colon, of a proxy's inbound listeners that have a chain of filters without intentions in it.
func unguarded(w *watched) []string {
	var out []string
	for name, l := range w.all {
		name, _, _ = strings.Cut(name, ":")
		if !strings.HasPrefix(name, "outbound") && slices.ContainsFunc(l.GetFilterChains(), open) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

func open(c *listener.FilterChain) bool {
	_, err := enforced(&listener.Listener{FilterChains: []*listener.FilterChain{c}})
	return err != nil
}
