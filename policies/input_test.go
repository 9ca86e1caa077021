package policies_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
	"gatehouse/policies"
)

// full is the world with something in every list, as it differs from one that had less.
func full() policies.World {
	g := world()
	g.Leaks = leak("dev", "trainer", "prod", "trainer")
	g.Resources = append(g.Resources, access.Resource{
		Addr: addr.New(addr.Secret, "warehouse-password"), Classification: model.Confidential, Rotation: 720 * time.Hour, Decl: at("root.gate.hcl", 50),
		Places: []access.ResourcePlace{{
			Environment: "prod", Labels: map[string]string{"granting": "fraud"},
			Surface: access.Surface{Target: access.Google, Realm: "acme-ml-prod", Kind: "secret", Name: "warehouse-password"},
		}},
	})
	cut := grant("prod", "notebooks", "customers", "curiosity", "to see", 40, access.Always)
	g.Cuts = []access.Cut{{
		Environment: "prod", Workload: cut.Workload, Resource: cut.Resource, Action: cut.Action, Sources: cut.Sources,
		Denies: []access.DenySource{{Deny: g.Denies[0].Addr}},
	}}
	g.Denies[0].Requests = []model.Request{{Methods: "DELETE,POST", Kind: model.PathPrefix, Path: "/admin"}}
	g.Grants[3].Request = model.Request{Methods: "GET", Kind: model.PathExact, Path: "/v1/merchants"}
	declareOthers(g)
	base := world()
	base.Grants = append(base.Grants[:0:0], base.Grants[1:3]...)
	base.Grants[1].Spans = access.Spans{until(2027, 1)}
	return policies.World{Graph: g, Time: noon, Base: base, Losses: func() []access.Loss {
		return []access.Loss{{
			Kind: access.LossUnenforcedExpiry, Environment: "prod", Target: access.Consul, Detail: "declared until 2027-03-01T00:00:00Z, and given until the next apply after that",
			Principal: g.Workloads[1].Places[1].Principals[0], Surface: g.Resources[0].Places[1].Surface, Workloads: []addr.Address{workloadAddr("trainer")}, Sources: g.Grants[2].Sources,
		}}
	}}
}

// declareOthers adds what stands beside access.
func declareOthers(g *access.Graph) {
	trainer, prod := model.Ref{Addr: workloadAddr("trainer")}, model.Ref{Addr: addr.New(addr.Environment, "prod")}
	g.Providers = []*model.IdentityProvider{{
		Addr: addr.New(addr.IdentityProvider, "google"), Environments: []model.Ref{prod}, Issuer: model.Text{Value: "https://accounts.google.com"},
		Audiences: []model.Text{{Value: "consul.acme.example"}}, Claim: model.Text{Value: "email"}, MaxTTL: 15 * time.Minute, Decl: at("root.gate.hcl", 60),
	}}
	g.Workloads[1].Provider = g.Providers[0].Addr
	g.Groups = []*model.Group{
		{Addr: addr.New(addr.Group, "fraud"), Match: map[string]string{"team": "fraud"}, Members: map[string][]addr.Address{"prod": {workloadAddr("notebooks"), workloadAddr("trainer")}}, Decl: at("fraud/workloads.gate.hcl", 40)},
		{Addr: addr.New(addr.Group, "trainers"), Listed: []model.Ref{trainer}, Members: map[string][]addr.Address{"dev": {trainer.Addr}, "prod": {trainer.Addr}}, Decl: at("fraud/workloads.gate.hcl", 50)},
	}
	g.Grants[2].Sources[0].From.Addr = g.Groups[1].Addr
	g.Exceptions = []*model.Exception{{
		Addr: addr.New(addr.Exception, "legacy-owner"), Guardrail: model.Text{Value: "ownership/owner-is-set"}, Subjects: []model.Ref{{Addr: addr.New(addr.Secret, "warehouse-password")}},
		Reason: model.Text{Value: "moves to the platform team"}, ApprovedBy: model.Text{Value: "security@acme.example"}, Expires: time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC), Decl: at("security/exceptions.gate.hcl", 1),
	}}
	g.Tests = []*model.Test{{
		Name: model.Text{Value: "notebooks never see customers"}, Environments: []model.Ref{prod}, From: []model.Ref{{Addr: workloadAddr("notebooks")}},
		To: []model.Ref{{Addr: addr.New(addr.FeatureStore, "customers")}}, Actions: model.Actions(), Expect: model.ExpectDeny, Decl: at("security/tests.gate.hcl", 1),
	}}
}

func document(t *testing.T, w policies.World) map[string]any {
	t.Helper()
	text, err := policies.Document(w)
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
	for name, w := range map[string]policies.World{"full": full(), "empty": {Graph: &access.Graph{}}, "large": {Graph: large(1000), Time: noon}} {
		doc := document(t, w)
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
		if field := match[1]; !strings.Contains(string(text), field) && !slices.Contains([]string{"definitions", "items", "properties", "placed_resource", "judged_exception"}, field) {
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

// The annotated grant is one of the example's, as it is today.
func TestTheAnnotatedGrantIsCurrent(t *testing.T) {
	text, err := os.ReadFile("INPUT.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "```jsonc\n")
	annotated, _, _ := strings.Cut(rest, "```")
	var got any
	if err := json.Unmarshal([]byte(regexp.MustCompile(`(?m)  // .*$`).ReplaceAllString(annotated, "")), &got); err != nil {
		t.Fatal(err)
	}
	grants, ok := document(t, full())["grants"].([]any)
	if !ok || !slices.ContainsFunc(grants, func(g any) bool { return cmp.Equal(g, got) }) {
		t.Errorf("no grant of the example is\n%s", annotated)
	}
}

func TestTheRuleForConftestUsersWorks(t *testing.T) {
	text, err := os.ReadFile("FROM-CONFTEST.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), "# Gatehouse, on the access\n")
	example, _, _ := strings.Cut(rest, "```")
	g := world()
	g.Workloads[0].Owner = ""
	if got, want := judge(t, own("owner.rego", rule+example), g), "fraud/workloads.gate.hcl:20: deny team/rule workload.notebooks: workload.notebooks has no owner"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
