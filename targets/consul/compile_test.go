package consul_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
	"gatehouse/targets"
	"gatehouse/targets/consul"
)

// TestCompileGolden prints what is compiled, bodies and items, of a small policy.
func TestCompileGolden(t *testing.T) {
	desired := compile(t, graph("empty", "web -> db:grpc", "job -> db:grpc", "web -> plain:tcp"))
	var text strings.Builder
	for _, c := range desired.Containers {
		fmt.Fprintf(&text, "%s  whole=%t requires=%v governs=%s\n  body %s\n", c.Key, c.Whole, c.Requires, c.Governs[0].Name, c.Body)
		for _, item := range c.Items {
			fmt.Fprintf(&text, "  item %s = %s\n", item.Key, item.Value)
		}
	}
	golden(t, "compile.txt", text.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if os.Getenv("GATEHOUSE_UPDATE") == "1" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// TestCompileIsExact is the proof on small graphs: what is compiled gives the declared edges and no other, under both defaults.
func TestCompileIsExact(t *testing.T) {
	for _, declared := range [][]string{
		{"empty"},
		{"web -> db"},
		{"web -> db", "job -> db", "web -> other:http", "empty"},
		{"db -> db"},
	} {
		want := []string{}
		for _, line := range declared {
			if from, to, ok := strings.Cut(line, " -> "); ok {
				to, _, _ = strings.Cut(to, ":")
				want = append(want, from+" -> "+to)
			}
		}
		slices.Sort(want)
		for _, settings := range (consul.Driver{}).Defaults() {
			f := targets.Facts{Realm: realm, Settings: settings}
			for _, c := range compile(t, graph(declared...)).Containers {
				f.Objects = append(f.Objects, targets.Object{Key: c.Key, Body: c.Body})
			}
			edges, err := consul.Driver{}.Interpret(f, now)
			if err != nil {
				t.Fatal(err)
			}
			got := lines(edges)
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%v under %v (-declared +interpreted):\n%s", declared, settings, diff)
			}
		}
	}
}

// TestCompileReadsBackAsItself compares the items of a compiled body with the items that the body has when it is read.
func TestCompileReadsBackAsItself(t *testing.T) {
	for _, c := range compile(t, graph("empty", "web -> db:grpc", "job -> db:grpc")).Containers {
		read, err := consul.Normal(c.Body, realm)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.Items, read.Items, itemText); diff != "" || read.Owner != c.Owner || read.Whole != c.Whole {
			t.Errorf("%s: owner %v, whole %t, items (-compiled +read):\n%s", c.Key, read.Owner, read.Whole, diff)
		}
	}
}

// TestCompileWhen leaves out what does not hold at the moment, and unites what is one source.
func TestCompileWhen(t *testing.T) {
	g := graph("over -> db", "ahead -> db", "twice -> db", "elsewhere -> db")
	g.Grants[0].Spans = access.NewSpans(access.Span{Start: access.MinTime, End: now.Unix()})
	g.Grants[1].Spans = access.NewSpans(access.Span{Start: now.Unix() + 1, End: access.MaxTime})
	g.Grants[3].Environment = "dev"
	allow := access.Source{Allow: addr.New(addr.Allow, "x"), Decl: hcl.Range{Filename: "a.gate.hcl"}}
	g.Grants[2].Sources = []access.Source{allow}
	also := g.Grants[2]
	also.Action = model.Write
	g.Grants = append(g.Grants, also)

	items := compile(t, g).Containers[0].Items
	want := []targets.Item{{Key: `source "*"`, Value: "deny"}, {Key: `source "twice"`, Value: "allow", Why: []access.Source{allow}}}
	if diff := cmp.Diff(want, items); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCompileCeiling(t *testing.T) {
	for _, test := range []struct {
		workloads int
		severity  diag.Severity
		want      string
	}{
		{consul.WarnSources - 2, 0, ""},
		{consul.WarnSources - 1, diag.Warning, `feature_store.db.online: destination "db" in "prod" has 16000 sources, close to the limit of 20000`},
		{consul.MaxSources - 1, diag.Warning, `has 20000 sources, close to`},
		{consul.MaxSources, diag.Error, `feature_store.db.online: destination "db" in "prod" has 20001 sources, over the limit of 20000`},
	} {
		_, diags := consul.Driver{}.Compile(crowd(test.workloads), environment, now)
		if test.want == "" && len(diags) == 0 {
			continue
		}
		if len(diags) != 1 || diags[0].Code != diag.OverLimit || diags[0].Severity != test.severity || !strings.Contains(diags[0].Summary, test.want) {
			t.Errorf("%d workloads: %v, want %q", test.workloads, diags, test.want)
		}
	}
}

// crowd is a policy whose one store is open to many workloads.
func crowd(n int) *access.Graph {
	g := graph("db")
	for i := range n {
		a := addr.New(addr.Workload, fmt.Sprintf("w%06d", i))
		g.Workloads = append(g.Workloads, access.Workload{Addr: a,
			Places: []access.WorkloadPlace{{Environment: environment, Principals: []access.Principal{principal(a.Name)}}}})
		g.Grants = append(g.Grants, access.Grant{Environment: environment, Workload: a, Resource: g.Resources[0].Addr, Spans: access.NewSpans(access.Always)})
	}
	return g
}
