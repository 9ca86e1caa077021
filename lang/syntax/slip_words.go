package syntax

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// ours says in the words of a policy what the parser says of HCL at large. What stands in no row is said as the parser does.
var ours = map[string][2]string{
	"Invalid single-argument block definition": {"a block on one line holds one attribute",
		"Put each attribute on a line of its own, between the line with { and the line with }."},
	"Argument definition required": {"a block on one line holds one attribute",
		"Put what is in it on lines of its own, each attribute and each block, between the line with { and the line with }."},
	"Invalid argument name": {"a line begins with a text in quotes",
		`What an attribute and the type of a block are called is written without quotes: owner = "…", workload "trainer" { … }.`},
	"Extra characters after expression": {"something follows the value", "One value is wanted. Several stand in brackets, with commas between them."},
	"Invalid block definition": {"this is neither an attribute nor a block",
		`An attribute is NAME = VALUE. A block's header ends with {, on the same line.`},
	"Missing newline after argument": {"something follows the value on its line",
		"An attribute ends with its line. Is the value a text, which stands in quotes, or is a line end missing?"},
	"Unclosed configuration block": {"a brace is not closed",
		"The block that it opens has no }. Is one missing here, or in a block inside of it?"},
	"Unterminated tuple constructor expression":       {"a list is not closed", "Write ] after its last element."},
	"Unterminated object constructor expression":      {"a map is not closed", "Write } after its last entry."},
	"Unterminated function call":                      {"a call is not closed", "Write ) after its last argument."},
	"Unbalanced parentheses":                          {"a parenthesis is not closed", "Write ) where the expression ends."},
	"Unclosed index brackets":                         {"an index is not closed", "Write ] after it."},
	"Missing close bracket on index":                  {"an index is not closed", "Write ] after it."},
	"Missing item separator":                          {"a comma is missing", "Elements of a list have commas between them: write one before this."},
	"Missing argument separator":                      {"a comma is missing", "Arguments of a function have commas between them: write one before this."},
	"Missing attribute separator":                     {"a comma is missing", "Entries of a map have commas or line ends between them."},
	"Missing attribute value":                         {"an entry of a map has no value", "Write KEY = VALUE. A key that is more than one word stands in quotes."},
	"Missing key/value separator":                     {"an entry of a map has no value", "Write KEY = VALUE. A key that is more than one word stands in quotes."},
	"Missing expression":                              {"a value is missing", valueIs},
	"Invalid expression":                              {"a value is wanted here", valueIs},
	"Missing false expression in conditional":         {"a condition has no second value", "Write CONDITION ? VALUE : OTHER."},
	"Invalid 'for' expression":                        {"a for expression can't be read", "Write [for ITEM in LIST : VALUE], or {for KEY, ITEM in MAP : KEY => VALUE}."},
	"Unclosed template interpolation sequence":        {"an interpolation is not closed", "Write } where the expression ends. " + dollar},
	"Extra characters after interpolation expression": {"an interpolation holds more than an expression", "Write } where the expression ends. " + dollar},
	"Missing newline after block definition":          {"something follows a block on its line", "A block ends with its line."},
	"Invalid attribute name":                          {"a name is missing behind the dot", "A reference goes on: var.NAME, workload.NAME. Texts are joined in one: \"${a}${b}\". What a map holds under a text is MAP[\"text\"]."},
	"Unsupported operator":                            {"there is no such operator", "Conditions are joined by && and ||, and turned around by !."},
	"Unexpected comma after argument":                 {"a comma stands behind an attribute", "An attribute ends with its line. Delete the comma."},
	"Invalid number literal":                          {"this is no number", "A number is made of digits, with one point at most: 3, 0.5."},
	"Missing function name":                           {"a function's name is missing", "Functions stand in no namespaces here: write NAME(…)."},
	"Unexpected end of template":                      {"a directive is not closed", directive},
	"Unexpected else directive":                       {"a directive belongs to none before it", directive},
	"Unexpected endif directive":                      {"a directive belongs to none before it", directive},
	"Unexpected endfor directive":                     {"a directive belongs to none before it", directive},
	"Invalid template control keyword":                {"there is no such directive", directive},
	"Invalid template directive":                      {"a directive can't be read", directive},
	"Invalid 'for' directive":                         {"a directive can't be read", directive},
	tornText:                                          {"a text is not closed on its line", `Add the closing quote ". A line end inside of a text is written \n.`},
}

const (
	valueIs   = "A value is a text in quotes, a number, true or false, a reference, a list in [ ], a map in { }, or an expression of these."
	directive = "Write %{ if CONDITION } … %{ else } … %{ endif }, or %{ for ITEM in LIST } … %{ endfor }. For the two characters %{ themselves write %%{."
	dollar    = "For the two characters ${ themselves write $${."
)

