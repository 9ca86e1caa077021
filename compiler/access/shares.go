package access

import (
	"slices"
	"sync"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
)

// What is done for every allow, and for every grant, is done by several builders, each with a share of the work. They share what the first one has
// indexed, and write to nothing but their own results, which are put together in order: Build gives the same however many there are.

// sharing bounds the builders, and how many allows or grants one is called for.
type sharing struct{ most, least int }

// builders is how many share so much work.
func (s sharing) builders(work int) int { return max(1, min(s.most, work/s.least)) }

func sideBySide(n int, one func(i int)) {
	var wait sync.WaitGroup
	for i := range n {
		wait.Go(func() { one(i) })
	}
	wait.Wait()
}

// expandAllows turns the allows into parts, in canonical order.
func (b *builder) expandAllows() {
	n := b.sharing.builders(len(b.allows))
	own := make([]builder, n)
	sideBySide(n, func(i int) {
		own[i] = *b
		own[i].parts, own[i].diags = nil, nil
		own[i].expandShare(i*len(b.allows)/n, (i+1)*len(b.allows)/n)
	})
	sorted := make([][]part, n)
	for i := range own {
		sorted[i] = own[i].parts
		b.diags = append(b.diags, own[i].diags...)
	}
	b.parts = merged(sorted)
}

// expandShare expands the allows between two numbers.
func (b *builder) expandShare(from, to int) {
	least := 0
	for _, a := range b.allows[from:to] {
		least += len(a.From) * len(a.To) * len(a.Actions) // as many, where each end is one thing in one environment
	}
	b.parts = make([]part, 0, least)
	for i, a := range b.allows[from:to] {
		if SpanOf(a.Interval).Empty() {
			b.outcomes[from+i].void = true
			continue
		}
		b.expandAllow(int32(from+i), a)
	}
	slices.SortFunc(b.parts, comparePart)
}

// merged joins sorted lists, two by two.
func merged(lists [][]part) []part {
	for len(lists) > 1 {
		var next [][]part
		for i := 0; i < len(lists); i += 2 {
			if i+1 == len(lists) {
				next = append(next, lists[i])
			} else {
				next = append(next, mergeParts(lists[i], lists[i+1]))
			}
		}
		lists = next
	}
	return lists[0]
}

func mergeParts(a, b []part) []part {
	out := make([]part, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if comparePart(b[0], a[0]) < 0 {
			out, b = append(out, b[0]), b[1:]
		} else {
			out, a = append(out, a[0]), a[1:]
		}
	}
	return append(append(out, a...), b...)
}

// share is a run of parts that holds whole grants, and all that differ from one in their requests alone. It counts what its grants need.
type share struct {
	parts           []part
	grants, sources int
}

// shares cuts the parts into runs.
func (b *builder) shares(n int) []share {
	var out []share
	begin := 0
	var now share
	var before []part
	for i := 0; i < len(b.parts); {
		if i > begin && i-begin >= len(b.parts)/n && len(out) < n-1 && !b.parts[i].beside(&b.parts[i-1]) {
			now.parts = b.parts[begin:i]
			out = append(out, now)
			now, begin, before = share{}, i, nil
		}
		j := b.grantEnd(i)
		now.grants++
		if of := b.parts[i:j]; !alike(before, of) {
			before = of
			now.sources += len(of)
		}
		i = j
	}
	now.parts = b.parts[begin:]
	return append(out, now)
}

// resolveAccess turns the parts into what holds and what is cut.
func (b *builder) resolveAccess() {
	shares := b.shares(b.sharing.builders(len(b.parts)))
	begins := make([]int, 1, len(shares)+1)
	for i, s := range shares {
		begins = append(begins, begins[i]+s.grants)
	}
	room, own := make([]Grant, begins[len(shares)]), make([]*builder, len(shares))
	sideBySide(len(shares), func(i int) {
		own[i] = b.apart(shares[i], room[begins[i]:begins[i]:begins[i+1]])
		own[i].resolveGrants()
	})
	b.graph.Grants = inOneRoom(room, begins, own)
	for _, o := range own {
		b.adopt(o)
	}
}

// inOneRoom puts the grants of all builders together, in the room where each was given a place to begin, and the end.
func inOneRoom(room []Grant, begins []int, own []*builder) []Grant {
	for i, o := range own {
		if len(o.graph.Grants) > begins[i+1]-begins[i] {
			return manyRooms(own)
		}
	}
	given := 0
	for i, o := range own {
		if given < begins[i] { // something before was cut, or another one covers it
			copy(room[given:], o.graph.Grants)
		}
		given += len(o.graph.Grants)
	}
	clear(room[given:])
	return room[:given:given]
}

// manyRooms puts them together where one had to take another room: patterns that hold at several times may be more grants than patterns.
func manyRooms(own []*builder) []Grant {
	var out []Grant
	for _, o := range own {
		out = append(out, o.graph.Grants...)
	}
	return slices.Clip(out)
}

// apart returns a builder for a share, with room for its grants.
func (b *builder) apart(s share, room []Grant) *builder {
	own, graph := *b, *b.graph
	own.graph, own.parts = &graph, s.parts
	graph.Grants, graph.Cuts = room, nil
	own.behind = behind{room: make([]Source, s.sources), spans: make([]Span, s.grants)}
	own.outcomes = make([]outcome, len(b.outcomes))
	own.units, own.covered = make([]unit, len(b.units)), coverers{}
	own.contradictions, own.overfull = map[[4]int32]contradiction{}, map[[2]addr.Address]diag.Diagnostic{}
	return &own
}

// adopt takes over what a builder found out about its share, which comes after all that was taken over before. Its grants are in their place.
func (b *builder) adopt(o *builder) {
	b.graph.Cuts = append(b.graph.Cuts, o.graph.Cuts...)
	for i := range o.outcomes {
		b.outcomes[i].given = b.outcomes[i].given || o.outcomes[i].given
		b.outcomes[i].from.add(o.outcomes[i].from)
		b.outcomes[i].to.add(o.outcomes[i].to)
		for _, deny := range o.outcomes[i].denies {
			b.outcomes[i].deniedBy(deny)
		}
	}
	for key, c := range o.contradictions {
		b.noteContradiction(key, c)
	}
	b.adoptUnits(o)
	for key, d := range o.overfull {
		if _, seen := b.overfull[key]; !seen {
			b.overfull[key] = d
		}
	}
}
