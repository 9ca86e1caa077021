package syntax

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// RootAbove finds the root of another policy that root, a policy's own, lies in: with a second one inside of it that policy can't be read. Where a
// folder between the two is hidden, or a link, the policy above doesn't see the one below. What can't be read holds no root.
func RootAbove(root string) (above string, found bool) {
	dir, err := filepath.Abs(root)
	if err != nil {
		return "", false
	}
	for {
		info, err := os.Lstat(dir)
		if err != nil || info.Mode()&fs.ModeSymlink != 0 || strings.HasPrefix(filepath.Base(dir), ".") {
			return "", false
		}
		next := filepath.Dir(dir)
		if next == dir {
			return "", false
		}
		if dir = next; surelyRoot(dir) {
			return dir, true
		}
	}
}

// surelyRoot reports whether a file of a folder is read as one with a gatehouse block.
func surelyRoot(dir string) bool {
	found, err := anyText(dir, func(src []byte, name string, err error) bool {
		return err == nil && bytes.Contains(src, []byte("gatehouse")) && slices.ContainsFunc(parse(src, name, &fast{}).blocks, isRoot)
	})
	return found && err == nil
}

func isRoot(b *Block) bool { return b.Type == "gatehouse" }
