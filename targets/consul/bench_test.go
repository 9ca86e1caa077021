package consul_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"gatehouse/targets"
	"gatehouse/targets/consul"
)

// crowded is 10,000 entries of ten sources each, as large a mesh as is promised.
func crowded() []string {
	var bodies []string
	for i := range 10_000 {
		var sources []string
		for j := range 9 {
			sources = append(sources, fmt.Sprintf("workload-%d=allow", i+j))
		}
		body := entry(fmt.Sprintf("store-%d", i), append(sources, "*=deny")...)
		bodies = append(bodies, strings.Replace(body, `"Sources"`, `"Meta":{`+ourMeta+`},"Sources"`, 1))
	}
	return bodies
}

func BenchmarkInterpret(b *testing.B) {
	f := facts("allow", crowded()...)
	for b.Loop() {
		edges, err := consul.Driver{}.Interpret(f, now)
		if err != nil || len(edges) != 90_000 {
			b.Fatal(len(edges), err)
		}
	}
}

// BenchmarkInspect reads and normalises the same entries, from a server in this process that costs next to nothing.
func BenchmarkInspect(b *testing.B) {
	server := httptest.NewServer(world(map[string]string{
		"connect/intentions/check": `{"Allowed":false}`, "agent/self": `{}`, "config/service-intentions": "[" + strings.Join(crowded(), ",") + "]",
		"config/service-defaults": `[]`, "config/proxy-defaults": `[]`, "config/mesh": `[]`,
	}, nil))
	defer server.Close()
	conn, err := consul.Connect(consul.Config{Address: server.URL, Realm: realm})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		live, err := conn.Inspect(context.Background(), targets.Scope{Owner: owner})
		if err != nil || len(live.Containers) != 10_000 {
			b.Fatal(len(live.Containers), err)
		}
	}
}
