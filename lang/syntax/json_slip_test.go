package syntax

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/lang/diag"
)

// typed is JSON with everything on a line of its own, as people edit it.
func typed(t *testing.T) string {
	t.Helper()
	var out bytes.Buffer
	if err := json.Indent(&out, []byte(goodJSON), "", "  "); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func saidOf(src string) (Tree, []string) {
	tree, _, diags := LoadFiles(map[string]string{"a.gate.json": src})
	var out []string
	for _, d := range diags {
		out = append(out, fmt.Sprintf("%d %s", d.Subject.Start.Line, d.Summary))
	}
	return tree, out
}

func TestReadingGoesOnBehindASlip(t *testing.T) {
	const root = "{\"gatehouse\": {\"policy\": \"x\"},\n\"group\": {\n"
	for _, c := range []struct{ src, groups, want string }{
		{`"a": {"match": {"x": "y"}},` + "\n" + `"b": {"match": {"x": "y"}}`, "a b", ""},
		{`"a": {"match": {"x": "y"},},` + "\n" + `"b": {"match": {"x": "y"},}`, "a b", "3 a comma before the end of an object; 4 a comma before the end of an object"},
		{`"a": {"match": {"x": "y"}}` + "\n" + `"b": {"match": {"x" "y"}}`, "a b", "4 a comma is missing; 4 a colon is missing"},
		{`"a": {"match": {"x" = "y"}},` + "\n// why\n// indeed\n" + `"b": {"match": {"x": "y"}}`, "a b", "3 a colon is missing; 4 JSON has no comments"},
		{`"a": {"match": {"x": "y"}}, # {` + "\n" + `"b": {match: {"x": y}}`, "a b", "3 JSON has no comments; 4 a name without quotes"},
		{`/* [ */ "a": {"match": {"x": "y"}},,` + "\n" + `'b': {"match": {"x": "y"}}`, "a b", "3 JSON has no comments; 4 ' is not a quote here"},
		{`"a": {"match": {"x": “y”}},` + "\n" + `"b": {"match": {"x": 2027-03-01}}`, "a b", "3 “ is not a quote here; 4 not a number"},
		{"\"a\": {\"match\": {\"x\": \"\ty\x01\"}},\n" + `"b": {"match": {"x": "\y"}}`, "a b", "3 a tab stands inside of a text; 4 a text holds an unknown escape"},
		{"\"a\": {\"match\": {\n\"x\": \"y,\n" + `"z": "y"}},` + "\n" + `"b": {"match": {"x": @}}`, "a b", "4 a text is not closed; 6 a JSON value is missing here"},
		{"\"a\": {\"match\":\n\"workloads\": []},\n" + `"b": {"match": {"x": y z}}`, "a b", `3 "match" has no value; 5 a bare word`},
		{"\"a\": {\"workloads\": [\"workload.a\",\n\"match\": {}},\n" + `"b": {"workloads": ["workload.b"` + "\n}", "a b", "3 an array is not closed; 5 an array is not closed"},
		{"\"a\": {\"workloads\": [\"workload.a\"\n\"match\": {}},\n" + `"b": {"match": 30d}`, "a b", "3 an array is not closed; 5 not a number"},
		{"\"a\": {\"match\": {\"x\": \"y\", ? : [1, {\"z\": 2}]}},\n" + `"b": {"match" "x" {}, "match": {"x": "y"}}`, "a b", "3 a property's name is missing; 4 a colon is missing"},
		{`"a": {"match": {"x": "y"}},` + "\n" + `"b": {"match": {"x": "y"}`, "", "1 an object is not closed"},
		{`"a": {"match": {"x": "y}},` + "\n" + `"b": {"match": {"x": "y"}}`, "", "3 a text is not closed"},
		{`"a": {"match": {"x": "y"}} /* why`, "", "3 a comment is not closed"},
	} {
		tree, said := saidOf(root + c.src + "\n}}")
		var groups []string
		for _, b := range tree.Blocks {
			groups = append(groups, b.Name())
		}
		if got := strings.Join(said, "; "); got != c.want || strings.Join(groups, " ") != c.groups {
			t.Errorf("%s\n got %s with %v\nwant %s with [%s]", c.src, got, groups, c.want, c.groups)
		}
	}
}

// TestOneSlipIsToldOnce makes the slips of people who type JSON in every place of a file.
func TestOneSlipIsToldOnce(t *testing.T) {
	src := typed(t)
	for i, c := range src {
		var slips []string
		switch c {
		case ',':
			slips = []string{"", ",,", ";", ", // why"}
		case ':':
			slips = []string{"", "=", "=>"}
		case '"':
			slips = []string{"", "'", "“"}
		case '}', ']':
			slips = []string{"", "," + string(c)}
		case '{', '[':
			slips = []string{"", string(c) + ",", string(c) + "//"}
		}
		for _, slip := range slips {
			slipped := src[:i] + slip + src[i+1:]
			if _, said := saidOf(slipped); len(said) != 1 && !json.Valid([]byte(slipped)) {
				t.Errorf("%q in the place of %q, in %q: %d are told\n%s", slip, c, src[max(0, i-30):min(len(src), i+25)], len(said), strings.Join(said, "\n"))
			}
		}
	}
}

// Two slips apart from each other are both told, and nothing else.
func TestTwoSlipsAreBothTold(t *testing.T) {
	lines := strings.Split(typed(t), "\n")
	for i, line := range lines {
		if !strings.HasSuffix(line, "\",") {
			continue
		}
		for j := i + 2; j < len(lines); j++ {
			if !strings.HasSuffix(lines[j], "\",") {
				continue
			}
			slipped := slices.Clone(lines)
			slipped[i], slipped[j] = strings.TrimSuffix(line, ","), lines[j]+" // why"
			want := []string{fmt.Sprintf("%d a comma is missing", i+2), fmt.Sprintf("%d JSON has no comments", j+1)}
			_, said := saidOf(strings.Join(slipped, "\n"))
			if d := cmp.Diff(want, said); d != "" {
				t.Error(d)
			}
		}
	}
}

func TestSlipsOfAFileAreBounded(t *testing.T) {
	_, _, diags := LoadFiles(map[string]string{"a.gate.json": `{"locals": {"a": [` + strings.Repeat("1 \n", 10_000) + `]}}`})
	if len(diags) != mostSlips {
		t.Errorf("%d are told", len(diags))
	}
	if got := slices.IndexFunc(diags, func(d diag.Diagnostic) bool { return len(d.Fixes) == 0 }); got != mostTried {
		t.Errorf("%d have a fix", got)
	}
}
