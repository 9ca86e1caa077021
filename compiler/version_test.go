package compiler_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"gatehouse/compiler"
)

func TestRequiredVersion(t *testing.T) {
	const refused, bad = "unsupported-version", "invalid-value"
	for _, row := range []struct{ want, constraint, program string }{
		{"", ">= 0.3", "v0.3.0"},
		{"", ">= 0.3, < 2.0", "1.9.9"},
		{"", "~> 0.3", "0.9.1"},
		{"", "= 0.3.0", "0.3.0"},
		{"", ">= 0.4", "0.4.0-rc.1"}, // the release that it leads to
		{"", ">= 9", ""},
		{"", ">= 9", "devel"},
		{"", ">= 9", "commit da417b6"},
		{"", ">= 9", "v0.0.0-20261123025400-da417b6aaaaa"},
		{"", ">= 9", "v0.3.1-0.20261123025400-da417b6aaaaa"},
		{"", ">= 9", "v0.3.0+dirty"},
		{refused, ">= 0.3", "0.2.9"},
		{refused, "< 0.3", "0.3.0"},
		{refused, "~> 0.3.1", "0.4.0"},
		{refused, "!= 0.3.0", "0.3.0"},
		{refused, ">= 0.4.0-rc.2", "0.4.0-rc.1"},
		{bad, "at least 0.3", "0.3.0"},
		{bad, "", "0.3.0"},
		{bad, "0.3.0", "0.3.0"},
		{bad, ">= 0.3, 1", "0.3.0"},
		{bad, ">= 0.3.0.1", "0.3.0"},
		{bad, ">= 0.3 < 2", ""},
	} {
		text := fmt.Sprintf("gatehouse {\n  policy           = \"t\"\n  required_version = %q\n}\n", row.constraint)
		result, err := compiler.CompileWith(fstest.MapFS{"a.gate.hcl": {Data: []byte(text)}}, time.Time{}, compiler.Options{Version: row.program})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, d := range result.Diagnostics {
			got = append(got, string(d.Code))
		}
		if strings.Join(got, " ") != row.want {
			t.Errorf("%q read by %q: got %q, want %q", row.constraint, row.program, got, row.want)
		}
	}
}

func ExampleCompileWith() {
	files := fstest.MapFS{"acme.gate.hcl": {Data: []byte(`
gatehouse {
  policy           = "acme-ml"
  required_version = ">= 0.3"
}

mesh "of a later version" {}
`)}}
	result, err := compiler.CompileWith(files, time.Time{}, compiler.Options{Version: "v0.2.1"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range result.Diagnostics {
		fmt.Printf("%s: %s\n", d.Code, d.Summary)
	}
	// Output: unsupported-version: this policy asks for Gatehouse >= 0.3, and this is 0.2.1
}
