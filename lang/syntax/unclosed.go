package syntax

import (
	"bytes"
	"regexp"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/diag"
)

// bracket is what a value is written between, where the parser missed a comma.
type bracket struct{ name, open, end, part string }

// separated are the complaints about a missing comma, by the parser's name.
var separated = map[string]bracket{
	"Missing item separator":     {"list", "[", "]", "element"},
	"Missing argument separator": {"call", "(", ")", "argument"},
}

// afterValue is how a line begins that can't be the next part of a value: a closing bracket, NAME =, TYPE {, TYPE "LABEL" {.
var afterValue = regexp.MustCompile(`^(?:[\])}]|[A-Za-z_][\w-]*[ \t]*=(?:[^=>]|$)|[A-Za-z_][\w-]*(?:[ \t]+"[^"\n]*")*[ \t]*\{)`)

// unclosed says where a list or a call begins that nothing closes, and how to close it. The parser reads on to the next line and misses a comma
// there, which would not help.
func (p piece) unclosed(d hcl.Diagnostic) (diag.Diagnostic, diag.Fix, bool) {
	b, ok := separated[d.Summary]
	if !ok || d.Context == nil {
		return diag.Diagnostic{}, diag.Fix{}, false
	}
	at := d.Subject.Start.Byte - p.start.Byte
	before := bytes.TrimRight(p.src[:at], " \t")
	if !bytes.HasSuffix(before, []byte("\n")) || !afterValue.Match(p.src[at:]) {
		return diag.Diagnostic{}, diag.Fix{}, false
	}
	file := d.Subject.Filename
	open := d.Context.Start.Byte - p.start.Byte
	open += max(0, bytes.Index(p.src[open:at], []byte(b.open)))
	last := len(bytes.TrimRight(before, " \t\r\n"))
	return diag.Diagnostic{
		Code: diag.InvalidSyntax, Severity: diag.Error, Subject: p.span(file, open, open+1),
		Summary: "a " + b.name + " is not closed",
		Detail:  "Write " + b.end + " after its last " + b.part + ".",
		Related: []diag.Related{{Message: "noticed here", Range: *d.Subject}},
	}, diag.Replace(p.span(file, last, last), b.end, "close the "+b.name), true
}
