package guardrails

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"gatehouse/compiler"
	"gatehouse/lang/model"
	"gatehouse/policies"
)

// The sample by which the language is explained passes the pack that a policy has from the first day; its exception names a guardrail that there is,
// and waives what that one finds where it judges.
func TestTheSampleIsJudged(t *testing.T) {
	for _, c := range []struct{ pack, owner, want string }{
		{"baseline", "data-platform@acme.example", "warn exceptions/useful exception.legacy-owner"},
		{"soc2", "data-platform@acme.example", "deny groups/restricted-not-by-label allow.fraud-training"},
		{"soc2", "somebody", "deny ownership/owner-is-team secret.warehouse-password waived by exception.legacy-owner\ndeny groups/restricted-not-by-label allow.fraud-training"},
	} {
		engine, diags, err := policies.Prepare(t.Context(), policies.Options{Packs: []model.Text{{Value: c.pack}}})
		if err != nil || len(diags) > 0 {
			t.Fatal(diags, err)
		}
		result, err := compiler.Compile(sample(t, c.owner), moment)
		if err != nil || result.Diagnostics.HasErrors() {
			t.Fatal(result.Diagnostics, err)
		}
		if diags := engine.CheckExceptions(result.Graph); len(diags) > 0 {
			t.Error(diags)
		}
		results, err := engine.Judge(t.Context(), world(result.Graph, nil))
		if err != nil {
			t.Fatal(err)
		}
		if diff := different(c.want, findings(t, results)); diff != "" {
			t.Errorf("%s, %s (-want +got):\n%s", c.pack, c.owner, diff)
		}
	}
}

// sample is the sample of the corpus, its password belonging to somebody.
func sample(t *testing.T, owner string) fstest.MapFS {
	t.Helper()
	text, err := os.ReadFile("../testdata/lang/good-sample.txtar")
	if err != nil {
		t.Fatal(err)
	}
	out := fstest.MapFS{}
	for _, f := range txtar.Parse(text).Files {
		if strings.HasSuffix(f.Name, ".gate.hcl") {
			out[f.Name] = &fstest.MapFile{Data: []byte(strings.ReplaceAll(string(f.Data), "data-platform@acme.example", owner))}
		}
	}
	return out
}
