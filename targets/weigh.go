package targets

import (
	"slices"

	"gatehouse/compiler/access"
)

// crowd is the number of changes on common surfaces above which they are weighed together rather than one after the other.
const crowd = 8

// scale weighs changes: what each does to effective access on the surfaces that its container governs.
//
// Two interpretations of the whole world give the total. A surface that one changed container governs owes its part of the total to
// that container alone. Where a few changed containers govern common surfaces, they are replayed one after the other in a world of such
// surfaces' containers and the live context: the narrowest step first of those that the driver lets go first, so that a Delta says what
// a change does when its turn comes.
// In a crowd (more than eight) each is weighed by the total on its surfaces.
type scale struct {
	v       *View
	changes []Change
	governs map[Key][]access.Surface
	needs   [][]int // for each change, those that must be written before it

	governors map[access.Surface][]int // the live containers that govern a surface
}

func newScale(v *View, changes []Change) *scale {
	s := &scale{v: v, changes: changes, governs: map[Key][]access.Surface{}}
	for _, list := range [][]Container{v.Proof.Desired.Containers, v.Live.Containers} {
		for _, c := range list {
			s.governs[c.Key] = append(s.governs[c.Key], c.Governs...)
		}
	}
	for k, surfaces := range s.governs {
		s.governs[k] = sortedSurfaces(surfaces)
	}
	s.needs = s.demands()
	return s
}

// weigh sets Class and Delta of every change and returns the delta of all.
func (s *scale) weigh() (Delta, error) {
	if len(s.changes) == 0 {
		return emptyDelta(), nil
	}
	after, err := s.v.After(s.changes)
	if err != nil {
		return Delta{}, err
	}
	total := deltaOf(s.v.Edges, after)
	gained, lost := bySurface(total.Gained), bySurface(total.Lost)
	var small [][]int
	for _, group := range s.groups() {
		if len(group) > 1 && len(group) <= crowd {
			small = append(small, group)
			continue
		}
		for _, i := range group {
			surfaces := s.governs[s.changes[i].Key]
			s.set(i, Delta{access.Canonical(pick(gained, surfaces)), access.Canonical(pick(lost, surfaces))})
		}
	}
	if len(small) > 0 {
		err = s.replay(small)
	}
	return total, err
}

func (s *scale) set(i int, d Delta) {
	s.changes[i].Delta = full(d)
	s.changes[i].Class = classOf(d)
}

// full turns missing lists into empty ones, so that JSON says [] and never null.
func full(d Delta) Delta {
	if d.Gained == nil {
		d.Gained = []access.Edge{}
	}
	if d.Lost == nil {
		d.Lost = []access.Edge{}
	}
	return d
}

func classOf(d Delta) Class {
	switch {
	case len(d.Gained) == 0 && len(d.Lost) == 0:
		return Neutral
	case len(d.Gained) == 0:
		return Narrowing
	case len(d.Lost) == 0:
		return Widening
	}
	return Mixed
}

// rank is a class's turn.
func rank(c Class) int { return slices.Index([]Class{Narrowing, Neutral, Mixed, Widening}, c) }

func deltaOf(before, after []access.Edge) Delta {
	return full(Delta{access.Subtract(after, before), access.Subtract(before, after)})
}

func bySurface(edges []access.Edge) map[access.Surface][]access.Edge {
	out := map[access.Surface][]access.Edge{}
	for _, e := range edges {
		out[e.To] = append(out[e.To], e)
	}
	return out
}

func pick(edges map[access.Surface][]access.Edge, surfaces []access.Surface) []access.Edge {
	var out []access.Edge
	for _, s := range surfaces {
		out = append(out, edges[s]...)
	}
	return out
}

// changed returns the objects of a world after changes.
func changed(live []Container, changes []Change) []Object {
	after := make(map[Key]*Change, len(changes))
	for i := range changes {
		after[changes[i].Key] = &changes[i]
	}
	out := make([]Object, 0, len(live)+len(changes))
	for _, c := range live {
		if after[c.Key] == nil {
			out = append(out, Object{c.Key, c.Body})
		}
	}
	for _, c := range changes {
		if len(c.After) > 0 {
			out = append(out, Object{c.Key, c.After})
		}
	}
	return out
}

// neighbours returns the live containers that govern any of the surfaces.
func (s *scale) neighbours(surfaces []access.Surface) []Container {
	if s.governors == nil {
		s.governors = map[access.Surface][]int{}
		for i, c := range s.v.Live.Containers {
			for _, surface := range s.governs[c.Key] {
				s.governors[surface] = append(s.governors[surface], i)
			}
		}
	}
	var at []int
	for _, surface := range surfaces {
		at = append(at, s.governors[surface]...)
	}
	slices.Sort(at)
	var out []Container
	for _, i := range slices.Compact(at) {
		out = append(out, s.v.Live.Containers[i])
	}
	return out
}

// on interprets a small world and keeps what concerns the surfaces.
func (s *scale) on(surfaces []access.Surface, objs []Object) ([]access.Edge, error) {
	edges, err := s.v.interpret(objs, surfaces)
	return slices.DeleteFunc(slices.Clone(edges), func(e access.Edge) bool {
		_, ok := slices.BinarySearchFunc(surfaces, e.To, access.CompareSurface)
		return !ok
	}), err
}

// alone weighs a single change in the small world of its surfaces.
func (s *scale) alone(k Key) (Delta, error) {
	surfaces := s.governs[k]
	world := s.neighbours(surfaces)
	if len(surfaces) == 0 {
		return emptyDelta(), nil
	}
	before, err := s.on(surfaces, objects(world))
	if err != nil {
		return Delta{}, err
	}
	after, err := s.on(surfaces, changed(world, s.changes))
	return deltaOf(before, after), err
}
