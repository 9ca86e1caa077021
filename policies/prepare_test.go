package policies_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"gatehouse/lang/diag"
	"gatehouse/lang/model"
	"gatehouse/policies"
)

// own are options with one folder of the user's, holding the files given as name and text in turn.
func own(files ...string) policies.Options {
	root := fstest.MapFS{}
	for i := 0; i < len(files); i += 2 {
		root["rules/"+files[i]] = &fstest.MapFile{Data: []byte(files[i+1])}
	}
	return policies.Options{Root: root, Folders: []model.Text{{Value: "rules", Range: at("root.gate.hcl", 4)}}}
}

func show(diags diag.List) string {
	var lines []string
	for _, d := range diags {
		lines = append(lines, fmt.Sprintf("%s:%d:%d: %s: %s", d.Subject.Filename, d.Subject.Start.Line, d.Subject.Start.Column, d.Code, d.Summary))
	}
	return strings.Join(lines, "\n")
}

const rule = `package guardrails.team.rule

`

func TestBrokenRulesAreRefused(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"syntax", rule + `deny contains if`, "rules/a.rego:3:15: broken-guardrail: unexpected if keyword"},
		{"no rule at all", `# nothing`, "rules/a.rego:1:1: broken-guardrail: empty module"},
		{"neither deny nor warn", rule + `denies contains {"subject": "x"} if true`, "rules/a.rego:1:1: broken-guardrail: the guardrail team/rule has neither deny nor warn"},
		{"not a set", rule + `deny if input.policy == "x"`, "rules/a.rego:3:1: broken-guardrail: deny is not a set of findings"},
		{"a default", rule + `default deny := false`, "rules/a.rego:3:9: broken-guardrail: deny is not a set of findings"},
		{"a function", rule + "warn contains {\"subject\": \"x\"} if true\n\ndeny(x) := x", "rules/a.rego:5:1: broken-guardrail: deny is not a set of findings"},
		{"outside guardrails", `package team.rule` + "\n" + `deny contains {"subject": "x"} if true`, "rules/a.rego:1:1: broken-guardrail: the package team.rule declares deny, but is no guardrail"},
		{"too short a package", `package guardrails.rule` + "\n" + `deny contains {"subject": "x"} if true`, "rules/a.rego:1:1: broken-guardrail: the package guardrails.rule is not the name of a guardrail"},
		{"unknown field", rule + `deny contains {"subject": w.address} if { some w in input.workloads; w.ownr == "" }`, "rules/a.rego:3:70: broken-guardrail: undefined ref: w.ownr"},
		{"unknown top field", rule + `deny contains {"subject": "x"} if input.workload`, "rules/a.rego:3:35: broken-guardrail: undefined ref: input.workload"},
		{"unknown rule", rule + `deny contains {"subject": "x"} if data.lib.teams.known`, "rules/a.rego:3:35: broken-guardrail: data.lib.teams.known names no rule that this guardrail can see"},
		{"network", rule + `deny contains {"subject": "x"} if http.send({"url": "https://x", "method": "get"})`, "rules/a.rego:3:35: broken-guardrail: undefined function http.send"},
		{"clock", rule + `deny contains {"subject": "x"} if time.now_ns() > 0`, "rules/a.rego:3:35: broken-guardrail: undefined function time.now_ns"},
		{"runtime", rule + `deny contains {"subject": "x"} if opa.runtime().env.HOME`, "rules/a.rego:3:35: broken-guardrail: undefined function opa.runtime"},
		{"lookup", rule + `deny contains {"subject": "x"} if net.lookup_ip_addr("x")`, "rules/a.rego:3:35: broken-guardrail: undefined function net.lookup_ip_addr"},
		{"chance", rule + `deny contains {"subject": "x"} if rand.intn("x", 2) == 1`, "rules/a.rego:3:35: broken-guardrail: undefined function rand.intn"},
		{"unused import", "package guardrails.team.rule\n\nimport data.lib\n\n" + `deny contains {"subject": "x"} if true`, "rules/a.rego:3:1: broken-guardrail: import data.lib unused"},
		{"unused variable", rule + `deny contains {"subject": "x"} if { y := 1 }`, "rules/a.rego:3:37: broken-guardrail: assigned var y unused"},
		{"wrong scope", "# METADATA\n# custom:\n#   scope: grants\n" + rule + `deny contains {"subject": "x"} if true`, `rules/a.rego:1:1: broken-guardrail: METADATA: custom.scope is not "policy", "grant" or "exception"`},
		{"wrong controls", "# METADATA\n# custom:\n#   controls: CC6.1\n" + rule + `deny contains {"subject": "x"} if true`, "rules/a.rego:1:1: broken-guardrail: METADATA: custom.controls is not a list of texts"},
		{"beyond its scope", "# METADATA\n# custom:\n#   scope: grant\n" + rule + `deny contains {"subject": "x"} if count(input.workloads) > 1`, "rules/a.rego:6:41: broken-guardrail: undefined ref: input.workloads"},
	} {
		t.Run(c.name, func(t *testing.T) {
			engine, diags, err := policies.Prepare(t.Context(), own("a.rego", c.text))
			if err != nil {
				t.Fatal(err)
			}
			if engine != nil || len(diags) != 1 || !strings.HasPrefix(show(diags), c.want) {
				t.Errorf("got\n%s\nwant\n%s", show(diags), c.want)
			}
			if len(diags) > 0 && diags[0].Detail == "" {
				t.Error("no word on what to do")
			}
		})
	}
}

