package syntax

import (
	"bytes"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// Roots returns the folders of fsys whose own policy files hold a gatehouse block, sorted, as paths with slashes: "." is the top. Folders that
// begin with a dot are passed over, as Load does. It is FindRoot for files that lie on no disk, such as those of a revision.
func Roots(fsys fs.FS) ([]string, error) {
	var out []string
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && strings.HasPrefix(entry.Name(), "."):
			return fs.SkipDir
		case entry.IsDir() || !IsPolicyFile(name) || slices.Contains(out, path.Dir(name)):
			return nil
		}
		if mayDeclarePolicy(fsys, name) {
			out = append(out, path.Dir(name))
		}
		return nil
	})
	slices.Sort(out)
	return slices.Compact(out), err
}

// mayDeclarePolicy reads one file; in one that can't be read the block may stand, and Load says that it can't be read.
func mayDeclarePolicy(fsys fs.FS, name string) bool {
	src, err := readLimited(fsys, name, new(bytes.Buffer))
	switch {
	case errors.Is(err, errNotRegular), errors.Is(err, fs.ErrNotExist):
		return false
	case err != nil:
		return true
	}
	return namesRoot(src, name)
}
