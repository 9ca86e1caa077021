package navigate

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What a text that can't be read has lost is carried over from the one before, to where it stands now.
func TestCarry(t *testing.T) {
	const before = `{"allow": {
  "a": {"from": ["workload.x"], "to": ["secret.s"]},
  "b": {"from": ["workload.y"], "to": ["secret.s"]}
}}`
	const native = "workload \"x\" {\n  in \"prod\" {\n  }\n}\nallow \"a\" {\n  from = [workload.x]\n}\nallow \"b\" {\n  from = [workload.y]\n}\n"
	for _, c := range []struct{ name, file, before, old, text, want string }{
		{"a bracket in JSON", "a.gate.json", before, `"workload.x"], `, `"workload.x"`, "allow.a[allow.a workload.x secret.s] allow.b[allow.b workload.y secret.s]"},
		{"what is written", "a.gate.json", before, `"workload.x"]`, `"workload.z`, "allow.a[allow.a secret.s] allow.b[allow.b workload.y secret.s]"},
		{"a header", "a.gate.json", before, `"a": {`, `"c {`, "allow.b[allow.b workload.y secret.s]"},
		{"a block that is gone", "a.gate.json", before, `"b": {"from": ["workload.y"], "to": ["secret.s"]}`, "", "allow.a[allow.a workload.x secret.s]"},
		{"everything", "a.gate.json", before, before, "{", ""},
		{"a native header", "a.gate.hcl", native, "prod\" {", "prod", "workload.x[workload.x] allow.a[allow.a workload.x] allow.b[allow.b workload.y]"},
		{"a native list", "a.gate.hcl", native, "[workload.x]", "[workload.x, (", "workload.x[workload.x environment.prod] allow.a[allow.a workload.x] allow.b[allow.b workload.y]"},
	} {
		text := strings.Replace(c.before, c.old, c.text, 1)
		f := ReadFile(c.file, text)
		if !f.Torn {
			t.Errorf("%s: the text is sound", c.name)
		}
		f = f.Carry(ReadFile(c.file, c.before))
		var got []string
		for _, s := range f.Symbols {
			var names []string
			for _, o := range f.Occurrences {
				if o.Whole.Start < s.Word.Start || o.Whole.End > s.Whole.End {
					continue
				}
				names = append(names, o.Name.String())
				if word := text[o.Word.Start:o.Word.End]; word != o.Name.Name {
					t.Errorf("%s: %s stands at %q", c.name, o.Name, word)
				}
			}
			got = append(got, fmt.Sprintf("%s.%s%v", s.Kind, s.Name, names))
		}
		if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

// Whatever becomes of a text, what is carried over lies within it.
func TestCarryAnywhere(t *testing.T) {
	before := ReadFile("a.gate.hcl", manyThings)
	for at := 0; at < len(manyThings); at += 7 {
		for _, text := range []string{manyThings[:at], manyThings[at:], manyThings[:at] + "{[\"" + manyThings[at:], manyThings[:at] + manyThings[(at+len(manyThings))/2:]} {
			f := ReadFile("a.gate.hcl", text).Carry(before)
			for _, o := range f.Occurrences {
				if o.Whole.Start < 0 || o.Whole.End > len(text) || !strings.Contains(text[o.Whole.Start:o.Whole.End], text[o.Word.Start:o.Word.End]) {
					t.Fatalf("%d: %+v", at, o)
				}
			}
		}
	}
}
