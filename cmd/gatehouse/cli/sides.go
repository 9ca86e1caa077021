package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"gatehouse/cmd/gatehouse/revision"
	"gatehouse/cmd/gatehouse/view"
	"gatehouse/compiler"
	"gatehouse/compiler/access"
	"gatehouse/lang/diag"
	"gatehouse/lang/syntax"
)

// side is one of two policies that are compared: a folder's, or a revision's.
type side struct {
	name   string // as a person calls it
	commit revision.Commit
	prefix string // of its files' names
	result *compiler.Result
	exists bool // false: no policy is there, and it gives nothing
}

// graph is the access of a side; that of no policy is none.
func (s side) graph() *access.Graph {
	if !s.exists {
		return &access.Graph{}
	}
	return s.result.Graph
}

// policy is the name of the policy that two sides are about.
func (s side) policy(other side) string {
	if s.exists {
		return s.result.Policy.Name
	}
	return other.result.Policy.Name
}

// sound tells of the mistakes of a side, which end the verb. Warnings are check's to tell.
func (s side) sound(w world, flags common) error {
	if !s.exists || !s.result.Diagnostics.HasErrors() {
		return nil
	}
	errs := slices.DeleteFunc(slices.Clone(s.result.Diagnostics), func(d diag.Diagnostic) bool { return d.Severity != diag.Error })
	if flags.format == "json" {
		return firstError(view.JSON(w.stdout, view.DiagnosticsDocument(errs)), exit(exitFailed))
	}
	view.Diagnostics(w.stderr, errs, s.look(w))
	return exit(exitFailed)
}

func (s side) look(w world) view.Look {
	look := lookOf(w)
	look.Prefix, look.Source = s.prefix, s.result.Sources.Bytes
	return look
}

func (s side) view(w world) view.Side {
	return view.Side{Name: s.name, Commit: string(s.commit), Exists: s.exists, Look: s.look(w)}
}

// comparer finds the two policies that a person means.
type comparer struct {
	w          world
	flags      common
	at         time.Time
	here       side // the files as they are
	folder     string
	repository *revision.Repository // nil until a revision is meant
}

// comparer compares with the policy that was opened.
func (s *session) comparer() *comparer {
	return &comparer{w: s.w, flags: s.flags, at: s.at, folder: s.root, here: sideOf(s, "the working tree")}
}

// sideOf is a folder's policy, as it was opened.
func sideOf(s *session, name string) side {
	none := slices.ContainsFunc(s.result.Diagnostics, func(d diag.Diagnostic) bool { return d.Code == diag.NoPolicy })
	return side{name: name, prefix: folderPrefix(shortPath(s.root)), result: s.result, exists: !none}
}

// sides reads the two policies. That neither exists is an error; one alone may be missing.
func (c *comparer) sides(ctx context.Context, args []string) (base, head side, err error) {
	e, err := endsOf(args)
	if err != nil {
		return base, head, err
	}
	if head, err = c.side(ctx, e.head); err != nil {
		return base, head, err
	}
	if e.parted {
		base, err = c.parting(ctx, e.base, e.head)
	} else {
		base, err = c.side(ctx, e.base)
	}
	if err == nil && !base.exists && !head.exists {
		err = fmt.Errorf("neither %s nor %s holds a policy here", base.name, head.name)
	}
	return base, head, err
}

// ends are what the arguments name: an empty head is the files as they are.
type ends struct {
	base, head string
	parted     bool // BASE is where HEAD parted from it
}

// endsOf reads BASE [HEAD], A..B and A...B. A name that is written as a path, or that is a folder, is a folder.
func endsOf(args []string) (ends, error) {
	e := ends{base: args[0]}
	if len(args) > 1 {
		e.head = args[1]
	}
	if isPath(args[0]) || isFolder(args[0]) {
		return e, nil
	}
	base, head, ranged := strings.Cut(args[0], "...")
	e.parted = ranged
	if !ranged {
		base, head, ranged = strings.Cut(args[0], "..")
	}
	if !ranged {
		return e, nil
	}
	if e.base = base; base == "" {
		e.base = "HEAD"
	}
	if head != "" && e.head != "" {
		return e, fmt.Errorf("%s names two revisions, and %s would be a third", args[0], e.head)
	}
	if head != "" {
		e.head = head
	}
	return e, nil
}

func isPath(name string) bool {
	return name == "." || name == ".." || strings.HasPrefix(name, "./") || strings.HasPrefix(name, "../") || filepath.IsAbs(name)
}

func isFolder(name string) bool {
	info, err := os.Stat(name)
	return err == nil && info.IsDir()
}

// side reads what a name means.
func (c *comparer) side(ctx context.Context, name string) (side, error) {
	switch {
	case name == "":
		return c.here, nil
	case isPath(name) || isFolder(name) && !c.isRevision(ctx, name):
		s, err := open(c.w, c.flags, name)
		if err != nil {
			return side{}, err
		}
		return sideOf(s, name), nil
	case isFolder(name):
		return side{}, fmt.Errorf("%s is a folder and a revision: write ./%s, or heads/%s", name, name, name)
	}
	commit, err := c.resolve(ctx, name)
	if err != nil {
		return side{}, err
	}
	return c.revision(ctx, name, commit)
}

