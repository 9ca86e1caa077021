package syntax

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"gatehouse/lang/diag"
	"gatehouse/lang/schema"
)

// article names a kind of block in a sentence: a workload block, an allow block.
func article(blockType string) string { return diag.Article(blockType) + " block" }

// title names one block: workload "x", or gatehouse.
func title(b *Block) string {
	if len(b.Labels) == 0 {
		return b.Type
	}
	return b.Type + " " + quote(b.Labels[0].Value)
}

// quote prints a text from the policy inside a message; a long one is cut.
func quote(s string) string {
	const most = 60
	if len(s) > most {
		cut := most
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		return strconv.Quote(s[:cut] + "…")
	}
	return strconv.Quote(s)
}

// listed joins words in the order of the table.
func listed(words []string) string { return diag.Listed(words, "and") }

// isOddQuote reports whether a character is a quote that neither syntax has: single, or made round by a word processor.
func isOddQuote(s string) bool { return s != "" && strings.Contains("'`‘’‚“”„", s) }

func oddQuoteMessage(quote string) (summary, detail string) {
	return quote + " is not a quote here", `Texts stand in straight double quotes: write ".`
}

func blockTypes(s *schema.Block) []string {
	var out []string
	for _, b := range s.Blocks {
		out = append(out, b.Type)
	}
	return out
}

func attrNames(s *schema.Block) []string {
	var out []string
	for _, a := range s.Attrs {
		if a.Refused == "" {
			out = append(out, a.Name)
		}
	}
	return out
}

// contents says what a block holds.
func contents(s *schema.Block) string {
	out := upperFirst(article(s.Type)) + " has the attributes " + listed(attrNames(s))
	switch len(s.Blocks) {
	case 0:
	case 1:
		out += ", and the block " + s.Blocks[0].Type
	default:
		out += ", and the blocks " + listed(blockTypes(s))
	}
	return out + "."
}

// suggestion is a sentence that names the nearest of the known words, or nothing where none is near.
func suggestion(word string, known []string) string {
	if near := diag.Nearest(word, known); near != "" {
		return "Did you mean " + near + "? "
	}
	return ""
}

// upperFirst begins a sentence with a word of the table, which is ASCII.
func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
