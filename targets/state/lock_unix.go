//go:build unix

package state

import (
	"errors"
	"os"
	"syscall"
)

// tryLock locks an open file against everybody, other openings in this process included, or says that somebody has.
func tryLock(f *os.File) (free bool, err error) {
	for {
		switch err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EWOULDBLOCK):
			return false, nil
		default:
			return err == nil, err
		}
	}
}
