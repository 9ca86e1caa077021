package conformance

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"gatehouse/compiler"
	"gatehouse/compiler/evaluate"
	"gatehouse/lang/diag"
)

// update rewrites goldens instead of comparing with them. Read the difference before you commit it.
var update = os.Getenv("GATEHOUSE_UPDATE") == "1"

// TestLanguage runs the corpus in testdata/lang; its README.md says how a case is written.
func TestLanguage(t *testing.T) {
	for _, path := range corpus(t) {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			c := readCase(t, path)
			native := c.judge(t, c.files)
			wantCodes(t, c.want, native.Diagnostics)
			c.golden(t, "want.messages", messages(native.Diagnostics))
			if !native.Diagnostics.HasErrors() {
				c.golden(t, "want.model", printModel(native.Policy))
			}
			c.write(t)
			t.Run("json", func(t *testing.T) { c.runJSON(t, native) })
		})
	}
}

// runJSON says the same in the JSON syntax, and expects the same.
func (c *langCase) runJSON(t *testing.T, native *compiler.Result) {
	if c.json == "none" {
		return
	}
	result := c.judge(t, toJSON(t, c.files))
	want := codes(native.Diagnostics)
	if c.json != "same" {
		want = slices.Sorted(slices.Values(strings.Fields(c.json)))
	}
	if diff := cmp.Diff(want, codes(result.Diagnostics)); diff != "" {
		t.Errorf("codes (-want +got):\n%s%s", diff, messages(result.Diagnostics))
	}
	if !native.Diagnostics.HasErrors() {
		if diff := cmp.Diff(printModel(native.Policy), printModel(result.Policy)); diff != "" {
			t.Errorf("model (-native +json):\n%s", diff)
		}
	}
}

// langCase is one archive of the corpus.
type langCase struct {
	path    string
	archive *txtar.Archive
	files   map[string]string // the policy
	want    []expectation     // sorted
	json    string            // same, none, or the codes that JSON gives instead; "-" for no codes
	at      time.Time
	options compiler.Options
	judged  bool     // by everything that check judges by
	reveals []string // codes that fixes bring to light, of mistakes that were silent before
	changed bool
}

// expectation is a code on a line.
type expectation struct {
	File string
	Line int
	Code diag.Code
}

func corpus(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/lang/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	return paths
}

func readCase(t *testing.T, path string) *langCase {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	c := &langCase{path: path, archive: archive, files: map[string]string{}, json: "same", at: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)}
	for line := range strings.Lines(string(archive.Comment)) {
		c.directive(t, strings.TrimSpace(line))
	}
	for _, f := range archive.Files {
		switch {
		case f.Name == "want.codes":
			c.want = append(c.want, listedCodes(t, string(f.Data))...)
		case !strings.HasPrefix(f.Name, "want."):
			c.files[f.Name] = string(f.Data)
			c.want = append(c.want, wantedCodes(f.Name, string(f.Data))...)
		}
	}
	for i, f := range c.options.Inputs.Files {
		c.options.Inputs.Files[i].Text = []byte(c.files[f.Name])
		delete(c.files, f.Name)
	}
	slices.SortFunc(c.want, compareExpectations)
	return c
}

func (c *langCase) directive(t *testing.T, line string) {
	t.Helper()
	key, value, _ := strings.Cut(line, ": ")
	switch key {
	case "json":
		c.json, _, _ = strings.Cut(value, " because ")
		if c.json == "-" {
			c.json = ""
		}
	case "reveals":
		hidden, _, _ := strings.Cut(value, " because ")
		c.reveals = strings.Fields(hidden)
	case "judged":
		c.judged = true
	case "version":
		c.options.Version = value
	case "var":
		name, given, _ := strings.Cut(value, "=")
		c.options.Inputs.Flags = append(c.options.Inputs.Flags, evaluate.Flag{Name: name, Value: given})
	case "var-file":
		c.options.Inputs.Files = append(c.options.Inputs.Files, evaluate.File{Name: value})
	case "environment":
		c.options.Inputs.Environment = evaluate.InputsFromEnvironment(strings.Fields(value))
	case "at":
		at, err := time.Parse(time.RFC3339, value)
		if err != nil {
			t.Fatal(err)
		}
		c.at = at
	}
}

