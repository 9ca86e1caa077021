package policies

import (
	"errors"
	"regexp"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/open-policy-agent/opa/v1/ast"

	"gatehouse/lang/diag"
)

// broken is the diagnostic about a rule's text.
func broken(where hcl.Range, summary, detail string) diag.Diagnostic {
	return diag.Diagnostic{Code: diag.BrokenGuardrail, Severity: diag.Error, Summary: summary, Detail: detail, Subject: where}
}

// rangeOf translates OPA's place, which has a start and the text from there, into ours.
func rangeOf(l *ast.Location) hcl.Range {
	if l == nil {
		return hcl.Range{}
	}
	start := hcl.Pos{Line: l.Row, Column: l.Col, Byte: l.Offset}
	line, _, _ := strings.Cut(string(l.Text), "\n")
	end := start
	end.Column += len([]rune(line))
	end.Byte += len(line)
	return hcl.Range{Filename: l.File, Start: start, End: end}
}

// regoErrors translates what OPA's parser and compiler say.
func regoErrors(name string, err error) diag.List {
	var several ast.Errors
	if !errors.As(err, &several) {
		var one *ast.Error
		if !errors.As(err, &one) {
			return diag.List{broken(hcl.Range{Filename: name, Start: hcl.InitialPos, End: hcl.InitialPos}, err.Error(), "Correct the rule.")}
		}
		several = ast.Errors{one}
	}
	if len(several) > 1 && several[0].Code == ast.ParseErr {
		several = several[:1] // the others follow from the first
	}
	var diags diag.List
	for _, e := range several {
		where := hcl.Range{Filename: name, Start: hcl.InitialPos, End: hcl.InitialPos}
		if e.Location != nil && e.Location.Row > 0 {
			where = rangeOf(e.Location)
		}
		diags = append(diags, broken(where, summary(e.Message), advice(e)))
	}
	return diags
}

// lineBreak is where OPA lists conflicting values and the like below one another.
var lineBreak = regexp.MustCompile(`\s*\n\s*`)

// inventedName is what OPA's compiler calls a variable that the rule wrote as _, or computed on the way.
var inventedName = regexp.MustCompile(`__local\d+__`)

// summary is a message of OPA's in one line that can be read.
func summary(message string) string {
	const most = 300
	line := inventedName.ReplaceAllString(lineBreak.ReplaceAllString(message, " "), "_")
	if runes := []rune(line); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return line
}

// advice says what to do about an error of OPA's.
func advice(e *ast.Error) string {
	if known := fields(e); known != "" {
		return known + "INPUT.md lists what each scope of guardrail sees."
	}
	switch {
	case strings.HasPrefix(e.Message, "undefined function"):
		return "Guardrails are pure: of OPA's functions, those that reach the network, the clock (write input.time) or chance are left out. Other names are misspelt."
	case e.Code == ast.ParseErr && e.Message == "empty module":
		return "Write a package and its rules, or delete the file."
	case e.Code == ast.ParseErr:
		return "Guardrails are written in Rego v1."
	}
	return "Correct the rule; a guardrail that does not compile passes nothing."
}

// fields names what stands where an unknown field was asked for.
func fields(e *ast.Error) string {
	detail, ok := e.Details.(*ast.RefErrInvalidDetail)
	if !ok || len(detail.OneOf) == 0 {
		return ""
	}
	var known []string
	for _, v := range detail.OneOf {
		known = append(known, strings.Trim(v.String(), `"`))
	}
	text := "The fields here are: " + strings.Join(known, ", ") + ". "
	if detail.Pos < len(detail.Ref) {
		if have, ok := detail.Ref[detail.Pos].Value.(ast.String); ok {
			if near := diag.Nearest(string(have), known); near != "" {
				text = "Did you mean " + near + "? " + text
			}
		}
	}
	return text
}
