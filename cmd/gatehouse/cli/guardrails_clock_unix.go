//go:build unix

package cli

import (
	"syscall"
	"time"
)

// processorTime is a clock that runs while this process does: what others do on the machine doesn't show.
func processorTime(func() time.Time) func() time.Time {
	return func() time.Time {
		var used syscall.Rusage
		if syscall.Getrusage(syscall.RUSAGE_SELF, &used) != nil {
			return time.Time{}
		}
		return time.Unix(0, used.Utime.Nano()+used.Stime.Nano())
	}
}
