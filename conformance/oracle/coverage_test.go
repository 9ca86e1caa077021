package oracle_test

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"

	"gatehouse/conformance/oracle"
)

// TestGeneratorCovers makes sure that agreement is not agreement about nothing: among the first few hundred policies, each the same in every
// run, every kind of answer and of mistake comes up, and most policies have none.
func TestGeneratorCovers(t *testing.T) {
	const seeds, compared = 1500, 150
	seen, sound := map[string]int{}, 0
	for seed := range seeds {
		p := policies().Example(seed)
		for _, code := range p.Mistakes() {
			seen["mistake "+code]++
		}
		if len(p.Mistakes()) > 0 {
			continue
		}
		if sound++; sound > compared {
			continue
		}
		result := compile(t, files(p, inOneFile), begin)
		c := comparison{TB: t, p: p, g: result.Graph, diags: result.Diagnostics, seen: seen}
		c.all()
	}
	for _, want := range []string{
		"granted", "leak", "ineffective", "means declared", "means coarse-action", "means shared-identity", "why declared", "why coarse-action",
		"why shared-identity", "why no-common-environment", "why denied", "why not-yet", "why expired", "why other-action", "why no-allow",
		"shared-identity", "coarse-action", "unenforced-expiry", "mistake coinciding-names", "mistake conflicting-shared-identity",
		"mistake inseparable-actions", "mistake missing-target", "mistake invalid-template", "mistake invalid-remote-name",
		"mistake not-in-environment", "mistake empty-interval", "mistake missing-block", "mistake unsupported-crossing", "mistake cycle",
		"granted across", "granted offline",
	} {
		t.Logf("%5d  %s", seen[want], want)
		if seen[want] == 0 {
			t.Errorf("no policy shows %s", want)
		}
	}
	if t.Logf("%5d  of %d policies are sound", sound, seeds); sound < seeds/3 {
		t.Errorf("only %d of %d policies are sound", sound, seeds)
	}
}

// TestGeneratorCoversRequests is the same of policies that narrow rules to requests.
func TestGeneratorCoversRequests(t *testing.T) {
	const seeds, compared = 600, 80
	seen, sound := map[string]int{}, 0
	for seed := range seeds {
		p := narrowedPolicies().Example(seed)
		for _, code := range p.Mistakes() {
			seen["mistake "+code]++
		}
		if len(p.Mistakes()) > 0 || !p.Narrowed() {
			continue
		}
		if sound++; sound > compared {
			continue
		}
		result := compile(t, files(p, inOneFile), begin)
		comparison{TB: t, p: p, g: result.Graph, diags: result.Diagnostics, seen: seen}.all()
		for _, grant := range result.Graph.Grants {
			if len(grant.Except) > 0 {
				seen["excepted"]++
			}
		}
	}
	for _, want := range []string{
		"granted by request", "edge by request", "excepted", "means declared", "means coarse-action", "means shared-identity", "granted across",
		"why declared", "why coarse-action", "why shared-identity", "why denied", "why not-yet", "why expired", "why other-request", "why no-allow",
		"mistake not-http", "mistake inseparable-actions", "mistake conflicting-shared-identity",
	} {
		if t.Logf("%5d  %s", seen[want], want); seen[want] == 0 {
			t.Errorf("no policy shows %s", want)
		}
	}
	if t.Logf("%5d  of %d policies are sound", sound, seeds); sound < seeds/4 {
		t.Errorf("only %d of %d policies are sound", sound, seeds)
	}
}

// TestGeneratorCoversSecrets is the same of policies that are about secrets.
func TestGeneratorCoversSecrets(t *testing.T) {
	const seeds = 200
	seen, sound := map[string]int{}, 0
	for seed := range seeds {
		p := cloudPolicies().Example(seed)
		if len(p.Mistakes()) > 0 {
			continue
		}
		sound++
		comparison{TB: t, p: p, g: compile(t, files(p, inOneFile), begin).Graph, seen: seen}.secrets()
	}
	for _, want := range []string{"cloud read", "cloud write", "cloud for a time", "cloud shared", "cloud denied from elsewhere", "cloud across"} {
		if t.Logf("%5d  %s", seen[want], want); seen[want] == 0 {
			t.Errorf("no policy shows %s", want)
		}
	}
	if t.Logf("%5d  of %d policies are sound", sound, seeds); sound < seeds/3 {
		t.Errorf("only %d of %d policies are sound", sound, seeds)
	}
}

// TestSharesNothing keeps the oracle apart from what it judges.
func TestSharesNothing(t *testing.T) {
	names, err := filepath.Glob("*.go")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range file.Imports {
			if strings.Contains(i.Path.Value, "gatehouse/") || strings.Contains(i.Path.Value, ".") {
				t.Errorf("%s imports %s", name, i.Path.Value)
			}
		}
	}
}

func TestPrintsBothSyntaxesAlike(t *testing.T) {
	for seed := range 20 {
		p := policies().Example(seed)
		hcl := compile(t, files(p, inOneFile), begin)
		json := compile(t, files(p, func(int) int { return 3 }), begin)
		if (hcl.Graph == nil) != (json.Graph == nil) {
			t.Errorf("seed %d: sound in one syntax alone\n%s", seed, oracle.HCL(p.Blocks()))
		}
	}
}
