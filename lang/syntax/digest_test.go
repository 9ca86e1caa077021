package syntax

import (
	"testing"
	"testing/fstest"
)

func TestDigestTellsNamesAndTexts(t *testing.T) {
	file := func(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text)} }
	same := fstest.MapFS{"a.gate.hcl": file("x"), "b/c.gate.json": file("{}")}
	want, err := Digest(same)
	if err != nil || len(want) != 64 {
		t.Fatalf("%q, %v", want, err)
	}
	for _, c := range []struct {
		same  bool
		files fstest.MapFS
	}{
		{true, fstest.MapFS{"a.gate.hcl": file("x"), "b/c.gate.json": file("{}"), "README.md": file("x")}},
		{false, fstest.MapFS{"a.gate.hcl": file("y"), "b/c.gate.json": file("{}")}},
		{false, fstest.MapFS{"a.gate.hcl": file("x"), "c.gate.json": file("{}")}},
		{false, fstest.MapFS{"a.gate.hcl": file("x")}},
	} {
		got, err := Digest(c.files)
		if err != nil || (got == want) != c.same {
			t.Errorf("%v: %s, %v; the same as %s: want %v", c.files, got, err, want, c.same)
		}
	}
}
