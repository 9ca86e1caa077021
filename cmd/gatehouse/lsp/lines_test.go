package lsp

import (
	"testing"

	"pgregory.net/rapid"
)

func TestLines(t *testing.T) {
	const text = "a\n🦊é漢\r\n\rend"
	for _, c := range []struct {
		offset int
		want   position
	}{
		{0, position{0, 0}},
		{1, position{0, 1}},
		{2, position{1, 0}},
		{6, position{1, 2}}, // behind the fox, which is two units
		{8, position{1, 3}},
		{11, position{1, 4}},
		{13, position{2, 0}},
		{14, position{3, 0}},
		{17, position{3, 3}},
	} {
		l := newLines(text)
		if got := l.position(c.offset); got != c.want {
			t.Errorf("offset %d: got %v, want %v", c.offset, got, c.want)
		}
		if got := l.offset(c.want); got != c.offset {
			t.Errorf("%v: got offset %d, want %d", c.want, got, c.offset)
		}
	}
}

// Places that are none are the nearest that are.
func TestLinesOutside(t *testing.T) {
	l := newLines("a\n🦊b\n")
	for _, c := range []struct {
		p    position
		want int
	}{
		{position{0, 99}, 1},
		{position{1, 1}, 2}, // inside of the fox
		{position{1, 99}, 7},
		{position{2, 0}, 8},
		{position{99, 0}, 8},
		{position{-1, 5}, 0},
		{position{0, -1}, 0},
	} {
		if got := l.offset(c.p); got != c.want {
			t.Errorf("%v: got %d, want %d", c.p, got, c.want)
		}
	}
	if got := l.position(99); got != (position{2, 0}) {
		t.Errorf("behind the end: %v", got)
	}
}

func TestLinesRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.RuneFrom([]rune("ab\n\r🦊é漢"))).Draw(t, "text")
		l := newLines(text)
		for at := range text {
			if at > 0 && text[at-1] == '\r' && text[at] == '\n' {
				continue // inside of a line's end
			}
			if got := l.offset(l.position(at)); got != at {
				t.Fatalf("%q: %d became %v became %d", text, at, l.position(at), got)
			}
		}
	})
}

func TestURI(t *testing.T) {
	for _, c := range []struct{ uri, path string }{
		{"file:///policy/a.gate.hcl", "/policy/a.gate.hcl"},
		{"file:///a%20folder/%C3%A9.gate.hcl", "/a folder/é.gate.hcl"},
		{"file:///a%2Bb.gate.hcl", "/a+b.gate.hcl"},
		{"untitled:Untitled-1", ""},
		{"git:/policy/a.gate.hcl", ""},
		{"file://", ""},
		{"%zz", ""},
		{"", ""},
	} {
		path, ok := pathOf(c.uri)
		if path != c.path || ok != (c.path != "") {
			t.Errorf("%s: got %q, %v", c.uri, path, ok)
		}
		if back, _ := pathOf(uriOf(path)); ok && back != path {
			t.Errorf("%s came back as %s", path, back)
		}
	}
}

func TestChangedLines(t *testing.T) {
	for _, c := range []struct {
		from, to string
		want     []textEdit
	}{
		{"a\nb\n", "a\nb\n", []textEdit{}},
		{"a\nb\nc\n", "a\nB\nc\n", []textEdit{{textRange{position{1, 0}, position{2, 0}}, "B\n"}}},
		{"a\n", "a\nb\n", []textEdit{{textRange{position{1, 0}, position{1, 0}}, "b\n"}}},
		{"a\nb", "a\nb\n", []textEdit{{textRange{position{1, 0}, position{1, 1}}, "b\n"}}},
		{"", "a\n", []textEdit{{textRange{}, "a\n"}}},
		{"a\na\n", "a\n", []textEdit{{textRange{position{1, 0}, position{2, 0}}, ""}}},
	} {
		got := changedLines(newLines(c.from), c.to)
		if len(got) != len(c.want) || len(got) == 1 && got[0] != c.want[0] {
			t.Errorf("%q to %q: got %v, want %v", c.from, c.to, got, c.want)
		}
	}
}
