package access

import (
	"testing"
)

// Whoever gets identity tokens of a workload's account reaches what the workload reaches on the mesh, and nothing in the cloud.
func TestLogins(t *testing.T) {
	g, _ := Build(sketch(t, "w a prod; store x prod; secret k prod; allow n from a to x,k"), second(0))
	place, _ := g.Workloads[0].Place("prod")
	account, _ := place.Principal(Google)
	service, _ := place.Principal(Consul)
	mallory := Principal{Target: Google, Name: "user:mallory@acme.example"}
	edges := append(Logins(g), Edge{From: mallory, ActsAs: IdentityTokens(account), Spans: Spans{Always}})
	for _, can := range []Capabilities{meshOnly, cloudOnly} {
		declared := Lower(g, "prod", can, second(0))
		edges = append(edges, declared...)
	}
	closure := Closure(edges)
	store, _ := g.Surfaces(g.Grants[0].Resource)[0].Surface("prod")
	payload, _ := g.Surfaces(g.Grants[1].Resource)[0].Surface("prod")
	for _, test := range []struct {
		want bool
		who  Principal
		to   Surface
		verb Verb
	}{
		{true, account, payload, ReadData},
		{true, service, store, Connect},
		{true, account, store, Connect}, // by logging in
		{true, mallory, store, Connect},
		{false, mallory, payload, ReadData},
		{false, service, payload, ReadData},
	} {
		if got := Reaches(closure, test.who, test.to, test.verb, second(0)); got != test.want {
			t.Errorf("%s reaches %s: %v", test.who.Name, test.to.Name, got)
		}
	}
}
