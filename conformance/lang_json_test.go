package conformance

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// toJSON says in JSON what native files say: blocks as arrays of {label: body}, references and templates as strings. It knows no schema,
// so that it is a reading of HCL's own rules for JSON and not of ours.
func toJSON(t *testing.T, files map[string]string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for name, text := range files {
		stem, native := strings.CutSuffix(name, ".gate.hcl")
		if !native {
			out[name] = text
			continue
		}
		src := []byte(strings.TrimPrefix(text, "\ufeff"))
		parsed, diags := hclsyntax.ParseConfig(src, name, hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatalf("%s can't be said in JSON: write \"json: none because …\" above the files (%v)", name, diags)
		}
		data, err := json.MarshalIndent(jsonBody(parsed.Body.(*hclsyntax.Body), src, false), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		out[stem+".gate.json"] = string(data)
	}
	return out
}

// jsonBody says what a block's body says. Where anything may stand, as in locals, only "${workload.x}" is a reference.
func jsonBody(b *hclsyntax.Body, src []byte, anything bool) map[string]any {
	out := map[string]any{}
	for name, a := range b.Attributes {
		out[name] = jsonValue(a.Expr, src, anything || name == "for_each")
	}
	for _, block := range b.Blocks {
		var body any = jsonBody(block.Body, src, block.Type == "locals")
		for i := len(block.Labels) - 1; i >= 0; i-- {
			body = map[string]any{block.Labels[i]: body}
		}
		all, _ := out[block.Type].([]any)
		out[block.Type] = append(all, body)
	}
	return out
}

func jsonValue(e hclsyntax.Expression, src []byte, anything bool) any {
	switch e := e.(type) {
	case *hclsyntax.TemplateExpr:
		return jsonTemplate(e, src)
	case *hclsyntax.LiteralValueExpr:
		return jsonLiteral(e.Val)
	case *hclsyntax.TupleConsExpr:
		out := []any{}
		for _, elem := range e.Exprs {
			out = append(out, jsonValue(elem, src, anything))
		}
		return out
	case *hclsyntax.ObjectConsExpr:
		out := map[string]any{}
		for _, item := range e.Items {
			key := hcl.ExprAsKeyword(item.KeyExpr)
			if key == "" {
				key = jsonKey(item.KeyExpr, src)
			}
			out[key] = jsonValue(item.ValueExpr, src, anything)
		}
		return out
	case *hclsyntax.ScopeTraversalExpr:
		if root := e.Traversal.RootName(); !anything && root != "var" && root != "local" && root != "each" {
			return string(e.Range().SliceBytes(src))
		}
	case *hclsyntax.TemplateWrapExpr:
		return string(e.Range().SliceBytes(src)[1 : len(e.Range().SliceBytes(src))-1])
	}
	return "${" + string(e.Range().SliceBytes(src)) + "}"
}

func jsonKey(e hclsyntax.Expression, src []byte) string {
	text := string(e.Range().SliceBytes(src))
	if strings.HasPrefix(text, "(") {
		return "${" + text + "}"
	}
	return strings.Trim(text, `"`)
}

func jsonTemplate(e *hclsyntax.TemplateExpr, src []byte) string {
	var b strings.Builder
	escape := strings.NewReplacer("${", "$${", "%{", "%%{")
	for _, part := range e.Parts {
		if literal, ok := part.(*hclsyntax.LiteralValueExpr); ok && literal.Val.Type() == cty.String {
			b.WriteString(escape.Replace(literal.Val.AsString()))
			continue
		}
		b.WriteString("${" + string(part.Range().SliceBytes(src)) + "}")
	}
	return b.String()
}

func jsonLiteral(v cty.Value) any {
	switch {
	case v.IsNull():
		return nil
	case v.Type() == cty.Bool:
		return v.True()
	case v.Type() == cty.Number:
		n, _ := v.AsBigFloat().Float64()
		return n
	}
	return v.AsString()
}
