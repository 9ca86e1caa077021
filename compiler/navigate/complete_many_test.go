package navigate

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// manyThings declares several of everything that a reference with a key can mean.
const manyThings = manyWorkloads + `
environment "eu" {
  for_each = toset(["north", "south"])
  tier     = "development"
  consul {}
}
identity_provider "idp" {
  for_each     = toset(["google"])
  environments = [environment.prod]
  issuer       = "https://${each.key}.example"
  audiences    = ["a"]
  claim        = "email"
}
`

// completedIn proposes at the cursor of a file beside others.
func completedIn(t *testing.T, others, name, text string) (list []Proposal, clean string) {
	t.Helper()
	text, offset := cutCursor(t, text)
	v := viewOf(t, map[string]string{"world.gate.hcl": others})
	if v.Graph == nil {
		t.Fatal("the policy beside it is not sound")
	}
	f := ReadFile(name, text)
	v.Index = v.Index.With(f)
	list, _ = v.Complete(f, offset)
	return list, text
}

func labelsOf(list []Proposal) string {
	var out []string
	for _, p := range list {
		out = append(out, p.Label)
	}
	return strings.Join(out, " ")
}

func TestCompleteMany(t *testing.T) {
	const environments = `environment.eu environment.prod environment.eu["north"] environment.eu["south"]`
	const single = `environment.prod environment.eu["north"] environment.eu["south"]`
	const values = " local.everybody var.teams"
	for _, c := range []struct{ name, text, want string }{
		{"an environment's label", "workload \"x\" {\n  in \"‸\" {\n  }\n}", "eu prod eu-north eu-south"},
		{"but for one that stands", "workload \"x\" {\n  in \"eu-south\" {\n  }\n  in \"‸\n}", "prod eu-north"},
		{"nor one of all that stand", "workload \"x\" {\n  in \"eu\" {\n  }\n  in \"‸\n}", "prod"},
		{"environments", "workload \"x\" {\n  environments = [‸]\n}", environments + values},
		{"one environment", "test \"x\" {\n  environment = ‸\n}", single + values},
		{"across", "allow \"x\" {\n  across {\n    from = environment.‸\n  }\n}", single},
		{"a provider", "workload \"x\" {\n  identity_provider = ident‸\n}", `identity_provider.idp["google"]`},
		{"a provider's environments", "identity_provider \"x\" {\n  environments = [environment.prod, ‸\n}", `environment.eu environment.eu["north"] environment.eu["south"]` + values},
		{"in a test", "test \"x\" {\n  from = [workload.trainer-‸]\n}", "workload.trainer-fraud-eu workload.trainer-churn workload.trainer-fraud"},
		{"in an exception", "exception \"x\" {\n  subjects = [identity_‸]\n}", `identity_provider.idp identity_provider.idp["google"]`},

		{"keys", "allow \"x\" {\n  from = [workload.trainer[‸]]\n}", "churn fraud" + values},
		{"keys, nothing closed", "allow \"x\" {\n  from = [workload.trainer[‸", "churn fraud" + values},
		{"keys in quotes", "allow \"x\" {\n  from = [workload.trainer[\"‸\"]]\n}", "churn fraud"},
		{"keys but for one that stands", "allow \"x\" {\n  from = [workload.trainer[\"churn\"], workload.trainer[\"‸\"]]\n}", "fraud"},
		{"keys with each", "allow \"x\" {\n  from = [workload.trainer[‸]]\n  for_each = var.teams\n}", "churn fraud" + values + " each.key each.value"},
		{"keys of what has none", "allow \"x\" {\n  from = [workload.trainer-fraud-eu[‸]]\n}", ""},
		{"names in brackets", "allow \"x\" {\n  from = [workload[\"‸\"]]\n}", "trainer-fraud-eu trainer-churn trainer-fraud"},
		{"an index of a value", "allow \"x\" {\n  from = [local.everybody[‸]]\n}", "local.everybody var.teams"},
		{"one that stands", "allow \"x\" {\n  from = [workload.trainer[\"churn\"], workload.trainer-fraud, workload.‸]\n}", "workload.trainer workload.trainer-fraud-eu"},

		{"surfaces", "allow \"x\" {\n  to = [feature_store.x[\"a\"].‸]\n}", "online"},
		{"a surface begun", "allow \"x\" {\n  to = [feature_store.x[each.key].on‸]\n}", "online"},
		{"surfaces without brackets", "allow \"x\" {\n  to = [feature_store.x-a.‸]\n}", "feature_store.x-a.online"},
		{"behind what has no surfaces", "allow \"x\" {\n  from = [workload.trainer[\"churn\"].‸]\n}", ""},

		{"for_each", "workload \"x\" {\n  for_each = var.‸\n}", "var.teams"},
		{"each in a block in the block", "workload \"x\" {\n  in \"prod\" {\n    service = \"${each.‸}\"\n  }\n  for_each = var.teams\n}", "each.key each.value"},
		{"each without for_each", "workload \"x\" {\n  owner = each.‸\n}", ""},
		{"a type in a type", "variable \"x\" {\n  type = map(‸\n}", "string bool number any list(…) map(…) set(…) object({ … })"},
		{"http", "allow \"x\" {\n  http {\n    paths = []\n    ‸\n  }\n}", "methods prefixes regexes"},
		{"methods", "deny \"x\" {\n  http {\n    methods = [\"GET\", \"‸\"]\n  }\n}", "HEAD POST PUT PATCH DELETE OPTIONS"},
		{"across, its attributes", "allow \"x\" {\n  across {\n    from = environment.prod\n    ‸\n  }\n}", "to"},
		{"a provider's attributes", "identity_provider \"x\" {\n  claim = \"email\"\n  ‸\n}", "environments issuer audiences max_ttl for_each"},
		{"an exception's attributes", "exception \"x\" {\n  reason = \"r\"\n  ‸\n}", "guardrail subjects approved_by expires for_each"},
	} {
		list, _ := completedIn(t, manyThings, "new.gate.hcl", c.text)
		if diff := cmp.Diff(strings.TrimSpace(c.want), labelsOf(list)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// What is taken makes sense where it stands.
func TestCompleteManyWrites(t *testing.T) {
	for _, c := range []struct{ text, label, want string }{
		{"allow \"x\" {\n  from = [workload.trainer[‸]]\n}", "fraud", "allow \"x\" {\n  from = [workload.trainer[\"fraud\"]]\n}"},
		{"allow \"x\" {\n  from = [workload.trainer[‸\n}", "fraud", "allow \"x\" {\n  from = [workload.trainer[\"fraud\"]\n}"},
		{"allow \"x\" {\n  from = [workload.trainer[\"fr‸]]\n}", "fraud", "allow \"x\" {\n  from = [workload.trainer[\"fraud\"]]\n}"},
		{"allow \"x\" {\n  from = [workload.trainer[\"‸\"]]\n}", "fraud", "allow \"x\" {\n  from = [workload.trainer[\"fraud\"]]\n}"},
		{"allow \"x\" {\n  to = [feature_store.x[\"a\"].o‸]\n}", "online", "allow \"x\" {\n  to = [feature_store.x[\"a\"].online]\n}"},
		{"allow \"x\" {\n  from = ‸\n}", `workload.trainer["fraud"]`, "allow \"x\" {\n  from = [workload.trainer[\"fraud\"]]\n}"},
	} {
		list, text := completedIn(t, manyThings, "new.gate.hcl", c.text)
		if got := taken(list, text, c.label); got != c.want {
			t.Errorf("%q, %s:\n got %q\nwant %q", c.text, c.label, got, c.want)
		}
	}
}

// taken is the text once a proposal was taken, and empty where it is not proposed.
func taken(list []Proposal, text, label string) string {
	for _, p := range list {
		if p.Label == label {
			return text[:p.Replace.Start] + p.Text + text[p.Replace.End:]
		}
	}
	return ""
}
