//go:build !unix

package cli

import "time"

// processorTime is the clock on the wall where the processor's time can't be had.
func processorTime(wall func() time.Time) func() time.Time { return wall }
