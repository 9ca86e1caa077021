package evaluate

import (
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"gatehouse/lang/syntax"
)

// evaluateText evaluates the text of an expression that names nothing.
func evaluateText(t *testing.T, text string) cty.Value {
	t.Helper()
	e, problem := syntax.ParseExpression(text)
	if problem != "" {
		t.Fatalf("%s: %s", text, problem)
	}
	budget := newBudget()
	budget.begin()
	v, diags := e.Value(&hcl.EvalContext{Functions: callable(budget.spend)})
	if diags.HasErrors() {
		t.Fatalf("%s: %v", text, diags)
	}
	return v
}

// spelt prints a value. Lists and tuples, maps and objects look alike in a policy.
func spelt(t *testing.T, v cty.Value) string {
	t.Helper()
	text, err := stdlib.JSONEncode(v)
	if err != nil {
		t.Fatal(err)
	}
	return text.AsString()
}

// Every function does what its example says, and the table is in order.
func TestFunctionsAsDocumented(t *testing.T) {
	last := ""
	for _, f := range Functions() {
		if f.Name <= last || !strings.HasPrefix(f.Usage, f.Name+"(") || !strings.HasSuffix(f.Doc, ".") && !strings.HasSuffix(f.Doc, "…") {
			t.Errorf("%s: name, usage or sentence", f.Name)
		}
		last = f.Name
		if !strings.Contains(f.Example, f.Name+"(") {
			t.Errorf("%s: the example doesn't call it", f.Name)
		}
		got, want := spelt(t, evaluateText(t, f.Example)), spelt(t, evaluateText(t, f.Result))
		if got != want {
			t.Errorf("%s: %s is %s, want %s", f.Name, f.Example, got, want)
		}
	}
}
