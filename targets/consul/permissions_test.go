package consul_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
	"gatehouse/targets"
	"gatehouse/targets/consul"
)

// narrowed returns the graph of a policy from lines such as "allow web -> db GET,POST prefix /v1; * exact /health". A line without requests means
// all of them.
func narrowed(t testing.TB, lines ...string) *access.Graph {
	t.Helper()
	g, diags := access.Build(narrowedPolicy(lines), now)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return g
}

func narrowedPolicy(lines []string) *model.Policy {
	p := &model.Policy{Name: "acme", Environments: []*model.Environment{{Name: environment, Tier: model.Production, Consul: &model.Consul{Datacenter: "dc1"}}}}
	workloads, stores := map[string]*model.Workload{}, map[string]*model.FeatureStore{}
	for n, line := range lines {
		verb, rest, _ := strings.Cut(line, " ")
		from, rest, _ := strings.Cut(rest, " -> ")
		to, patterns, _ := strings.Cut(rest, " ")
		w, s := addr.New(addr.Workload, from), addr.New(addr.FeatureStore, to)
		workloads[from] = &model.Workload{Addr: w, Places: []model.WorkloadPlace{{Environment: environment, Service: model.Text{Value: from}}}}
		stores[to] = &model.FeatureStore{Addr: s, Online: &model.Online{Protocol: model.Text{Value: "http"}},
			Places: []model.StorePlace{{Environment: environment, Service: model.Text{Value: to}}}}
		ends := func(a addr.Address) []model.Ref { return []model.Ref{{Addr: a}} }
		if verb == "deny" {
			p.Denies = append(p.Denies, &model.Deny{Addr: addr.New(addr.Deny, fmt.Sprint("n", n)), From: ends(w), To: ends(s), Requests: requests(patterns)})
		} else {
			p.Allows = append(p.Allows, &model.Allow{Addr: addr.New(addr.Allow, fmt.Sprint("n", n)), From: ends(w), To: ends(s), Actions: model.Actions(), Requests: requests(patterns)})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(workloads)) {
		p.Workloads = append(p.Workloads, workloads[name])
	}
	for _, name := range slices.Sorted(maps.Keys(stores)) {
		p.Stores = append(p.Stores, stores[name])
	}
	return p
}

func requests(text string) []model.Request {
	var out []model.Request
	for pattern := range strings.SplitSeq(text, "; ") {
		words := strings.Fields(pattern)
		if len(words) == 0 {
			continue
		}
		var r model.Request
		if words[0] != "*" {
			r.Methods = words[0]
		}
		if words[1] != "*" {
			r.Kind, r.Path = model.PathKind(words[1]), words[2]
		}
		out = append(out, r)
	}
	slices.SortFunc(out, model.CompareRequest)
	return slices.Compact(out)
}

// TestCompileRequests reads what becomes of narrowed allows and denies, as plans show it.
func TestCompileRequests(t *testing.T) {
	for _, test := range []struct {
		name  string
		lines []string
		want  string
	}{
		{"a path", []string{"allow web -> db GET exact /v1"}, "allow GET exact /v1; deny * prefix /"},
		{"several", []string{"allow web -> db GET exact /v1; POST,PUT prefix /in/; * regex /v[12]"},
			"allow GET exact /v1; allow POST,PUT prefix /in/; allow * regex /v[12]; deny * prefix /"},
		{"methods alone", []string{"allow web -> db GET,HEAD *"}, "allow GET,HEAD *; deny * prefix /"},
		{"all of them", []string{"allow web -> db"}, "allow"},
		{"one allow is not narrowed", []string{"allow web -> db GET exact /v1", "allow web -> db"}, "allow"},
		{"of two allows the wider", []string{"allow web -> db GET exact /v1/x", "allow web -> db GET,HEAD prefix /v1"}, "allow GET,HEAD prefix /v1; deny * prefix /"},
		{"a deny comes first", []string{"allow web -> db GET prefix /v1", "deny web -> db * exact /v1/admin"}, "deny GET exact /v1/admin; allow GET prefix /v1; deny * prefix /"},
		{"all but a path", []string{"allow web -> db", "deny web -> db * prefix /admin"}, "deny * prefix /admin; allow * prefix /"},
		{"a deny that concerns nothing allowed", []string{"allow web -> db GET exact /v1", "deny web -> db POST *"}, "allow GET exact /v1; deny * prefix /"},
		{"a deny of everything", []string{"allow web -> db GET exact /v1", "deny web -> db"}, "none"},
		{"two allows of one path", []string{"allow web -> db GET exact /v1", "allow web -> db POST exact /v1"}, "allow GET,POST exact /v1; deny * prefix /"},
		{"one path by part of another", []string{"allow web -> db GET,POST exact /v1/x; GET prefix /v1/"}, "allow POST exact /v1/x; allow GET prefix /v1/; deny * prefix /"},
		{"methods denied one by one", []string{"allow web -> db GET,POST exact /v1", "deny web -> db GET *", "deny web -> db POST *"}, "none"},
		{"one method denied", []string{"allow web -> db GET,POST exact /v1", "deny web -> db POST *"}, "allow GET exact /v1; deny * prefix /"},
		{"one method of all denied", []string{"allow web -> db * exact /v1", "deny web -> db POST *"}, "deny POST *; allow * exact /v1; deny * prefix /"},
		{"a path with a semicolon", []string{"allow web -> db GET exact /v1;x"}, `allow GET exact "/v1;x"; deny * prefix /`},
	} {
		t.Run(test.name, func(t *testing.T) {
			g := narrowed(t, test.lines...)
			got := "none"
			for _, item := range compile(t, g).Containers[1].Items {
				if item.Key == `source "web"` {
					got = item.Value
				}
			}
			if got != test.want {
				t.Errorf("have %s\nwant %s", got, test.want)
			}
			proven(t, g)
		})
	}
}

func proven(t rapid.TB, g *access.Graph) targets.Proof {
	t.Helper()
	proof, err := targets.Prove(consul.Driver{}, g, environment, now)
	if err != nil || !proof.Holds() {
		t.Fatalf("%v %v", err, proof.Failures)
	}
	return proof
}

// TestCompileRequestsInOrder wants the protocol before the permissions that need it.
func TestCompileRequestsInOrder(t *testing.T) {
	for _, c := range compile(t, narrowed(t, "allow web -> db GET exact /v1", "allow web -> plain")).Containers {
		var want []targets.Key
		if c.Key.Kind == consul.Intentions && c.Key.Name == "db" {
			want = []targets.Key{{Kind: consul.ServiceDefaults, Name: "db"}}
		}
		if diff := cmp.Diff(want, c.Requires); diff != "" {
			t.Errorf("%s requires (-want +got):\n%s", c.Key, diff)
		}
	}
}

// drawRules draws allows and denies with requests that cover, meet and miss each other.
func drawRules() *rapid.Generator[[]string] {
	return rapid.Custom(func(t *rapid.T) []string {
		pattern := func() string {
			methods := rapid.SampledFrom([]string{"*", "GET", "GET,POST", "DELETE"}).Draw(t, "methods")
			path := rapid.SampledFrom([]string{"*", "exact /v1", "exact /v1/x", "prefix /v1", "prefix /v1/", "prefix /v2", "regex /v[12]", "regex /v1/.*", "exact /a;b"}).Draw(t, "path")
			return methods + " " + path
		}
		var out []string
		for range rapid.IntRange(1, 6).Draw(t, "rules") {
			line := rapid.SampledFrom([]string{"allow", "allow", "deny"}).Draw(t, "verb") + " " + rapid.SampledFrom([]string{"web", "job"}).Draw(t, "from") + " -> db"
			for i := range rapid.IntRange(0, 3).Draw(t, "patterns") {
				line += map[bool]string{true: " ", false: "; "}[i == 0] + pattern()
			}
			out = append(out, line)
		}
		return out
	})
}

// TestProofOfRequests proves what is compiled of random narrowings, under both defaults.
func TestProofOfRequests(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := drawRules().Draw(t, "rules")
		g, diags := access.Build(narrowedPolicy(lines), now)
		if !diags.HasErrors() {
			proven(t, g)
		}
	})
}

