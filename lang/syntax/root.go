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
	top := slices.IndexFunc(blocks, inRoot)
	if usual := slices.IndexFunc(blocks, inUsualFile); usual >= 0 {
		top = usual
	}
	if top < 0 {
		if lost {
			return nil, nil
		}
		return nil, diag.List{noPolicy(blocks)}
	}
	var diags diag.List
	for i, b := range blocks {
		if i == top {
			continue
		}
		detail := "A folder belongs to the policy whose root is above it. Delete this block, or move the folder out of the policy."
		if inRoot(b) {
			detail = "A policy has one, and both lie in the policy's folder: keep one of the two."
		}
		diags = append(diags, diag.Diagnostic{
			Code: diag.SecondPolicy, Severity: diag.Error, Subject: b.Decl,
			Summary: "a second gatehouse block", Detail: detail,
			Related: []diag.Related{{Message: "the policy's root", Range: blocks[top].Decl}},
		})
	}
	return blocks[top], diags
}

// inRoot reports whether a block stands in a file of the policy's own folder, inUsualFile whether that is the one which gatehouse init writes: of two
// blocks it is the one that was there first.
func inRoot(b *Block) bool { return !strings.Contains(b.Decl.Filename, "/") }

func inUsualFile(b *Block) bool {
	return b.Decl.Filename == "policy"+NativeSuffix || b.Decl.Filename == "policy"+JSONSuffix
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
	for _, holds := range []func([]byte, string) bool{namesRoot, nearlyNamesRoot} {
		if root, found, err := upwards(dir, holds); found || err != nil {
			return root, found, err
		}
	}
	return "", false, nil
}

// upwards returns the nearest folder with a file that holds something.
func upwards(start string, holds func(src []byte, name string) bool) (root string, found bool, err error) {
	for dir := start; ; {
		found, err := anyFile(dir, holds)
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

// anyFile looks into the policy files of one folder.
func anyFile(dir string, holds func(src []byte, name string) bool) (bool, error) {
	return anyText(dir, func(src []byte, name string, err error) bool {
		return err != nil || holds(src, name) // a file that can't be read may hold the block, and Load says that it can't be read
	})
}

// anyText reads the policy files of one folder until one is what is looked for.
func anyText(dir string, is func(src []byte, name string, err error) bool) (bool, error) {
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
		if !errors.Is(err, errNotRegular) && is(src, entry.Name(), err) {
			return true, nil
		}
	}
	return false, nil
}

// namesRoot reports whether a file holds a gatehouse block. One without the word needs no parsing; in JSON the word could hide behind escapes, where
// nobody writes it.
func namesRoot(src []byte, name string) bool {
	return bytes.Contains(src, []byte("gatehouse")) && declaresPolicy(parse(src, name, &fast{}))
}

// nearlyNamesRoot looks for what was meant to be one: a misspelt type, an equals sign, a file in another encoding. Load says which it is.
func nearlyNamesRoot(src []byte, name string) bool { return parse(src, name, &fast{}).nearly }

// declaresPolicy looks for a gatehouse block; in a file that can't be read whole, the word counts as the block, so that a mistake in the
// root's file is reported as that mistake.
func declaresPolicy(f readFile) bool {
	return f.partial || slices.ContainsFunc(f.blocks, isRoot)
}
