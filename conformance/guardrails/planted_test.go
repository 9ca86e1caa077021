package guardrails

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"gatehouse/policies"
)

// Every guardrail has a case: a violation, planted into Acme's policy, that it finds, and what its remedy makes of it, in which nothing is
// found. The case says all that is found, so that a guardrail that cries too often shows as well.
func TestPlantedViolations(t *testing.T) {
	for _, id := range policies.Pack("strict") {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			c := readCase(t, id)
			got := findings(t, judge(t, overlaid(t, c.files["planted"]), acmeGraph(t)))
			if diff := different(c.want, got); diff != "" {
				t.Errorf("planted: %s", diff)
			}
			if !strings.Contains(c.want, " "+id+" ") {
				t.Errorf("%s is not among what is wanted", id)
			}
			mended := judge(t, overlaid(t, c.files["mended"]), acmeGraph(t))
			if left := findings(t, mended.Standing()); left != "" {
				t.Errorf("mended: still found:\n%s", left)
			}
			if slices.ContainsFunc(mended, func(r policies.Result) bool { return r.Guardrail == id }) {
				t.Errorf("mended: %s is waived, not mended", id)
			}
		})
	}
	if extra := cases(t); len(extra) != len(policies.Pack("strict")) {
		t.Errorf("%d cases for %d guardrails", len(extra), len(policies.Pack("strict")))
	}
}

// planted is a case: the files that are laid over Acme's policy before and after it is mended, and what is found before.
type planted struct {
	files map[string]map[string]string
	want  string
}

func readCase(t *testing.T, id string) planted {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/planted/" + id + ".txtar")
	if err != nil {
		t.Fatal(err)
	}
	c := planted{files: map[string]map[string]string{"planted": {}, "mended": {}}}
	for _, f := range archive.Files {
		side, name, ok := strings.Cut(f.Name, "/")
		switch {
		case f.Name == "want":
			c.want = strings.TrimSpace(string(f.Data))
		case ok && c.files[side] != nil:
			c.files[side][name] = string(f.Data)
		default:
			t.Fatalf("%s: what is %s?", id, f.Name)
		}
	}
	return c
}

func cases(t *testing.T) []string {
	t.Helper()
	names, err := fs.Glob(os.DirFS("testdata/planted"), "*/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// overlaid is Acme's policy with other files over its own.
func overlaid(t *testing.T, files map[string]string) fstest.MapFS {
	t.Helper()
	out := acme(t)
	for name, text := range files {
		out[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return out
}

// findings prints results, one a line, in order.
func findings(t *testing.T, results policies.Results) string {
	t.Helper()
	var lines []string
	for _, r := range results {
		line := fmt.Sprintf("%s %s %s", r.Level, r.Guardrail, r.Subject)
		if r.Waiver != nil {
			line += " waived by " + r.Waiver.Exception.String()
		}
		lines = append(lines, line)
	}
	return strings.Join(slices.Compact(lines), "\n")
}
