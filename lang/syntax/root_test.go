package syntax

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
)

func written(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestFindRoot(t *testing.T) {
	dir := written(t, map[string]string{
		"p/main.gate.hcl":             "gatehouse {\n  policy = \"p\"\n}\n",
		"p/teams/fraud/a.gate.hcl":    "# the gatehouse block is above\n",
		"p/teams/inner/x.gate.json":   `{"gatehouse": {"policy": "inner"}}`,
		"p/broken/deep/y.gate.hcl":    "group \"a\" {\n",
		"q/.hidden.gate.hcl":          "gatehouse {\n}\n",
		"q/gatehouse.hcl":             "gatehouse {\n}\n",
		"r/broken-root.gate.hcl":      "gatehouse {\n  policy = \n}\n",
		"r/sub/empty/nothing.gate.md": "gatehouse {",
	})
	for _, c := range []struct{ from, want string }{
		{"p", "p"},
		{"p/teams/fraud", "p"},
		{"p/teams/fraud/a.gate.hcl", "p"},
		{"p/teams/inner", "p/teams/inner"},
		{"p/broken/deep", "p"},
		{"q", ""},
		{"r/sub/empty", "r"},
	} {
		root, found, err := FindRoot(filepath.Join(dir, c.from))
		if err != nil || found != (c.want != "") || found && root != filepath.Join(dir, c.want) {
			t.Errorf("%s: %q %v %v, want %q", c.from, root, found, err, c.want)
		}
	}
	if _, _, err := FindRoot(filepath.Join(dir, "nowhere")); err == nil {
		t.Error("a folder that doesn't exist has a root")
	}
}

// What lies around a policy matters where the policy around would take it for its own.
func TestRootAbove(t *testing.T) {
	const block = "gatehouse {\n  policy = \"p\"\n}\n"
	dir := written(t, map[string]string{
		"p/main.gate.hcl":           block,
		"p/teams/inner/x.gate.json": `{"gatehouse": {"policy": "inner"}}`,
		"p/.drafts/q/main.gate.hcl": block,
		"q/broken.gate.hcl":         "group \"gatehouse\" {\n",
		"q/inner/main.gate.hcl":     block,
	})
	if err := os.Symlink(filepath.Join(dir, "q", "inner"), filepath.Join(dir, "p", "link")); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ of, want string }{
		{"p", ""},
		{"p/teams/inner", "p"},
		{"p/.drafts/q", ""},
		{"p/link", ""},
		{"q/inner", ""}, // nothing tells that what is above is a policy
	} {
		if above, found := RootAbove(filepath.Join(dir, c.of)); found != (c.want != "") || found && above != filepath.Join(dir, c.want) {
			t.Errorf("%s: %q %v, want %q", c.of, above, found, c.want)
		}
	}
}

func TestLoadFindsFiles(t *testing.T) {
	group := func(name string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("group \"" + name + "\" {\n}\n")}
	}
	tree, sources, diags, err := Load(fstest.MapFS{
		"z.gate.hcl":        {Data: []byte("\xEF\xBB\xBFgatehouse {\r\n  policy = \"p\"\r\n}\r\n")},
		"b/c.gate.hcl":      group("c"),
		"b/c/d.gate.json":   {Data: []byte("\xEF\xBB\xBF{\"group\": {\"d\": {}}}")},
		"a.gate.hcl":        group("a"),
		".git/x.gate.hcl":   group("x"),
		"b/.draft.gate.hcl": group("x"),
		"other.hcl":         group("x"),
	})
	if err != nil || len(diags) > 0 {
		t.Fatal(err, diags)
	}
	var names []string
	for _, b := range tree.Blocks {
		names = append(names, b.Name())
	}
	if got := strings.Join(names, " "); got != "a c d" || tree.Root == nil {
		t.Errorf("blocks %s", got)
	}
	if len(sources.Bytes("a.gate.hcl")) == 0 || sources.Bytes("gone") != nil {
		t.Error("sources")
	}
}

func TestLinksToFoldersAreNotFollowed(t *testing.T) {
	dir := written(t, map[string]string{"p/main.gate.hcl": "gatehouse {\n  policy = \"p\"\n}\n", "p/a/g.gate.hcl": "group \"g\" {\n}\n"})
	for link, to := range map[string]string{"p/a/loop": "..", "p/l.gate.hcl": "a", "p/m.gate.hcl": "a/g.gate.hcl"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	tree, _, diags, err := Load(os.DirFS(filepath.Join(dir, "p")))
	if err != nil || said(diags) != "skipped-file a/loop, skipped-file l.gate.hcl" || len(tree.Blocks) != 2 { // g, and g again by the link to its file
		t.Error(len(tree.Blocks), diags, err)
	}
}

func TestOneRoot(t *testing.T) {
	const root = "gatehouse {\n  policy = \"p\"\n}\n"
	for _, c := range []struct {
		want  string
		files map[string]string
	}{
		{"[]", map[string]string{"a.gate.hcl": root}},
		{"[second-policy b/a.gate.hcl:1]", map[string]string{"z.gate.hcl": root, "b/a.gate.hcl": root}},
		{"[no-policy :0]", map[string]string{"b/a.gate.hcl": root}},
		{"[no-policy :0]", map[string]string{}},
		{"[invalid-syntax a.gate.hcl:2]", map[string]string{"a.gate.hcl": "gatehouse {\n  policy =\n}\n"}},
		{"[too-large a.gate.hcl:1]", map[string]string{"a.gate.hcl": strings.Repeat("#", maxFile+1)}},
		{"[invalid-text a.gate.hcl:2]", map[string]string{"a.gate.hcl": "# a\n\xff"}},
		{"[invalid-text a.gate.json:1]", map[string]string{"a.gate.json": "{\x00}"}},
	} {
		_, _, diags := LoadFiles(c.files)
		got := []string{}
		for _, d := range diags {
			got = append(got, fmt.Sprintf("%s %s:%d", d.Code, d.Subject.Filename, d.Subject.Start.Line))
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%v, want %s", got, c.want)
		}
	}
}

func ExampleLoadFiles() {
	tree, _, diags := LoadFiles(map[string]string{
		"main.gate.hcl":        "gatehouse {\n  policy = \"acme-ml\"\n}\n",
		"fraud/group.gate.hcl": "group \"training\" {\n  match = { stage = \"training\" }\n}\n",
	})
	fmt.Println(tree.Root.Type, tree.Blocks[0].Type, tree.Blocks[0].Name(), len(diags))
	// Output: gatehouse group training 0
}

func ExampleLoad() {
	tree, _, diags, err := Load(os.DirFS("testdata/policy"))
	fmt.Println(len(tree.Blocks), len(diags), err)
	// Output: 5 0 <nil>
}
