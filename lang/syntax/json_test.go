package syntax

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

const goodJSON = `{
  "//": "a comment",
  "gatehouse": {"policy": "acme-ml", "packs": ["baseline"]},
  "environment": {
    "prod": {
      "tier": "production",
      "consul": {"address": "https://consul.prod.acme.example:8501", "service": "${name}"},
      "google": {"project": "acme-ml-prod", "service_account": "${name}@acme-ml-prod.iam.gserviceaccount.com"}
    }
  },
  "workload": [{
    "fraud-trainer": [{
      "owner": "fraud-ml@acme.example",
      "environments": ["${environment.prod}"],
      "interactive": false,
      "labels": {"team": "fraud", "stage": "training"},
      "in": {"prod": {"service_account": "fraud-prod@acme-ml-prod.iam.gserviceaccount.com"}}
    }]
  }],
  "group": {"training": {"match": {"stage": "training"}}},
  "feature_store": {
    "customer-features": {
      "owner": "feature-platform@acme.example",
      "classification": "restricted",
      "environments": ["environment.prod"],
      "online": {"//": "grpc", "protocol": "grpc"}
    }
  },
  "secret": null,
  "allow": {
    "fraud-training": {
      "from": ["group.training"],
      "to": ["feature_store.customer-features.online"],
      "actions": ["read"],
      "reason": "nightly $${x} training",
      "expires": "2027-03-01T00:00:00Z"
    }
  }
}
`

// sameMeaning compares trees but for places; templates are equal when they evaluate to the same.
var sameMeaning = cmp.Options{
	cmpopts.IgnoreTypes(hcl.Range{}),
	cmp.Comparer(func(a, b Template) bool { return evaluated(a) == evaluated(b) }),
}

func evaluated(t Template) string {
	v, diags := t.HCL.Value(&hcl.EvalContext{Variables: map[string]cty.Value{
		"name": cty.StringVal("NAME"), "environment": cty.StringVal("ENV"), "labels": cty.MapVal(map[string]cty.Value{"team": cty.StringVal("TEAM")}),
	}})
	return fmt.Sprint(v, diags)
}

func loaded(t *testing.T, name, src string) Tree {
	t.Helper()
	tree, _, diags := LoadFiles(map[string]string{name: src})
	for _, d := range diags {
		t.Errorf("%s: %s: %s", d.Subject, d.Code, d.Summary)
	}
	return tree
}

func TestBothSyntaxesGiveOneTree(t *testing.T) {
	native := loaded(t, "a.gate.hcl", good)
	written := loaded(t, "a.gate.json", goodJSON)
	converted := loaded(t, "a.gate.json", asJSON(t, good, native))
	if d := cmp.Diff(native, written, sameMeaning); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(native, converted, sameMeaning); d != "" {
		t.Error(d)
	}
}

// asJSON writes a tree in the JSON syntax.
func asJSON(t *testing.T, src string, tree Tree) string {
	t.Helper()
	var blocks []string
	for _, b := range append([]*Block{tree.Root}, tree.Blocks...) {
		blocks = append(blocks, "{"+blockJSON(src, b)+"}")
	}
	return "[" + strings.Join(blocks, ",") + "]"
}

func blockJSON(src string, b *Block) string {
	var items []string
	for _, a := range b.Attrs {
		items = append(items, text(a.Name)+":"+exprJSON(src, a.Expr))
	}
	for _, inner := range b.Blocks {
		items = append(items, blockJSON(src, inner))
	}
	body := objectJSON(items)
	if b.Name() != "" {
		body = objectJSON([]string{text(b.Name()) + ":" + body})
	}
	return text(b.Type) + ":" + body
}

func objectJSON(items []string) string { return "{" + strings.Join(items, ",") + "}" }

func exprJSON(src string, e Expr) string {
	switch e := e.(type) {
	case String:
		return text(strings.NewReplacer("${", "$${", "%{", "%%{").Replace(e.Value))
	case Template:
		return src[e.Range.Start.Byte:e.Range.End.Byte]
	case Bool:
		return fmt.Sprint(e.Value)
	case Reference:
		return text(strings.Join(e.Parts, "."))
	case List:
		var out []string
		for _, elem := range e.Elems {
			out = append(out, exprJSON(src, elem))
		}
		return "[" + strings.Join(out, ",") + "]"
	case Object:
		var out []string
		for _, entry := range e.Entries {
			out = append(out, text(entry.Key.Value)+":"+exprJSON(src, entry.Value))
		}
		return "{" + strings.Join(out, ",") + "}"
	default:
		return "null"
	}
}

func text(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}
