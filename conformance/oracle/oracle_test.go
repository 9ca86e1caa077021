package oracle_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"gatehouse/compiler"
	"gatehouse/compiler/access"
	"gatehouse/conformance/oracle"
	"gatehouse/lang/diag"
)

// TestMain sets how many policies are tried: as many as take some seconds, fewer with -short, and the same ones in every run, so that no change is
// refused for what it did not do. GATEHOUSE_CHECKS, or -rapid.checks, says how many others are tried. A failure prints the seed that repeats it.
func TestMain(m *testing.M) {
	flag.Parse()
	given := map[string]bool{}
	flag.Visit(func(f *flag.Flag) { given[f.Name] = true })
	checks, seed := "500", "1"
	if testing.Short() {
		checks = "100"
	}
	if said := os.Getenv("GATEHOUSE_CHECKS"); said != "" {
		checks, seed = said, "0" // which is another one each time
	}
	if given["rapid.checks"] {
		seed = "0"
	}
	for name, value := range map[string]string{"rapid.checks": checks, "rapid.seed": seed} {
		if given[name] {
			continue
		}
		if err := flag.Set(name, value); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
	}
	os.Exit(m.Run())
}

// files spreads the blocks of a policy over files of both syntaxes, in folders.
func files(p oracle.Policy, place func(block int) int) fstest.MapFS {
	paths := []string{"policy.gate.hcl", "team/a.gate.hcl", "team/b.gate.json", "zoo/policy.gate.json"}
	of := map[string][]oracle.Block{}
	for i, b := range p.Blocks() {
		path := paths[0]
		if i > 0 {
			path = paths[place(i)]
		}
		of[path] = append(of[path], b)
	}
	fsys := fstest.MapFS{}
	for path, blocks := range of {
		text := oracle.HCL(blocks)
		if path[len(path)-1] == 'n' {
			text = oracle.JSON(blocks)
		}
		fsys[path] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

func inOneFile(int) int { return 0 }

func compile(t rapid.TB, fsys fstest.MapFS, at int64) *compiler.Result {
	t.Helper()
	result, err := compiler.Compile(fsys, time.Unix(at, 0))
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// errorCodes returns the codes of what stops the work, sorted.
func errorCodes(l diag.List) []string {
	codes := map[string]bool{}
	for _, d := range l {
		if d.Severity == diag.Error {
			codes[string(d.Code)] = true
		}
	}
	return slices.Sorted(maps.Keys(codes))
}

// sameMistakes fails where the compiler refuses what the oracle takes for good, or the reverse. A template that can't be evaluated hides what the
// names would have been.
func sameMistakes(t rapid.TB, p oracle.Policy, l diag.List) {
	t.Helper()
	want, got := p.Mistakes(), errorCodes(l)
	if slices.Contains(want, "invalid-template") && slices.Contains(got, "invalid-template") {
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("mistakes (-oracle +compiler):\n%s%v\n%s", diff, l, oracle.HCL(p.Blocks()))
	}
}

// TestMeaning compares everything that the compiler says of generated policies with what the oracle says, at every moment at which
// anything changes.
func TestMeaning(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := policies().Draw(t, "policy")
		fsys := files(p, func(i int) int { return rapid.IntRange(0, 3).Draw(t, fmt.Sprintf("file of block %d", i)) })
		result := compile(t, fsys, begin)
		sameMistakes(t, p, result.Diagnostics)
		if result.Graph == nil || result.Diagnostics.HasErrors() {
			return
		}
		defer func() {
			if t.Failed() {
				t.Log(oracle.HCL(p.Blocks()))
			}
		}()
		c := comparison{TB: t, p: p, g: result.Graph, diags: result.Diagnostics, seen: map[string]int{}}
		c.all()
	})
}

// TestRequests is TestMeaning for policies that narrow rules to requests: one request after the other is asked about.
func TestRequests(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := narrowedPolicies().Draw(t, "policy")
		result := compile(t, files(p, func(i int) int { return i % 4 }), begin)
		sameMistakes(t, p, result.Diagnostics)
		if result.Graph == nil || result.Diagnostics.HasErrors() {
			return
		}
		c := comparison{TB: t, p: p, g: result.Graph, diags: result.Diagnostics, seen: map[string]int{}}
		if c.all(); t.Failed() {
			t.Log(oracle.HCL(p.Blocks()))
		}
	})
}

// TestSecrets is TestMeaning for policies that are about secrets, and compares nothing else.
func TestSecrets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := cloudPolicies().Draw(t, "policy")
		result := compile(t, files(p, inOneFile), begin)
		sameMistakes(t, p, result.Diagnostics)
		if result.Graph == nil || result.Diagnostics.HasErrors() {
			return
		}
		comparison{TB: t, p: p, g: result.Graph, seen: map[string]int{}}.secrets()
		if t.Failed() {
			t.Log(oracle.HCL(p.Blocks()))
		}
	})
}

// comparison is of one policy.
type comparison struct {
	rapid.TB
	p     oracle.Policy
	g     *access.Graph
	diags diag.List
	seen  map[string]int // what the policy showed, so that nothing is compared in vain
}

func (c comparison) all() {
	c.principals()
	c.leaks()
	c.warnings()
	c.secrets()
	for _, at := range c.p.Moments() {
		c.grants(at)
		c.whoCan(at)
		c.whatCan(at)
		c.why(at)
		c.lowered(at)
		c.interpreted(at)
	}
}
