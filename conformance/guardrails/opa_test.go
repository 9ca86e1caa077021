package guardrails

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"gatehouse/compiler"
	"gatehouse/conformance/upstream"
	"gatehouse/policies"
)

// Upstream's opa, given what gatehouse guardrails input prints and the same files, gives the answers that the engine gives: for the example, and
// for every violation that is planted into it.
func TestAnswersAreUpstreams(t *testing.T) {
	opa, rules := opaBinary(t)
	for _, name := range append([]string{""}, policies.Pack("strict")...) {
		t.Run("planted "+name, func(t *testing.T) {
			files := acme(t)
			if name != "" {
				files = overlaid(t, readCase(t, name).files["planted"])
			}
			w := compiled(t, files)
			results, err := engine(t).Judge(t.Context(), w)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, r := range results {
				got = append(got, fmt.Sprintf("%s %s %s: %s", r.Level, r.Guardrail, r.Subject, r.Detail))
			}
			slices.Sort(got)
			want := slices.Concat(evaluate(t, opa, rules["others"], document(t, w, policies.PolicyScope)), evaluate(t, opa, rules["exceptions"], document(t, w, policies.ExceptionScope)))
			slices.Sort(want)
			if diff := different(strings.Join(want, "\n"), strings.Join(slices.Compact(got), "\n")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The library passes its own tests in upstream's opa, and upstream finds nothing in it to complain of, the input's schema at hand.
func TestUpstreamAcceptsTheLibrary(t *testing.T) {
	opa, rules := opaBinary(t)
	run(t, opa, "test", "../../policies/library")
	run(t, opa, "check", "--strict", "--schema", "../../policies/input.schema.json", rules["others"])
}

// opaBinary returns opa, and two folders with the rules of the example's guardrails: those that judge exceptions, and all others.
func opaBinary(t *testing.T) (opa string, rules map[string]string) {
	t.Helper()
	if testing.Short() {
		t.Skip("needs upstream's opa")
	}
	opa, err := upstream.OPA()
	if err != nil {
		t.Fatalf("upstream's opa is needed, and there is none: %v", err)
	}
	dir := t.TempDir()
	rules = map[string]string{"others": filepath.Join(dir, "others"), "exceptions": filepath.Join(dir, "exceptions")}
	for _, folder := range rules {
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, g := range engine(t).Guardrails() {
		text, _, builtIn := policies.Source(g.ID)
		if !builtIn {
			text = string(acme(t)[g.File].Data)
		}
		folder := rules["others"]
		if g.Scope == policies.ExceptionScope {
			folder = rules["exceptions"]
		}
		if err := os.WriteFile(filepath.Join(folder, strings.ReplaceAll(g.ID, "/", "-")+".rego"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return opa, rules
}

// compiled is a policy as a change of the example.
func compiled(t *testing.T, files fstest.MapFS) policies.World {
	t.Helper()
	result, err := compiler.Compile(fs.FS(files), moment)
	if err != nil || result.Graph == nil {
		t.Fatal(err)
	}
	return world(result.Graph, acmeGraph(t))
}

// document writes what guardrails of a scope see into a file.
func document(t *testing.T, w policies.World, scope policies.Scope) string {
	t.Helper()
	documents, err := engine(t).Documents(t.Context(), w, scope)
	if err != nil || len(documents) != 1 {
		t.Fatal(len(documents), err)
	}
	name := filepath.Join(t.TempDir(), "input.json")
	if err := os.WriteFile(name, documents[0], 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// evaluate asks opa for everything below data.guardrails.
func evaluate(t *testing.T, opa, rules, input string) []string {
	t.Helper()
	type finding struct{ Subject, Detail string }
	var answer struct {
		Result []struct {
			Expressions []struct {
				Value map[string]map[string]map[string]json.RawMessage
			}
		}
	}
	out := run(t, opa, "eval", "--strict-builtin-errors", "--format", "json", "--data", rules, "--input", input, "data.guardrails")
	if err := json.Unmarshal(out, &answer); err != nil || len(answer.Result) != 1 {
		t.Fatalf("%v\n%s", err, out)
	}
	var lines []string
	for area, names := range answer.Result[0].Expressions[0].Value {
		for name, values := range names {
			for _, level := range []policies.Level{policies.Deny, policies.Warn} {
				var found []finding
				if text, ok := values[string(level)]; ok {
					if err := json.Unmarshal(text, &found); err != nil {
						t.Fatal(err)
					}
				}
				for _, f := range found {
					lines = append(lines, fmt.Sprintf("%s %s %s: %s", level, strings.ReplaceAll(area+"/"+name, "_", "-"), f.Subject, f.Detail))
				}
			}
		}
	}
	return lines
}

func run(t *testing.T, program string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), program, args...)
	var complaint strings.Builder
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("opa %s: %v\n%s%s", strings.Join(args, " "), err, out, complaint.String())
	}
	return out
}
