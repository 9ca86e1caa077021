package model

import "testing"

func TestNormalPath(t *testing.T) {
	for _, test := range []struct{ want, path string }{
		{"/", "/"},
		{"/v1", "/v1"},
		{"/v1/", "/v1/"},
		{"/v1/a.b/...", "/v1/a.b/..."},
		{"/a", "//a"},
		{"/a/b/", "/a//b//"},
		{"/b", "/a/../b"},
		{"/", "/.."},
		{"/a/", "/a/b/.."},
		{"/a/", "/a/."},
		{"/a/b", "/a/./b"},
		{"/admin", "/%61dmin"},
		{"/b", "/a/%2e%2E/b"},
		{"/a%2Fb", "/a%2Fb"},
		{"/a%2fb", "/a%2fb"},
		{"/100%", "/100%"},
		{"/%zz", "/%zz"},
		{"/a/b", `/a\b`},
	} {
		if got := NormalPath(test.path); got != test.want {
			t.Errorf("%q: got %q, want %q", test.path, got, test.want)
		}
		if again := NormalPath(test.want); again != test.want {
			t.Errorf("%q: not stable, %q", test.want, again)
		}
	}
}