// inOurWords is the summary and the detail of what the parser found.
func (p piece) inOurWords(d hcl.Diagnostic) (summary, detail string) {
	if strings.Contains(d.Detail, "must not be used when defining a block") {
		return "a block has no equals sign", "Delete it."
	}
	at := d.Subject.Start.Byte - p.start.Byte
	begin, end := p.line(at)
	if mapHeader.Match(p.src[begin:]) {
		return p.notAnAttribute(d)
	}
	if summary, detail, ok := p.oddHeader(begin, end, d.Subject.End.Byte-p.start.Byte); ok {
		return summary, detail
	}
	switch {
	case at < len(p.src) && p.src[at] == '}' && notAnItem[d.Summary]:
		return "a closing brace too many", "It closes nothing: all that was opened above is closed already. Delete it, or look for an opening brace that is missing above."
	case at < len(p.src) && p.src[at] == '=' && d.Summary == "Missing attribute separator":
		return "an entry of a map has two equals signs", "Write KEY = VALUE, and a comma or a line end before the next entry."
	case d.Summary == invalidEscape:
		return p.escape(d)
	}
	if strings.HasPrefix(d.Detail, "Template sequences are not allowed in this string") {
		return p.computedLabel(*d.Subject)
	}
	if number, ok := p.halfNumber(at); ok && d.Summary == "Invalid expression" {
		return "a number begins with a digit", "Write 0" + number + "."
	}
	if words, ok := ours[d.Summary]; ok {
		return words[0], words[1]
	}
	if d.Summary == "Argument or block definition required" && len(d.Detail) > len(d.Summary) {
		return p.notAnAttribute(d)
	}
	return lowerFirst(d.Summary), d.Detail
}

// halfNumber reads .5, a number without the digit before its point.
func (p piece) halfNumber(at int) (string, bool) {
	if at < 0 || at >= len(p.src) {
		return "", false
	}
	number := halfNumber.Find(p.src[at:])
	return string(number), number != nil
}

var halfNumber = regexp.MustCompile(`^\.[0-9]{1,20}\b`)

// brokenTemplate is the summary and the detail of what the parser found in the text of a string.
func brokenTemplate(d hcl.Diagnostic) (summary, detail string) {
	if d.Summary == "Missing expression" {
		return "an interpolation is not closed", "Write an expression between ${ and }. " + dollar
	}
	if words, ok := ours[d.Summary]; ok {
		return words[0], words[1]
	}
	return lowerFirst(d.Summary), d.Detail
}

// computedLabel speaks of a label with an expression in it.
func (p piece) computedLabel(at hcl.Range) (summary, detail string) {
	from := at.Start.Byte - p.start.Byte
	begin, _ := p.line(from)
	if word, _, _ := strings.Cut(strings.TrimSpace(string(p.src[begin:from])), " "); word == "in" {
		return "a label is never computed", "Write the environment's name out. A block in \"NAME\", where the block of environment.NAME has for_each, " +
			"holds in all of its environments that the thing is in; its attributes see each.key."
	}
	return "a label is never computed", "Write the name out. For several declarations by one block, give it a for_each."
}

// notAnAttribute speaks of a word that begins neither an attribute nor a block: a map without its equals sign, a colon, a stray word.
func (p piece) notAnAttribute(d hcl.Diagnostic) (summary, detail string) {
	from := d.Subject.Start.Byte - p.start.Byte
	begin, _ := p.line(from)
	header := strings.Fields(string(p.src[begin:from]))
	if m := mapHeader.FindSubmatch(p.src[begin:]); m != nil {
		return string(m[1]) + " is a map, not a block", fmt.Sprintf("A map has an equals sign, and a value for each key: %s = { team = \"fraud\" }.", m[1])
	}
	if len(header) == 2 && header[1] == "{" {
		return header[0] + " is not written as a block is", "Each attribute of a block stands on a line of its own, as NAME = VALUE."
	}
	if word := p.slice(*d.Subject); hclsyntax.ValidIdentifier(strings.TrimSuffix(word, ":")) {
		word = strings.TrimSuffix(word, ":")
		return word + " is neither an attribute nor a block", fmt.Sprintf("An attribute is written with an equals sign: %s = VALUE. "+
			"A block's header ends with {, on the same line.", word)
	}
	return "an attribute or a block is wanted here", "Inside of a block stand attributes, NAME = VALUE, and blocks, NAME { … }, each on a line of its own."
}

// notAnItem is how the parser calls what begins neither an attribute nor a block.
var notAnItem = map[string]bool{"Argument or block definition required": true, "Unexpected closing brace": true}

// oddHeader speaks of a block's first line that has a sign too many, or its brace on the next line.
func (p piece) oddHeader(begin, end, behind int) (summary, detail string, ok bool) {
	if word := strings.Fields(string(p.src[begin:end])); len(word) > 0 && blockWords[word[0]] && behind <= end {
		next := bytes.TrimLeft(p.src[end:], " \t\r\n")
		rest, _, _ := bytes.Cut(p.src[begin:end], []byte("#"))
		rest = bytes.TrimSpace(rest)
		if len(next) > 0 && next[0] == '{' && loneHeader.Match(rest) {
			return "the brace of a block stands on a line below", "Put it at the end of the block's first line: " + string(rest) + " {.", true
		}
	}
	m := blockHeader.FindSubmatch(p.src[begin:end])
	if m == nil || !blockWords[string(m[2])] {
		return "", "", false
	}
	header := string(m[2]) + string(m[3])
	switch sign := string(bytes.TrimSpace(m[4])); sign {
	case "":
		return "", "", false
	case ":":
		return "a block has no colon", "Write " + header + " { … }.", true
	default:
		return "a block has no equals sign", "Write " + header + " { … }.", true
	}
}

// loneHeader is a block's first line but for its brace.
var loneHeader = regexp.MustCompile(`^[A-Za-z_][\w-]*(?:[ \t]+"[^"]*")*$`)

const invalidEscape = "Invalid escape sequence"

// escape speaks of a backslash that begins no escape, as in patterns.
func (p piece) escape(d hcl.Diagnostic) (summary, detail string) {
	written := p.slice(*d.Subject)
	return written + " is no escape", fmt.Sprintf("A backslash itself is written twice: \\%s. The escapes are \\n, \\r, \\t, \\\", \\\\, \\uNNNN and \\UNNNNNNNN.", written)
}
