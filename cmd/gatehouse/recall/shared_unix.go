//go:build unix

package recall

import (
	"io/fs"
	"os"
	"syscall"
)

// shared reports whether anybody but the user can write to a folder.
func shared(info fs.FileInfo) bool {
	owner, ok := info.Sys().(*syscall.Stat_t)
	return info.Mode().Perm()&0o022 != 0 || !ok || int(owner.Uid) != os.Geteuid()
}
