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
// that container alone. Where a few changed containers govern common surfaces, they are replayed one after the other in a world of these
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
	for _, group := range s.groups() {
		if len(group) > 1 && len(group) <= crowd {
			if err := s.replay(group); err != nil {
				return Delta{}, err
			}
			continue
		}
		for _, i := range group {
			surfaces := s.governs[s.changes[i].Key]
			s.set(i, Delta{access.Canonical(pick(gained, surfaces)), access.Canonical(pick(lost, surfaces))})
		}
	}
	return total, nil
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

// groups divides the changes into those that share surfaces, each group and all groups in the order of the changes.
func (s *scale) groups() [][]int {
	parent := make([]int, len(s.changes))
	for i := range parent {
		parent[i] = i
	}
	var root func(int) int
	root = func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	first := map[access.Surface]int{}
	for i, c := range s.changes {
		for _, surface := range s.governs[c.Key] {
			j, ok := first[surface]
			if !ok {
				first[surface] = i
				continue
			}
			a, b := root(i), root(j)
			parent[max(a, b)] = min(a, b)
		}
	}
	members := make([][]int, len(s.changes))
	for i := range s.changes {
		members[root(i)] = append(members[root(i)], i)
	}
	return slices.DeleteFunc(members, func(g []int) bool { return len(g) == 0 })
}

// replay weighs a group of changes one after the other, the narrowest first.
func (s *scale) replay(group []int) error {
	surfaces := s.common(group)
	world := s.neighbours(surfaces)
	now, err := s.on(surfaces, objects(world))
	if err != nil {
		return err
	}
	var done []int
	for left := slices.Clone(group); len(left) > 0; {
		best, delta, after := -1, Delta{}, []access.Edge(nil)
		for n, i := range left {
			if best >= 0 && s.waits(i, left) {
				continue
			}
			edges, err := s.on(surfaces, changed(world, s.pickChanges(append(slices.Clone(done), i))))
			if err != nil {
				return err
			}
			d := deltaOf(now, edges)
			if best < 0 || s.waits(left[best], left) || rank(classOf(d)) < rank(classOf(delta)) {
				best, delta, after = n, d, edges
			}
		}
		i := left[best]
		s.set(i, delta)
		s.force(done, i)
		done, now, left = append(done, i), after, slices.Delete(left, best, best+1)
	}
	return nil
}

// waits reports whether a change needs another that is still left. Where all wait for each other, the first is taken, and arrange refuses
// the circle.
func (s *scale) waits(i int, left []int) bool {
	return slices.ContainsFunc(s.needs[i], func(before int) bool { return before != i && slices.Contains(left, before) })
}

func (s *scale) pickChanges(at []int) []Change {
	out := make([]Change, 0, len(at))
	for _, i := range at {
		out = append(out, s.changes[i])
	}
	return out
}

// force keeps a change that gives access behind those of its group that it was weighed after. What gives none may go at any time.
func (s *scale) force(done []int, i int) {
	if len(s.changes[i].Delta.Gained) == 0 {
		return
	}
	for _, before := range done {
		if !slices.Contains(s.needs[i], before) {
			s.needs[i] = append(s.needs[i], before)
		}
	}
}

func (s *scale) common(group []int) []access.Surface {
	var out []access.Surface
	for _, i := range group {
		out = append(out, s.governs[s.changes[i].Key]...)
	}
	return sortedSurfaces(out)
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
