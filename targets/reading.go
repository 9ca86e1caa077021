package targets

import (
	"time"

	"gatehouse/compiler/access"
)

// Reader is what a Driver may implement beside: it reads the objects of a world once, to interpret them under several settings. A proof asks it
// where it is there, and Interpret otherwise.
type Reader interface {
	// Read reads the objects of a world. Its settings don't count.
	Read(Facts) (Reading, error)
}

// Reading is a world that was read.
type Reading interface {
	// Append appends what the driver's Interpret returns for the same objects under some settings, without the steps (Edge.Via).
	Append([]access.Edge, Settings, time.Time) ([]access.Edge, error)
}

// read reads a world as best a driver can.
func read(d Driver, f Facts) (Reading, error) {
	if r, ok := d.(Reader); ok {
		return r.Read(f)
	}
	return unread{d, f}, nil
}

// unread is the Reading of a driver that has none of its own.
type unread struct {
	driver Driver
	facts  Facts
}

func (u unread) Append(edges []access.Edge, s Settings, at time.Time) ([]access.Edge, error) {
	u.facts.Settings = s
	more, err := u.driver.Interpret(u.facts, at)
	if len(edges) == 0 {
		return more, err
	}
	return append(edges, more...), err
}
