package resolve_test

import (
	"fmt"
	"strings"
	"testing"

	"gatehouse/lang/diag"
)

// fixOf returns the text that the only fix of the only diagnostic writes, or "".
func fixOf(t *testing.T, list diag.List) string {
	t.Helper()
	if len(list) != 1 || len(list[0].Fixes) > 1 {
		t.Fatalf("want one diagnostic with at most one fix, got %+v", list)
	}
	if len(list[0].Fixes) == 0 {
		return ""
	}
	return list[0].Fixes[0].Edits[0].Text
}

// A fix that guesses wrong gives access to somebody else: names that may be meant as they stand are left to the person.
func TestReferencesAreMendedWhereSure(t *testing.T) {
	for _, row := range []struct{ want, written, declared string }{
		{"workload.fraud-trainer", "fraud-trainre", "fraud-trainer"},
		{"workload.fraud-trainer", "fraud_trainer", "fraud-trainer"},
		{"workload.fraud-trainer", "Fraud-Trainer", "fraud-trainer"},
		{"workload.trainer-1", "trianer-1", "trainer-1"},
		{"", "trainer-2", "trainer-1"},
		{"", "clicks-us", "clicks-eu"},
		{"", "team-b-trainer", "team-a-trainer"},
		{"", "fraud", "fraud-trainer"},
		{"", "frau-traine", "fraud-trainer"},
		{"", "scorer", "trainer"},
	} {
		_, diags := load(t, fmt.Sprintf(`
workload %q {
  environments = [environment.prod]
}
group "g" {
  workloads = [workload.%s]
}`, row.declared, row.written))
		if got := fixOf(t, diags); got != row.want {
			t.Errorf("%s, where %s is declared: got %q, want %q", row.written, row.declared, got, row.want)
		}
	}
}

// A declared name is an identity, of which remote names are made: it is never mended, and a better one named only where no letter is lost.
func TestNamesAreNotMended(t *testing.T) {
	for _, row := range []struct{ would, name string }{
		{"fraud-trainer", "Fraud Trainer"},
		{"db-password", "DB.Password"},
		{"pruefer-dienst", "prüfer-dienst"},
		{"groesse", "größe"},
		{"", "sc\u043erer"},
		{"", "名前"},
		{"", "???"},
	} {
		_, diags := load(t, fmt.Sprintf("\nworkload %q {\n  environments = [environment.prod]\n}", row.name))
		if got := fixOf(t, diags); got != "" {
			t.Errorf("%s is mended to %s", row.name, got)
		}
		would := fmt.Sprintf(" %q would do.", row.would)
		if strings.Contains(diags[0].Detail, "would do") != (row.would != "") || row.would != "" && !strings.Contains(diags[0].Detail, would) {
			t.Errorf("%s: %s", row.name, diags[0].Detail)
		}
	}
}

// A list loses its repetition, and nothing that stands around it.
func TestRepetitionsAreMended(t *testing.T) {
	for _, row := range []struct{ want, list string }{
		{"[environment.prod]", "[environment.prod, environment.prod]"},
		{"[environment.prod, environment.dev]", "[environment.prod, environment.prod, environment.dev]"},
		{"[\n    environment.prod, # twice\n  ]", "[\n    environment.prod,\n    environment.prod, # twice\n  ]"},
		{"none", "[\n    environment.prod, # here\n    environment.prod,\n  ]"},
		{"none", "[environment.prod /* here */, environment.prod]"},
	} {
		const head = "\nworkload \"trainer\" {\n  environments = "
		text := head + row.list + "\n}"
		_, diags := load(t, text)
		got := "none"
		if fixOf(t, diags); len(diags[0].Fixes) == 1 {
			out, err := diag.Apply([]byte(base+text), "policy.gate.hcl", diags[0].Fixes[0].Edits)
			if err != nil {
				t.Fatal(err)
			}
			got = string(out[len(base+head) : len(out)-2])
		}
		if got != row.want {
			t.Errorf("%s: got %s, want %s", row.list, got, row.want)
		}
	}
}
