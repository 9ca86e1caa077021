package sandbox

import (
	"cmp"
	"slices"
	"sync"
)

// Call is one request that a double answered.
type Call struct {
	Route  string // the request's kind, such as "PUT /v1/config"
	Method string
	Path   string // with its query
	Write  bool   // the request asks for a change, whether or not one comes of it
	Status int    // what was answered; 0 where the connection was dropped
}

// Recorder keeps the calls of a double, in the order in which they were answered. The zero Recorder is ready.
type Recorder struct {
	mu    sync.Mutex
	calls []Call
}

// Add records a call.
func (r *Recorder) Add(c Call) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, c)
}

// Calls returns what was recorded since the beginning or the latest Reset.
func (r *Recorder) Calls() []Call {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.calls)
}

// Reset forgets all calls.
func (r *Recorder) Reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = nil
}

// Count is how often a route was called.
type Count struct {
	Route string
	Write bool
	N     int
}

// Counts returns the number of calls by route, sorted by route.
func (r *Recorder) Counts() []Count {
	byRoute := map[string]*Count{}
	for _, c := range r.Calls() {
		n := byRoute[c.Route]
		if n == nil {
			n = &Count{Route: c.Route, Write: c.Write}
			byRoute[c.Route] = n
		}
		n.N++
	}
	var out []Count
	for _, n := range byRoute {
		out = append(out, *n)
	}
	slices.SortFunc(out, func(a, b Count) int { return cmp.Compare(a.Route, b.Route) })
	return out
}

// Writes returns the number of calls that asked for a change.
func (r *Recorder) Writes() int { return r.count(true) }

// Reads returns the number of calls that asked for none.
func (r *Recorder) Reads() int { return r.count(false) }

func (r *Recorder) count(write bool) int {
	n := 0
	for _, c := range r.Calls() {
		if c.Write == write {
			n++
		}
	}
	return n
}
