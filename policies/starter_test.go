package policies_test

import (
	"slices"
	"strings"
	"testing"

	"gatehouse/policies"
)

// What init writes compiles and passes its own tests, whatever it is copied from.
func TestStartersPass(t *testing.T) {
	sources := append([]string{""}, policies.Pack("strict")...)
	for _, from := range sources {
		files, err := policies.Starter("team-x/my-rule", from)
		if err != nil {
			t.Fatal(from, err)
		}
		var list []string
		for _, f := range files {
			list = append(list, f.Name, f.Text)
		}
		o := own(list...)
		if e := prepare(t, o); e.Guardrails()[0].ID != "team-x/my-rule" {
			t.Errorf("%s: %s", from, e.Guardrails()[0].ID)
		}
		suite, diags, err := policies.TestSuite(t.Context(), o, false)
		if err != nil || len(diags) > 0 || !suite.Passed() || len(suite.Verdicts) < 3 {
			t.Errorf("%s: %v %v %v", from, suite, show(diags), err)
		}
	}
}

func TestStartersThatCannotBe(t *testing.T) {
	for _, c := range []struct{ id, from, want string }{
		{"rule", "", `"rule" can't be the id of a guardrail: write AREA/NAME, such as acme/owner-is-team`},
		{"acme/", "", `"acme/" can't be`},
		{"Acme/Rule", "", `"Acme/Rule" can't be`},
		{"acme/a_b", "", `"acme/a_b" can't be`},
		{"acme/../x", "", `"acme/../x" can't be`},
		{"acme/rule", "reach/none", `there is no built-in guardrail "reach/none"`},
	} {
		if _, err := policies.Starter(c.id, c.from); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

func TestSuiteTellsWhereItFailsAndWhatItReaches(t *testing.T) {
	o := own(
		"a.rego", rule+"deny contains {\"subject\": w.address} if {\n\tsome w in input.workloads\n\tw.owner == \"\"\n}\n\nwarn contains {\"subject\": e.address} if {\n\tsome e in input.environments\n\te.retired\n}\n",
		"a_test.rego", `package guardrails.team.rule_test

import data.guardrails.team.rule

test_right if count(rule.deny) == 1 with input as {"workloads": [{"address": "workload.a", "owner": ""}]}

test_wrong if {
	print("seen", 1)
	count(rule.deny) == 2 with input as {"workloads": []}
}

todo_test_later if false
`)
	suite, diags, err := policies.TestSuite(t.Context(), o, false)
	if err != nil || len(diags) > 0 || suite.Passed() || len(suite.Verdicts) != 3 {
		t.Fatal(suite, show(diags), err)
	}
	right, wrong, later := suite.Verdicts[0], suite.Verdicts[1], suite.Verdicts[2]
	if !right.Passed || wrong.Passed || wrong.Line != 7 || !strings.HasPrefix(wrong.Failed, "count(rule.deny) == 2") || wrong.Output != "seen 1\n" || !later.PutOff {
		t.Errorf("%+v", suite.Verdicts)
	}
	suite, _, err = policies.TestSuite(t.Context(), o, true)
	if err != nil || len(suite.Coverage) != 1 || suite.Coverage[0].File != "rules/a.rego" || suite.Covered() >= 1 || suite.Covered() < 0.3 {
		t.Fatalf("%+v %v", suite.Coverage, err)
	}
	if missed := suite.Coverage[0].Missed; !slices.Equal(missed, []policies.LineSpan{{From: 8, To: 8}, {From: 10, To: 10}}) {
		t.Errorf("missed %v", missed)
	}
}
