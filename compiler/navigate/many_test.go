package navigate

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// manyWorkloads declares several workloads by one block, and uses them in every way.
const manyWorkloads = `gatehouse {
  policy = "p"
}
variable "teams" {
  default = ["churn", "fraud"]
}
locals {
  everybody = [workload.trainer]
}
environment "prod" {
  tier = "production"
  consul {}
}
workload "trainer" {
  for_each     = toset(var.teams)
  environments = [environment.prod]
  labels       = { team = each.key }
}
workload "trainer-fraud-eu" {
  environments = [environment.prod]
}
feature_store "x" {
  for_each       = toset(["a"])
  classification = "public"
  environments   = [environment.prod]
  online {}
}
allow "one" {
  from = [workload.trainer["fraud"], workload.trainer-churn, workload.trainer-fraud-eu]
  to   = [feature_store.x["a"].online]
}
allow "all" {
  from = concat(local.everybody, [for t in var.teams : workload.trainer[t]])
  to   = [feature_store.x-a]
}
`

func TestOccurrencesOfMany(t *testing.T) {
	v := viewOf(t, map[string]string{"p.gate.hcl": manyWorkloads})
	if v.Graph == nil {
		t.Fatal("the policy is not sound")
	}
	for _, c := range []struct {
		name Name
		want string
	}{
		{Name{Kind: "workload", Name: "trainer"}, "8 14 29 33:trainer"},
		{Name{Kind: "workload", Name: "trainer-fraud-eu"}, "19 29:trainer-fraud-eu"},
		{Name{Kind: "variable", Name: "teams"}, "4 15 33:teams"},
		{Name{Kind: "local", Name: "everybody"}, "8 33:everybody"},
		{Name{Kind: "feature_store", Name: "x"}, "22 30 34:x"},
	} {
		got := map[string]bool{}
		for _, line := range strings.Fields(shownPlaces(v.Index, v.Index.Occurrences(c.name))) {
			got[strings.TrimPrefix(line, "p.gate.hcl:")] = true
		}
		lines, word, _ := strings.Cut(c.want, ":")
		want := map[string]bool{}
		for _, line := range strings.Fields(lines) {
			want[line+":"+word] = true
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// Renaming the block renames its part of what it declares.
func TestRenameMany(t *testing.T) {
	v := viewOf(t, map[string]string{"b.gate.hcl": manyWorkloads})
	for at, to := range map[string]string{"workload.train‸er-churn": "coach", "var.tea‸ms)": "crews", "local.every‸body": "all", `feature_store "‸x"`: "y"} {
		there := renamed(t, v.Index, placeOf(t, manyWorkloads, at), to)
		after := viewOf(t, map[string]string{"b.gate.hcl": there.File("b.gate.hcl").Text})
		if after.Graph == nil {
			t.Errorf("%s: after the rename the policy has mistakes:\n%s", at, there.File("b.gate.hcl").Text)
		}
	}
}

// placeOf finds the place of a cursor in a piece of a text.
func placeOf(t *testing.T, text, piece string) int {
	t.Helper()
	piece, offset := cutCursor(t, piece)
	at := strings.Index(text, piece)
	if at < 0 {
		t.Fatalf("%q is not in the text", piece)
	}
	return at + offset
}

// A key is no name, in whichever way it is written.
func TestRenameKey(t *testing.T) {
	v := viewOf(t, map[string]string{"b.gate.hcl": manyWorkloads})
	const workload = ` is no name but a key of workload.trainer's for_each: change it there (b.gate.hcl line 14), or put the cursor on trainer to rename the block`
	const store = ` is no name but a key of feature_store.x's for_each: change it there (b.gate.hcl line 22), or put the cursor on x to rename the block`
	for _, c := range []struct{ at, want string }{
		{`workload.trainer["fr‸aud"]`, `"fraud"` + workload},
		{`workload.trainer-ch‸urn`, `"churn"` + workload},
		{`feature_store.x["‸a"]`, `"a"` + store},
		{`feature_store.x["a"].onl‸ine`, "feature_store.x.online is a surface: surfaces have no names of their own"},
		{`workload.trainer‸["fraud"]`, ""},
	} {
		got := ""
		if _, err := v.Index.Renamable("b.gate.hcl", placeOf(t, manyWorkloads, c.at)); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.at, got, c.want)
		}
	}
}

func TestHoverOfMany(t *testing.T) {
	v := viewOf(t, map[string]string{"p.gate.hcl": manyWorkloads})
	f := v.Index.File("p.gate.hcl")
	for _, c := range []struct{ at, want string }{
		{`"trainer" {`, "```hcl\nworkload \"trainer\"\n```\n\nIt declares:\n\n- `workload.trainer-churn`\n- `workload.trainer-fraud`"},
		{`trainer["fraud"]`, "```hcl\nworkload \"trainer\"\n```\n\nThe one of `workload.trainer`, with the key \"fraud\".\n\n- prod: service `trainer-fraud`, labels team=fraud\n\n" +
			"**What this reaches**\n\n- `feature_store.x-a.online`: read in prod (allow.all, allow.one)"},
		{"trainer-churn", "```hcl\nworkload \"trainer\"\n```\n\nThe one of `workload.trainer`, with the key \"churn\".\n\n- prod: service `trainer-churn`, labels team=churn\n\n" +
			"**What this reaches**\n\n- `feature_store.x-a.online`: read in prod (allow.all, allow.one)"},
		{"var.teams)", "```hcl\nvariable \"teams\" {\n  default = [\"churn\", \"fraud\"]\n}\n```"},
		{"each.key", "**each.key**\n\nIn a block with for_each: the key and the value of the element that a declaration is made for."},
		{"local.everybody", "```hcl\neverybody = [workload.trainer]\n```"},
	} {
		card, _ := v.Hover(f, strings.Index(manyWorkloads, c.at)+2)
		if diff := cmp.Diff(c.want, card.Markdown); diff != "" {
			t.Errorf("%s: %s", c.at, diff)
		}
	}
}
