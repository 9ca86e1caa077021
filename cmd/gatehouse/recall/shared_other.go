//go:build !unix

package recall

import "io/fs"

// shared is left to the system: a user's cache folder is the user's own.
func shared(fs.FileInfo) bool { return false }