func TestAllBrokenRulesAreReportedAtOnce(t *testing.T) {
	_, diags, err := policies.Prepare(t.Context(), own(
		"a.rego", "package guardrails.team.a\n\ndeny contains {\"subject\": input.polcy} if true",
		"b.rego", "package guardrails.team.b\n\ndeny contains {\"subject\": input.tme} if true",
		"c.rego", "package guardrails.team.a\n\ndeny contains {\"subject\": \"x\"} if true",
	))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := show(diags), "rules/c.rego:1:1: broken-guardrail: the guardrail team/a is declared twice"; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	_, diags, err = policies.Prepare(t.Context(), own(
		"a.rego", "package guardrails.team.a\n\ndeny contains {\"subject\": input.polcy} if true",
		"b.rego", "package guardrails.team.b\n\ndeny contains {\"subject\": input.tme} if true",
	))
	if err != nil || len(diags) != 2 {
		t.Errorf("got\n%s\n%v", show(diags), err)
	}
}

func TestFoldersAndPacks(t *testing.T) {
	where := at("root.gate.hcl", 4)
	folder := func(name string) policies.Options {
		o := own("a.rego", rule+`deny contains {"subject": "x"} if false`, "only/a_test.rego", "package x")
		o.Folders[0].Value = name
		return o
	}
	for _, c := range []struct {
		o    policies.Options
		want string
	}{
		{folder("rules"), ""},
		{folder("./rules/"), ""},
		{folder("../rules"), `root.gate.hcl:4:1: guardrail-folder: the guardrails folder "../rules" lies outside the policy`},
		{folder("rules/../../x"), `root.gate.hcl:4:1: guardrail-folder: the guardrails folder "rules/../../x" lies outside the policy`},
		{folder("/rules"), `root.gate.hcl:4:1: guardrail-folder: the guardrails folder "/rules" lies outside the policy`},
		{folder(""), `root.gate.hcl:4:1: guardrail-folder: the guardrails folder "" lies outside the policy`},
		{folder("rulez"), `root.gate.hcl:4:1: guardrail-folder: the guardrails folder "rulez" does not exist`},
		{folder("rules/only"), `root.gate.hcl:4:1: guardrail-folder: the guardrails folder "rules/only" holds no rule`},
		{policies.Options{Packs: packs("baseline")}, ""},
		{policies.Options{}, ""},
		{policies.Options{Packs: []model.Text{{Value: "basline", Range: where}}}, `root.gate.hcl:4:1: unknown-pack: there is no pack of guardrails named "basline"`},
	} {
		_, diags, err := policies.Prepare(t.Context(), c.o)
		if err != nil {
			t.Fatal(err)
		}
		if got := show(diags); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
	_, diags, _ := policies.Prepare(t.Context(), policies.Options{Packs: packs("basline")})
	if !strings.HasPrefix(diags[0].Detail, `Did you mean "baseline"?`) {
		t.Error(diags[0].Detail)
	}
}

func TestUnknownFieldNamesTheKnownOnes(t *testing.T) {
	_, diags, err := policies.Prepare(t.Context(), own("a.rego", rule+`deny contains {"subject": d.address} if { some d in input.denies; d.resaon == "" }`))
	if err != nil || len(diags) != 1 {
		t.Fatal(diags, err)
	}
	if want := "Did you mean reason? The fields here are: actions, address, folder, matches, reason, requests, resources, takes, workloads. "; !strings.HasPrefix(diags[0].Detail, want) {
		t.Errorf("got %s\nwant %s", diags[0].Detail, want)
	}
}

func TestInventedNamesAreNotShown(t *testing.T) {
	_, diags, err := policies.Prepare(t.Context(), own("a.rego", rule+`deny contains {"subject": "x"} if input.workload[_].owner == ""`))
	if err != nil || len(diags) != 1 {
		t.Fatal(diags, err)
	}
	if d := diags[0]; strings.Contains(d.Summary, "__local") || !strings.HasPrefix(d.Detail, "Did you mean workloads? ") {
		t.Errorf("%s\n%s", d.Summary, d.Detail)
	}
}

func TestLibrariesServeBothScopes(t *testing.T) {
	o := own(
		"lib/words.rego", "package lib.words\n\nblank(text) if trim_space(text) == \"\"",
		"a.rego", "package guardrails.team.a\n\nimport data.lib.words\n\ndeny contains {\"subject\": a.address} if { some a in input.allows; words.blank(a.reason) }",
		"b.rego", "# METADATA\n# custom:\n#   scope: grant\npackage guardrails.team.b\n\nimport data.lib.words\n\nwarn contains {\"subject\": g.workload.address} if { some g in input.grants; words.blank(g.workload.owner) }",
		"b_test.rego", "this is not even Rego, and is not read",
	)
	g := world()
	g.Grants[0].Sources[0].Reason = " "
	g.Workloads[1].Owner = ""
	if got, want := judge(t, o, g), "fraud/access.gate.hcl:10: deny team/a allow.training: \nfraud/workloads.gate.hcl:10: warn team/b workload.trainer: "; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestPrepareEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := policies.Prepare(ctx, policies.Options{Packs: packs(policies.Packs()...)}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
