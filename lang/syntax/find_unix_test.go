//go:build unix

package syntax

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// What can't be read may declare anything: it is an error, whatever the rest says, and nothing else is said to be missing.
func TestWhatIsNoFileIsRefused(t *testing.T) {
	const root = "gatehouse {\n  policy = \"p\"\n}\n"
	for _, c := range []struct {
		name, want string
		make       func(dir string) error
	}{
		{"a pipe", "unreadable-file x.gate.hcl", func(dir string) error { return syscall.Mkfifo(filepath.Join(dir, "x.gate.hcl"), 0o600) }},
		{"a link to a device", "unreadable-file x.gate.hcl", func(dir string) error { return os.Symlink("/dev/zero", filepath.Join(dir, "x.gate.hcl")) }},
		{"a link to nothing", "unreadable-file x.gate.hcl", func(dir string) error { return os.Symlink("nothing", filepath.Join(dir, "x.gate.hcl")) }},
		{"a socket that nobody takes for a file", "", func(dir string) error { return syscall.Mkfifo(filepath.Join(dir, "x"), 0o600) }},
	} {
		for _, main := range []string{root, ""} {
			dir := written(t, map[string]string{"main.gate.hcl": main})
			if err := c.make(dir); err != nil {
				t.Fatal(err)
			}
			if main == "" && c.want == "" {
				continue
			}
			_, sources, diags, err := Load(os.DirFS(dir))
			if got := said(diags); err != nil || got != c.want || sources.Bytes("x.gate.hcl") != nil {
				t.Errorf("%s: %s, %v", c.name, got, err)
			}
			if _, _, err := FindRoot(dir); err != nil {
				t.Errorf("%s: %v", c.name, err)
			}
		}
	}
}
