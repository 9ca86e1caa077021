package conformance

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"gatehouse/compiler"
	"gatehouse/compiler/access"
	"gatehouse/lang/diag"
)

// TestFixesMend applies every fix of every case, in both syntaxes, each to the text as it is. The diagnostic that it mends is gone then, and
// nothing has come in its place but what can be mended as well. A warning's fix changes nothing of what the policy means. What the corpus shows beside a fix is left to TestLanguage.
func TestFixesMend(t *testing.T) {
	fixes := 0
	for _, path := range corpus(t) {
		c := readCase(t, path)
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			fixes += c.mends(t, c.files)
			if c.json != "none" {
				fixes += c.mends(t, toJSON(t, c.files))
			}
		})
	}
	if !t.Failed() && fixes < 60 {
		t.Errorf("only %d fixes were tried", fixes)
	}
}

// TestMendingEnds mends every case whole, as gatehouse fix does. No file has more errors than before, no comment is lost, and mending again
// finds nothing to do.
func TestMendingEnds(t *testing.T) {
	for _, path := range corpus(t) {
		c := readCase(t, path)
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			c.mendsWhole(t, c.files)
			if c.json != "none" {
				c.mendsWhole(t, toJSON(t, c.files))
			}
		})
	}
}

func (c *langCase) mendsWhole(t *testing.T, files map[string]string) {
	t.Helper()
	before := c.compile(t, files).Diagnostics
	m := c.mend(t, files)
	mended := maps.Clone(files)
	maps.Copy(mended, m.After)
	for name, text := range m.After {
		if was, is := len(errorsIn(before, name)), len(errorsIn(m.Result.Diagnostics, name)); is > was {
			t.Errorf("%s had %d errors, and has %d\n%s", name, was, is, messages(m.Result.Diagnostics))
		}
		if was, is := strings.Count(files[name], "#"), strings.Count(text, "#"); was != is {
			t.Errorf("%s had %d comments, and has %d", name, was, is)
		}
	}
	if again := c.mend(t, mended); len(again.After) > 0 && len(m.Repairs) < 10 {
		t.Errorf("mending again changes %v", again.After)
	}
}

func (c *langCase) mend(t *testing.T, files map[string]string) *compiler.Mended {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	m, err := compiler.Mend(fsys, c.at, c.options)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// mends returns how many fixes it tried.
func (c *langCase) mends(t *testing.T, files map[string]string) int {
	t.Helper()
	first := c.compile(t, files)
	fixes, before := 0, first.Diagnostics
	for _, d := range before {
		for _, f := range d.Fixes {
			fixes++
			mended := c.compile(t, edited(t, files, f))
			after := mended.Diagnostics
			if d.Severity == diag.Warning {
				sameMeaning(t, first, mended, d)
			}
			got := slices.DeleteFunc(difference(after, before), func(d diag.Diagnostic) bool { return len(d.Fixes) > 0 || slices.Contains(c.reveals, string(d.Code)) })
			if len(got) > 0 {
				t.Errorf("%s (%s) brings\n%sin %s", d.Summary, f.Message, messages(got), messages(diag.List{d}))
			}
			if slices.ContainsFunc(after, func(a diag.Diagnostic) bool {
				return a.Code == d.Code && a.Summary == d.Summary && a.Subject.Filename == d.Subject.Filename && a.Subject.Start.Line == d.Subject.Start.Line
			}) {
				t.Errorf("%s (%s) leaves its diagnostic", d.Summary, f.Message)
			}
		}
	}
	return fixes
}

// sameMeaning fails where a fix changes the model or the access.
func sameMeaning(t *testing.T, before, after *compiler.Result, mends diag.Diagnostic) {
	t.Helper()
	if diff := cmp.Diff(printModel(before.Policy), printModel(after.Policy)); diff != "" {
		t.Errorf("mending a warning changes what the policy means (-before +after):\n%s%s", diff, messages(diag.List{mends}))
	}
	if before.Graph != nil && (after.Graph == nil || !access.Diff(before.Graph, after.Graph).Empty()) {
		t.Errorf("mending a warning changes access:\n%s", messages(diag.List{mends}))
	}
}

func edited(t *testing.T, files map[string]string, f diag.Fix) map[string]string {
	t.Helper()
	out := maps.Clone(files)
	if len(f.Files()) == 0 || f.Message == "" {
		t.Errorf("a fix without edits or without a message: %v", f)
	}
	for _, name := range f.Files() {
		text, err := diag.Apply([]byte(files[name]), name, f.Edits)
		if err != nil {
			t.Fatal(err)
		}
		out[name] = string(text)
	}
	return out
}

// difference is what is said in one list more often than in another. Places move when text is changed, and don't count.
func difference(a, b diag.List) diag.List {
	type said struct {
		code    diag.Code
		summary string
	}
	count := map[said]int{}
	for _, d := range b {
		count[said{d.Code, d.Summary}]++
	}
	return slices.DeleteFunc(slices.Clone(a), func(d diag.Diagnostic) bool {
		count[said{d.Code, d.Summary}]--
		return count[said{d.Code, d.Summary}] >= 0
	})
}