// broken is a compiler that makes one mistake in one body.
type broken struct {
	consul.Driver
	body json.RawMessage
}

func (b broken) Compile(g *access.Graph, e string, at time.Time) (targets.Desired, diag.List) {
	out, diags := b.Driver.Compile(g, e, at)
	for i := range out.Containers {
		if out.Containers[i].Key.Kind == consul.Intentions {
			out.Containers[i].Body = b.body
		}
	}
	return out, diags
}

// TestMutationsOfPermissionsAreCaught breaks one permission at a time. Mutations that change no request must pass the proof; they are marked so.
func TestMutationsOfPermissionsAreCaught(t *testing.T) {
	g := narrowed(t, "allow web -> db GET,POST prefix /v1; GET exact /health; * regex /r[0-9]", "deny web -> db * exact /v1/admin")
	tried := 0
	for _, c := range proven(t, g).Desired.Containers {
		if c.Key.Kind != consul.Intentions {
			continue
		}
		for name, m := range permissionMutations(t, c.Body) {
			tried++
			proof, err := targets.Prove(broken{body: m.body}, g, environment, now)
			if caught := err != nil || !proof.Holds(); caught == m.harmless {
				t.Errorf("%s: caught: %t\n%s", name, caught, m.body)
			}
		}
	}
	if tried < 30 {
		t.Errorf("%d mutations were tried", tried)
	}
}

