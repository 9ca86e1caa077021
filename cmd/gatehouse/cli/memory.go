package cli

import (
	"bytes"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
)

// heapBound is where the collector begins to work, in bytes, where there is room.
const heapBound = 1 << 30

// memoryLimits are the files in which Linux tells a container how much memory it has, in its newer way and in the older one.
var memoryLimits = []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}

// tuneMemory lets the heap grow up to a bound before anything is collected: a run is short, and what it makes of a policy it needs to its end. A policy of a
// hundred thousand allows stays below. From the first collection on the collector works as Go has it: a bound below what is live would have it run
// all the time. Whoever sets Go's own variables knows better.
func tuneMemory(getenv func(string) string) {
	if tuned(getenv) {
		return
	}
	bound := boundOf(os.ReadFile)
	debug.SetGCPercent(-1)
	debug.SetMemoryLimit(bound)
	runtime.AddCleanup(new([64]byte), func(bound int64) { // after the first collection
		if debug.SetMemoryLimit(-1) == bound {
			collectBeyond(100)
		}
	}, bound)
}

// boundOf returns how large the heap may become uncollected: in a container no more than half of what it has.
func boundOf(read func(string) ([]byte, error)) int64 {
	for _, name := range memoryLimits {
		text, err := read(name)
		if err != nil {
			continue
		}
		if limit, err := strconv.ParseInt(string(bytes.TrimSpace(text)), 10, 64); err == nil && limit > 0 { // else "max": there is none
			return min(heapBound, limit/2)
		}
	}
	return heapBound
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
