package navigate

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// In JSON a name is found where it stands, whatever escapes stand before it.
func TestPlacesInJSON(t *testing.T) {
	const text = `{
  "locals": {"l": "${var.teams}", "deep": {"a": ["x\ty ${local.everybody}", "é\u00e9\ud83d\ude00${local.everybody}"]}},
  "allow": {
    "bare": {"from": ["local.everybody", "workload.trainer[\"fraud\"]", "workload[\"trainer-churn\"]"], "to": ["feature_store.x[\"a\"].online"]},
    "wrapped": {"from": "${concat(local.everybody, [workload.trainer[\"fraud\"]])}", "to": ["${feature_store.x[\"a\"]}"]},
    "spelt": {"from": ["workload.tr\u0061iner-churn"], "to": ["feature_store.x"]}
  }
}
`
	f := ReadFile("a.gate.json", text)
	var got []string
	for _, o := range f.Occurrences {
		if !o.Declares {
			got = append(got, o.Name.String()+o.Key+" "+text[o.Word.Start:o.Word.End]+" in "+text[o.Whole.Start:o.Whole.End])
		}
	}
	want := []string{
		`var.teams teams in var.teams`,
		`local.everybody everybody in local.everybody`,
		`local.everybody everybody in local.everybody`,
		`local.everybody everybody in local.everybody`,
		`workload.trainerfraud trainer in workload.trainer[\"fraud\"]`,
		`workload.trainer-churn trainer-churn in workload[\"trainer-churn\"]`,
		`feature_store.xa x in feature_store.x[\"a\"].online`,
		`feature_store.x.online online in online`,
		`local.everybody everybody in local.everybody`,
		`workload.trainerfraud trainer in workload.trainer[\"fraud\"]`,
		`feature_store.xa x in feature_store.x[\"a\"]`,
		`workload.trainer-churn  in "workload.tr\u0061iner-churn"`,
		`feature_store.x x in "feature_store.x"`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestCompleteJSON(t *testing.T) {
	const values = " local.everybody var.teams"
	const trainers = `workload.trainer workload.trainer-fraud-eu workload.trainer["churn"] workload.trainer["fraud"]`
	for _, c := range []struct{ name, text, want string }{
		{"references", `{"allow": {"x": {"from": ["workload.tr‸"]}}}`, trainers},
		{"those that stand are left out", `{"allow": {"x": {"from": ["workload.trainer-churn", "${workload.trainer}", "workload.‸"]}}}`, `workload.trainer-fraud-eu workload.trainer["fraud"]`},
		{"several blocks", `{"allow": [{"x": [{"from": ["workload.tr‸"]}]}]}`, trainers},
		{"no list", `{"allow": {"x": {"from": "‸"}}}`, "local.everybody var.teams"},
		{"keys", `{"allow": {"x": {"from": ["workload.trainer[\"‸\"]"]}}}`, "churn fraud"},
		{"keys with each", `{"allow": {"x": {"from": ["workload.trainer[‸]"], "for_each": "${var.teams}"}}}`, "churn fraud" + values + " each.key each.value"},
		{"surfaces", `{"allow": {"x": {"to": ["feature_store.x[\"a\"].‸"]}}}`, "online"},
		{"one reference", `{"allow": {"x": {"across": {"from": "environment.‸"}}}}`, `environment.prod environment.eu["north"] environment.eu["south"]`},
		{"an expression", `{"allow": {"x": {"from": "${concat(‸)}"}}}`, `workload.trainer workload.trainer-fraud-eu workload.trainer["churn"] workload.trainer["fraud"]` + values},
		{"a function", `{"workload": {"x": {"owner": "a-${upp‸}"}}}`, "upper"},
		{"a label", `{"workload": {"x": {"in": {"prod": {}, "‸": {}}}}}`, "eu eu-north eu-south"},
		{"a key", `{"group": {"x": {"match": {"‸": ""}}}}`, "team"},
		{"a value", `{"locals": {"x": "var‸"}}`, "var.teams"},
		{"a text", `{"locals": {"x": "hello‸"}}`, ""},
		{"for_each", `{"allow": {"x": {"for_each": "${toset(var.‸)}"}}}`, "var.teams"},
		{"a naming template", `{"environment": {"x": {"consul": {"service": "${labels.‸}"}}}}`, "labels.team"},
		{"a type", `{"variable": {"x": {"type": "‸"}}}`, "string bool number any list(…) map(…) set(…) object({ … })"},
		{"a constant", `{"variable": {"x": {"default": "‸"}}}`, ""},
		{"a closed set", `{"environment": {"x": {"tier": "v‸"}}}`, "local.everybody var.teams"},
		{"an attribute", `{"allow": {"x": {"fr‸": ""}}}`, ""},
		{"a block", `{"al‸": {}}`, ""},
		{"a declared name", `{"allow": {"‸": {}}}`, ""},
		{"what the table doesn't know", `{"allow": {"x": {"nothing": ["workload.‸"]}}}`, ""},
		{"outside of strings", `{"allow": {"x": {"from": [‸]}}}`, ""},
		{"nothing is closed", `{"allow": {"x": {"from": ["workload.tr‸`, trainers},
		{"an array above is not closed", "{\"allow\": {\"x\": {\"to\": [\"secret.x\n\"from\": [\"workload.tr‸\"]}}}", trainers},
	} {
		list, _ := completedIn(t, manyThings, "new.gate.json", c.text)
		if got := labelsOf(list); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestCompleteJSONWrites(t *testing.T) {
	for _, c := range []struct{ text, label, want string }{
		{`{"allow": {"x": {"from": ["workload.tr‸"]}}}`, `workload.trainer["churn"]`, `{"allow": {"x": {"from": ["workload.trainer[\"churn\"]"]}}}`},
		{`{"allow": {"x": {"from": ["workload.trainer[\"c‸\"]"]}}}`, "churn", `{"allow": {"x": {"from": ["workload.trainer[\"churn\"]"]}}}`},
		{`{"allow": {"x": {"from": ["workload.trainer[‸"]}}}`, "churn", `{"allow": {"x": {"from": ["workload.trainer[\"churn\"]"]}}}`},
		{`{"allow": {"x": {"reason": "\t\u00e9${var.‸}"}}}`, "var.teams", `{"allow": {"x": {"reason": "\t\u00e9${var.teams}"}}}`},
		{`{"locals": {"x": "va‸"}}`, "var.teams", `{"locals": {"x": "${var.teams}"}}`},
		{`{"group": {"x": {"match": {"te‸": ""}}}}`, "team", `{"group": {"x": {"match": {"team": ""}}}}`},
	} {
		list, text := completedIn(t, manyThings, "new.gate.json", c.text)
		if got := taken(list, text, c.label); got != c.want {
			t.Errorf("%q, %s:\n got %q\nwant %q", c.text, c.label, got, c.want)
		}
	}
}

// Wherever the cursor is and wherever the text ends, nothing panics.
func TestCompleteJSONAnywhere(t *testing.T) {
	const text = "\ufeff{\"allow\": [{\"x\": {\"from\": [\"workload.trainer[\\\"\\u0061\\ud83d\\ude00\\x\"], \"to\": \"${[for a in x : {\\\"b\\\" = a}]}\"}}, ]]}, \"locals\": {\"é\": \"a\r\nb\"}"
	v := viewOf(t, map[string]string{"world.gate.hcl": manyThings})
	for end := range len(text) + 1 {
		for at := range end + 1 {
			v.Complete(&File{Name: "new.gate.json", Text: text[:end]}, at)
		}
	}
	if got := strings.Count(readJSONText(`\ud83d\ude00\ud83d\n"`, 0).text, "\n"); got != 1 {
		t.Errorf("%d lines end", got)
	}
}
