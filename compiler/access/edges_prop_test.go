package access

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// The universe of the edge tests: three names, somebody whom nobody names, two surfaces, ten seconds.
var (
	names    = []string{"a", "b", "c", "nobody"}
	surfaces = []Surface{mesh("s"), mesh("t")}
)

const horizon = 10

func mesh(name string) Surface {
	return Surface{Target: Consul, Realm: "r", Kind: "service", Name: name}
}
func who(name string) Principal { return Principal{Target: Consul, Realm: "r", Name: name} }
func second(t int64) time.Time  { return time.Unix(t, 0) }
func drawSpans() *rapid.Generator[Spans] {
	return rapid.Custom(func(t *rapid.T) Spans {
		var spans []Span
		for range rapid.IntRange(0, 3).Draw(t, "spans") {
			spans = append(spans, Span{rapid.Int64Range(0, horizon).Draw(t, "start"), rapid.Int64Range(0, horizon).Draw(t, "end")})
		}
		if rapid.IntRange(0, 3).Draw(t, "always") == 0 {
			spans = append(spans, Always)
		}
		return NewSpans(spans...)
	})
}

func drawEdges(actsAs bool) *rapid.Generator[[]Edge] {
	edge := rapid.Custom(func(t *rapid.T) Edge {
		e := Edge{From: who(rapid.SampledFrom([]string{"a", "b", "c", Anyone}).Draw(t, "from")), Spans: drawSpans().Draw(t, "when")}
		if e.From.Name == Anyone {
			e.Except = slices.Sorted(slices.Values(rapid.SliceOfDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), rapid.ID).Draw(t, "except")))
		}
		if actsAs && rapid.Bool().Draw(t, "acts") {
			e.ActsAs = who(rapid.SampledFrom([]string{"a", "b", "c", Anyone}).Draw(t, "as"))
			return e
		}
		e.To, e.Verb = rapid.SampledFrom(surfaces).Draw(t, "to"), Connect
		e.Requests = rapid.SampledFrom([]string{"", "", "GET /x", "GET /y"}).Draw(t, "requests")
		return e
	})
	return rapid.SliceOfN(edge, 0, 6)
}

// gives is Subtract's naive evaluator: some edge of the set speaks of the name, at that second, for those requests or all.
func gives(edges []Edge, name string, like Edge, t int64) bool {
	for _, e := range edges {
		speaks := e.From.Name == name || e.From.Name == Anyone && !slices.Contains(e.Except, name)
		covers := e.Requests == "" || e.Requests == like.Requests
		if speaks && covers && e.To == like.To && e.ActsAs == like.ActsAs && slices.ContainsFunc(e.Spans, func(s Span) bool { return s.Start <= t && t < s.End }) {
			return true
		}
	}
	return false
}

func TestSubtractAgreesWithEvaluation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawEdges(true).Draw(t, "a"), drawEdges(true).Draw(t, "b")
		rest := Subtract(a, b)
		empty := true
		for _, like := range slices.Concat(a, b) {
			for _, name := range names {
				for at := int64(-1); at <= horizon; at++ {
					// What both give, in a's words with requests narrowed, may be told twice: a subset of what a gives at all.
					inA, inB, got := gives(a, name, like, at), gives(b, name, like, at), gives(rest, name, like, at)
					if got && !inA || inA && !inB && !got {
						t.Fatalf("%s, %v at %d: a gives %v, b %v, the rest %v", name, like, at, inA, inB, got)
					}
					if exact := like.Requests == ""; exact && got != (inA && !inB) {
						t.Fatalf("%s, %v at %d: a gives %v, b %v, the rest %v", name, like, at, inA, inB, got)
					}
					empty = empty && !(inA && !inB)
				}
			}
		}
		if empty != (len(rest) == 0) {
			t.Fatalf("nothing is left: %v; the rest: %v", empty, rest)
		}
		if diff := cmp.Diff(Canonical(rest), rest); diff != "" {
			t.Fatal("not canonical:\n" + diff)
		}
	})
}

func TestCanonicalMeansTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		edges := drawEdges(true).Draw(t, "edges")
		c := Canonical(edges)
		if !Equal(edges, c) {
			t.Fatalf("%v is not %v", c, edges)
		}
		shuffled := rapid.Permutation(edges).Draw(t, "shuffled")
		if diff := cmp.Diff(c, Canonical(shuffled)); diff != "" {
			t.Fatal("order shows:\n" + diff)
		}
	})
}

// becomes is Closure's naive evaluator: the principals that one can be at a second.
func becomes(edges []Edge, p Principal, t int64) []Principal {
	can := []Principal{p}
	for grown := true; grown; {
		grown = false
		for _, e := range edges {
			speaks := slices.ContainsFunc(can, e.Speaks)
			if e.ActsAs != (Principal{}) && speaks && e.Spans.Contains(second(t)) && !slices.Contains(can, e.ActsAs) {
				can, grown = append(can, e.ActsAs), true
			}
		}
	}
	return can
}

func TestClosureAgreesWithEvaluation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		edges := drawEdges(true).Draw(t, "edges")
		closed := Closure(edges)
		for _, name := range names {
			for at := int64(-1); at <= horizon; at++ {
				can := becomes(edges, who(name), at)
				for _, s := range surfaces {
					want := slices.ContainsFunc(can, func(p Principal) bool { return Reaches(edges, p, s, Connect, second(at)) })
					if got := Reaches(closed, who(name), s, Connect, second(at)); got != want {
						t.Fatalf("%s reaches %s at %d: %v, want %v", name, s.Name, at, got, want)
					}
				}
			}
		}
		if again := Closure(closed); !Equal(again, closed) {
			t.Fatalf("not a fixed point: %v", Subtract(again, closed))
		}
	})
}
