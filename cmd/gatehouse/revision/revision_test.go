package revision

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// scratch is a new repository with an identity of its own, whatever the machine's settings are.
func scratch(t *testing.T, initFlags ...string) string {
	t.Helper()
	for _, name := range []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"} {
		t.Setenv(name, "")
		os.Unsetenv(name)
	}
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_SYSTEM", os.DevNull)
	dir := t.TempDir()
	git(t, dir, append([]string{"init", "-q", "-b", "main"}, initFlags...)...)
	git(t, dir, "config", "user.name", "tester")
	git(t, dir, "config", "user.email", "tester@acme.example")
	return dir
}

func git(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func commit(t *testing.T, dir, message string) {
	t.Helper()
	git(t, dir, "add", "-A")
	git(t, dir, "commit", "-q", "--allow-empty", "-m", message)
}

// tree opens a repository and fetches a revision's files whose names end in .hcl.
func tree(t *testing.T, dir, revision string) *Files {
	t.Helper()
	ctx := context.Background()
	r, err := Open(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	c, err := r.Resolve(ctx, revision)
	if err != nil {
		t.Fatal(err)
	}
	f, err := r.Files(ctx, c)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Fetch(ctx, func(name string) bool { return strings.HasSuffix(name, ".hcl") }); err != nil {
		t.Fatal(err)
	}
	return f
}

func read(t *testing.T, f fs.FS, name string) string {
	t.Helper()
	text, err := fs.ReadFile(f, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestFilesOfARevision(t *testing.T) {
	odd := "teams/ü \"quoted\"\twith\ttabs\nand a line/a.hcl"
	for _, format := range []string{"sha1", "sha256"} {
		dir := scratch(t, "--object-format="+format)
		write(t, dir, "a.hcl", "one")
		write(t, dir, odd, "odd")
		write(t, dir, "empty.hcl", "")
		write(t, dir, "other.txt", "not asked for")
		commit(t, dir, "first")
		write(t, dir, "a.hcl", "two")
		commit(t, dir, "second")
		write(t, dir, "a.hcl", "three, not committed")

		f := tree(t, filepath.Join(dir, "teams"), "HEAD~1")
		if got := read(t, f, "a.hcl") + read(t, f, odd) + read(t, f, "empty.hcl"); got != "oneodd" {
			t.Errorf("%s: %q", format, got)
		}
		if _, err := fs.ReadFile(f, "other.txt"); !errors.Is(err, errNotFetched) {
			t.Errorf("%s: other.txt: %v", format, err)
		}
		if got := read(t, tree(t, dir, "main"), "a.hcl"); got != "two" {
			t.Errorf("%s: main has %q", format, got)
		}
	}
}

// The file system keeps the contract of fs.FS.
func TestFilesAreAFileSystem(t *testing.T) {
	dir := scratch(t)
	write(t, dir, "a.hcl", "one")
	write(t, dir, "teams/fraud/b.hcl", "two")
	write(t, dir, "teams/c.hcl", "three")
	commit(t, dir, "first")
	if err := fstest.TestFS(tree(t, dir, "HEAD"), "a.hcl", "teams/fraud/b.hcl", "teams/c.hcl"); err != nil {
		t.Error(err)
	}
}

func TestLinks(t *testing.T) {
	dir := scratch(t)
	write(t, dir, "policy/real.hcl", "one")
	write(t, dir, "shared/text", "shared")
	for link, to := range map[string]string{
		"policy/near.hcl": "real.hcl", "policy/far.hcl": "../shared/text", "policy/folder": "../shared", "policy/through.hcl": "folder/text",
		"policy/out.hcl": "/etc/hostname", "policy/above.hcl": "../../x", "policy/round.hcl": "round.hcl", "policy/dangling.hcl": "nothing",
	} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	commit(t, dir, "links")
	f := tree(t, dir, "HEAD")
	for _, c := range []struct{ name, want string }{
		{"policy/near.hcl", "one"}, {"policy/far.hcl", "shared"}, {"policy/through.hcl", "shared"}, {"policy/folder/text", "shared"},
	} {
		if got := read(t, f, c.name); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	for _, name := range []string{"policy/out.hcl", "policy/above.hcl", "policy/round.hcl", "policy/dangling.hcl"} {
		if _, err := f.Open(name); err == nil {
			t.Errorf("%s can be opened", name)
		}
	}
	list, err := fs.ReadDir(f, "policy")
	if err != nil || !slices.ContainsFunc(list, func(e fs.DirEntry) bool { return e.Name() == "near.hcl" && e.Type() == fs.ModeSymlink }) {
		t.Errorf("links are not listed as links: %v %v", list, err)
	}
}

func TestResolve(t *testing.T) {
	dir := scratch(t)
	ctx := context.Background()
	commit(t, dir, "root")
	git(t, dir, "branch", "side")
	commit(t, dir, "on main")
	git(t, dir, "checkout", "-q", "side")
	commit(t, dir, "on side")
	git(t, dir, "tag", "-a", "v1", "-m", "a tag")
	r, err := Open(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", "nowhere", "-h", "--output=x", "main\nside", "HEAD~9", "main:a.hcl", strings.Repeat("f", 40)} {
		if c, err := r.Resolve(ctx, name); !errors.As(err, new(*UnknownError)) {
			t.Errorf("%q: %q, %v", name, c, err)
		}
	}
	main, _ := r.Resolve(ctx, "main")
	side, _ := r.Resolve(ctx, "v1")
	if string(side) != git(t, dir, "rev-parse", "side") {
		t.Errorf("a tag of a commit: %s", side)
	}
	base, err := r.MergeBase(ctx, main, side)
	if err != nil || string(base) != git(t, dir, "rev-parse", "main~1") {
		t.Errorf("merge base %q: %v", base, err)
	}
	git(t, dir, "checkout", "-q", "--orphan", "lonely")
	commit(t, dir, "alone")
	lonely, _ := r.Resolve(ctx, "lonely")
	if _, err := r.MergeBase(ctx, main, lonely); !errors.As(err, new(*UnrelatedError)) {
		t.Errorf("unrelated: %v", err)
	}
}

func TestNoRepository(t *testing.T) {
	scratch(t) // for its settings
	t.Setenv("GIT_CEILING_DIRECTORIES", os.TempDir())
	if _, err := Open(context.Background(), t.TempDir()); !errors.Is(err, ErrNoRepository) {
		t.Errorf("got %v", err)
	}
	t.Setenv("PATH", "")
	if _, err := Open(context.Background(), t.TempDir()); !errors.Is(err, ErrNoRepository) {
		t.Errorf("without git: %v", err)
	}
}

// Linked work trees, bare repositories and clones that lack objects are repositories like others.
func TestKindsOfRepositories(t *testing.T) {
	dir := scratch(t)
	write(t, dir, "p/a.hcl", "one")
	commit(t, dir, "first")
	write(t, dir, "p/a.hcl", "two")
	commit(t, dir, "second")
	git(t, dir, "config", "uploadpack.allowFilter", "true")
	git(t, dir, "config", "uploadpack.allowAnySHA1InWant", "true")

	linked := filepath.Join(t.TempDir(), "linked")
	git(t, dir, "worktree", "add", "-q", linked, "-b", "elsewhere")
	bare, partial := filepath.Join(t.TempDir(), "bare"), filepath.Join(t.TempDir(), "partial")
	git(t, dir, "clone", "-q", "--bare", dir, bare)
	git(t, dir, "clone", "-q", "--no-checkout", "--filter=blob:none", "file://"+dir, partial)
	for _, where := range []string{linked, filepath.Join(linked, "p"), bare, partial} {
		if got := read(t, tree(t, where, "HEAD~1"), "p/a.hcl"); got != "one" {
			t.Errorf("%s: %q", where, got)
		}
	}
	r, err := Open(context.Background(), bare)
	if err != nil || r.Top() != "" {
		t.Errorf("bare: top %q, %v", r.Top(), err)
	}
}
