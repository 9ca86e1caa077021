// Package revision shows a revision of a git repository as a read-only file system, without checking it out: nothing in the work
// tree, the index or the repository changes. It asks the git command, so that whatever that understands is understood: linked work trees, partial
// and shallow clones, either hash, quarantined objects in a hook on the server.
//
// It holds no other meaning of git's: no history, no staging, no remotes. Files are shown as they are stored: line endings are not converted and
// filters are not run. What a submodule holds is not shown.
package revision

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// ErrNoRepository says that a folder lies in no git repository.
var ErrNoRepository = errors.New("this is not a git repository")

// Repository is a git repository, seen from one folder.
type Repository struct {
	dir string
	top string
}

// Open finds the repository that a folder lies in. The error is ErrNoRepository where there is none, or where there is no git command; anything
// else that git has to say, such as that the repository belongs to somebody else, is told in its words.
func Open(ctx context.Context, dir string) (*Repository, error) {
	r := &Repository{dir: dir}
	out, err := r.git(ctx, nil, "rev-parse", "--show-toplevel")
	switch {
	case err == nil:
		r.top = filepath.FromSlash(strings.TrimRight(string(out), "\r\n"))
		return r, nil
	case errors.Is(err, exec.ErrNotFound), strings.Contains(err.Error(), "not a git repository"):
		return nil, ErrNoRepository
	case strings.Contains(err.Error(), "must be run in a work tree"):
		return r, nil // a bare repository, or its folder
	}
	return nil, err
}

// Top returns the absolute path of the work tree, and "" in a bare repository.
func (r *Repository) Top() string { return r.top }

// Commit is the full name of a commit: hexadecimal digits.
type Commit string

// Short returns as much of a commit's name as people use.
func (c Commit) Short() string { return string(c[:min(len(c), 12)]) }

// UnknownError says that no commit has a name.
type UnknownError struct{ Name string }

func (e *UnknownError) Error() string { return fmt.Sprintf("no revision %q", e.Name) }

// UnrelatedError says that two commits have no ancestor in common, as far as is known here.
type UnrelatedError struct {
	A, B    string
	Shallow bool // the history is cut off: it may be that the ancestor is merely not here
}

func (e *UnrelatedError) Error() string {
	return fmt.Sprintf("%s and %s have no common ancestor", e.A, e.B)
}

// Resolve returns the commit that a name means: a branch, a tag, HEAD~1, whatever git understands. A name that git could take for an option
// is refused. The error is an *UnknownError where there is no such commit.
func (r *Repository) Resolve(ctx context.Context, name string) (Commit, error) {
	if name == "" || strings.HasPrefix(name, "-") || strings.ContainsAny(name, "\x00\n\r") {
		return "", &UnknownError{name}
	}
	out, err := r.git(ctx, nil, "rev-parse", "--verify", "--quiet", name+"^{commit}")
	commit := Commit(strings.TrimSpace(string(out)))
	if err != nil || !isHash(string(commit)) {
		if failed := (*failure)(nil); err == nil || errors.As(err, &failed) && failed.said == "" {
			return "", &UnknownError{name}
		}
		if strings.Contains(err.Error(), "Needed a single revision") {
			return "", &UnknownError{name}
		}
		return "", err
	}
	return commit, nil
}

// MergeBase returns the commit at which two revisions parted. The error is an *UnrelatedError where none is known.
func (r *Repository) MergeBase(ctx context.Context, a, b Commit) (Commit, error) {
	out, err := r.git(ctx, nil, "merge-base", string(a), string(b))
	commit := strings.TrimSpace(string(out))
	if err == nil && isHash(commit) {
		return Commit(commit), nil
	}
	if failed := (*failure)(nil); errors.As(err, &failed) && failed.said != "" {
		return "", err
	}
	shallow, _ := r.git(ctx, nil, "rev-parse", "--is-shallow-repository")
	return "", &UnrelatedError{a.Short(), b.Short(), strings.TrimSpace(string(shallow)) == "true"}
}

func isHash(s string) bool {
	return len(s) >= 40 && strings.Trim(s, "0123456789abcdef") == ""
}

// failure is a git command that ended badly.
type failure struct {
	verb string
	said string // the first line of what it said; may be empty
	err  error
}

func (f *failure) Error() string {
	if f.said == "" {
		return fmt.Sprintf("git %s: %v", f.verb, f.err)
	}
	return fmt.Sprintf("git %s: %s", f.verb, f.said)
}

func (f *failure) Unwrap() error { return f.err }

// git runs one command and returns what it prints.
func (r *Repository) git(ctx context.Context, stdin []byte, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0", "GIT_NO_REPLACE_OBJECTS=1")
	if stdin != nil {
		cmd.Stdin = bytes.NewReader(stdin)
	}
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			err = context.Cause(ctx)
		}
		line, _, _ := strings.Cut(strings.TrimSpace(said.String()), "\n")
		return nil, &failure{args[0], strings.TrimPrefix(line, "fatal: "), err}
	}
	return out.Bytes(), nil
}
