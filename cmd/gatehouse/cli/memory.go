package cli

import (
	"math"
	"runtime"
	"runtime/debug"
)

// heapBound is where the collector begins to work, in bytes.
const heapBound = 1 << 30

// tuneMemory lets the heap grow up to a bound before anything is collected: a run is short, and what it makes of a policy it needs to its end. A policy of a
// hundred thousand allows stays below. From the first collection on the collector works as Go has it: a bound below what is live would have it run
// all the time. Whoever sets Go's own variables knows better.
func tuneMemory(getenv func(string) string) {
	if tuned(getenv) {
		return
	}
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(heapBound)
	runtime.AddCleanup(new([64]byte), func(bound int64) { // after the first collection
		if debug.SetMemoryLimit(-1) == bound {
			collectBeyond(100)
		}
	}, heapBound)
}

// keepMemory is for a run that is long and keeps much: the collector works by what is live, and sooner than Go has it, since most of the time nothing
// happens. With a policy of a hundred thousand allows that takes a seventh off the peak, and no more of the processor's time than could be measured.
func keepMemory(getenv func(string) string) {
	if !tuned(getenv) {
		collectBeyond(50)
	}
}

func tuned(getenv func(string) string) bool {
	return getenv("GOGC") != "" || getenv("GOMEMLIMIT") != ""
}

// collectBeyond has the collector work whenever the heap has grown by so many percent of what is live.
func collectBeyond(percent int) {
	debug.SetGCPercent(percent)
	debug.SetMemoryLimit(math.MaxInt64)
}
