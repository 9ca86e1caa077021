package targets

import (
	"cmp"
	"container/heap"
	"fmt"
	"slices"
	"strings"
)

// arrange puts weighed changes into the order in which they are written, and sets their Requires: narrowings, neutral ones, mixed
// ones, widenings; alike ones by key. A change that another needs goes before it, and is not kept waiting longer than the other.
func (s *scale) arrange() ([]Change, error) {
	needs := s.needs
	order, err := sorted(s.changes, needs, func(i int) int { return 0 })
	if err != nil {
		return nil, err
	}
	turn := make([]int, len(s.changes))
	for i, c := range s.changes {
		turn[i] = rank(c.Class)
	}
	for _, i := range slices.Backward(order) {
		for _, before := range needs[i] {
			turn[before] = min(turn[before], turn[i])
		}
	}
	if order, err = sorted(s.changes, needs, func(i int) int { return turn[i] }); err != nil {
		return nil, err
	}
	out := make([]Change, 0, len(order))
	for _, i := range order {
		c := s.changes[i]
		for _, before := range needs[i] {
			c.Requires = append(c.Requires, s.changes[before].Key)
		}
		slices.SortFunc(c.Requires, CompareKey)
		out = append(out, c)
	}
	return out, nil
}

// demands returns for each change those that the driver wants written before it.
func (s *scale) demands() [][]int {
	at := s.places()
	needs := make([][]int, len(s.changes))
	add := func(later, earlier Key) {
		l, ok := at[later]
		e, also := at[earlier]
		if ok && also && l != e && !slices.Contains(needs[l], e) {
			needs[l] = append(needs[l], e)
		}
	}
	for _, c := range s.v.Proof.Desired.Containers {
		for _, k := range c.Requires {
			add(c.Key, k)
		}
	}
	for _, c := range s.v.Live.Containers {
		for _, k := range c.Requires {
			if i, ok := at[k]; ok && (s.changes[i].Op == Delete || s.changes[i].Op == Retire) {
				add(k, c.Key)
			}
		}
	}
	return needs
}

func (s *scale) places() map[Key]int {
	at := make(map[Key]int, len(s.changes))
	for i, c := range s.changes {
		at[c.Key] = i
	}
	return at
}

// queue is a heap of changes that may be written now.
type queue struct {
	items []int
	less  func(a, b int) bool
}

func (q *queue) Len() int           { return len(q.items) }
func (q *queue) Less(i, j int) bool { return q.less(q.items[i], q.items[j]) }
func (q *queue) Swap(i, j int)      { q.items[i], q.items[j] = q.items[j], q.items[i] }
func (q *queue) Push(x any)         { q.items = append(q.items, x.(int)) }
func (q *queue) Pop() any {
	last := q.items[len(q.items)-1]
	q.items = q.items[:len(q.items)-1]
	return last
}

// sorted returns the one topological order that always takes the change of the lowest turn, then of the lowest key.
func sorted(changes []Change, needs [][]int, turn func(int) int) ([]int, error) {
	q := &queue{less: func(a, b int) bool {
		return cmp.Or(cmp.Compare(turn(a), turn(b)), CompareKey(changes[a].Key, changes[b].Key)) < 0
	}}
	waiting := make([]int, len(changes))
	followers := make([][]int, len(changes))
	for i, list := range needs {
		waiting[i] = len(list)
		for _, before := range list {
			followers[before] = append(followers[before], i)
		}
		if waiting[i] == 0 {
			heap.Push(q, i)
		}
	}
	var out []int
	for q.Len() > 0 {
		i := heap.Pop(q).(int)
		out = append(out, i)
		for _, next := range followers[i] {
			if waiting[next]--; waiting[next] == 0 {
				heap.Push(q, next)
			}
		}
	}
	if len(out) < len(changes) {
		return nil, cycle(changes, waiting)
	}
	return out, nil
}

func cycle(changes []Change, waiting []int) error {
	var keys []string
	for i, n := range waiting {
		if n > 0 {
			keys = append(keys, changes[i].Key.String())
		}
	}
	slices.Sort(keys)
	return fmt.Errorf("order changes: each of these must be written before another of them: %s", strings.Join(keys, ", "))
}
