package consul_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gatehouse/compiler/access"
	"gatehouse/targets"
	"gatehouse/targets/consul"
)

// TestInterpret reads worlds that nobody compiled.
func TestInterpret(t *testing.T) {
	const (
		http = `{"Kind":"service-defaults","Name":"db","Protocol":"http"}`
		l7   = `{"Name":"web","Permissions":[%s]}`
		get  = `{"Action":"allow","HTTP":{"PathPrefix":"/v1","Methods":["get","HEAD"]}}`
		no   = `{"Action":"deny","HTTP":{"PathExact":"/v1/admin"}}`
		all  = `{"Action":"allow","HTTP":{"PathPrefix":"/"}}`
		none = `{"Action":"deny","HTTP":{"PathPrefix":"/"}}`
	)
	const sameness = `{"Name":"web","SamenessGroup":"all","Action":"allow"}`
	group := func(fields string) string { return `{"Kind":"sameness-group","Name":"all",` + fields + `}` }
	permissions := func(list ...string) string { return fmt.Sprintf(l7, strings.Join(list, ",")) }
	withJWT := func(sources ...string) string {
		return strings.Replace(entry("db", sources...), `"Sources"`, `"JWT":{"Providers":[{"Name":"okta"}]},"Sources"`, 1)
	}

	type world = []string
	for _, test := range []struct {
		name, policy string
		objects      world
		want         []string
	}{
		{"nothing, default deny", "deny", world{}, []string{}},
		{"nothing, default allow", "allow", world{}, []string{"* -> db"}},
		{"a closed entry", "allow", world{entry("db", "web=allow", "*=deny")}, []string{"web -> db"}},
		{"an open entry with an exception", "deny", world{entry("db", "web=deny", "*=allow")}, []string{"* but web -> db"}},
		{"no closing source, default allow", "allow", world{entry("db", "web=deny")}, []string{"* but web -> db"}},
		{"no closing source, default deny", "deny", world{entry("db", "web=allow")}, []string{"web -> db"}},
		{"a * destination", "deny", world{entry("*", "*=allow")}, []string{"* -> db"}},
		{"a closing source comes before a name on *, but not for Envoy", "deny", world{entry("*", "job=allow"), entry("db", "*=deny")},
			[]string{`job -> db for unknown: Envoy goes by source "job" of "*", too`}},
		{"an opening source before a name on *", "allow", world{entry("*", "job=deny"), entry("db", "*=allow")},
			[]string{"job -> db", `job -> db for unknown: Envoy goes by source "job" of "*", too`, "* but job -> db"}},
		{"before a name on * that adds nothing", "deny", world{entry("*", "job=deny"), entry("db", "*=deny")}, []string{}},
		{"an own name before all", "deny", world{entry("*", "job=allow"), entry("db", "job=deny", "*=deny")}, []string{}},
		{"a name on * comes before * on *", "deny", world{entry("*", "job=deny", "*=allow")}, []string{"* but job -> db"}},
		{"names of both entries", "allow", world{entry("*", "job=deny"), entry("db", "web=deny")}, []string{"* but job,web -> db"}},
		{"an exact source decides alone", "allow", world{entry("*", "web=allow"), entry("db", "web=deny")}, []string{"* but web -> db"}},
		{"destinations fold case", "deny", world{entry("DB", "web=allow")}, []string{"web -> db"}},
		{"sources do not", "allow", world{entry("db", "WEB=deny", "web=allow", "*=deny")}, []string{"web -> db"}},

		{"a peer's source is nobody here", "deny", world{entry("db", `{"Name":"web","Peer":"west","Action":"allow"}`)}, []string{"peer:west/web -> db"}},
		{"a peer's wildcard", "deny", world{entry("db", `{"Name":"*","Peer":"west","Action":"allow"}`, `{"Name":"web","Peer":"west","Action":"deny"}`)}, []string{"peer:west/* -> db"}},
		{"* does not speak of peers", "allow", world{entry("db", `{"Name":"web","Peer":"west","Action":"deny"}`, "*=deny"),
			`{"Kind":"exported-services","Name":"default","Services":[{"Name":"db","Consumers":[{"Peer":"west"}]}]}`}, []string{"peer:west/* -> db"}},
		{"a peer without an export's intention", "deny", world{entry("db", "*=deny"),
			`{"Kind":"exported-services","Name":"default","Services":[{"Name":"*","Consumers":[{"Peer":"west"}]}]}`}, []string{}},
		{"* speaks of the own namespace", "allow", world{strings.Replace(entry("db", "*=deny"), `"Name":"db"`, `"Name":"db","Namespace":"default"`, 1)}, []string{"default/*/* -> db"}},
		{"* of every namespace", "allow", world{strings.Replace(entry("db", "*=deny", `{"Name":"*","Namespace":"*","Action":"deny"}`), `"Name":"db"`, `"Name":"db","Namespace":"default"`, 1)}, []string{}},
		{"another namespace's source", "deny", world{entry("db", `{"Name":"web","Namespace":"ml","Action":"allow"}`)}, []string{"default/ml/web -> db"}},
		{"another partition's source", "deny", world{entry("db", `{"Name":"web","Partition":"eu","Action":"allow"}`)}, []string{"eu/default/web -> db"}},
		{"another partition that may see it", "allow", world{entry("db", "*=deny"),
			`{"Kind":"exported-services","Name":"default","Services":[{"Name":"db","Consumers":[{"Partition":"eu"}]}]}`}, []string{"eu/*/* -> db"}},
		{"a sameness group that nobody told of", "deny", world{entry("db", sameness)},
			[]string{`web -> db for unknown: whether sameness group "all" decides about services of the own partition`, "sameness-group:all/web -> db"}},
		{"a sameness group with the partition in it", "deny", world{entry("db", sameness), group(`"IncludeLocal":true`)}, []string{"web -> db", "sameness-group:all/web -> db"}},
		{"a member by its name", "deny", world{entry("db", sameness), group(`"Members":[{"Partition":"default"}]`)}, []string{"web -> db", "sameness-group:all/web -> db"}},
		{"a sameness group elsewhere", "deny", world{entry("db", sameness), group(`"Members":[{"Peer":"west"},{"Partition":"eu"}]`)}, []string{"sameness-group:all/web -> db"}},
		{"a sameness group beside a source of that name", "deny", world{entry("db", sameness, "web=deny"), group(`"IncludeLocal":true`)},
			[]string{`web -> db for unknown: whether sameness group "all" decides about services of the own partition`, "sameness-group:all/web -> db"}},

		{"permissions under deny", "deny", world{http, entry("db", permissions(no, get), "*=deny")},
			[]string{`web -> db for GET,HEAD prefix /v1 except GET,HEAD exact /v1/admin`}},
		{"permissions under allow: what matches none is let through", "allow", world{http, entry("db", permissions(get), "*=deny")}, []string{"web -> db"}},
		{"a denied path under allow", "allow", world{http, entry("db", permissions(no), "*=deny")}, []string{`web -> db for * * except * exact /v1/admin`}},
		{"everything is let through", "deny", world{http, entry("db", permissions(all, no), "*=deny")}, []string{"web -> db"}},
		{"all but a path", "deny", world{http, entry("db", permissions(no, all), "*=deny")}, []string{`web -> db for * * except * exact /v1/admin`}},
		{"everything is denied", "allow", world{http, entry("db", permissions(none, all), "*=deny")}, []string{}},
		{"only denies, under deny", "deny", world{http, entry("db", permissions(no), "*=deny")}, []string{}},
		{"permissions on a protocol without requests deny", "allow", world{entry("db", permissions(all), "*=deny")}, []string{}},
		{"the protocol of all services", "deny", world{`{"Kind":"proxy-defaults","Name":"global","Config":{"protocol":"grpc"}}`, entry("db", permissions(all))}, []string{"web -> db"}},
		{"an own protocol comes before that of all", "deny", world{`{"Kind":"proxy-defaults","Name":"global","Config":{"protocol":"grpc"}}`,
			`{"Kind":"service-defaults","Name":"DB","Protocol":"tcp"}`, entry("db", permissions(all))}, []string{}},
		{"several paths are several edges", "deny", world{http, entry("db", permissions(no, get, `{"Action":"allow","HTTP":{"PathExact":"/health"}}`), "*=deny")},
			[]string{"web -> db for * exact /health", "web -> db for GET,HEAD prefix /v1 except GET,HEAD exact /v1/admin"}},
		{"a path that comes before a deny", "allow", world{http, entry("db", permissions(`{"Action":"allow","HTTP":{"PathExact":"/v1/admin/health"}}`,
			`{"Action":"deny","HTTP":{"PathPrefix":"/v1/admin"}}`), "*=deny")}, []string{"web -> db for * * except * prefix /v1/admin", "web -> db for * exact /v1/admin/health"}},
		{"a path that a deny covers", "deny", world{http, entry("db", permissions(`{"Action":"deny","HTTP":{"PathPrefix":"/v1"}}`, get))}, []string{}},
		{"methods that don't meet", "deny", world{http, entry("db", permissions(`{"Action":"deny","HTTP":{"PathPrefix":"/v1","Methods":["POST"]}}`, get))},
			[]string{"web -> db for GET,HEAD prefix /v1"}},
		{"a regular expression meets everything", "deny", world{http, entry("db", permissions(`{"Action":"deny","HTTP":{"PathRegex":"/a.*"}}`, get))},
			[]string{"web -> db for GET,HEAD prefix /v1 except GET,HEAD regex /a.*"}},
		{"methods of one path are united", "deny", world{http, entry("db", permissions(`{"Action":"deny","HTTP":{"PathPrefix":"/v1/a","Methods":["POST"]}}`, `{"Action":"deny","HTTP":{"PathPrefix":"/v1/a","Methods":["PUT"]}}`,
			`{"Action":"allow","HTTP":{"PathPrefix":"/v1","Methods":["GET"]}}`, `{"Action":"allow","HTTP":{"PathPrefix":"/v1","Methods":["POST"]}}`), "*=deny")},
			[]string{"web -> db for GET,POST prefix /v1 except POST prefix /v1/a"}},
		{"methods that a wider path has", "deny", world{http, entry("db", permissions(`{"Action":"allow","HTTP":{"PathExact":"/v1/x","Methods":["GET","POST"]}}`, `{"Action":"allow","HTTP":{"PathPrefix":"/v1","Methods":["GET"]}}`), "*=deny")},
			[]string{"web -> db for GET prefix /v1", "web -> db for POST exact /v1/x"}},
		{"methods denied one by one", "deny", world{http, entry("db", permissions(`{"Action":"deny","HTTP":{"Methods":["GET"]}}`, `{"Action":"deny","HTTP":{"Methods":["POST"]}}`,
			`{"Action":"allow","HTTP":{"PathExact":"/v1/x","Methods":["GET","POST"]}}`), "*=deny")}, []string{}},
		{"what is allowed before a deny is apart", "deny", world{http, entry("db", permissions(`{"Action":"allow","HTTP":{"PathExact":"/v1","Methods":["GET"]}}`, `{"Action":"deny","HTTP":{"PathRegex":"/.1"}}`,
			`{"Action":"allow","HTTP":{"PathExact":"/v1","Methods":["PUT"]}}`), "*=deny")}, []string{"web -> db for GET exact /v1", "web -> db for PUT exact /v1 except PUT regex /.1"}},
		{"a path that could be taken for more", "deny", world{http, entry("db", permissions(`{"Action":"allow","HTTP":{"PathExact":"/a except * exact /b"}}`))},
			[]string{`web -> db for * exact "/a except * exact /b"`}},
		{"every method and no path", "deny", world{http, entry("db", permissions(`{"Action":"allow","HTTP":{"Methods":["POST","get"]}}`))}, []string{"web -> db for GET,POST *"}},
		{"headers", "deny", world{http, entry("db", permissions(`{"Action":"allow","HTTP":{"PathRegex":"/v[12]","Header":[
			{"Name":"X-Team","Exact":"Fraud","IgnoreCase":true},{"Name":"x-debug","Present":true,"Invert":true}]}}`))},
			[]string{`web -> db for * regex /v[12] header "x-debug" not present header "x-team" is "Fraud" in any case`}},

		{"a token on an entry, default deny", "deny", world{http, withJWT("web=allow", "*=deny")}, []string{`web -> db for * * with token of "okta"`}},
		{"a token on an entry, default allow: the deny asks for it", "allow", world{http, withJWT("web=allow", "*=deny")},
			[]string{"web -> db", `* but web -> db for in order: deny * * with token of "okta"; else allow`}},
		{"a token without requests is not looked at", "deny", world{withJWT("web=allow", "*=deny")}, []string{"web -> db"}},
		{"a token on a permission", "deny", world{http, entry("db", permissions(`{"Action":"allow","HTTP":{"PathPrefix":"/"},"JWT":{"Providers":[
			{"Name":"okta","VerifyClaims":[{"Path":["a","role"],"Value":"ml"}]},{"Name":"auth0"}]}}`))},
			[]string{`web -> db for * * with token of "auth0" or "okta" with "a/role" is "ml"`}},

		{"a token for one path, and another path", "deny", world{http, entry("db", permissions(
			`{"Action":"allow","HTTP":{"PathPrefix":"/a"},"JWT":{"Providers":[{"Name":"okta"}]}}`, `{"Action":"allow","HTTP":{"PathPrefix":"/b"}}`))},
			[]string{`web -> db for * prefix /a with token of "okta"`, "web -> db for * prefix /b"}},
		{"without the token, nothing later is asked", "deny", world{http, entry("db", permissions(
			`{"Action":"allow","HTTP":{"PathPrefix":"/a"},"JWT":{"Providers":[{"Name":"okta"}]}}`, all))},
			[]string{`web -> db for in order: allow * prefix /a with token of "okta"; allow * *; else deny`}},

		{"an exposed path", "deny", world{`{"Kind":"service-defaults","Name":"db","Expose":{"Paths":[{"Path":"/health","ListenerPort":21500}]}}`, entry("db", "*=deny")},
			[]string{"* -> db for * exact /health"}},
		{"own exposed paths replace those of all", "deny", world{`{"Kind":"proxy-defaults","Name":"global","Expose":{"Paths":[{"Path":"/all"}]}}`,
			`{"Kind":"service-defaults","Name":"db","Expose":{"Checks":true,"Paths":[{"Path":"/own"}]}}`}, []string{"* -> db for * exact /own"}},
		{"a listener of its own", "deny", world{`{"Kind":"proxy-defaults","Name":"global","Config":{"protocol":"http","envoy_public_listener_json":"{}"}}`},
			[]string{"* -> db for unknown: proxies have a listener of their own"}},
		{"an extension that rewrites", "deny", world{`{"Kind":"service-defaults","Name":"db","EnvoyExtensions":[{"Name":"builtin/ext-authz"},{"Name":"builtin/property-override"}]}`},
			[]string{"* -> db for unknown: the extension builtin/property-override may change what proxies let in"}},
		{"a name that is a regular expression", "deny", world{entry("db", "a.b=allow", "c.d=deny")},
			[]string{"a.b -> db", `* but a.b,c.d -> db for unknown: proxies take the source "a.b" for a regular expression`}},

		{"a permissive service", "deny", world{`{"Kind":"service-defaults","Name":"db","MutualTLSMode":"permissive"}`, entry("db", "web=allow", "*=deny")},
			[]string{"web -> db", "* -> db"}},
		{"a permissive mesh", "deny", world{`{"Kind":"proxy-defaults","Name":"global","MutualTLSMode":"permissive"}`}, []string{"* -> db"}},
		{"a strict service in a permissive mesh", "deny", world{`{"Kind":"proxy-defaults","Name":"global","MutualTLSMode":"permissive"}`,
			`{"Kind":"service-defaults","Name":"db","MutualTLSMode":"strict"}`}, []string{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := facts(test.policy, test.objects...)
			f.Surfaces = []access.Surface{surface("db")}
			edges, err := consul.Driver{}.Interpret(f, now)
			if err != nil {
				t.Fatal(err)
			}
			readOnce(t, f)
			if diff := cmp.Diff(test.want, lines(edges)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestInterpretRefuses gives worlds that must not be guessed about.
func TestInterpretRefuses(t *testing.T) {
	for _, test := range []struct {
		want string
		f    targets.Facts
	}{
		{`setting "default" is ""`, facts("")},
		{"unexpected end of JSON input", facts("deny", `{"Kind":"mesh","Name":"mesh"}`, `{"Kind":"mesh"`)},
		{"can't interpret", facts("deny", `{"Kind":"service-router","Name":"db"}`)},
		{`unknown field "Novelty"`, facts("deny", entry("db", `{"Name":"web","Action":"allow","Novelty":1}`))},
		{`action "maybe" is not known`, facts("deny", entry("db", "web=maybe"))},
		{`type "k8s" is not known`, facts("deny", entry("db", `{"Name":"web","Action":"allow","Type":"k8s"}`))},
		{"both an action and permissions", facts("deny", entry("db", `{"Name":"web","Action":"allow","Permissions":[{"Action":"allow"}]}`))},
		{`permission 1: action "" is not known`, facts("deny", entry("db", `{"Name":"web","Permissions":[{}]}`))},
		{`source "web" stands there twice`, facts("deny", entry("db", "web=allow", "web=deny"))},
		{"the destination has two entries", facts("deny", entry("db", "*=deny"), entry("DB", "*=allow"))},
		{"cannot unmarshal", facts("deny", `{"Kind":"service-intentions","Name":"db","Sources":{}}`)},
	} {
		if last := len(test.f.Objects) - 1; last >= 0 && test.f.Objects[last].Key.Kind == "" {
			test.f.Objects[last].Key = targets.Key{Kind: consul.Mesh, Name: "mesh"}
		}
		edges, err := consul.Driver{}.Interpret(test.f, now)
		if err == nil || !strings.Contains(err.Error(), test.want) || edges != nil {
			t.Errorf("%v, %v: want an error with %q", edges, err, test.want)
		}
	}
}

// TestInterpretNamesWhatDecides reads the way that an edge comes about.
func TestInterpretNamesWhatDecides(t *testing.T) {
	f := facts("allow", entry("db", "web=allow"), `{"Kind":"service-defaults","Name":"db","MutualTLSMode":"permissive"}`)
	edges, err := consul.Driver{}.Interpret(f, now)
	if err != nil {
		t.Fatal(err)
	}
	var got []access.Step
	for _, e := range edges {
		got = append(got, e.Via...)
	}
	want := []access.Step{
		{Object: "service-intentions/db", Detail: `source "web" allows`},
		{Detail: "no intention matches, and the default is allow"},
		{Object: "service-defaults/db", Detail: "MutualTLSMode permissive: plaintext is let in, whatever intentions say"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// readOnce reads a world once, and looks whether it means under each default what Interpret says, but for the steps.
func readOnce(t *testing.T, f targets.Facts) {
	t.Helper()
	once, err := consul.Driver{}.Read(f)
	if err != nil {
		t.Fatal(err)
	}
	var edges []access.Edge
	for _, settings := range (consul.Driver{}).Defaults() {
		f.Settings = settings
		want, _ := consul.Driver{}.Interpret(f, now)
		for i := range want {
			want[i].Via = nil
		}
		if edges, err = once.Append(edges[:0], settings, now); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, edges, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s: read once (-interpreted +read):\n%s", settings, diff)
		}
	}
}

func FuzzInterpret(f *testing.F) {
	f.Add(entry("db", "web=allow", "*=deny"), entry("*", "*=allow"), true)
	f.Add(`{"Kind":"service-defaults","Name":"db","Protocol":"http"}`,
		entry("db", `{"Name":"web","Permissions":[{"Action":"allow","HTTP":{"PathPrefix":"/","Header":[{"Name":"x","Present":true}]},"JWT":{"Providers":[{"Name":"a"}]}}]}`), false)
	f.Add(`{"Kind":"proxy-defaults","Name":"global","Config":{"protocol":7}}`, `{"Kind":"exported-services","Services":[{"Consumers":[{"Peer":"p"}]}]}`, true)
	f.Add(`{"Kind":"service-intentions","Name":"db","JWT":null,"Sources":[null]}`, `null`, false)
	f.Fuzz(func(t *testing.T, a, b string, open bool) {
		policy := "deny"
		if open {
			policy = "allow"
		}
		world := facts(policy, a, b)
		world.Surfaces = []access.Surface{surface("db"), surface("other")}
		edges, err := consul.Driver{}.Interpret(world, now)
		if err != nil {
			return
		}
		again, _ := consul.Driver{}.Interpret(world, now)
		if diff := cmp.Diff(edges, again); diff != "" {
			t.Errorf("a second reading differs:\n%s", diff)
		}
		readOnce(t, world)
		for _, o := range world.Objects {
			_, _ = consul.Normal(o.Body, realm) // no panic
		}
	})
}
