package navigate

import (
	"strings"
	"testing"

	"gatehouse/lang/syntax"
)

// A constant is printed in one line, whatever it is, and without working out numbers that nobody could read.
func TestConstantText(t *testing.T) {
	for _, c := range []struct{ want, text string }{
		{`"a\"b"`, `"a\"b"`},
		{`""`, `""`},
		{`"$${x}"`, `"$${x}"`},
		{"-1.5", "(-1.5)"},
		{"100000", "100000"},
		{"…", "1e999999"},
		{"true", "true"},
		{"null", "null"},
		{"[]", "[]"},
		{"{}", "{}"},
		{`["a", false]`, "[\n\"a\",\nfalse]"},
		{`{ a = 1, "b c" = { d = [] } }`, "{\n a = 1\n \"b c\" = { d : [] }\n}"},
		{"…", "var.x"},
		{"[…]", `["${var.x}"]`},
		{`"` + strings.Repeat("é", 59) + "…", `"` + strings.Repeat("é", 80) + `"`},
	} {
		e, problem := syntax.ParseExpression(c.text)
		if problem != "" {
			t.Fatalf("%s: %s", c.text, problem)
		}
		if got := constantText(e); got != c.want {
			t.Errorf("%s: got %s, want %s", c.text, got, c.want)
		}
	}
}
