package consul_test

import (
	"encoding/json"
	"fmt"
	"log"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/targets"
	"gatehouse/targets/consul"
)

// What an entry means: one service is let in, and everybody else is not, whatever the mesh's default is.
func ExampleDriver_Interpret() {
	world := targets.Facts{
		Settings: targets.Settings{consul.DefaultSetting: "allow"},
		Objects: []targets.Object{{
			Key: targets.Key{Kind: consul.Intentions, Name: "feast-customer"},
			Body: json.RawMessage(`{"Kind": "service-intentions", "Name": "feast-customer", "Sources": [
				{"Name": "fraud-trainer", "Action": "allow"}, {"Name": "*", "Action": "deny"}]}`),
		}},
		Surfaces: []access.Surface{{Target: access.Consul, Kind: consul.Service, Name: "undeclared"}},
	}
	edges, err := consul.Driver{}.Interpret(world, time.Now())
	if err != nil {
		log.Fatal(err)
	}
	for _, e := range edges {
		fmt.Printf("%s reaches %s: %s\n", e.From.Name, e.To.Name, e.Via[0].Detail)
	}
	// Output:
	// fraud-trainer reaches feast-customer: source "fraud-trainer" allows
	// * reaches undeclared: no intention matches, and the default is allow
}

// What leaving a policy leaves behind: the deny that keeps the destination closed.
func ExampleDriver_Tombstone() {
	live, err := consul.Normal(json.RawMessage(`{"Kind": "service-intentions", "Name": "feast-customer",
		"Meta": {"gatehouse-policy": "acme-ml", "gatehouse-environment": "prod", "gatehouse-format": "1"},
		"Sources": [{"Name": "fraud-trainer", "Action": "allow"}, {"Name": "*", "Action": "deny"}]}`), "")
	if err != nil {
		log.Fatal(err)
	}
	stone, _ := consul.Driver{}.Tombstone(live)
	for _, item := range stone.Items {
		fmt.Println(item.Key, item.Value)
	}
	// Output: source "*" deny
}

// A connection is made from what stands in Config and from nothing else; nothing is sent before the first read.
func ExampleConnect() {
	_, err := consul.Connect(consul.Config{
		Address: "https://consul.prod.acme.example:8501",
		Token:   "read from where secrets are kept",
		TLS:     consul.TLS{ServerName: "server.dc1.consul"},
	})
	fmt.Println(err)
	_, err = consul.Connect(consul.Config{Address: "consul.prod.acme.example:8501?dc=dc1"})
	fmt.Println(err)
	// Output:
	// <nil>
	// consul: address "consul.prod.acme.example:8501?dc=dc1": only a host, a port and a path may stand there
}
