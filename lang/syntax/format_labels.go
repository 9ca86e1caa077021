package syntax

import (
	"bytes"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// quoteLabels puts labels that stand bare in quotes. HCL takes workload trainer { for workload "trainer" {, so that the reader does too; one
// way to write it is enough to read. The text parses.
func quoteLabels(src []byte) []byte {
	list, _ := hclsyntax.LexConfig(src, "", hcl.InitialPos)
	out, at := make([]byte, 0, len(src)+16), 0
	for _, label := range bareLabels(list) {
		out = append(append(out, src[at:label.Range.Start.Byte]...), '"')
		out = append(append(out, label.Bytes...), '"')
		at = label.Range.End.Byte
	}
	return append(out, src[at:]...)
}

// bareLabels finds the words between a block's type and its brace. Only what stands directly in a file or a block can be a header: a for
// expression in brackets may look like one.
func bareLabels(list hclsyntax.Tokens) hclsyntax.Tokens {
	var out hclsyntax.Tokens
	var open []bool // brackets; true for a block's brace
	for i := 0; i < len(list); i++ {
		inBody := len(open) == 0 || open[len(open)-1]
		switch t := list[i]; t.Type {
		case hclsyntax.TokenIdent:
			if labels, end, ok := headerLabels(list[i+1:]); ok && inBody {
				out, i, open = append(out, labels...), i+1+end, append(open, true)
			}
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			open = append(open, false)
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenTemplateSeqEnd:
			open = open[:max(0, len(open)-1)]
		}
	}
	return out
}

// headerLabels reads labels up to a block's brace, and returns the bare ones and where the brace is.
func headerLabels(list hclsyntax.Tokens) (bare hclsyntax.Tokens, brace int, ok bool) {
	for i, t := range list {
		switch t.Type {
		case hclsyntax.TokenOBrace:
			return bare, i, true
		case hclsyntax.TokenIdent:
			bare = append(bare, t)
		case hclsyntax.TokenOQuote, hclsyntax.TokenQuotedLit, hclsyntax.TokenCQuote:
		case hclsyntax.TokenComment:
			if bytes.HasSuffix(t.Bytes, []byte("\n")) { // its line ends with it, and a header is one line
				return nil, 0, false
			}
		default:
			return nil, 0, false
		}
	}
	return nil, 0, false
}
