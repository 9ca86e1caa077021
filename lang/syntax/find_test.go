package syntax

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"gatehouse/lang/diag"
)

// said prints diagnostics as CODE FILE.
func said(list diag.List) string {
	var out []string
	for _, d := range list {
		out = append(out, string(d.Code)+" "+d.Subject.Filename)
	}
	return strings.Join(out, ", ")
}

func TestAlmostPolicyFilesAreNamed(t *testing.T) {
	files := fstest.MapFS{"main.gate.hcl": {Data: []byte("gatehouse {\n  policy = \"p\"\n}\n")}}
	for _, name := range []string{"a.gate.yaml", "b/b.gate.tf", "c.gate.hcl.bak", "D.GATE.HCL", ".e.gate.tf", ".git/f.gate.tf", "gate.hcl", "g.rego", "gate.d/h.hcl"} {
		files[name] = &fstest.MapFile{Data: []byte("x")}
	}
	_, _, diags, err := Load(files)
	if got := said(diags); err != nil || got != "skipped-file D.GATE.HCL, skipped-file a.gate.yaml, skipped-file b/b.gate.tf, skipped-file c.gate.hcl.bak" {
		t.Error(got, err)
	}
	for _, d := range diags {
		if d.Severity != diag.Warning {
			t.Error(d)
		}
	}
}

// refusing is a file system that may not be read at some names.
type refusing struct {
	fs.FS
	names []string
}

func (r refusing) Open(name string) (fs.File, error) {
	if slices.Contains(r.names, name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return r.FS.Open(name)
}

func TestWhatMayNotBeReadIsNamed(t *testing.T) {
	files := fstest.MapFS{
		"main.gate.hcl":   {Data: []byte("gatehouse {\n  policy = \"p\"\n}\n")},
		"ml/a.gate.hcl":   {Data: []byte("group \"a\" {\n}\n")},
		"data/b.gate.hcl": {Data: []byte("group \"b\" {\n}\n")},
	}
	tree, _, diags, err := Load(refusing{files, []string{"ml", "data/b.gate.hcl"}})
	if got := said(diags); err != nil || got != "unreadable-file data/b.gate.hcl, unreadable-file ml" || !tree.Partial {
		t.Error(got, err)
	}
	for _, d := range diags {
		if d.Severity != diag.Error || !strings.HasSuffix(d.Summary, "can't be read: permission denied") {
			t.Error(d.Severity, d.Summary)
		}
	}
}
