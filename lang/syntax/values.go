package syntax

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"gatehouse/lang/diag"
	"gatehouse/lang/schema"
)

var valuesSchema = schema.Block{Type: "file of values", Any: &schema.Attribute{Name: "NAME", Type: schema.Value, Example: `"value"`}}

// ReadValues reads a file that holds values alone, name = value in the native syntax or one object where its name ends in .json, in order of
// place. It is no policy file. Every value is a Computed, or Invalid where it was reported.
func ReadValues(src []byte, name string) ([]Attr, diag.List) {
	if refused := limit(src, name); refused != nil {
		return nil, diag.List{*refused}
	}
	if refused := limitNumber(src, name); refused != nil {
		return nil, diag.List{*refused}
	}
	r := &reader{}
	if strings.HasSuffix(name, ".json") {
		root, told := parseJSON(src, name)
		if len(told) > 0 {
			return nil, told
		}
		if root.kind != nodeObject {
			return nil, diag.List{{Code: diag.WrongType, Severity: diag.Error, Subject: root.rng, Summary: "the file holds no object",
				Detail: `Write { "name": value }.`}}
		}
		r.json = true
		return r.body(&valuesSchema, &Block{}, jsonBody{root}, false).Attrs, r.diags
	}
	p := piece{src: src[len(byteOrderMark(src)):], start: hcl.InitialPos}
	if refused := limitNative(p, name); refused != nil {
		return nil, diag.List{*refused}
	}
	f, diags := hclsyntax.ParseConfig(p.src, name, p.start)
	var twice []hcl.Range
	for _, d := range diags {
		if d.Summary == redefined && d.Subject != nil {
			twice = append(twice, *d.Subject)
		}
	}
	r.now = p
	r.syntaxErrors(syntaxOnly(diags), p)
	root, ok := f.Body.(*hclsyntax.Body)
	if !ok {
		return nil, r.diags
	}
	r.redefined(p, root, twice)
	return r.body(&valuesSchema, &Block{}, nativeBody{root}, false).Attrs, r.diags
}
