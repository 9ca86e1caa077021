package resolve_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"

	"gatehouse/compiler/resolve"
	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
	"gatehouse/lang/syntax"
)

// The mistakes that people make are in the corpus, conformance/testdata/lang. Here is what it doesn't show: the ranges that later stages
// rely on, suggestions at the edges, and cost.

const base = `
gatehouse {
  policy = "t"
}
environment "dev" {
  tier = "development"
  consul {
    datacenter = "dev"
  }
}
environment "prod" {
  tier = "production"
  consul {
    service = "ml-${name}"
  }
  google {
    project = "acme-ml-prod"
  }
}
`

func load(t testing.TB, text string) (*model.Policy, diag.List) {
	t.Helper()
	tree, _, unread := syntax.LoadFiles(map[string]string{"policy.gate.hcl": base + text})
	if len(unread) > 0 {
		t.Fatalf("the reader: %v", unread)
	}
	return resolve.Resolve(tree)
}

func mustLoad(t testing.TB, text string) *model.Policy {
	t.Helper()
	p, diags := load(t, text)
	if len(diags) > 0 {
		t.Fatalf("diagnostics: %v", diags)
	}
	return p
}

// at returns the text that a range covers.
func at(text string, r hcl.Range) string { return (base + text)[r.Start.Byte:r.End.Byte] }

func TestNamesKeepThePlaceTheyComeFrom(t *testing.T) {
	const text = `
workload "trainer" {
  environments = [environment.dev, environment.prod]
  in "dev" {
    service = "trainer-dev"
  }
}
feature_store "clicks" {
  classification = "public"
  environments   = [environment.dev, environment.prod]
  online {
    service = "feast"
  }
}
secret "key" {
  classification = "public"
  environments   = [environment.prod]
}`
	p := mustLoad(t, text)
	w, store, secret := p.Workloads[0], p.Stores[0], p.Secrets[0]
	for _, row := range []struct{ what, want, got string }{
		{"override", `"trainer-dev"`, at(text, w.Places[0].Service.Range)},
		{"template", `"ml-${name}"`, at(text, w.Places[1].Service.Range)},
		{"built in", `"trainer"`, at(text, w.Places[1].ServiceAccount.Range)},
		{"of the surface", `"feast"`, at(text, store.Places[0].Service.Range)},
		{"built in, secret", `"key"`, at(text, secret.Places[0].Secret.Range)},
		{"place", `environment.prod`, at(text, w.Places[1].Listed)},
		{"header", `workload "trainer"`, at(text, w.Decl)},
	} {
		if row.got != row.want {
			t.Errorf("%s: range covers %s, want %s", row.what, row.got, row.want)
		}
	}
	if !w.Places[0].ServiceAccount.Range.Empty() || w.Places[0].ServiceAccount.Value != "" {
		t.Errorf("a service account without a project: %+v", w.Places[0].ServiceAccount)
	}
}

func TestRulesKeepTheirPlaces(t *testing.T) {
	const text = `
workload "trainer" {
  environments = [environment.prod]
}
feature_store "clicks" {
  classification = "public"
  environments   = [environment.prod]
  online {}
}
allow "a" {
  from    = [workload.trainer]
  to      = [feature_store.clicks.online]
  expires = "2027-03-01T02:00:00+02:00"
}`
	a := mustLoad(t, text).Allows[0]
	want := []string{"workload.trainer", "feature_store.clicks.online", `expires = "2027-03-01T02:00:00+02:00"`}
	got := []string{at(text, a.From[0].Range), at(text, a.To[0].Range), at(text, a.ExpiresAt)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ranges (-want +got):\n%s", diff)
	}
	if got := a.To[0].Addr; got != addr.New(addr.FeatureStore, "clicks").On(addr.Online) {
		t.Errorf("to %s", got)
	}
	if got := a.Interval.Expires.Format("2006-01-02T15:04:05Z07:00"); got != "2027-03-01T00:00:00Z" {
		t.Errorf("expires %s, want it in UTC", got)
	}
	if a.Environments != nil || !a.Interval.NotBefore.IsZero() {
		t.Errorf("what isn't said must be zero: %+v", a)
	}
}

