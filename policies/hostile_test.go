package policies_test

import (
	"strings"
	"testing"

	"gatehouse/policies"
)

// A rule's text may be anything at all: it ends in a diagnostic, and soon.
func TestHostileTextIsADiagnostic(t *testing.T) {
	const deep = 200_000
	const almost = 50_000 // below what the parser refuses by itself
	for name, text := range map[string]string{
		"brackets":    rule + `deny contains {"subject": "x"} if x := ` + strings.Repeat("[", deep),
		"closed":      rule + `deny contains {"subject": "x"} if x := ` + strings.Repeat("[", deep) + strings.Repeat("]", deep),
		"almost":      rule + `deny contains {"subject": input.nope} if x := ` + strings.Repeat("[", almost) + strings.Repeat("]", almost),
		"almost sets": rule + `deny contains {"subject": input.nope} if x := ` + strings.Repeat("{", almost) + "1" + strings.Repeat("}", almost),
		"sum":         rule + `deny contains {"subject": input.nope} if ` + strings.Repeat("1 + ", almost) + "1 > 0",
		"braces":      rule + `deny contains {"subject": "x"} if ` + strings.Repeat("{", deep),
		"parentheses": rule + `deny contains {"subject": "x"} if ` + strings.Repeat("(", deep),
		"minus":       rule + `deny contains {"subject": "x"} if x := ` + strings.Repeat("-", deep),
		"calls":       rule + `deny contains {"subject": "x"} if ` + strings.Repeat("f(", deep),
		"not":         rule + `deny contains {"subject": "x"} if ` + strings.Repeat("not ", deep) + "false",
		"every":       rule + `deny contains {"subject": "x"} if ` + strings.Repeat("every x in [1] { ", deep),
		"dots":        rule + `deny contains {"subject": "x"} if input` + strings.Repeat(".a", deep),
		"NUL":         rule + "\x00",
		"no UTF-8":    rule + "\xff\xfe",
		"empty":       "",
		"YAML":        "# METADATA\n# custom: " + strings.Repeat("[", deep) + "\n" + rule,
		"too large":   rule + strings.Repeat("#", 1<<20),
	} {
		t.Run(name, func(t *testing.T) {
			engine, diags, err := policies.Prepare(t.Context(), own("a.rego", text))
			if engine != nil || err != nil || !diags.HasErrors() {
				t.Errorf("got %v, %s, %v", engine, show(diags), err)
			}
			for _, d := range diags {
				if len(d.Summary) > 1000 {
					t.Errorf("a summary of %d bytes", len(d.Summary))
				}
			}
		})
	}
}
