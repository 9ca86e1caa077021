//go:build unix

package sandbox

import (
	"errors"
	"os"
	"syscall"
)

// exclusive locks the journal against everybody. The kernel lets go of the lock when its holder dies.
func (j *journal) exclusive() (unlock func(), err error) { return lockFile(j.lock, syscall.LOCK_EX) }

// shared locks the journal against writers.
func (j *journal) shared() (unlock func(), err error) { return lockFile(j.lock, syscall.LOCK_SH) }

func lockFile(f *os.File, how int) (func(), error) {
	for {
		err := syscall.Flock(int(f.Fd()), how)
		if err == nil {
			return func() { _ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN) }, nil
		}
		if !errors.Is(err, syscall.EINTR) {
			return nil, err
		}
	}
}
