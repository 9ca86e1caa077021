package syntax

import (
	"bytes"
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"gatehouse/lang/diag"
)

// limitNative refuses native text that the HCL parser must not see: a piece that cut could not vouch for is measured by the parser's own
// lexer, which does not recurse.
func limitNative(p piece, name string) *diag.Diagnostic {
	if at, ok := openComment(p.src); ok {
		return refuse(diag.InvalidSyntax, p.place(name, at, 2), "a comment is not closed", "Write */ where the comment ends.")
	}
	list, _ := hclsyntax.LexConfig(p.src, name, p.start)
	return weigh(list)
}

// limitTemplate is the same for the text of a JSON string that holds a template.
func limitTemplate(src []byte) (tooDeep bool) {
	if _, digits := longNumber(src); digits {
		return true
	}
	if _, open := openComment(src); open {
		return true
	}
	list, _ := hclsyntax.LexTemplate(src, "", hcl.InitialPos)
	return weigh(list) != nil
}

// longNumber finds the first number with too many digits, dots between them included. One that is as long covers one of the bytes that are
// looked at.
func longNumber(src []byte) (at int, long bool) {
	for i := maxDigits; i < len(src); i += maxDigits {
		if !inNumber(src[i]) {
			continue
		}
		from, to := i, i
		for from > 0 && inNumber(src[from-1]) {
			from--
		}
		for to < len(src) && inNumber(src[to]) {
			to++
		}
		for from < to && src[from] == '.' {
			from++
		}
		if to-from > maxDigits {
			return from, true
		}
		i = to
	}
	return 0, false
}

func inNumber(c byte) bool { return c >= '0' && c <= '9' || c == '.' }

// openComment finds the last of many comment openings that nothing closes. The lexer looks for the end of each one through the whole rest
// of the text, so that a few are let through (they may stand in texts, as in "/v1/*") and thousands are not.
func openComment(src []byte) (at int, many bool) {
	const most = 100
	rest := src[bytes.LastIndex(src, []byte("*/"))+1:]
	if bytes.Count(rest, []byte("/*")) <= most {
		return 0, false
	}
	return bytes.LastIndex(src, []byte("/*")), true
}

// level is an opened bracket, quote or template. weight counts what nests in the parser's tree without brackets of its own: operators,
// indexes and template directives that follow each other.
type level struct {
	open   hclsyntax.TokenType
	lines  bool // a line's end ends an expression here
	weight int
	texts  int
}

// weigh measures how deep the parser would go. Its answer is never below the truth: a closing bracket that doesn't fit is passed over.
func weigh(list hclsyntax.Tokens) *diag.Diagnostic {
	stack := []level{{lines: true}}
	bodies := 0
	sum := 0 // of all weights, and one for each level
	for i, t := range list {
		top := &stack[len(stack)-1]
		switch t.Type {
		case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc,
			hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
			if bodies += opensBody(list, i); bodies > maxBodies {
				return refuse(diag.TooLarge, t.Range, "too many blocks in a part of a file that can't be read", "Mend the first mistake, or split the file.")
			}
			if t.Type == hclsyntax.TokenTemplateControl {
				top.weight++
				sum++
			}
			stack = append(stack, level{open: t.Type, lines: t.Type == hclsyntax.TokenOBrace && !opensFor(list[i+1:])})
			sum++
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc,
			hclsyntax.TokenTemplateSeqEnd:
			if !closes(top.open, t.Type) {
				break
			}
			sum -= 1 + top.weight
			stack = stack[:len(stack)-1]
			if t.Type == hclsyntax.TokenCBrack || t.Type == hclsyntax.TokenCParen {
				stack[len(stack)-1].weight++ // a[0][0][0] nests
				sum++
			}
		case hclsyntax.TokenComma:
			sum -= top.weight
			top.weight = 0
		case hclsyntax.TokenNewline:
			if top.lines {
				sum -= top.weight
				top.weight = 0
			}
		case hclsyntax.TokenStringLit, hclsyntax.TokenQuotedLit, hclsyntax.TokenQuotedNewline:
			if top.texts++; top.texts > maxLines {
				return refuse(diag.TooLarge, t.Range, fmt.Sprintf("a text has more than %d lines or pieces", maxLines), "Shorten it.")
			}
		case hclsyntax.TokenIdent, hclsyntax.TokenNumberLit, hclsyntax.TokenDot, hclsyntax.TokenComment, hclsyntax.TokenEOF:
		default:
			top.weight++
			sum++
		}
		if sum > maxNesting {
			return refuse(diag.TooDeep, t.Range, "nested too deeply", tooDeepDetail)
		}
	}
	return nil
}

// opensBody counts a brace that may begin a block's body. After a mistake the parser can miss closing braces, so that the bodies that
// follow nest in it: their number has a limit too.
func opensBody(list hclsyntax.Tokens, i int) int {
	if i == 0 || list[i].Type != hclsyntax.TokenOBrace {
		return 0
	}
	if before := list[i-1].Type; before == hclsyntax.TokenIdent || before == hclsyntax.TokenCQuote {
		return 1
	}
	return 0
}

// opensFor reports whether a brace opens a for expression, inside of which lines don't count.
func opensFor(rest hclsyntax.Tokens) bool {
	for _, t := range rest {
		if t.Type != hclsyntax.TokenNewline && t.Type != hclsyntax.TokenComment {
			return t.Type == hclsyntax.TokenIdent && string(t.Bytes) == "for"
		}
	}
	return false
}

func closes(open, end hclsyntax.TokenType) bool {
	switch open {
	case hclsyntax.TokenOBrace:
		return end == hclsyntax.TokenCBrace
	case hclsyntax.TokenOBrack:
		return end == hclsyntax.TokenCBrack
	case hclsyntax.TokenOParen:
		return end == hclsyntax.TokenCParen
	case hclsyntax.TokenOQuote:
		return end == hclsyntax.TokenCQuote
	case hclsyntax.TokenOHeredoc:
		return end == hclsyntax.TokenCHeredoc
	case hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
		return end == hclsyntax.TokenTemplateSeqEnd
	default:
		return false
	}
}