func TestServiceAccounts(t *testing.T) {
	for _, row := range []struct {
		good    bool
		account string
	}{
		{true, "fraud-trainer@acme-ml-prod.iam.gserviceaccount.com"},
		{true, "abcdef@acme-ml-prod.iam.gserviceaccount.com"},
		{true, "fraud-trainer@acme-ml.acme.example.iam.gserviceaccount.com"}, // of the project acme.example:acme-ml
		{true, "123456789012-compute@developer.gserviceaccount.com"},
		{true, "acme-ml-prod@appspot.gserviceaccount.com"},
		{true, "service-123456789012@gcp-sa-aiplatform.iam.gserviceaccount.com"},
		{false, "abcde@acme-ml-prod.iam.gserviceaccount.com"},
		{false, "Fraud@acme-ml-prod.iam.gserviceaccount.com"},
		{false, "fraud-@acme-ml-prod.iam.gserviceaccount.com"},
		{false, "fraud_trainer@acme-ml-prod.iam.gserviceaccount.com"},
		{false, "abcdefghijklmnopqrstuvwxyz-abcd@acme-ml-prod.iam.gserviceaccount.com"},
		{false, "fraud-trainer@iam.gserviceaccount.com.example"},
		{false, "fraud-trainer@.iam.gserviceaccount.com"},
		{false, "serviceAccount:fraud-trainer@acme-ml-prod.iam.gserviceaccount.com"},
		{false, "fraud-trainer"},
		{false, ""},
	} {
		_, diags := load(t, fmt.Sprintf("\nworkload \"w-long-enough\" {\n  environments = [environment.prod]\n  in \"prod\" {\n    service_account = %q\n  }\n}",
			row.account))
		if good := len(diags) == 0; good != row.good {
			t.Errorf("%q: taken = %v, want %v", row.account, good, row.good)
		}
	}
}

func TestSuggestions(t *testing.T) {
	const text = `
workload "fraud-trainer" {
  environments = [environment.prod]
}
group "fraud" {
  workloads = [workload.%s]
}`
	for _, row := range []struct{ written, want string }{
		{"fraud-trainre", "Did you mean workload.fraud-trainer?"},
		{"fruad-trainer", "Did you mean workload.fraud-trainer?"},
		{"Fraud-Trainer", "Did you mean workload.fraud-trainer?"},
		{"fraud_trainer", "Did you mean workload.fraud-trainer?"},
		{"fraud", "Did you mean workload.fraud-trainer?"}, // a group is no workload
		{"scorer", "Declare it"},
	} {
		_, diags := load(t, fmt.Sprintf(text, row.written))
		if len(diags) != 1 || !strings.Contains(diags[0].Detail, row.want) {
			t.Errorf("%s: %+v, want %q", row.written, diags, row.want)
		}
	}
}

// A policy is made of what people wrote, and a short text must not cost much: labels and templates multiply.
func TestTemplatesStayCheap(t *testing.T) {
	long := strings.Repeat("${labels.team}", 200)
	for _, row := range []struct {
		want     diag.Code
		template string
	}{
		{diag.InvalidTemplate, long},
		{diag.InvalidTemplate, "%{ for a in labels }%{ for b in labels }x%{ endfor }%{ endfor }"},
		{diag.InvalidTemplate, "${[for v in labels : v]...}"},
		{diag.InvalidRemoteName, strings.Repeat("${labels.team}", 50)},
	} {
		text := fmt.Sprintf(`
environment "lab" {
  tier = "development"
  consul {
    service = "%s"
  }
}
workload "w" {
  environments = [environment.lab]
  labels       = { team = %q }
}`, row.template, strings.Repeat("x", 256))
		tree, _, unread := syntax.LoadFiles(map[string]string{"policy.gate.hcl": base + text})
		_, diags := resolve.Resolve(tree)
		if all := append(unread, diags...); len(all) == 0 || all[0].Code != row.want && unread == nil {
			t.Errorf("%.40s: %v, want %s", row.template, all, row.want)
		}
	}
}