type permissionMutation struct {
	body     json.RawMessage
	harmless bool
}

func permissionMutations(t testing.TB, body json.RawMessage) map[string]permissionMutation {
	t.Helper()
	out := map[string]permissionMutation{}
	n := len(permissionsOf(t, body, nil))
	for i := range n {
		change := func(kind string, harmless bool, f func(rules []map[string]any) []map[string]any) {
			var changed json.RawMessage
			permissionsOf(t, body, func(rules []map[string]any) []map[string]any { return f(rules) }, &changed)
			out[fmt.Sprintf("%s %d", kind, i)] = permissionMutation{changed, harmless}
		}
		http := func(f func(h map[string]any)) func([]map[string]any) []map[string]any {
			return func(rules []map[string]any) []map[string]any {
				f(rules[i]["HTTP"].(map[string]any))
				return rules
			}
		}
		last := i == n-1
		change("drop", false, func(r []map[string]any) []map[string]any { return slices.Delete(r, i, i+1) })
		change("turn", false, func(r []map[string]any) []map[string]any {
			r[i]["Action"] = map[any]string{"allow": "deny", "deny": "allow"}[r[i]["Action"]]
			return r
		})
		change("any path", last, http(func(h map[string]any) {
			delete(h, "PathExact")
			delete(h, "PathRegex")
			h["PathPrefix"] = "/"
		}))
		change("another path", false, http(func(h map[string]any) {
			delete(h, "PathPrefix")
			delete(h, "PathRegex")
			h["PathExact"] = "/elsewhere"
		}))
		change("one method", false, http(func(h map[string]any) { h["Methods"] = []string{"PUT"} }))
		change("a header", false, http(func(h map[string]any) { h["Header"] = []any{map[string]any{"Name": "x", "Present": true}} }))
		change("twice", true, func(r []map[string]any) []map[string]any { return slices.Insert(r, i, r[i]) })
		change("last", i > 0 && last, func(r []map[string]any) []map[string]any { return append(slices.Delete(slices.Clone(r), i, i+1), r[i]) })
		if !last {
			change("a token", false, func(r []map[string]any) []map[string]any {
				r[i]["JWT"] = map[string]any{"Providers": []any{map[string]any{"Name": "okta"}}}
				return r
			})
		}
	}
	return out
}

// permissionsOf returns the permissions of a body's first source, after f has changed them.
func permissionsOf(t testing.TB, body json.RawMessage, f func([]map[string]any) []map[string]any, into ...*json.RawMessage) []map[string]any {
	t.Helper()
	var e struct {
		Kind, Name string
		Sources    []map[string]any
		Meta       map[string]string
	}
	if err := json.Unmarshal(body, &e); err != nil {
		t.Fatal(err)
	}
	var rules []map[string]any
	for _, p := range e.Sources[0]["Permissions"].([]any) {
		rules = append(rules, p.(map[string]any))
	}
	if f == nil {
		return rules
	}
	rules = f(rules)
	e.Sources[0]["Permissions"] = rules
	text, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	*into[0] = text
	return rules
}
