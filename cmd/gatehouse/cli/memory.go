package cli

import (
	"math"
	"runtime/debug"
)

// heapBound is where the collector stops being lazy, in bytes.
const heapBound = 1 << 30

// tuneMemory lets the heap grow between collections, up to a bound: a run is short, and while files are read almost nothing of the heap is
// live. On a policy of a hundred thousand allows it saves a quarter of the processor's time, and the bound keeps the peak where Go's
// default has it. Whoever sets Go's own variables knows better.
func tuneMemory(getenv func(string) string) {
	if getenv("GOGC") == "" && getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(400)
		debug.SetMemoryLimit(heapBound)
	}
}

// keepMemory is for a run that is long and keeps much: the collector works by what is live, since a bound below that would have it run all the time; and
// sooner than Go has it, since most of the time nothing happens. With a policy of a hundred thousand allows that takes a seventh off the peak, and no more
// of the processor's time than could be measured.
func keepMemory(getenv func(string) string) {
	if getenv("GOGC") == "" && getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(50)
		debug.SetMemoryLimit(math.MaxInt64)
	}
}