// Trees that the reader would not hand on whole still resolve to something.
func TestHolesStaySilent(t *testing.T) {
	invalid := syntax.Invalid{}
	block := func(kind, name string, attrs ...syntax.Attr) *syntax.Block {
		return &syntax.Block{Type: kind, Labels: []syntax.Label{{Value: name}}, Attrs: attrs}
	}
	tree := syntax.Tree{
		Root: &syntax.Block{Type: "gatehouse", Attrs: []syntax.Attr{{Name: "policy", Expr: invalid}}},
		Blocks: []*syntax.Block{
			block("environment", "e", syntax.Attr{Name: "tier", Expr: invalid}),
			block("workload", "w", syntax.Attr{Name: "environments", Expr: invalid}, syntax.Attr{Name: "labels", Expr: invalid}),
			{Type: "feature_store", Labels: []syntax.Label{{Value: "s"}}, Partial: true},
			block("secret", "s", syntax.Attr{Name: "environments", Expr: syntax.List{Elems: []syntax.Expr{invalid}}}),
			block("group", "g", syntax.Attr{Name: "match", Expr: invalid}),
			block("allow", "a", syntax.Attr{Name: "from", Expr: invalid}, syntax.Attr{Name: "actions", Expr: invalid},
				syntax.Attr{Name: "expires", Expr: invalid}),
			block("deny", "d"),
			block("unheard-of", "x"),
			{Type: "workload"},
		},
	}
	p, diags := resolve.Resolve(tree)
	if len(diags) > 0 {
		t.Errorf("cascades: %v", diags)
	}
	if len(p.Workloads) != 1 || len(p.Allows) != 1 || p.Environments[0].Name != "e" {
		t.Errorf("partial policy: %+v", p)
	}
}

func BenchmarkResolve(b *testing.B) {
	tree := bigTree(100_000)
	for b.Loop() {
		if _, diags := resolve.Resolve(tree); len(diags) > 0 {
			b.Fatal(diags[0])
		}
	}
}

// bigTree has as many allows, over 2,000 workloads, 1,000 stores and 100 groups in two environments.
func bigTree(allows int) syntax.Tree {
	var text strings.Builder
	text.WriteString(base)
	for i := range 2000 {
		fmt.Fprintf(&text, "workload \"workload-%d\" {\n environments = [environment.dev, environment.prod]\n labels = { team = \"t%d\" }\n}\n", i, i%100)
	}
	for i := range 1000 {
		fmt.Fprintf(&text, "feature_store \"store-%d\" {\n classification = \"public\"\n environments = [environment.prod]\n online {}\n}\n", i)
	}
	for i := range 100 {
		fmt.Fprintf(&text, "group \"g%d\" {\n match = { team = \"t%d\" }\n}\n", i, i)
	}
	tree, _, _ := syntax.LoadFiles(map[string]string{"policy.gate.hcl": text.String()})
	list := func(parts ...string) syntax.Expr {
		return syntax.List{Elems: []syntax.Expr{syntax.Reference{Parts: parts}}}
	}
	for i := range allows {
		tree.Blocks = append(tree.Blocks, &syntax.Block{
			Type: "allow", Labels: []syntax.Label{{Value: fmt.Sprintf("allow-%d", i)}},
			Attrs: []syntax.Attr{
				{Name: "from", Expr: list("workload", fmt.Sprintf("workload-%d", i%2000))},
				{Name: "to", Expr: list("feature_store", fmt.Sprintf("store-%d", i%1000), "online")},
				{Name: "reason", Expr: syntax.String{Value: "training"}},
				{Name: "expires", Expr: syntax.String{Value: "2027-03-01T00:00:00Z"}},
			},
		})
	}
	return tree
}

// A pack that doesn't exist is told at its own place.
func TestPacksKeepTheirPlaces(t *testing.T) {
	tree, _, _ := syntax.LoadFiles(map[string]string{"root.gate.hcl": "gatehouse {\n  policy = \"p\"\n  packs  = [\"baseline\", \"own\"]\n}\n"})
	policy, _ := resolve.Resolve(tree)
	if len(policy.Packs) != 2 || policy.Packs[1].Value != "own" || policy.Packs[1].Range.Start.Line != 3 || policy.Packs[1].Range.Start.Column != 25 {
		t.Errorf("got %+v", policy.Packs)
	}
}
