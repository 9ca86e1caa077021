package access

import (
	"cmp"
	"slices"
	"time"

	"gatehouse/lang/model"
)

// SpanOf returns the seconds of a declared interval. A part of a second is never given away: not_before is rounded up, expires down.
// The span of an interval that ends before it begins is empty.
func SpanOf(i model.Interval) Span {
	s := Always
	if !i.NotBefore.IsZero() {
		s.Start = i.NotBefore.Unix()
		if i.NotBefore.Nanosecond() > 0 {
			s.Start++
		}
	}
	if !i.Expires.IsZero() {
		s.End = i.Expires.Unix()
	}
	return s
}

// Empty reports whether no second lies in the span.
func (s Span) Empty() bool { return s.Start >= s.End }

// Contains reports whether a moment lies in the span.
func (s Span) Contains(at time.Time) bool { return s.Start <= at.Unix() && at.Unix() < s.End }

// Begins returns the first moment of the span, in UTC, and false where it has always held.
func (s Span) Begins() (time.Time, bool) {
	return time.Unix(s.Start, 0).UTC(), s.Start > MinTime
}

// Ends returns the first moment after the span, in UTC, and false where it never ends.
func (s Span) Ends() (time.Time, bool) {
	return time.Unix(s.End, 0).UTC(), s.End < MaxTime
}

// NewSpans returns the canonical set of the seconds in any of the spans; empty spans add nothing, and no spans give nil.
func NewSpans(spans ...Span) Spans {
	sorted := slices.DeleteFunc(slices.Clone(spans), Span.Empty)
	slices.SortFunc(sorted, compareSpan)
	return unite(sorted)
}

// unite joins what overlaps or touches, in place; the spans are sorted by their start, and none is empty.
func unite(sorted []Span) Spans {
	if len(sorted) == 0 {
		return nil
	}
	out := sorted[:1]
	for _, s := range sorted[1:] {
		if last := &out[len(out)-1]; s.Start <= last.End {
			last.End = max(last.End, s.End)
		} else {
			out = append(out, s)
		}
	}
	return Spans(out)
}

func compareSpan(a, b Span) int {
	return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.End, b.End))
}

// Contains reports whether a moment is in the set.
func (s Spans) Contains(at time.Time) bool {
	_, ok := s.At(at)
	return ok
}

// At returns the span that a moment lies in.
func (s Spans) At(at time.Time) (Span, bool) {
	i := s.search(at)
	if i < len(s) && s[i].Start <= at.Unix() {
		return s[i], true
	}
	return Span{}, false
}

// Next returns the first span that begins after a moment.
func (s Spans) Next(at time.Time) (Span, bool) {
	i := s.search(at)
	if i < len(s) && s[i].Start <= at.Unix() {
		i++
	}
	if i == len(s) {
		return Span{}, false
	}
	return s[i], true
}

// Last returns the last span that has ended at a moment.
func (s Spans) Last(at time.Time) (Span, bool) {
	i := s.search(at)
	if i == 0 {
		return Span{}, false
	}
	return s[i-1], true
}

// ended reports whether nothing of the set is left at a moment.
func (s Spans) ended(at time.Time) bool { return s.search(at) == len(s) }

// search returns the first span that ends after a moment.
func (s Spans) search(at time.Time) int {
	i, _ := slices.BinarySearchFunc(s, at.Unix(), func(span Span, t int64) int {
		if span.End <= t {
			return -1
		}
		return 1
	})
	return i
}

// Union returns the seconds of either set.
func (s Spans) Union(t Spans) Spans {
	if len(s) == 0 {
		return slices.Clone(t)
	}
	return NewSpans(append(slices.Clone(s), t...)...)
}

// Intersect returns the seconds of both sets.
func (s Spans) Intersect(t Spans) Spans {
	var out Spans
	for i, j := 0, 0; i < len(s) && j < len(t); {
		if both := (Span{max(s[i].Start, t[j].Start), min(s[i].End, t[j].End)}); !both.Empty() {
			out = append(out, both)
		}
		if s[i].End <= t[j].End {
			i++
		} else {
			j++
		}
	}
	return out
}

// Subtract returns the seconds of the set that are not in t.
func (s Spans) Subtract(t Spans) Spans {
	var out Spans
	j := 0
	for _, span := range s {
		for j < len(t) && t[j].End <= span.Start {
			j++
		}
		for k := j; k < len(t) && t[k].Start < span.End; k++ {
			if t[k].Start > span.Start {
				out = append(out, Span{span.Start, t[k].Start})
			}
			span.Start = t[k].End
		}
		if !span.Empty() {
			out = append(out, span)
		}
	}
	return out
}

// Equal reports whether two sets hold the same seconds.
func (s Spans) Equal(t Spans) bool { return slices.Equal(s, t) }
