package lsp

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestOverlay(t *testing.T) {
	disk := fstest.MapFS{
		"a.gate.hcl":        {Data: []byte("on disk")},
		"team/b.gate.hcl":   {Data: []byte("on disk")},
		"team/z/c.gate.hcl": {Data: []byte("on disk")},
	}
	o := newOverlay(t.Context(), disk, map[string]string{"a.gate.hcl": "unsaved", "team/new.gate.hcl": "new", "fresh/deep/d.gate.hcl": "deep"})
	got := map[string]string{}
	err := fs.WalkDir(o, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(o, name)
		got[name] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"a.gate.hcl": "unsaved", "team/b.gate.hcl": "on disk", "team/new.gate.hcl": "new", "team/z/c.gate.hcl": "on disk", "fresh/deep/d.gate.hcl": "deep",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for name, isFolder := range map[string]bool{"fresh": true, "fresh/deep": true, "team": true, "team/new.gate.hcl": false} {
		if info, err := fs.Stat(o, name); err != nil || info.IsDir() != isFolder {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if _, err := fs.Stat(o, "nowhere"); err == nil {
		t.Error("a folder that is none is found")
	}
}

// What was given is remembered: diagnostics are counted in the text that they were found in.
func TestOverlayRemembers(t *testing.T) {
	disk := fstest.MapFS{"a.gate.hcl": {Data: []byte("before")}}
	o := newOverlay(t.Context(), disk, nil)
	if _, err := fs.ReadFile(o, "a.gate.hcl"); err != nil {
		t.Fatal(err)
	}
	disk["a.gate.hcl"] = &fstest.MapFile{Data: []byte("after")}
	if got := o.text("a.gate.hcl"); got != "before" {
		t.Errorf("got %q", got)
	}
	if got := o.text("nowhere"); got != "" {
		t.Errorf("got %q", got)
	}
}