func (c *comparer) isRevision(ctx context.Context, name string) bool {
	_, err := c.resolve(ctx, name)
	return err == nil
}

// resolve finds the commit of a name in the repository that one stands in.
func (c *comparer) resolve(ctx context.Context, name string) (revision.Commit, error) {
	if c.repository == nil {
		r, err := revision.Open(ctx, ".")
		if errors.Is(err, revision.ErrNoRepository) {
			return "", fmt.Errorf("%s is no folder, and this is no git repository whose revision it could be", name)
		}
		if err != nil {
			return "", err
		}
		c.repository = r
	}
	commit, err := c.repository.Resolve(ctx, name)
	if unknown := (*revision.UnknownError)(nil); errors.As(err, &unknown) {
		return "", fmt.Errorf("%s is neither a folder nor a revision of this repository: a branch of a remote has to be fetched first", name)
	}
	return commit, err
}

// parting reads the revision at which head parted from base: what a merge request changes, whatever has been merged meanwhile.
func (c *comparer) parting(ctx context.Context, base, head string) (side, error) {
	if head == "" || isPath(head) || isFolder(head) {
		head = "HEAD"
	}
	from, err := c.resolve(ctx, base)
	if err != nil {
		return side{}, err
	}
	to, err := c.resolve(ctx, head)
	if err != nil {
		return side{}, err
	}
	commit, err := c.repository.MergeBase(ctx, from, to)
	if unrelated := (*revision.UnrelatedError)(nil); errors.As(err, &unrelated) {
		if unrelated.Shallow {
			return side{}, fmt.Errorf("%s and %s have no common ancestor in this shallow clone: fetch more of the history (git fetch --unshallow)", base, head)
		}
		return side{}, fmt.Errorf("%s and %s have no common ancestor", base, head)
	}
	if err != nil {
		return side{}, err
	}
	return c.revision(ctx, commit.Short(), commit)
}

// revision reads the policy of a commit.
func (c *comparer) revision(ctx context.Context, name string, commit revision.Commit) (side, error) {
	files, err := c.repository.Files(ctx, commit)
	if err != nil {
		return side{}, err
	}
	if err := files.Fetch(ctx, syntax.IsPolicyFile); err != nil {
		return side{}, err
	}
	if name == string(commit) {
		name = commit.Short()
	}
	s := side{name: name, commit: commit, result: &compiler.Result{}}
	root, found, err := c.root(files)
	if err != nil || !found {
		return s, err
	}
	s.exists, s.prefix = true, name+":"
	if root != "." {
		s.prefix += root + "/"
	}
	s.result, err = c.compile(files, root)
	return s, err
}

func (c *comparer) compile(files fs.FS, root string) (*compiler.Result, error) {
	policy, err := fs.Sub(files, root)
	if err != nil {
		return nil, err
	}
	flags := c.flags
	flags.lenient = true // one side may declare a variable that the other doesn't have yet
	return compileFiles(c.w, flags, policy, c.at)
}

// root finds the policy in a revision: in the same folder as here, or wherever the policy of this name was then.
func (c *comparer) root(files fs.FS) (string, bool, error) {
	roots, err := syntax.Roots(files)
	if err != nil {
		return "", false, err
	}
	here := c.inRepository()
	if slices.Contains(roots, here) {
		return here, true, nil
	}
	if !c.here.exists {
		return c.rootAround(roots, here)
	}
	var same []string
	for _, root := range roots {
		result, err := c.compile(files, root)
		if err != nil {
			return "", false, err
		}
		if result.Policy.Name == c.here.result.Policy.Name {
			same = append(same, root)
		}
	}
	if len(same) != 1 {
		return "", false, nil
	}
	return same[0], true, nil
}

// rootAround is for a place without a policy: the nearest root above it, or the only one that there is.
func (c *comparer) rootAround(roots []string, here string) (string, bool, error) {
	for dir := here; ; dir = filepath.ToSlash(filepath.Dir(dir)) {
		if slices.Contains(roots, dir) {
			return dir, true, nil
		}
		if dir == "." {
			break
		}
	}
	switch len(roots) {
	case 0:
		return "", false, nil
	case 1:
		return roots[0], true, nil
	}
	return "", false, fmt.Errorf("the repository holds the policies in %s: change to the folder of the one that is meant", diag.Listed(roots, "and"))
}

// inRepository is the policy's folder, or the current one, as a path from the repository's top.
func (c *comparer) inRepository() string {
	if c.repository.Top() == "" {
		return "."
	}
	top, err := filepath.EvalSymlinks(c.repository.Top())
	if err != nil {
		return "."
	}
	dir, err := filepath.Abs(c.folder)
	if err != nil {
		return "."
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return "."
	}
	rel, err := filepath.Rel(top, dir)
	if err != nil || strings.HasPrefix(rel, "..") {
		return "."
	}
	return filepath.ToSlash(rel)
}
