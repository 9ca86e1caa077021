package consul_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/targets"
	"gatehouse/targets/consul"
)

// world answers what Inspect asks for, by path; another path is 404.
func world(answers map[string]string, header map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		path, _ := url.PathUnescape(strings.TrimPrefix(r.URL.Path, "/v1/"))
		body, ok := answers[path]
		w.Header().Set("Content-Type", "application/json")
		for key, value := range header {
			w.Header().Set(key, value)
		}
		if !ok {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = bytes.NewBufferString(body).WriteTo(w)
	}
}

func TestInspect(t *testing.T) {
	const mark = `"Meta":{"gatehouse-policy":"%s","gatehouse-environment":"%s","gatehouse-format":"1"},"Sources":[{"Name":"*","Action":"deny"}]`
	marked := func(name, policy, environment string) string {
		return fmt.Sprintf(`{"Kind":"service-intentions","Name":%q,"ModifyIndex":4,`+mark+`}`, name, policy, environment)
	}
	a := serve(t, world(map[string]string{
		"connect/intentions/check": `{"Allowed":false}`,
		"agent/self":               `{"Config":{"Datacenter":"dc1"},"DebugConfig":{"DefaultIntentionPolicy":""}}`,
		"config/service-intentions": "[" + strings.Join([]string{marked("zz", "acme", "prod"), marked("old", "acme", "gone"), marked("theirs", "other", "prod"),
			entry("DB", "web=allow"), entry("*", "web=deny"), entry("unrelated", "*=deny")}, ",") + "]",
		"config/service-defaults": `[{"Kind":"service-defaults","Name":"Db","Protocol":"http","ModifyIndex":9},{"Kind":"service-defaults","Name":"zz"},{"Kind":"service-defaults","Name":"unrelated"}]`,
		"config/proxy-defaults":   `[{"Kind":"proxy-defaults","Name":"global"}]`,
		"config/mesh":             `[{"Kind":"mesh"}]`,
	}, nil))
	live, err := connect(t, consul.Config{Address: a.URL}).Inspect(context.Background(),
		targets.Scope{Owner: owner, Keys: []targets.Key{key, {Kind: consul.ServiceDefaults, Name: "db"}}})
	if err != nil {
		t.Fatal(err)
	}
	var containers, context []string
	for _, c := range live.Containers {
		containers = append(containers, fmt.Sprintf("%s %s %s/%s", c.Key, c.Token, c.Owner.Policy, c.Owner.Environment))
	}
	for _, o := range live.Context {
		context = append(context, o.Key.String())
	}
	want := []string{"service-defaults/db 9 /", "service-intentions/db 3 /", "service-intentions/old 4 acme/gone", "service-intentions/zz 4 acme/prod"}
	if diff := cmp.Diff(want, containers); diff != "" {
		t.Errorf("containers (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"mesh/mesh", "proxy-defaults/global", "service-defaults/zz", "service-intentions/*"}, context); diff != "" {
		t.Errorf("context (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(targets.Settings{consul.DefaultSetting: "deny"}, live.Settings); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestInspectRefuses(t *testing.T) {
	whole := map[string]string{
		"connect/intentions/check": `{"Allowed":false}`, "agent/self": `{}`, "config/service-intentions": `[]`, "config/service-defaults": `[]`,
		"config/proxy-defaults": `[]`, "config/mesh": `[]`,
	}
	for _, test := range []struct {
		want         string
		path, answer string
		header       map[string]string
	}{
		{"", "", "", nil},
		{"consul: ADDRESS: list service-intentions: the token sees only a part of it: the token needs intention:read on every service", "", "",
			map[string]string{"X-Consul-Results-Filtered-By-ACLs": "true"}},
		{"consul: ADDRESS: list service-intentions: read the answer: ", "config/service-intentions", `{}`, nil},
		{"consul: ADDRESS: list service-intentions: decode: ", "config/service-intentions", `[7]`, nil},
		{"consul: ADDRESS: HTTP 200: what answers there is no Consul agent", "", "", map[string]string{"Content-Type": "text/html"}},
		{"consul: ADDRESS: read the answer: ", "connect/intentions/check", `<html>`, nil},
		{`consul: ADDRESS: read service-intentions/x: its mark has format "2"`, "config/service-intentions",
			`[{"Kind":"service-intentions","Name":"x","Meta":{"gatehouse-policy":"acme","gatehouse-format":"2"}}]`, nil},
		{`consul: ADDRESS: default_intention_policy is "perhaps"`, "agent/self", `{"DebugConfig":{"DefaultIntentionPolicy":"perhaps"}}`, nil},
	} {
		answers := map[string]string{}
		for path, body := range whole {
			answers[path] = body
		}
		if test.path != "" {
			answers[test.path] = test.answer
		}
		a := serve(t, world(answers, test.header))
		_, err := connect(t, consul.Config{Address: a.URL}).Inspect(context.Background(), targets.Scope{Owner: owner})
		if (err == nil) != (test.want == "") || err != nil && !strings.HasPrefix(err.Error(), strings.ReplaceAll(test.want, "ADDRESS", a.URL)) {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
}
