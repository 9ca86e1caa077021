package sandbox

import (
	"sync"
	"time"
)

// Fault is something that goes wrong with a call, to order. Exactly one of Status and Drop is usually set; a Delay may come with either
// or alone.
type Fault struct {
	Reads  bool          // it befalls reads; else writes
	Nth    int           // the call that it befalls, from 1, counted since the double was opened; 0: every one
	Delay  time.Duration // wait before anything is done
	Status int           // answer this and do nothing
	Body   string        // with Status
	Drop   bool          // do it, then cut the connection instead of answering: a success that nobody hears of
}

// Faults hands out faults and tells hooks of writes. The zero Faults lets all be well.
type Faults struct {
	mu     sync.Mutex
	faults []Fault
	reads  int
	writes int
	before func(n int)
	after  func(n int)
}

// Inject adds a fault.
func (f *Faults) Inject(fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = append(f.faults, fault)
}

// Clear takes all faults away; counting goes on.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.faults = nil
}

// OnWrite sets functions to be called before the nth write does anything, and after it is done and stored but not answered yet; either
// may be nil. A test kills the client, or the process, in them.
func (f *Faults) OnWrite(before, after func(n int)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.before, f.after = before, after
}

// Begin counts a call and returns what befalls it, after running the hook before a write. Call done once the work is done.
func (f *Faults) Begin(write bool) (fault Fault, done func()) {
	f.mu.Lock()
	count := &f.reads
	if write {
		count = &f.writes
	}
	*count++
	n := *count
	for _, x := range f.faults {
		if x.Reads != write && (x.Nth == 0 || x.Nth == n) {
			fault = x
			break
		}
	}
	before, after := f.before, f.after
	f.mu.Unlock()
	if write && before != nil {
		before(n)
	}
	return fault, func() {
		if write && after != nil {
			after(n)
		}
	}
}
