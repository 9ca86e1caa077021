// Package guardrails holds the library of guardrails against a whole policy, that of the example: every guardrail finds what is planted for
// it, changes that widen access are caught, and the answers are those of upstream's OPA. It is tests alone; what a rule says of a single
// document is tested beside the rule.
package guardrails

import (
	"bytes"
	"context"
	"io/fs"
	"os"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/compiler"
	"gatehouse/compiler/access"
	"gatehouse/lang/diag"
	"gatehouse/policies"
	"gatehouse/targets"
	"gatehouse/targets/consul"
	"gatehouse/targets/google"
)

// moment is when everything here is judged.
var moment = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)

// acme is the example's policy, judged by every guardrail.
func acme(t *testing.T) fstest.MapFS {
	t.Helper()
	files, err := acmeFiles()
	if err != nil {
		t.Fatal(err)
	}
	out := fstest.MapFS{}
	for name, file := range files {
		out[name] = file
	}
	return out
}

var acmeFiles = sync.OnceValues(func() (fstest.MapFS, error) {
	out := fstest.MapFS{}
	root := os.DirFS("../examples/acme-ml")
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(root, name)
		out[name] = &fstest.MapFile{Data: text}
		return err
	})
	if err == nil {
		out["acme.gate.hcl"].Data = bytes.Replace(out["acme.gate.hcl"].Data, []byte(`["baseline"]`), []byte(`["strict"]`), 1)
	}
	return out, err
})

// acmeGraph is the access that the example declares: what changes are compared with.
func acmeGraph(t *testing.T) *access.Graph {
	t.Helper()
	result, err := acmeCompiled()
	if err != nil {
		t.Fatal(err)
	}
	return result.Graph
}

var acmeCompiled = sync.OnceValues(func() (*compiler.Result, error) {
	files, err := acmeFiles()
	if err != nil {
		return nil, err
	}
	return compiler.Compile(files, moment)
})

// engine is the example's guardrails: every built-in one, and its own.
func engine(t *testing.T) *policies.Engine {
	t.Helper()
	e, err := preparedEngine()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

var preparedEngine = sync.OnceValues(func() (*policies.Engine, error) {
	files, err := acmeFiles()
	if err != nil {
		return nil, err
	}
	result, err := acmeCompiled()
	if err != nil {
		return nil, err
	}
	e, _, err := policies.Prepare(context.Background(), policies.For(result.Policy, files))
	return e, err
})

// world is a compiled policy as guardrails see it.
func world(g, base *access.Graph) policies.World {
	return policies.World{Graph: g, Base: base, Time: moment, Losses: func() []access.Loss {
		var out []access.Loss
		for _, driver := range []targets.Driver{consul.Driver{}, google.Driver{}} {
			for _, env := range g.Environments {
				if _, ok := driver.Realm(env); ok {
					out = append(out, access.Losses(g, env.Name, driver.Capabilities(), moment)...)
				}
			}
		}
		return out
	}}
}

// judge compiles a policy and judges it as a change of a base.
func judge(t *testing.T, files fs.FS, base *access.Graph) policies.Results {
	t.Helper()
	result, err := compiler.Compile(files, moment)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range result.Diagnostics {
		if d.Severity == diag.Error {
			t.Fatalf("%s: %s %s", d.Subject, d.Summary, d.Detail)
		}
	}
	e := engine(t)
	if diags := e.CheckExceptions(result.Graph); len(diags) > 0 {
		t.Fatal(diags)
	}
	results, err := e.Judge(t.Context(), world(result.Graph, base))
	if err != nil {
		t.Fatal(err)
	}
	return results
}

func different(want, got string) string { return cmp.Diff(want, got) }

// The example is silent under every guardrail, as a change of itself and without anything to compare with.
func TestTheExampleIsClean(t *testing.T) {
	for _, base := range []*access.Graph{nil, acmeGraph(t), {}} {
		if got := findings(t, judge(t, acme(t), base)); got != "" {
			t.Errorf("got\n%s", got)
		}
	}
}
