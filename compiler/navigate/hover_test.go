package navigate

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestHover(t *testing.T) {
	v := viewOf(t, map[string]string{"world.gate.hcl": world})
	f := v.Index.File("world.gate.hcl")
	for _, c := range []struct{ at, want string }{
		{`"trainer"`, "```hcl\nworkload \"trainer\"\n```\n\nTrains the model.\n\nml@shop.example\n\n" +
			"- dev: service `trainer`, labels stage=training team=ml\n- prod: service `trainer`, labels stage=training team=ml\n\n" +
			"**What this reaches**\n\n- `feature_store.customers.online`: read in dev, prod, until 2027-03-01 (allow.train)"},
		{"workload.scratch]\n  to   = [feature_store.customers]\n}", "```hcl\nworkload \"scratch\"\n```\n\npeople@shop.example\n\n" +
			"- dev: service `scratch`, labels team=people\n\nIt reaches nothing.\n\n" +
			"**Denied**\n\n- `feature_store.customers.online`: read in dev (deny.scratch)"},
		{"feature_store.customers", "```hcl\nfeature_store \"customers\"\n```\n\nrestricted · tcp\n\n- dev: service `customers`\n- prod: service `customers`\n\n" +
			"**Who reaches this**\n\n- `workload.trainer`: read in dev, prod, until 2027-03-01 (allow.train)"},
		{"group.training", "```hcl\ngroup \"training\"\n```\n\n- dev: trainer\n- prod: trainer\n\n" +
			"**What its members reach through it**\n\n- `feature_store.customers.online`: read in dev, prod, until 2027-03-01 (allow.train)"},
		{`"train"`, "```hcl\nallow \"train\"\n```\n\nnightly · until 2027-03-01\n\n" +
			"**What this gives**\n\n- `workload.trainer` → `feature_store.customers.online`: read in dev, prod"},
		{`"scratch" {` + "\n  from = [workload.scratch]\n  to   =", "```hcl\nallow \"scratch\"\n```\n\nIt gives nothing.\n\n" +
			"**Taken away by denies**\n\n- `workload.scratch` → `feature_store.customers.online`: read in dev (deny.scratch)"},
		{`"scratch" {` + "\n  from   =", "```hcl\ndeny \"scratch\"\n```\n\nnot reviewed\n\n" +
			"**What this takes away**\n\n- `workload.scratch` → `feature_store.customers.online`: read in dev"},
		{"environment.prod", "```hcl\nenvironment \"prod\"\n```\n\nproduction · Consul https://prod\n\nOne grant holds here."},
		{"classification = ", "**classification**\n\nHow much the data matters, in rising order.\n\n\"public\", \"internal\", \"confidential\" or \"restricted\"; required.\n\n" +
			"```hcl\nclassification = \"restricted\"\n```"},
		{"restricted", "**restricted**: a value of `classification`\n\nHow much the data matters, in rising order.\n\n" +
			"\"public\", \"internal\", \"confidential\" or \"restricted\"; required.\n\n```hcl\nclassification = \"restricted\"\n```"},
		{"= [group", ""},
	} {
		offset := strings.Index(world, c.at)
		if offset < 0 {
			t.Fatalf("%q is not in the world", c.at)
		}
		card, _ := v.Hover(f, offset+1)
		if diff := cmp.Diff(c.want, card.Markdown); diff != "" {
			t.Errorf("%s: %s", c.at, diff)
		}
	}
}

// A hover says when its answer is older than the text, and when there is none.
func TestHoverOfWhatIsBroken(t *testing.T) {
	v := viewOf(t, map[string]string{"world.gate.hcl": world})
	f := v.Index.File("world.gate.hcl")
	at := strings.Index(world, "feature_store.customers")
	v.Stale = true
	if card, _ := v.Hover(f, at); !strings.Contains(card.Markdown, "As of the last state without mistakes") {
		t.Error(card.Markdown)
	}
	v.Graph = nil
	if card, _ := v.Hover(f, at); !strings.Contains(card.Markdown, "once the policy's mistakes are mended") {
		t.Error(card.Markdown)
	}
	broken := ReadFile("new.gate.hcl", "allow \"x\" {\n  to = [secret.none]\n}")
	if card, ok := v.Hover(broken, strings.Index(broken.Text, "none")); !ok || card.Markdown != "`secret.none` is not declared." {
		t.Error(card.Markdown)
	}
}

func TestConsequence(t *testing.T) {
	v := viewOf(t, spread)
	for _, c := range []struct {
		name Name
		want string
	}{
		{Name{Kind: "workload", Name: "secret"}, ""}, // its name there is written out
		{Name{Kind: "feature_store", Name: "x"}, "A template names feature_store.x in a remote system (x): that name changes with it. gatehouse plan shows it."},
		{Name{Kind: "group", Name: "g"}, ""},
	} {
		if got := v.Consequence(c.name); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}