// wantedCodes reads # want comments.
func wantedCodes(file, text string) []expectation {
	var out []expectation
	number := 0
	for line := range strings.Lines(text) {
		number++
		_, comment, ok := strings.Cut(line, "# want ")
		if !ok {
			continue
		}
		for _, code := range strings.Fields(comment) {
			out = append(out, expectation{file, number, diag.Code(code)})
		}
	}
	return out
}

// listedCodes reads want.codes, for files that take no comments: FILE:LINE CODE, or CODE alone where there is no place.
func listedCodes(t *testing.T, text string) []expectation {
	t.Helper()
	var out []expectation
	for line := range strings.Lines(text) {
		place, code, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			out = append(out, expectation{Code: diag.Code(place)})
			continue
		}
		file, number, _ := strings.Cut(place, ":")
		e := expectation{File: file, Code: diag.Code(code)}
		if _, err := fmt.Sscan(number, &e.Line); err != nil {
			t.Fatalf("want.codes: %q: %v", line, err)
		}
		out = append(out, e)
	}
	return out
}

func wantCodes(t *testing.T, want []expectation, got diag.List) {
	t.Helper()
	var found []expectation
	for _, d := range got {
		found = append(found, expectation{d.Subject.Filename, d.Subject.Start.Line, d.Code})
	}
	slices.SortFunc(found, compareExpectations)
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("codes (-want +got):\n%s%s", diff, messages(got))
	}
}

func compareExpectations(a, b expectation) int {
	return slices.Compare([]string{a.File, fmt.Sprintf("%09d", a.Line), string(a.Code)}, []string{b.File, fmt.Sprintf("%09d", b.Line), string(b.Code)})
}

// golden compares with a section of the archive, or rewrites it. A section that would be empty doesn't stand.
func (c *langCase) golden(t *testing.T, name, got string) {
	t.Helper()
	i := slices.IndexFunc(c.archive.Files, func(f txtar.File) bool { return f.Name == name })
	want := ""
	if i >= 0 {
		want = string(c.archive.Files[i].Data)
	}
	if want == got {
		return
	}
	if !update {
		t.Errorf("%s (-want +got; GATEHOUSE_UPDATE=1 rewrites it):\n%s", name, cmp.Diff(want, got))
		return
	}
	c.changed = true
	c.archive.Files = slices.DeleteFunc(c.archive.Files, func(f txtar.File) bool { return f.Name == name })
	if got != "" {
		c.archive.Files = append(c.archive.Files, txtar.File{Name: name, Data: []byte(got)})
	}
}

func (c *langCase) write(t *testing.T) {
	t.Helper()
	if !c.changed {
		return
	}
	if err := os.WriteFile(c.path, txtar.Format(c.archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

// compile reads files as the case's program would at the case's moment.
func (c *langCase) compile(t testing.TB, files map[string]string) *compiler.Result {
	t.Helper()
	return compileWith(t, files, c.at, c.options)
}

// judge compiles files and, where the case says so, has them judged as gatehouse check does.
func (c *langCase) judge(t *testing.T, files map[string]string) *compiler.Result {
	t.Helper()
	result := c.compile(t, files)
	if c.judged {
		result.Diagnostics = judged(t, result, files, c.at)
	}
	return result
}

func compile(t testing.TB, files map[string]string, at time.Time) *compiler.Result {
	t.Helper()
	return compileWith(t, files, at, compiler.Options{})
}

func compileWith(t testing.TB, files map[string]string, at time.Time, o compiler.Options) *compiler.Result {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	result, err := compiler.CompileWith(fsys, at, o)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

// messages prints diagnostics with their exact ranges, as the corpus keeps them.
func messages(l diag.List) string {
	var b bytes.Buffer
	for _, d := range l {
		at := "-"
		if r := d.Subject; r.Filename != "" {
			at = fmt.Sprintf("%s:%d:%d-%d:%d", r.Filename, r.Start.Line, r.Start.Column, r.End.Line, r.End.Column)
		}
		fmt.Fprintf(&b, "%s %s %s\n  %s\n  %s\n", at, d.Severity, d.Code, d.Summary, d.Detail)
		for _, r := range d.Related {
			fmt.Fprintf(&b, "  (%s:%d: %s)\n", r.Range.Filename, r.Range.Start.Line, r.Message)
		}
	}
	return b.String()
}

func codes(l diag.List) []string {
	var out []string
	for _, d := range l {
		out = append(out, string(d.Code))
	}
	slices.Sort(out)
	return out
}
