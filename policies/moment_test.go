package policies_test

import (
	"testing"
	"testing/fstest"

	"gatehouse/policies"
)

func TestReadsTime(t *testing.T) {
	rule := func(body string) string {
		return "# METADATA\n# title: A rule\n# description: What it is.\n# custom:\n#   scope: grant\n#   severity: low\n#   rationale: Because.\n#   remedy: None.\n#   controls: []\npackage guardrails.own.rule\n\n" + body + "\n"
	}
	for _, tt := range []struct {
		rule string
		want bool
	}{
		{"deny contains {\"subject\": s.allow, \"detail\": \"x\"} if {\n\tsome grant in input.grants\n\tsome s in grant.sources\n\tgrant.expires == null\n}", false},
		{"deny contains {\"subject\": s.allow, \"detail\": \"x\"} if {\n\tsome grant in input.grants\n\tsome s in grant.sources\n\tgrant.expires < input.time\n}", true},
		{"deny contains {\"subject\": s.allow, \"detail\": \"x\"} if {\n\tsome grant in input.grants\n\tsome s in grant.sources\n\tsome x in input\n\tx == \"y\"\n}", true},
	} {
		root := fstest.MapFS{"own/rule.rego": {Data: []byte(rule(tt.rule))}}
		engine, diags, err := policies.Prepare(t.Context(), policies.Options{Folders: packs("own"), Root: root})
		if err != nil || len(diags) > 0 {
			t.Fatal(diags, err)
		}
		if got := engine.ReadsTime(); got != tt.want {
			t.Errorf("reads the time: %t, want %t\n%s", got, tt.want, tt.rule)
		}
	}
}
