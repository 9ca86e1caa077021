package navigate

import (
	"cmp"
	"maps"
	"slices"
)

// Carry returns a file that can't be read whole with what an earlier state of it had and it has lost: an unclosed bracket in JSON
// loses everything. What lies before and behind the change between the two texts is what it was; what the change touched is gone.
func (f *File) Carry(from *File) *File {
	if from == nil || from == f {
		return f
	}
	s := newShift(from.Text, f.Text)
	out := &File{Name: f.Name, Text: f.Text, Torn: f.Torn, Symbols: slices.Clone(f.Symbols), Occurrences: slices.Clone(f.Occurrences)}
	out.Labels, out.Owners = merged(from.Labels, f.Labels), slices.Concat(from.Owners, f.Owners)
	out.shapes = maps.Clone(from.shapes)
	if out.shapes == nil {
		out.shapes = map[Name]*shape{}
	}
	maps.Copy(out.shapes, f.shapes)
	out.many = maps.Clone(f.many)
	if out.many == nil {
		out.many = map[Name]bool{}
	}
	for _, old := range from.Symbols {
		one, ok := s.symbol(old)
		if !ok || slices.ContainsFunc(f.Symbols, func(known Symbol) bool { return known.Whole.overlaps(one.Whole) }) {
			continue
		}
		out.Symbols = append(out.Symbols, one)
	}
	out.carryNames(from, s)
	slices.SortStableFunc(out.Symbols, func(a, b Symbol) int { return cmp.Compare(a.Whole.Start, b.Whole.Start) })
	out.order()
	return out
}

func merged(some, more map[string][]string) map[string][]string {
	out := map[string][]string{}
	for _, m := range []map[string][]string{some, more} {
		for key, values := range m {
			out[key] = slices.Concat(out[key], values)
		}
	}
	return out
}

// carryNames takes over the names that still stand where nothing is read.
func (f *File) carryNames(from *File, s shift) {
	read := slices.Clone(f.Occurrences)
	for _, o := range from.Occurrences {
		whole, ok := s.span(o.Whole)
		if !ok || slices.ContainsFunc(read, func(known Occurrence) bool { return known.Whole.overlaps(whole) }) {
			continue
		}
		if o.Declares && from.many[o.Name] {
			f.many[o.Name] = true
		}
		if o.Word != (Span{}) {
			o.Word, _ = s.span(o.Word) // inside of the whole
		}
		o.Whole = whole
		f.add(o)
	}
}

func (s Span) overlaps(other Span) bool { return s.Start < other.End && other.Start < s.End }

// shift says where the parts of a text stand in another one, taken for one change of the first: before it, and behind it.
type shift struct{ before, behind, by int }

func newShift(from, to string) shift {
	shorter := min(len(from), len(to))
	before := 0
	for before < shorter && from[before] == to[before] {
		before++
	}
	same := 0
	for same < shorter-before && from[len(from)-1-same] == to[len(to)-1-same] {
		same++
	}
	return shift{before, len(from) - same, len(to) - len(from)}
}

// span is false for one that the change touches.
func (s shift) span(at Span) (Span, bool) {
	switch {
	case at.End <= s.before:
		return at, true
	case at.Start >= s.behind:
		return Span{at.Start + s.by, at.End + s.by}, true
	default:
		return Span{}, false
	}
}

// around is a span that the change may lie in.
func (s shift) around(at Span) (Span, bool) {
	if out, ok := s.span(at); ok || at.Start > s.before || at.End < s.behind {
		return out, ok
	}
	return Span{at.Start, at.End + s.by}, true
}

// symbol is false for a block whose header the change touches.
func (s shift) symbol(old Symbol) (Symbol, bool) {
	word, ok := s.span(old.Word)
	whole, within := s.around(old.Whole)
	if !ok || !within {
		return old, false
	}
	out := old
	out.Word, out.Whole, out.Inner = word, whole, nil
	for _, inner := range old.Inner {
		if one, ok := s.symbol(inner); ok {
			out.Inner = append(out.Inner, one)
		}
	}
	return out, true
}
