package consul

import (
	"fmt"
	"slices"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/targets"
)

// decoded is a world that was read, before its default is known.
type decoded struct {
	world        *world
	destinations []destination
}

// Read reads a world once, to be interpreted under any default.
func (Driver) Read(f targets.Facts) (targets.Reading, error) { return readFacts(f) }

func readFacts(f targets.Facts) (*decoded, error) {
	w, err := read(f.Objects)
	if err != nil {
		return nil, fmt.Errorf("consul: interpret: %w", err)
	}
	return &decoded{w, w.destinations(f)}, nil
}

// Append interprets what was read under the settings' default. It is all that Interpret does, but for the steps.
func (r *decoded) Append(edges []access.Edge, s targets.Settings, _ time.Time) ([]access.Edge, error) {
	w := *r.world
	var err error
	if w.defaultAllow, err = opens(s); err != nil {
		return nil, fmt.Errorf("consul: interpret: %w", err)
	}
	edges = slices.Grow(edges, w.size())
	for i := range r.destinations {
		edges = w.reach(edges, r.destinations[i])
	}
	return edges, nil
}
