package targets

import (
	"slices"

	"gatehouse/compiler/access"
)

// groups divides the changes into those that share surfaces, each group and all groups in the order of the changes.
func (s *scale) groups() [][]int {
	parent := make([]int, len(s.changes))
	for i := range parent {
		parent[i] = i
	}
	root := func(i int) int {
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

// replayed is a group on its way: what has been weighed, what is left, and who reaches the group's surfaces by now.
type replayed struct {
	surfaces   []access.Surface
	done, left []int
	gives      map[int]bool // changes that gave access in any state they were tried in
	now        map[access.Surface][]access.Edge

	best  int // in left; -1: none yet
	delta Delta
	after map[access.Surface][]access.Edge
}

// replay weighs the changes of small groups one after the other, the narrowest first. Groups have no surface in common, so that all of them take
// a step in one world: the interpretations are as many as the largest group needs, however many groups there are.
func (s *scale) replay(groups [][]int) error {
	var all []*replayed
	var surfaces []access.Surface
	for _, members := range groups {
		g := &replayed{surfaces: s.common(members), left: slices.Clone(members), gives: map[int]bool{}}
		all, surfaces = append(all, g), append(surfaces, g.surfaces...)
	}
	surfaces = sortedSurfaces(surfaces)
	world := s.neighbours(surfaces)
	now, err := s.v.interpret(objects(world), surfaces)
	if err != nil {
		return err
	}
	start := bySurface(now) // read only, and as large as the world: one for all
	for _, g := range all {
		g.now = start
	}
	for moving := all; len(moving) > 0; {
		if err := s.step(moving, world, surfaces); err != nil {
			return err
		}
		moving = slices.DeleteFunc(slices.Clone(moving), func(g *replayed) bool { return len(g.left) == 0 })
	}
	return nil
}

// step tries each change that a group has left, and takes the narrowest.
func (s *scale) step(groups []*replayed, world []Container, surfaces []access.Surface) error {
	most := 0
	var done []int
	for _, g := range groups {
		g.best = -1
		most, done = max(most, len(g.left)), append(done, g.done...)
	}
	for n := range most {
		tried := slices.Clone(done)
		for _, g := range groups {
			if n < len(g.left) {
				tried = append(tried, g.left[n])
			}
		}
		edges, err := s.v.interpret(changed(world, s.pickChanges(tried)), surfaces)
		if err != nil {
			return err
		}
		after := bySurface(edges)
		for _, g := range groups {
			if n < len(g.left) {
				s.consider(g, n, after)
			}
		}
	}
	for _, g := range groups {
		s.take(g)
	}
	return nil
}

// consider makes a change the best of its group if nothing keeps it waiting and it is narrower than what was considered before.
func (s *scale) consider(g *replayed, n int, after map[access.Surface][]access.Edge) {
	d := deltaOf(pick(g.now, g.surfaces), pick(after, g.surfaces))
	if len(d.Gained) > 0 {
		g.gives[g.left[n]] = true
	}
	if g.best >= 0 && s.waits(g.left[n], g.left) {
		return
	}
	if g.best < 0 || s.waits(g.left[g.best], g.left) || rank(classOf(d)) < rank(classOf(g.delta)) {
		g.best, g.delta, g.after = n, d, after
	}
}

func (s *scale) take(g *replayed) {
	i := g.left[g.best]
	s.set(i, g.delta)
	if g.gives[i] {
		s.force(g.done, i)
	}
	g.done, g.now, g.left = append(g.done, i), g.after, slices.Delete(g.left, g.best, g.best+1)
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

// force keeps a change behind those of its group that it was weighed after. It is for what gives access, or would without them: were one of
// them to fail, the change would give what nobody has seen in the plan. What never gives any may go at any time.
func (s *scale) force(done []int, i int) {
	for _, before := range done {
		if !slices.Contains(s.needs[i], before) && !s.follows(before, i, map[int]bool{}) {
			s.needs[i] = append(s.needs[i], before)
		}
	}
}

// follows reports whether a change must wait for another, on whatever way: the contrary can't be demanded too.
func (s *scale) follows(later, earlier int, seen map[int]bool) bool {
	seen[later] = true
	return slices.ContainsFunc(s.needs[later], func(i int) bool {
		return i == earlier || !seen[i] && s.follows(i, earlier, seen)
	})
}

func (s *scale) common(group []int) []access.Surface {
	var out []access.Surface
	for _, i := range group {
		out = append(out, s.governs[s.changes[i].Key]...)
	}
	return sortedSurfaces(out)
}
