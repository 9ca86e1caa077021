package compiler_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"gatehouse/compiler"
	"gatehouse/lang/diag"
)

func TestOpenFindsTheRootFromAnyFolder(t *testing.T) {
	root := t.TempDir()
	inner := filepath.Join(root, "teams", "fraud")
	if err := os.MkdirAll(inner, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "acme.gate.hcl"), []byte("gatehouse {\n  policy = \"acme-ml\"\n}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{root, filepath.Join(root, "teams"), inner} {
		fsys, found, diags, err := compiler.Open(dir)
		if err != nil || len(diags) > 0 {
			t.Fatalf("open %s: %v %v", dir, err, diags)
		}
		if !sameFolder(t, found, root) {
			t.Errorf("open %s: root %s, want %s", dir, found, root)
		}
		result, err := compiler.Compile(fsys, time.Now())
		if err != nil || result.Policy.Name != "acme-ml" || result.Graph == nil {
			t.Errorf("compile from %s: %+v %v", dir, result, err)
		}
	}
}

func sameFolder(t *testing.T, a, b string) bool {
	t.Helper()
	first, err := os.Stat(a)
	if err != nil {
		t.Fatal(err)
	}
	second, err := os.Stat(b)
	if err != nil {
		t.Fatal(err)
	}
	return os.SameFile(first, second)
}

func TestOpenOutsideOfAPolicy(t *testing.T) {
	fsys, _, diags, err := compiler.Open(t.TempDir())
	if err != nil || fsys != nil || len(diags) != 1 || diags[0].Code != diag.NoPolicy {
		t.Errorf("got %v, %v, %v; want no-policy", fsys, diags, err)
	}
}

func TestCompileKeepsWhatItCould(t *testing.T) {
	files := fstest.MapFS{"a.gate.hcl": {Data: []byte(`
gatehouse {
  policy = "acme-ml"
}
environment "prod" {
  tier = "production"
}
workload "w" {
  environments = [environment.prod, environment.nope]
}
`)}}
	result, err := compiler.Compile(files, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if result.Graph != nil || len(result.Policy.Workloads) != 1 || len(result.Policy.Workloads[0].Places) != 1 {
		t.Errorf("partial result: %+v", result)
	}
}

// brokenFS stands for a disk that fails: that is an error, not a mistake in the policy.
type brokenFS struct{ fs.FS }

var errDisk = errors.New("disk on fire")

func (brokenFS) Open(string) (fs.File, error) { return nil, errDisk }

func TestCompileCannotRead(t *testing.T) {
	if _, err := compiler.Compile(brokenFS{}, time.Now()); !errors.Is(err, errDisk) {
		t.Errorf("error %v, want %v", err, errDisk)
	}
}

// What nobody waits for any more is given up between the stages: no graph is built, and nothing is said.
func TestCompileEnds(t *testing.T) {
	text := map[string]string{"p.gate.hcl": "gatehouse {\n  policy = \"p\"\n}\nworkload \"w\" {\n  environments = [environment.nope]\n}\n"}
	for stage := range 3 {
		asked := 0
		result := compiler.CompileFiles(text, time.Now(), compiler.Options{Ended: func() bool {
			asked++
			return asked > stage
		}})
		if result.Graph != nil || len(result.Diagnostics) > 0 && stage < 2 {
			t.Errorf("after stage %d: %+v", stage, result)
		}
	}
}
