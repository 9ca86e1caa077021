package conformance

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"gatehouse/lang/diag"
	language "gatehouse/lang/schema"
)

// TestAttributeExamplesCompile puts every example of the table into the reference's policy, in place of the value that stands there. What the
// examples refer to is declared in testdata/reference/examples.gate.hcl. Nothing may be said about the value: what it makes of the rest
// of the policy is another matter.
func TestAttributeExamplesCompile(t *testing.T) {
	src := []byte(referencePolicy(t))
	parsed, diags := hclsyntax.ParseConfig(src, "policy.gate.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	tried := 0
	eachAttribute("", language.File(), []*hclsyntax.Body{parsed.Body.(*hclsyntax.Body)}, func(path string, a language.Attribute, body *hclsyntax.Body) {
		if body == nil {
			t.Errorf("%s: testdata/reference/policy.gate.hcl has no such block", path)
			return
		}
		tried++
		text, at := withValue(src, body, a)
		if found := about(t, text, at); len(found) > 0 {
			t.Errorf("%s = %s:\n%s", path, a.Example, messages(found))
		}
	})
	if tried < 80 {
		t.Errorf("only %d examples were tried", tried)
	}
}

// eachAttribute visits the attributes of the table, each with a body in the policy that it may stand in; nil where there is none.
func eachAttribute(path string, blocks []language.Block, in []*hclsyntax.Body, visit func(string, language.Attribute, *hclsyntax.Body)) {
	for _, s := range blocks {
		var bodies []*hclsyntax.Body
		for _, outer := range in {
			for _, b := range outer.Blocks {
				if b.Type == s.Type {
					bodies = append(bodies, b.Body)
				}
			}
		}
		for _, a := range s.Attrs {
			if a.Refused == "" {
				visit(path+s.Type+"."+a.Name, a, bodyWith(bodies, a))
			}
		}
		eachAttribute(path+s.Type+".", s.Blocks, bodies, visit)
	}
}

// bodyWith prefers a body that has the attribute already.
func bodyWith(bodies []*hclsyntax.Body, a language.Attribute) *hclsyntax.Body {
	for _, b := range bodies {
		if b.Attributes[a.Name] != nil {
			return b
		}
	}
	if len(bodies) == 0 {
		return nil
	}
	return bodies[0]
}

// withValue writes an example into a body, and returns the text and the bytes that the example takes in it.
func withValue(src []byte, body *hclsyntax.Body, a language.Attribute) (text string, at [2]int) {
	from, to, before := body.EndRange.Start.Byte-1, body.EndRange.Start.Byte-1, fmt.Sprintf("\n%s = ", a.Name)
	after := "\n"
	if set := body.Attributes[a.Name]; set != nil {
		from, to, before, after = set.Expr.Range().Start.Byte, set.Expr.Range().End.Byte, "", ""
	}
	begin := from + len(before)
	return string(src[:from]) + before + a.Example + after + string(src[to:]), [2]int{begin, begin + len(a.Example)}
}

// about compiles a policy and returns what is said of a part of it.
func about(t *testing.T, text string, at [2]int) diag.List {
	t.Helper()
	files := map[string]string{"policy.gate.hcl": text, "examples.gate.hcl": testData(t, "reference/examples.gate.hcl")}
	var out diag.List
	for _, d := range compile(t, files, time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)).Diagnostics {
		if d.Severity == diag.Error && d.Subject.Filename == "policy.gate.hcl" && d.Subject.Start.Byte < at[1] && d.Subject.End.Byte > at[0] &&
			!strings.HasPrefix(string(d.Code), "coinciding") {
			out = append(out, d)
		}
	}
	return out
}

func testData(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
