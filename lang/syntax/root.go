package syntax

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gatehouse/lang/diag"
)

// root picks the gatehouse block of the root folder, and reports all others, and that there is none. Where the block may be
// among what was lost, its absence is no second mistake.
func root(blocks []*Block, lost bool) (*Block, diag.List) {
	top := slices.IndexFunc(blocks, func(b *Block) bool { return !strings.Contains(b.Decl.Filename, "/") })
	if top < 0 {
		if lost {
			return nil, nil
		}
		return nil, diag.List{noPolicy(blocks)}
	}
	var diags diag.List
	for i, b := range blocks {
		if i != top {
			diags = append(diags, diag.Diagnostic{
				Code: diag.SecondPolicy, Severity: diag.Error, Subject: b.Decl,
				Summary: "a second gatehouse block",
				Detail:  "A folder belongs to the policy whose root is above it. Delete this block, or move the folder out of the policy.",
				Related: []diag.Related{{Message: "the policy's root", Range: blocks[top].Decl}},
			})
		}
	}
	return blocks[top], diags
}

func noPolicy(below []*Block) diag.Diagnostic {
	d := diag.Diagnostic{
		Code: diag.NoPolicy, Severity: diag.Error,
		Summary: "no gatehouse block",
		Detail:  "No file of this folder holds the gatehouse block that makes it the root of a policy. Run gatehouse init, or change to the policy's folder.",
	}
	for _, b := range below {
		d.Related = append(d.Related, diag.Related{Message: "this folder is the root of a policy", Range: b.Decl})
	}
	return d
}

// FindRoot walks up from dir to the nearest folder whose own policy files hold a gatehouse block. A policy that lies inside of another one's
// folder is found by the nearer root; Load reports it when it is run on the outer one. dir must exist; found is false where no
// folder up to the file system's root holds one.
func FindRoot(dir string) (root string, found bool, err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return "", false, fmt.Errorf("find policy: %w", err)
	}
	if info, err := os.Stat(dir); err != nil {
		return "", false, fmt.Errorf("find policy: %w", err)
	} else if !info.IsDir() {
		dir = filepath.Dir(dir)
	}
	for start := dir; ; {
		found, err := isRoot(dir)
		if errors.Is(err, fs.ErrPermission) && dir != start {
			found, err = false, nil // a folder above that may not be listed is no root
		}
		if err != nil {
			return "", false, fmt.Errorf("find policy: %w", err)
		} else if found {
			return dir, true, nil
		}
		above := filepath.Dir(dir)
		if above == dir {
			return "", false, nil
		}
		dir = above
	}
}

// isRoot reads the policy files of one folder.
func isRoot(dir string) (bool, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false, err
	}
	fsys := os.DirFS(dir)
	for _, entry := range entries {
		if entry.IsDir() || !IsPolicyFile(entry.Name()) {
			continue
		}
		src, err := readLimited(fsys, entry.Name(), new(bytes.Buffer))
		if errors.Is(err, errNotRegular) {
			continue
		}
		if err != nil {
			return true, nil // it may hold the block, and Load says that it can't be read
		}
		// Files without the word need no parsing; in JSON the word could hide behind escapes, where nobody writes it.
		if strings.Contains(string(src), "gatehouse") && declaresPolicy(parse(src, entry.Name(), &fast{})) {
			return true, nil
		}
	}
	return false, nil
}

// declaresPolicy looks for a gatehouse block; in a file that can't be read whole, the word counts as the block, so that a mistake in the
// root's file is reported as that mistake.
func declaresPolicy(f readFile) bool {
	return f.partial || slices.ContainsFunc(f.blocks, func(b *Block) bool { return b.Type == "gatehouse" })
}
