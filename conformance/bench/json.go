package main

import (
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"gatehouse/lang/syntax"
)

// spellFile says in the JSON syntax what a generated file says: a property for each block, one block a line.
func spellFile(text string) string {
	src := []byte(text)
	f, diags := hclsyntax.ParseConfig(src, "", hcl.InitialPos)
	if diags.HasErrors() {
		return text // which no step can read
	}
	var b strings.Builder
	b.WriteString("{\n")
	spellBlocks(&b, f.Body.(*hclsyntax.Body).Blocks, src)
	b.WriteString("}\n")
	return b.String()
}

func spellBlocks(b *strings.Builder, blocks hclsyntax.Blocks, src []byte) {
	for i, block := range blocks {
		first := i == 0 || blocks[i-1].Type != block.Type
		last := i == len(blocks)-1 || blocks[i+1].Type != block.Type
		if first {
			b.WriteString(strconv.Quote(block.Type) + ": ")
			if len(block.Labels) > 0 {
				b.WriteString("{\n")
			}
		}
		if len(block.Labels) > 0 {
			b.WriteString(strconv.Quote(block.Labels[0]) + ": ")
		}
		b.WriteString("{")
		spellBody(b, block.Body, src)
		b.WriteString("}")
		if last && len(block.Labels) > 0 {
			b.WriteString("\n}")
		}
		if i < len(blocks)-1 {
			b.WriteString(",\n")
		}
	}
}

func spellBody(b *strings.Builder, body *hclsyntax.Body, src []byte) {
	n := 0
	for _, name := range []string{"owner", "environments", "labels", "classification", "protocol", "from", "to", "actions", "reason", "expires"} {
		if a := body.Attributes[name]; a != nil {
			if n++; n > 1 {
				b.WriteString(", ")
			}
			b.WriteString(strconv.Quote(name) + ": " + syntax.InJSON(string(a.Expr.Range().SliceBytes(src))))
		}
	}
	if n > 0 && len(body.Blocks) > 0 {
		b.WriteString(", ")
	}
	spellBlocks(b, body.Blocks, src)
}
