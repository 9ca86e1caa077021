//go:build !unix

package state

import (
	"errors"
	"os"
)

// tryLock refuses: without the kernel's file locks two processes could lose each other's claims.
func tryLock(*os.File) (free bool, err error) {
	return false, errors.New("state is kept in files on Unix-like systems only; keep it in Consul")
}
