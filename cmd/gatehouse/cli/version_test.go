package cli

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A policy refuses a program that its required_version leaves out; a build between releases reads it.
func TestRequiredVersion(t *testing.T) {
	dir := t.TempDir()
	text := "gatehouse {\n  policy           = \"t\"\n  required_version = \">= 9\"\n}\n\nenvironment \"prod\" {\n  tier = \"production\"\n}\n"
	if err := os.WriteFile(filepath.Join(dir, "a.gate.hcl"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		code          int
		version, said string
	}{
		{1, "v0.3.0", "error[unsupported-version]: this policy asks for Gatehouse >= 9, and this is 0.3.0"},
		{0, "v9.1.0", ""},
		{0, "commit da417b6", ""},
	} {
		var out bytes.Buffer
		w := world{stdin: strings.NewReader(""), stdout: &out, stderr: &out, now: time.Now, getenv: func(string) string { return "" }, version: row.version}
		if got := run(context.Background(), []string{"check", dir}, w); got != row.code || !strings.Contains(out.String(), row.said) {
			t.Errorf("%s: exit code %d, want %d\n%s", row.version, got, row.code, out.String())
		}
	}
}
