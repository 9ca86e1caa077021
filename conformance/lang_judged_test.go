package conformance

import (
	"errors"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"gatehouse/compiler"
	"gatehouse/compiler/access"
	"gatehouse/lang/diag"
	"gatehouse/policies"
	"gatehouse/targets/consul"
	"gatehouse/targets/google"
)

// examine compiles files and judges them as gatehouse check does.
func examine(t *testing.T, files map[string]string) diag.List {
	t.Helper()
	at := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	return judged(t, compile(t, files, at), files, at)
}

// judged returns everything that gatehouse check says of what compiled: what its guardrails and its tests find, and what no target applies. All but
// the proofs, which nothing that is written makes fail.
func judged(t *testing.T, result *compiler.Result, files map[string]string, at time.Time) diag.List {
	t.Helper()
	if result.Diagnostics.HasErrors() {
		return result.Diagnostics
	}
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	engine, diags, err := policies.Prepare(t.Context(), policies.For(result.Policy, fsys))
	if err != nil {
		t.Fatal(err)
	}
	if diags.HasErrors() {
		return append(result.Diagnostics, diags...)
	}
	results, err := engine.Evaluate(t.Context(), result.Graph, at)
	if fault := (*policies.Fault)(nil); errors.As(err, &fault) {
		return append(result.Diagnostics, fault.Diagnostic())
	} else if err != nil {
		t.Fatal(err)
	}
	tests := access.ReportTests(access.RunTests(result.Graph, at))
	all := slices.Concat(result.Diagnostics, diags, engine.CheckExceptions(result.Graph), results.Diagnostics(), tests, unapplied(result.Graph))
	return all.Sorted()
}

func unapplied(g *access.Graph) diag.List {
	var omitted []access.Omission
	for i := range g.Environments {
		omitted = append(omitted, access.Unapplied(g, g.Environments[i].Name, consul.Driver{}.Capabilities(), google.Driver{}.Capabilities())...)
	}
	return access.ReportUnapplied(omitted)
}
