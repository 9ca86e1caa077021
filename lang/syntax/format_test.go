package syntax

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

func TestFormat(t *testing.T) {
	for _, c := range []struct{ name, file, in, want string }{
		{"indents and aligns", "a.gate.hcl",
			"allow \"x\" {\n from=[ workload.a ]\n   environments = [environment.prod]  # where\n reason = \"y\" # why\n}",
			"allow \"x\" {\n  from         = [workload.a]\n  environments = [environment.prod] # where\n  reason       = \"y\"                # why\n}\n"},
		{"blank lines", "a.gate.hcl",
			"\n\n# a comment\n\n\n\ngroup \"a\" {\n\n  match = { a = \"b\" }\n\n\n  workloads = []\n\n}\n\n\n\n",
			"# a comment\n\ngroup \"a\" {\n  match = { a = \"b\" }\n\n  workloads = []\n}\n"},
		{"lists over lines", "a.gate.hcl",
			"a = [\n\n1,\n  # first\n\n\n\t2,\n\n]\n",
			"a = [\n  1,\n  # first\n\n  2,\n]\n"},
		{"heredocs stay", "a.gate.hcl",
			"a = <<EOT\n  x  \n\n\n\n y\nEOT\n",
			"a = <<EOT\n  x  \n\n\n\n y\nEOT\n"},
		{"CRLF and a byte order mark", "a.gate.hcl", "\xEF\xBB\xBFa = 1\r\n# c\r\n\r\nb = 2\r\n", "a = 1\n# c\n\nb = 2\n"},
		{"unknown words don't matter", "a.gate.hcl", "wrkload \"x\" {\nownr=\"y\"\n}\n", "wrkload \"x\" {\n  ownr = \"y\"\n}\n"},
		{"labels get quotes", "a.gate.hcl",
			"workload trainer {\n  in prod { service = \"x\" }\n  labels = {\n    a = [for k in x : k]\n  }\n}\ngatehouse {}\nallow /* c */ a {\n}\n",
			"workload \"trainer\" {\n  in \"prod\" { service = \"x\" }\n  labels = {\n    a = [for k in x : k]\n  }\n}\ngatehouse {}\nallow /* c */ \"a\" {\n}\n"},
		{"what looks like a header is none", "a.gate.hcl", "a = {\n  for k in { b = 1 } : k => 2\n}\nb = \"${[for k in { c = 1 } : k]}\"\n",
			"a = {\n  for k in { b = 1 } : k => 2\n}\nb = \"${[for k in { c = 1 } : k]}\"\n"},
		{"a comment ends its line", "a.gate.hcl", "a {\n  b = local.c # d\n  e {}\n}\n", "a {\n  b = local.c # d\n  e {}\n}\n"},
		{"empty", "a.gate.hcl", "", ""},
		{"only space", "a.gate.hcl", "\n\n", ""},
		{"JSON", "a.gate.json", "{\"group\":{\"a\":{\"match\":{\"x\":\"<y>\"},\r\n\"//\":\"c\"}}, \"allow\":[]}",
			"{\n  \"group\": {\n    \"a\": {\n      \"match\": {\n        \"x\": \"<y>\"\n      },\n      \"//\": \"c\"\n    }\n  },\n  \"allow\": []\n}\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, diags := Format([]byte(c.in), c.file)
			if len(diags) > 0 {
				t.Fatal(diags)
			}
			if d := cmp.Diff(c.want, string(got)); d != "" {
				t.Error(d)
			}
			again, _ := Format(got, c.file)
			if d := cmp.Diff(string(got), string(again)); d != "" {
				t.Errorf("not stable: %s", d)
			}
		})
	}
}

func TestFormatLeavesBrokenTextAlone(t *testing.T) {
	for _, c := range []struct{ file, in, code string }{
		{"a.gate.hcl", "a = [\n", "invalid-syntax"},
		{"a.gate.hcl", "a = \x00", "invalid-text"},
		{"a.gate.json", "{,}", "invalid-syntax"},
		{"a.gate.hcl", "a = " + strings.Repeat("[", 1000), "too-deep"},
	} {
		out, diags := Format([]byte(c.in), c.file)
		if string(out) != c.in || len(diags) != 1 || string(diags[0].Code) != c.code {
			t.Errorf("%q: %q %v", c.in, out, diags)
		}
	}
}

func FuzzFormat(f *testing.F) {
	f.Add([]byte(good), false)
	f.Add([]byte("a {\n\n  # x\n\n/* y */ b = [1, # z\n\n]\n\n}\n"), false)
	f.Add([]byte("a = <<-EOT\n  x ${ b }\n  EOT\n"), false)
	f.Add([]byte("#\r"), false)
	f.Add([]byte("workload trainer { # x\n in prod {\n}\n}\n"), false)
	f.Add([]byte("# a\r\r\n# b\r\n"), false)
	f.Add([]byte("secret s {\n owner = local.x # note\n in prod {\n }\n}\n"), false)
	f.Add([]byte(`{"a":[{"b":null},1.5e3,"\u00e9"]}`), true)
	f.Fuzz(func(t *testing.T, src []byte, isJSON bool) {
		name := "a" + NativeSuffix
		if isJSON {
			name = "a" + JSONSuffix
		}
		once, diags := Format(src, name)
		if len(diags) > 0 {
			return
		}
		twice, diags := Format(once, name)
		if len(diags) > 0 {
			t.Fatalf("unreadable when formatted: %v\n%q", diags, once)
		}
		if string(once) != string(twice) {
			t.Fatalf("not stable:\n%q\n%q", once, twice)
		}
		if isJSON {
			return
		}
		if before, after := comments(src), comments(once); before != after {
			t.Fatalf("comments were\n%q\nand are\n%q", before, after)
		}
		if before, after := meaning(src, name), meaning(once, name); before != after {
			t.Fatalf("it meant\n%s\nand means\n%s", before, after)
		}
	})
}

// comments joins what the comments of a text say, in order.
func comments(src []byte) string {
	var out strings.Builder
	list, _ := hclsyntax.LexConfig(bytes.TrimPrefix(src, mark), "", hcl.InitialPos)
	for _, t := range list {
		if t.Type == hclsyntax.TokenComment {
			out.WriteString(strings.TrimSpace(strings.ReplaceAll(string(t.Bytes), "\r", "")) + "\n")
		}
	}
	return out.String()
}

// meaning prints what the reader makes of a text, without places.
func meaning(src []byte, name string) string {
	var out strings.Builder
	var print func(b *Block, indent string)
	print = func(b *Block, indent string) {
		out.WriteString(indent + title(b) + "\n")
		for _, a := range b.Attrs {
			fmt.Fprintf(&out, "%s  %s %T\n", indent, a.Name, a.Expr)
			if s, ok := a.Expr.(String); ok {
				fmt.Fprintf(&out, "%s  %q\n", indent, s.Value)
			}
		}
		for _, inner := range b.Blocks {
			print(inner, indent+"  ")
		}
	}
	for _, b := range parse(src, name, &fast{}).blocks {
		print(b, "")
	}
	return strings.ReplaceAll(out.String(), "\\r\\n", "\\n")
}

func ExampleFormat() {
	out, _ := Format([]byte("group \"training\" {\nmatch={stage=\"training\"}\n}"), "groups.gate.hcl")
	fmt.Print(string(out))
	// Output:
	// group "training" {
	//   match = { stage = "training" }
	// }
}
