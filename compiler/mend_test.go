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
		{"an attribute on its block's line moves to its own", "locals { a = 1\n  b = 2\n}\n", "locals {\n  a = 1\n  b = 2\n}\n"},
		{"that of an inner block too", "environment \"dev\" {\n  tier = \"development\"\n  consul { address = \"https://a.example\"\n    service = \"${name}\"\n  }\n}\n",
			"environment \"dev\" {\n  tier = \"development\"\n  consul {\n    address = \"https://a.example\"\n    service = \"${name}\"\n  }\n}\n"},
		{"a block that nobody knows is left", "moved { from = a\n  to = b\n}\n", ""},
		{"an unfinished expression is left", "workload \"trainer\" {\n  owner        = var.\n  environments = [environment.prod]\n}\n", ""},
		{"so is one with two dots", "workload \"trainer\" {\n  owner        = var..owner\n  environments = [environment.prod]\n}\n", ""},
		{"and one of a local", "workload \"trainer\" {\n  owner        = local.teams.\n  environments = [environment.prod]\n}\n", ""},
		{"a declared name is left", "workload \"Trainer\" {\n  environments = [environment.prod]\n}\n", ""},
		{"a number without its unit is left", "secret \"s\" {\n  classification = \"internal\"\n  environments   = [environment.prod]\n  rotation       = 720\n}\n", ""},
		{"a number of seconds since 1970 is one time", "exception \"e\" {\n  guardrail   = \"secrets/rotate-in-time\"\n  subjects    = [environment.prod]\n  reason      = \"r\"\n  approved_by = \"a\"\n  expires     = 1803859200\n}\n",
			"exception \"e\" {\n  guardrail   = \"secrets/rotate-in-time\"\n  subjects    = [environment.prod]\n  reason      = \"r\"\n  approved_by = \"a\"\n  expires     = \"2027-03-01T00:00:00Z\"\n}\n"},
		{"a map with two equals signs is left", "workload \"trainer\" {\n  environments = [environment.prod]\n  labels       = { a = b = \"c\" }\n}\n", ""},
		{"all commas behind attributes go at once", "workload \"trainer\" {\n  owner        = \"a\",\n  interactive  = true,\n  environments = [environment.prod],\n}\n",
			"workload \"trainer\" {\n  owner        = \"a\"\n  interactive  = true\n  environments = [environment.prod]\n}\n"},
		{"so do colons, with the commas and the bare words beside them",
			"workload \"trainer\": {\n  owner: a@acme.example,\n  interactive: true,\n  environments: [\n    environment.prod,\n  ],\n  labels: { team: \"a\" },\n}\n",
			"workload \"trainer\" {\n  owner = \"a@acme.example\"\n  interactive = true\n  environments = [\n    environment.prod,\n  ]\n  labels = { team: \"a\" }\n}\n"},
		{"slips of several kinds, each of which hides the next",
			"environment \"dev\" {\n  tier = development,\n  consul {\n    address = https://consul.dev.example:8501 // ours\n    datacenter = dc1;\n  }\n}\n",
			"environment \"dev\" {\n  tier = \"development\"\n  consul {\n    address = \"https://consul.dev.example:8501\" // ours\n    datacenter = \"dc1\"\n  }\n}\n"},
		{"a line that can't be read is left whole",
			"workload \"trainer\" {\n  owner = me and you\n  interactive = yes we can\n  environments = [environment.prod]\n}\n", ""},
		{"an opening quote is put", "workload \"trainer\" {\n  owner        = a@acme.example\"\n  environments = [environment.prod]\n}\n",
			"workload \"trainer\" {\n  owner        = \"a@acme.example\"\n  environments = [environment.prod]\n}\n"},
		{"a semicolon is a line end", "secret \"s\" {\n  classification = \"internal\"; environments = [environment.prod];\n}\n",
			"secret \"s\" {\n  classification = \"internal\"\n  environments = [environment.prod]\n}\n"},
		{"the end of a heredoc stays alone", "secret \"s\" {\n  in \"prod\" { secret = <<EOT\naaa\nEOT\n  }\n}\nsecret \"t\" {\n  in \"prod\" { secret = <<EOT\nbbb\nEOT\n  }\n}\n", ""},
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

