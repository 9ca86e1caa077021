package syntax

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"gatehouse/lang/diag"
)

// byLine gives the codes of each line, in order of column.
func byLine(diags diag.List) []string {
	var out []string
	for _, d := range diags {
		out = append(out, fmt.Sprintf("%3d %s", d.Subject.Start.Line, d.Code))
	}
	slices.Sort(out)
	return out
}

// wanted reads the "# want CODE..." at the ends of lines.
func wantedByLine(src string) []string {
	var out []string
	for i, line := range strings.Split(src, "\n") {
		_, codes, _ := strings.Cut(line, "# want ")
		for _, code := range strings.Fields(codes) {
			out = append(out, fmt.Sprintf("%3d %s", i+1, code))
		}
	}
	slices.Sort(out)
	return out
}

func TestMistakes(t *testing.T) {
	src, err := os.ReadFile("testdata/mistakes.gate.hcl")
	if err != nil {
		t.Fatal(err)
	}
	_, sources, diags := LoadFiles(map[string]string{"mistakes.gate.hcl": string(src)})
	if d := gocmp.Diff(wantedByLine(string(src)), byLine(diags)); d != "" {
		t.Error(d)
	}
	if !slices.IsSortedFunc(diags, func(a, b diag.Diagnostic) int { return cmp.Compare(a.Subject.Start.Byte, b.Subject.Start.Byte) }) {
		t.Error("not in order of position")
	}
	golden(t, "testdata/mistakes.txt", diags, sources)
}

// golden compares what people see with a file. GATEHOUSE_UPDATE=1 rewrites it.
func golden(t *testing.T, file string, diags diag.List, sources Sources) {
	t.Helper()
	var got strings.Builder
	if err := diag.Render(&got, diags, sources.Bytes, diag.Options{}); err != nil {
		t.Fatal(err)
	}
	if os.Getenv("GATEHOUSE_UPDATE") == "1" {
		if err := os.WriteFile(file, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := gocmp.Diff(string(want), got.String()); d != "" {
		t.Error(d)
	}
}

func TestMistakesInJSON(t *testing.T) {
	const whole = `"gatehouse":{"policy":"x"},`
	for _, c := range []struct{ code, at, src string }{
		{"invalid-syntax", `,`, `{` + whole + `}`},
		{"invalid-syntax", `'`, `{'workload':null}`},
		{"invalid-syntax", `workload.a`, `{"allow": workload.a}`},
		{"invalid-syntax", `"\q"`, `{"workload":"\q"}`},
		{"invalid-syntax", `01`, `{"workload":01}`},
		{"invalid-syntax", `"${"`, `{` + whole + `"environment":{"a":{"tier":"staging","consul":{"service":"${"}}}}`},
		{"unknown-block", `"alow"`, `{` + whole + `"alow":{"a":{}}}`},
		{"unknown-attribute", `"alow"`, `{` + whole + `"alow":1}`},
		{"unknown-attribute", `"reson"`, `{` + whole + `"allow":{"a":{"from":[],"to":[],"reson":""}}}`},
		{"duplicate-attribute", `"to"`, `{` + whole + `"allow":{"a":{"from":[],"to" :[],"to":[]}}}`},
		{"missing-attribute", `"a"`, `{` + whole + `"allow":{"a":{"from":[]}}}`},
		{"wrong-type", `"secret.a"`, `{` + whole + `"allow":{"a":{"from":[],"to":"secret.a"}}}`},
		{"wrong-type", `"a b"`, `{` + whole + `"allow":{"a":{"from":["a b"],"to":[]}}}`},
		{"wrong-type", `"true"`, `{` + whole + `"workload":{"a":{"environments":[],"interactive":"true"}}}`},
		{"wrong-type", `3`, `{` + whole + `"workload":3}`},
		{"wrong-type", `3`, `{` + whole + `"workload":{"a":3}}`},
		{"wrong-labels", `"group"`, `{` + whole + `"group":{}}`},
		{"wrong-labels", `"match"`, `{` + whole + `"group":{"match":"x"}}`},
		{"unsupported-expression", `"${var.x}"`, `{"gatehouse":{"policy":"${var.x}"}}`},
		{"second-policy", `"gatehouse" `, `{` + whole + `"gatehouse" :{"policy":"y"}}`},
		{"invalid-value", `"drop"`, `{` + whole + `"deny":{"a":{"from":[],"to":[],"actions":["drop"]}}}`},
	} {
		_, _, diags := LoadFiles(map[string]string{"a.gate.json": c.src})
		if len(diags) != 1 || string(diags[0].Code) != c.code {
			t.Errorf("%s: want %s once, got %v", c.src, c.code, diags)
			continue
		}
		s := diags[0].Subject
		if got := c.src[s.Start.Byte:s.End.Byte]; got != strings.TrimSpace(c.at) {
			t.Errorf("%s: %s at %q, want %q", c.src, c.code, got, c.at)
		}
	}
}
