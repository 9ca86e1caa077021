package policies_test

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
	"gatehouse/policies"
)

// full is the world with something in every list.
func full() *access.Graph {
	g := world()
	g.Leaks = leak("dev", "trainer", "prod", "trainer")
	g.Resources = append(g.Resources, access.Resource{
		Addr: addr.New(addr.Secret, "warehouse-password"), Classification: model.Confidential, Decl: at("root.gate.hcl", 50),
		Places: []access.ResourcePlace{{Environment: "prod", Surface: access.Surface{Target: access.Google, Realm: "acme-ml-prod", Kind: "secret", Name: "warehouse-password"}}},
	})
	cut := grant("prod", "notebooks", "customers", "curiosity", "to see", 40, access.Always)
	g.Cuts = []access.Cut{{Environment: "prod", Workload: cut.Workload, Resource: cut.Resource, Action: cut.Action, Sources: cut.Sources}}
	return g
}

func document(t *testing.T, g *access.Graph) map[string]any {
	t.Helper()
	text, err := policies.Document(g, noon)
	if err != nil {
		t.Fatal(err)
	}
	var doc map[string]any
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// The golden document is what guardrails out there rely on: a difference here is a new version, unless a field was added.
func TestDocumentIsTheContract(t *testing.T) {
	got, err := json.MarshalIndent(document(t, full()), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/input.json"
	if os.Getenv("GATEHOUSE_UPDATE") == "1" {
		if err := os.WriteFile(golden, append(got, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)+"\n"); diff != "" {
		t.Errorf("the document differs (-want +got):\n%s", diff)
	}
}

func TestDocumentMatchesItsSchema(t *testing.T) {
	for name, g := range map[string]*access.Graph{"full": full(), "empty": {}, "large": large(1000)} {
		doc := document(t, g)
		if problems := mismatches(t, doc); problems != "[]" {
			t.Errorf("%s: %s", name, problems)
		}
	}
	wrong := document(t, full())
	wrong["owner"] = "nobody" // the schema is closed, or it would catch no misspelling
	if problems := mismatches(t, wrong); problems == "[]" {
		t.Error("an unknown field matches the schema")
	}
}

func mismatches(t *testing.T, doc map[string]any) string {
	t.Helper()
	schema, err := ast.JSON(ast.MustParseTerm(string(policies.Schema())).Value)
	if err != nil {
		t.Fatal(err)
	}
	set, err := rego.New(rego.Query("json.match_schema(input.document, input.schema)"), rego.Input(map[string]any{"document": doc, "schema": schema}), rego.StrictBuiltinErrors(true)).Eval(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	problems, err := json.Marshal(set[0].Expressions[0].Value.([]any)[1])
	if err != nil {
		t.Fatal(err)
	}
	return string(problems)
}

// Every field of the schema is spoken of in INPUT.md.
func TestEveryFieldIsDocumented(t *testing.T) {
	text, err := os.ReadFile("INPUT.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, match := range regexp.MustCompile(`"([a-z_]+)": \{`).FindAllStringSubmatch(string(policies.Schema()), -1) {
		if field := match[1]; !strings.Contains(string(text), field) && field != "definitions" && field != "items" && field != "properties" {
			t.Errorf("INPUT.md does not speak of %s", field)
		}
	}
}

func TestTheExampleOfTheDocumentationWorks(t *testing.T) {
	text, err := os.ReadFile("INPUT.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```rego\n")
	example, _, _ := strings.Cut(rest, "```")
	want := "fraud/workloads.gate.hcl:10: deny acme/owner-is-team workload.trainer: fraud@acme.example is no team\n" +
		"fraud/workloads.gate.hcl:20: deny acme/owner-is-team workload.notebooks: ds@acme.example is no team"
	if got := judge(t, own("owner.rego", example), world()); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestPolicyScopeSeesGrantsOnlyWhenItAsks(t *testing.T) {
	for _, body := range []string{
		`some g in input.grants; g.workload.address == "workload.trainer"`,
		`some name, list in input; name == "grants"; some g in list; g.workload.address == "workload.trainer"`,
		`some name in ["grants"]; some g in input[name]; g.workload.address == "workload.trainer"`,
		`all := input; some g in all.grants; g.workload.address == "workload.trainer"`,
	} {
		o := own("a.rego", rule+`deny contains {"subject": "workload.trainer"} if { `+body+` }`)
		if got, want := judge(t, o, world()), "fraud/workloads.gate.hcl:10: deny team/rule workload.trainer: "; got != want {
			t.Errorf("%s: got %q", body, got)
		}
	}
}