// A name without its kind is the one thing that is called so, if one alone may stand there, and neither a value nor a for_each is called so, too.
func TestMendKinds(t *testing.T) {
	const more = "workload \"trainer\" {\n  environments = [environment.prod]\n}\n\nworkload \"both\" {\n  environments = [environment.prod]\n}\n\n" +
		"group \"both\" {\n  workloads = [workload.trainer]\n}\n\nworkload \"many\" {\n  for_each     = toset([\"a\"])\n  environments = [environment.prod]\n}\n\n" +
		"workload \"value\" {\n  environments = [environment.prod]\n}\n\nlocals {\n  value = []\n}\n\nsecret \"key\" {\n}\n"
	for _, row := range []struct{ file, in, want string }{
		{"a.gate.hcl", `group "g" { workloads = ["trainer"] }`, `group "g" { workloads = [workload.trainer] }`},
		{"a.gate.hcl", `group "g" { workloads = [trainer] }`, `group "g" { workloads = [workload.trainer] }`},
		{"a.gate.hcl", `group "g" { workloads = "trainer" }`, `group "g" { workloads = [workload.trainer] }`},
		{"a.gate.hcl", `test "x" { environment = "prod" }`, `test "x" { environment = environment.prod }`},
		{"a.gate.hcl", `group "g" { workloads = ["both"] }`, ""},
		{"a.gate.hcl", `group "g" { workloads = ["many"] }`, ""},
		{"a.gate.hcl", `group "g" { workloads = [value] }`, ""},
		{"a.gate.hcl", `group "g" { workloads = ["key"] }`, ""},
		{"a.gate.hcl", `group "g" { workloads = ["gone"] }`, ""},
		{"a.gate.json", `{"group": {"g": {"workloads": ["trainer"]}}}`, `{"group": {"g": {"workloads": ["workload.trainer"]}}}`},
		{"a.gate.json", `{"group": {"g": {"workloads": ["both"]}}}`, ""},
	} {
		m := mend(t, map[string]string{row.file: row.in, "more.gate.hcl": more})
		if got := m.After[row.file]; got != row.want {
			t.Errorf("%s: got %q, want %q", row.in, got, row.want)
		}
	}
	if m := mend(t, map[string]string{"a.gate.hcl": `group "g" { workloads = ["trainer"] }`, "more.gate.hcl": more, "torn.gate.hcl": "group \"h\" {\n"}); m.After["a.gate.hcl"] != "" {
		t.Errorf("a file is lost: got %q", m.After["a.gate.hcl"])
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

// What is foretold of Mend is what it does; where that takes Mend itself, nothing is.
func TestForesee(t *testing.T) {
	const trainer = "workload \"trainer\" {\n  owner: \"me\"\n  environments = [environment.%s]\n}\n"
	for _, row := range []struct {
		name, text string
		n          int
		sure       bool
	}{
		{"nothing", "workload \"trainer\" {\n  environments = [environment.lab]\n}\n", 0, true},
		{"all", fmt.Sprintf(trainer, "prdo"), 1, true},
		{"what comes to light is no part of it", fmt.Sprintf(trainer, "lab"), 1, true},
		{"what gets in another's way is mended in turn", "workload \"trainer\" {\n  enviroments = environment.prod\n  owner = 'me'\n}\n", 2, true},
		{"more comes to light than went", fmt.Sprintf(trainer, "lab") + "workload \"scorer\" {\n  environments = [environment.lab]\n}\n", 0, false},
	} {
		files := fstest.MapFS{"policy.gate.hcl": {Data: []byte(policy)}, "a.gate.hcl": {Data: []byte(row.text)}}
		first, err := compiler.Compile(files, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		n, sure, err := compiler.Foresee(files, first, time.Time{}, compiler.Options{})
		if n != row.n || sure != row.sure || err != nil {
			t.Errorf("%s: got %d, %t, %v; want %d, %t\n%v", row.name, n, sure, err, row.n, row.sure, first.Diagnostics)
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

// Whatever stands in a file, mending ends, and leaves it no worse; and each fix mends what it says.
func FuzzMend(f *testing.F) {
	for _, text := range []string{
		"workloda 'trainer' {\n  environments: environment.prdo, environment.prdo\n  labels { a = 1 }\n}\n",
		"secret \"a\" = {\n  rotation = 30d;\n  classification = intrnal\n  environments = [\"environment.prod\"]\n}\n",
		"locals { a = 1\n  b = 2\n}\nmoved { from = a\n  to = b\n}\n",
		"workload \"w\" {\n  owner = var.\n  labels = { a = b = \"c\" }\n  environments = [environment.prod,,]\n}\n",
		"workload \"w\" {\n  owner = \"a\",\n  interactive = true,\n  environments = [environment.prod],\n}\n",
		"allow \"Größe\" {\n  from = [workload.w]\n  expires = 1803859200\n  not_before = 2027\n}\n",
		"secret \"s\" {\n  rotation = 720\n  owner = a@acme.example\"\n  classification: {\n  environments = \"${environment.prod\"\n}\n",
		"environment \"e\" {\n  consul = {\n  }\n  google: {\n    project = 7\n  }\n}\n",
		"A''{\nA)\nA\"0",
	} {
		f.Add(text, false)
	}
	f.Add(`{"workload": {"A b": {"environments" = [environment.prod] "interactive": True,}}}`, true)
	f.Add(`{"workload": {"w": {"environments": ["environment.prod" } } }`, true)
	f.Add(`{"allow": {"a": {"from": ["workload.scorer", "to": ["secret.x"], "owner": 5}}}`, true)
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
		for _, d := range before.Diagnostics {
			if len(d.Fixes) > 0 && count(before.Diagnostics) == 1 { // what several slips hide of each other is guessed at
				keepsItsWord(t, name, text, d, before.Diagnostics)
			}
		}
	})
}

// ofForm reports whether a code is about how something is written. What it refers to, or that it is empty, is another mistake, which the first one hid.
func ofForm(code diag.Code) bool {
	return code != diag.InvalidName && code != diag.EmptyList && slices.ContainsFunc(diag.Stages()[:2], func(s diag.Stage) bool {
		return slices.ContainsFunc(s.Entries, func(e diag.Entry) bool { return e.Code == code })
	})
}

// keepsItsWord makes one fix. Nothing new is said then of its place but what has a fix as well.
func keepsItsWord(t *testing.T, name, text string, d diag.Diagnostic, before diag.List) {
	t.Helper()
	f := d.Fixes[0]
	if len(f.Files()) != 1 || f.Files()[0] != name {
		return
	}
	mended, err := diag.Apply([]byte(text), name, f.Edits)
	if err != nil {
		t.Fatalf("%s: %v", d.Summary, err)
	}
	line, from, to := f.Edits[0].Range.Start.Line, f.Edits[0].Range.Start.Byte, f.Edits[len(f.Edits)-1].Range.End.Byte
	after := compiler.CompileFiles(map[string]string{"policy.gate.hcl": policy, name: string(mended)}, time.Time{}, compiler.Options{}).Diagnostics
	touches := func(list diag.List, to int) diag.List {
		return slices.DeleteFunc(slices.Clone(list), func(a diag.Diagnostic) bool {
			return a.Subject.Filename != name || a.Subject.Start.Line < line || a.Subject.Start.Byte > to || a.Subject.End.Byte < from || len(a.Fixes) > 0 || !ofForm(a.Code)
		})
	}
	is := touches(after, to+len(mended)-len(text))
	if was := touches(before, to); len(is) > len(was) {
		t.Fatalf("%s (%s) leads to: %v\n%s\n---\n%s", d.Summary, f.Message, is, text, mended)
	}
}
