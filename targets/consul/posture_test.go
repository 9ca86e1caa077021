package consul_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/targets"
	"gatehouse/targets/consul"
)

func TestPosture(t *testing.T) {
	object := func(kind, body string) targets.Object {
		return targets.Object{Key: targets.Key{Kind: kind, Name: "x"}, Body: json.RawMessage(body)}
	}
	live := targets.Live{
		Settings: targets.Settings{consul.DefaultSetting: "allow"},
		Context: []targets.Object{
			object(consul.Mesh, `{"AllowEnablingPermissiveMutualTLS":true,"HTTP":{"Incoming":{"RequestNormalization":{"InsecureDisablePathNormalization":true}}}}`),
			object(consul.ProxyDefaults, `{"MutualTLSMode":"permissive"}`),
			object(consul.Intentions, `{"Name":"*"}`),
		},
		Containers: []targets.Container{
			{Key: targets.Key{Kind: consul.ServiceDefaults, Name: "db"}, Body: json.RawMessage(`{"MutualTLSMode":"permissive"}`)},
			{Key: targets.Key{Kind: consul.ServiceDefaults, Name: "ok"}, Body: json.RawMessage(`{"MutualTLSMode":"strict"}`)},
		},
	}
	var got []string
	for _, f := range (consul.Driver{}).Posture(live) {
		got = append(got, f.Object.String())
	}
	want := []string{"service-intentions/", "mesh/x", "mesh/x", "proxy-defaults/x", "service-defaults/db"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
