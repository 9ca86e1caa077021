package access

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"gatehouse/lang/model"
)

// seconds is the naive form of a set: one bit for each second from -1 to the horizon.
type seconds [horizon + 2]bool

func bits(s Spans) (out seconds) {
	for i := range out {
		t := int64(i - 1)
		for _, span := range s {
			out[i] = out[i] || span.Start <= t && t < span.End
		}
	}
	return out
}

func TestSpansAgreeWithBits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawSpans().Draw(t, "a"), drawSpans().Draw(t, "b")
		x, y := bits(a), bits(b)
		for name, got := range map[string]Spans{"union": a.Union(b), "intersect": a.Intersect(b), "subtract": a.Subtract(b)} {
			var want seconds
			for i := range want {
				want[i] = map[string]bool{"union": x[i] || y[i], "intersect": x[i] && y[i], "subtract": x[i] && !y[i]}[name]
			}
			if bits(got) != want || !canonicalSpans(got) {
				t.Fatalf("%s of %v and %v: %v", name, a, b, got)
			}
		}
		for i, in := range x {
			at := second(int64(i - 1))
			if a.Contains(at) != in {
				t.Fatalf("%v contains %d: %v", a, i-1, !in)
			}
			if slices.ContainsFunc(a, func(s Span) bool { return s.Contains(at) }) != in {
				t.Fatalf("a span of %v contains %d: %v", a, i-1, !in)
			}
		}
	})
}

func TestSpansNeighbours(t *testing.T) {
	s := Spans{{2, 4}, {6, 8}}
	for _, test := range []struct {
		last, at, next Span
		when           int64
	}{
		{Span{}, Span{}, Span{2, 4}, 1},
		{Span{}, Span{2, 4}, Span{6, 8}, 2},
		{Span{}, Span{2, 4}, Span{6, 8}, 3},
		{Span{2, 4}, Span{}, Span{6, 8}, 4},
		{Span{2, 4}, Span{6, 8}, Span{}, 6},
		{Span{6, 8}, Span{}, Span{}, 8},
	} {
		last, _ := s.Last(second(test.when))
		at, _ := s.At(second(test.when))
		next, _ := s.Next(second(test.when))
		if diff := cmp.Diff([]Span{test.last, test.at, test.next}, []Span{last, at, next}); diff != "" {
			t.Errorf("at %d:\n%s", test.when, diff)
		}
	}
}

func TestNewSpans(t *testing.T) {
	for _, test := range []struct{ want, in Spans }{
		{nil, nil},
		{nil, Spans{{3, 3}, {5, 4}}},
		{Spans{{1, 4}}, Spans{{2, 4}, {1, 2}}},               // touching
		{Spans{{1, 9}}, Spans{{1, 9}, {2, 3}}},               // within
		{Spans{{1, 2}, {3, 4}}, Spans{{3, 4}, {1, 2}}},       // apart
		{Spans{Always}, Spans{{5, 6}, Always, {7, MaxTime}}}, // unbounded wins
	} {
		if diff := cmp.Diff(test.want, NewSpans(test.in...)); diff != "" {
			t.Errorf("%v:\n%s", test.in, diff)
		}
	}
}

func TestSpanOf(t *testing.T) {
	half := time.Unix(10, 500)
	for _, test := range []struct {
		want Span
		in   model.Interval
	}{
		{Always, model.Interval{}},
		{Span{10, MaxTime}, model.Interval{NotBefore: second(10)}},
		{Span{MinTime, 20}, model.Interval{Expires: second(20)}},
		{Span{11, MaxTime}, model.Interval{NotBefore: half}},
		{Span{MinTime, 10}, model.Interval{Expires: half}},
	} {
		if got := SpanOf(test.in); got != test.want {
			t.Errorf("%v: %v, want %v", test.in, got, test.want)
		}
	}
}
