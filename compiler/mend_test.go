package compiler_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"gatehouse/compiler"
	"gatehouse/lang/diag"
)

const policy = `gatehouse {
  policy = "t"
}

environment "prod" {
  tier = "production"
  consul {}
}
`

func mend(t *testing.T, files map[string]string) *compiler.Mended {
	t.Helper()
	fsys := fstest.MapFS{"policy.gate.hcl": {Data: []byte(policy)}}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	m, err := compiler.Mend(fsys, time.Time{}, compiler.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// What an expression gave is not mended at its place: other declarations and other values may want it as it is.
func TestMendNoExpression(t *testing.T) {
	for _, text := range []string{
		"variable \"t\" {\n  default = \"prodution\"\n}\n\nenvironment \"dev\" {\n  tier = var.t\n}\n",
		"secret \"s\" {\n  for_each       = { a = \"internl\", b = \"public\" }\n  classification = each.value\n  environments   = [environment.prod]\n}\n",
		"variable \"m\" {\n  default = \"get\"\n}\n\nallow \"a\" {\n  from = []\n  to   = []\n\n  http {\n    methods = [var.m]\n  }\n}\n",
	} {
		if m := mend(t, map[string]string{"a.gate.hcl": text}); len(m.Repairs) > 0 || len(m.Result.Diagnostics) == 0 {
			t.Errorf("%s: %d repairs, %v", text, len(m.Repairs), m.Result.Diagnostics)
		}
	}
}

func TestMend(t *testing.T) {
	for _, row := range []struct{ name, in, want string }{
		{"several in one text, comments kept",
			"# the team's\nworkload 'trainer' { # here\n  enviroments: environment.prod // where\n}\n",
			"# the team's\nworkload \"trainer\" { # here\n  environments = [environment.prod] // where\n}\n"},
		{"round by round: quotes, then the word, then the list",
			"workloda \"trainer\" {\n  environments = \"environment.prdo\"\n}\n",
			"workload \"trainer\" {\n  environments = [environment.prod]\n}\n"},
		{"nothing to do", "workload \"trainer\" {\n  environments=[environment.prod]\n}\n", ""},
		{"nothing sure", "workload \"trainer\" {\n  environments = [environment.lab]\n}\n", ""},
	} {
		m := mend(t, map[string]string{"a.gate.hcl": row.in})
		if got := m.After["a.gate.hcl"]; got != row.want {
			t.Errorf("%s: got %q, want %q\n%v", row.name, got, row.want, m.Result.Diagnostics)
		}
		if row.want != "" && m.Before["a.gate.hcl"] != row.in {
			t.Errorf("%s: before is %q", row.name, m.Before["a.gate.hcl"])
		}
	}
}

// A colon hides what is wrong behind it; that alone must not keep it from being mended where the rest can be mended too.
func TestMendLeavesNoFileWorse(t *testing.T) {
	const colon = "workload \"trainer\" {\n  owner: \"me\"\n  environments = [environment.prod]\n}\n"
	hidden := func(n int, environment string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "workload \"w%d\" {\n  environments = [environment.%s]\n}\n", i, environment)
		}
		return b.String()
	}
	for _, row := range []struct {
		name, text string
		errors     int
		changed    bool
	}{
		{"what comes to light can be mended", colon + hidden(3, "prdo"), 0, true},
		{"what comes to light is no more than what went", colon + hidden(1, "lab"), 1, true},
		{"more comes to light than went", colon + hidden(3, "lab"), 1, false},
	} {
		m := mend(t, map[string]string{"a.gate.hcl": row.text})
		errors := len(slices.DeleteFunc(slices.Clone(m.Result.Diagnostics), func(d diag.Diagnostic) bool { return d.Severity != diag.Error }))
		if errors != row.errors || (len(m.After) > 0) != row.changed {
			t.Errorf("%s: %d errors, changed %v\n%v", row.name, errors, m.After, m.Result.Diagnostics)
		}
	}
}

func ExampleMend() {
	files := fstest.MapFS{"acme.gate.hcl": {Data: []byte(`gatehouse {
  policy = "acme-ml"
}

enviroment "prod" {
  tier = "Production"
}
`)}}
	m, err := compiler.Mend(files, time.Time{}, compiler.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, r := range m.Repairs {
		fmt.Printf("%s: %s\n", r.Diagnostic.Summary, r.Fix.Message)
	}
	fmt.Print(m.After["acme.gate.hcl"])
	// Output:
	// no block type "enviroment": write environment
	// tier can't be "Production": write "production"
	// gatehouse {
	//   policy = "acme-ml"
	// }
	//
	// environment "prod" {
	//   tier = "production"
	// }
}

// Whatever stands in a file, mending ends, and leaves it no worse.
func FuzzMend(f *testing.F) {
	f.Add("workloda 'trainer' {\n  environments: environment.prdo, environment.prdo\n  labels { a = 1 }\n}\n", false)
	f.Add("secret \"a\" = {\n  rotation = 30d;\n  classification = intrnal\n  environments = [\"environment.prod\"]\n}\n", false)
	f.Add(`{"workload": {"A b": {"environments" = [environment.prod] "interactive": True,}}}`, true)
	f.Fuzz(func(t *testing.T, text string, isJSON bool) {
		name := "a.gate.hcl"
		if isJSON {
			name = "a.gate.json"
		}
		fsys := fstest.MapFS{"policy.gate.hcl": {Data: []byte(policy)}, name: {Data: []byte(text)}}
		before, err := compiler.Compile(fsys, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		m, err := compiler.Mend(fsys, time.Time{}, compiler.Options{})
		if err != nil {
			t.Fatal(err)
		}
		count := func(l diag.List) (n int) {
			for _, d := range l {
				if d.Severity == diag.Error && d.Subject.Filename == name {
					n++
				}
			}
			return n
		}
		if was, is := count(before.Diagnostics), count(m.Result.Diagnostics); is > was {
			t.Fatalf("%d errors became %d\n%s\n%v", was, is, m.After[name], m.Result.Diagnostics)
		}
	})
}
