package compiler_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"gatehouse/compiler"
)

// FuzzCompile takes any text through the whole pipeline: it ends, it never panics, it says the same twice, and what it says lies in the
// text.
func FuzzCompile(f *testing.F) {
	paths, err := filepath.Glob("../conformance/testdata/lang/*.txtar")
	if err != nil || len(paths) == 0 {
		f.Fatal("no corpus", err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range txtar.Parse(text).Files {
			if strings.HasSuffix(file.Name, ".gate.hcl") || strings.HasSuffix(file.Name, ".gate.json") {
				f.Add(file.Data, strings.HasSuffix(file.Name, ".json"))
			}
		}
	}
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, src []byte, isJSON bool) {
		name := "a.gate.hcl"
		if isJSON {
			name = "a.gate.json"
		}
		compile := func() *compiler.Result {
			return compiler.CompileFiles(map[string]string{name: string(src)}, now, compiler.Options{})
		}
		result := compile()
		if result.Graph == nil && !result.Diagnostics.HasErrors() {
			t.Error("no graph, and no error")
		}
		for _, d := range result.Diagnostics {
			if s := d.Subject; s.Filename != "" && (s.Start.Byte < 0 || s.End.Byte < s.Start.Byte || s.End.Byte > len(src)) {
				t.Errorf("a range outside of the file: %v %s", s, d.Summary)
			}
		}
		if again := compile(); !reflect.DeepEqual(again.Diagnostics, result.Diagnostics) || !reflect.DeepEqual(again.Graph, result.Graph) {
			t.Error("two runs differ")
		}
	})
}
