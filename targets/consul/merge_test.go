package consul_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/targets"
	"gatehouse/targets/consul"
)

const ourMeta = `"gatehouse-environment":"prod","gatehouse-format":"1","gatehouse-policy":"acme"`

// read makes a container of a body, as Inspect does.
func read(t testing.TB, body string) *targets.Container {
	t.Helper()
	if body == "" {
		return nil
	}
	c, err := consul.Normal(json.RawMessage(body), realm)
	if err != nil {
		t.Fatal(err)
	}
	return &c
}

func TestMerge(t *testing.T) {
	const (
		db       = `{"Kind":"service-intentions","Name":"db","Sources":[{"Name":"web","Action":"allow"},{"Name":"*","Action":"deny"}]}`
		grpc     = `{"Kind":"service-defaults","Name":"db","Protocol":"grpc"}`
		residual = `{"Kind":"service-intentions","Name":"db","Sources":[{"Name":"*","Action":"deny"}],"Meta":{"gatehouse-residual":"true"}}`
	)
	for _, test := range []struct {
		name             string
		want, live, body string
		remove           []string
	}{
		{"a new entry", db, "",
			`{"Kind":"service-intentions","Meta":{` + ourMeta + `},"Name":"db","Sources":[{"Name":"web","Action":"allow"},{"Name":"*","Action":"deny"}]}`, nil},
		{"an adopted entry loses sources and tokens, and keeps Meta and descriptions", db,
			`{"Kind":"service-intentions","Name":"DB","JWT":{"Providers":[{"Name":"okta"}]},"Meta":{"team":"data"},"Hash":7,"CreateIndex":1,"ModifyIndex":2,
				"Sources":[{"Name":"web","Action":"deny","Description":"see the runbook"},{"Name":"gone","Action":"allow","Description":"x"}]}`,
			`{"Kind":"service-intentions","Meta":{` + ourMeta + `,"team":"data"},"Name":"db","Sources":[{"Action":"allow","Description":"see the runbook","Name":"web"},{"Action":"deny","Name":"*"}]}`, nil},
		{"a peer's description is not a namesake's", db,
			`{"Kind":"service-intentions","Name":"db","Sources":[{"Name":"web","Peer":"west","Action":"allow","Description":"x"}]}`,
			`{"Kind":"service-intentions","Meta":{` + ourMeta + `},"Name":"db","Sources":[{"Name":"web","Action":"allow"},{"Name":"*","Action":"deny"}]}`, nil},
		{"a tombstone is marked", residual, `{"Kind":"service-intentions","Name":"db","Meta":{"team":"data"},"Sources":[{"Name":"*","Action":"deny"}]}`,
			`{"Kind":"service-intentions","Meta":{` + ourMeta + `,"gatehouse-residual":"true","team":"data"},"Name":"db","Sources":[{"Name":"*","Action":"deny"}]}`, nil},
		{"a tombstone that comes back is none", db, residual,
			`{"Kind":"service-intentions","Meta":{` + ourMeta + `},"Name":"db","Sources":[{"Name":"web","Action":"allow"},{"Name":"*","Action":"deny"}]}`, nil},
		{"an entry that leaves", "", db, "", nil},

		{"new defaults", grpc, "", `{"Kind":"service-defaults","Meta":{` + ourMeta + `},"Name":"db","Protocol":"grpc"}`, nil},
		{"others' defaults stay", grpc, `{"Kind":"service-defaults","Name":"db","Protocol":"tcp","MaxInboundConnections":18446744073709551615,"TransparentProxy":{},"Meta":{"team":"data"},"Hash":7,"ModifyIndex":2}`,
			`{"Kind":"service-defaults","MaxInboundConnections":18446744073709551615,"Meta":{` + ourMeta + `,"team":"data"},"Name":"db","Protocol":"grpc","TransparentProxy":{}}`, nil},
		{"a claim that goes leaves the rest", "", `{"Kind":"service-defaults","Name":"db","Protocol":"grpc","Mode":"transparent","Meta":{` + ourMeta + `,"team":"data"}}`,
			`{"Kind":"service-defaults","Meta":{"team":"data"},"Mode":"transparent","Name":"db"}`, []string{"protocol"}},
		{"a protocol that is not ours stays", "", `{"Kind":"service-defaults","Name":"db","Protocol":"grpc","Meta":{` + ourMeta + `}}`,
			`{"Kind":"service-defaults","Name":"db","Protocol":"grpc"}`, nil},
		{"a claim that was all", "", `{"Kind":"service-defaults","Name":"db","Protocol":"grpc","TransparentProxy":{},"MeshGateway":{},"Expose":{},"Meta":{` + ourMeta + `}}`,
			"", []string{"protocol"}},
	} {
		want, live := read(t, test.want), read(t, test.live)
		body, err := consul.Driver{}.Merge(want, live, test.remove, owner)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.body, string(body)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestMergeRefuses(t *testing.T) {
	for _, c := range []*targets.Container{
		nil,
		{Key: targets.Key{Kind: "mesh", Name: "mesh"}},
		{Key: targets.Key{Kind: consul.Intentions, Name: "db"}, Body: json.RawMessage(`[]`)},
	} {
		if body, err := (consul.Driver{}).Merge(c, c, nil, owner); err == nil {
			t.Errorf("%v: merged to %s, want an error", c, body)
		}
	}
}

func TestTombstone(t *testing.T) {
	live := read(t, `{"Kind":"service-intentions","Name":"db","Meta":{"team":"data",`+ourMeta+`},"Sources":[{"Name":"web","Action":"allow"},{"Name":"*","Action":"deny"}],"ModifyIndex":5}`)
	stone, ok := consul.Driver{}.Tombstone(*live)
	if !ok || !stone.Residual || !stone.Whole || stone.Owner != owner {
		t.Fatalf("%+v, %t", stone, ok)
	}
	const want = `{"Kind":"service-intentions","Name":"db","Sources":[{"Name":"*","Action":"deny"}],"Meta":{` +
		`"gatehouse-environment":"prod","gatehouse-format":"1","gatehouse-policy":"acme","gatehouse-residual":"true","team":"data"}}`
	if diff := cmp.Diff(want, string(stone.Body)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if again, _ := (consul.Driver{}).Tombstone(stone); string(again.Body) != want {
		t.Errorf("a tombstone's tombstone is %s", again.Body)
	}
	if _, ok := (consul.Driver{}).Tombstone(*read(t, `{"Kind":"service-defaults","Name":"db","Protocol":"http"}`)); ok {
		t.Error("service-defaults leave a tombstone")
	}
}
