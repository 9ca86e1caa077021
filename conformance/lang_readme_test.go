package conformance

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tableStart is where the generated part of the corpus's README.md begins.
const tableStart = "| mistake | codes | case |\n"

// TestCorpusIsListed keeps the table of testdata/lang/README.md: what was tried, what it gives, and where.
func TestCorpusIsListed(t *testing.T) {
	const path = "testdata/lang/README.md"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, _, found := strings.Cut(string(text), tableStart)
	if !found {
		t.Fatalf("%s has no table: %q", path, tableStart)
	}
	want := head + table(t)
	if want == string(text) {
		return
	}
	if !update {
		t.Fatalf("%s (-listed +corpus; GATEHOUSE_UPDATE=1 rewrites it):\n%s", path, cmp.Diff(string(text), want))
	}
	if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

func table(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(tableStart + "| --- | --- | --- |\n")
	for _, path := range corpus(t) {
		c := readCase(t, path)
		title, _, _ := strings.Cut(string(c.archive.Comment), "\n")
		var codes []string
		for _, e := range c.want {
			codes = append(codes, string(e.Code))
		}
		slices.Sort(codes)
		fmt.Fprintf(&b, "| %s | %s | [%s](%s) |\n", strings.ReplaceAll(title, "|", "\\|"), strings.Join(slices.Compact(codes), ", "),
			strings.TrimSuffix(filepath.Base(path), ".txtar"), filepath.Base(path))
	}
	return b.String()
}
