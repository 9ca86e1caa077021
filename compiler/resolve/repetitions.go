package resolve

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/diag"
	"gatehouse/lang/syntax"
)

// said finds the elements of a list that add nothing. An element as it was written may give several, by a for_each or an expression: it is a repetition if
// all that it gives stands in the list before it. One that hangs on a variable, a local or each is none, and makes none of another, since with
// other values, or in another declaration of a for_each, it gives something else. What an element gives more than once counts once, in silence.
type said[K comparable] struct {
	r    *resolver
	list syntax.List
	seen map[K]before
	note []repetition // of each element that was asked about, in order
}

// before is what was said before: where, and whether whatever the values are.
type before struct {
	by     int // the element
	steady bool
}

type repetition struct {
	of    int // the element
	what  any
	again bool
	by    int // the element that said it first
}

func newSaid[K comparable](r *resolver, list syntax.List) said[K] { return said[K]{r: r, list: list} }

// first reports whether an element names something that none before it named.
func (s *said[K]) first(i int, name K) bool {
	if len(s.list.Elems) == 1 {
		return true
	}
	if s.seen == nil {
		s.seen = make(map[K]before, len(s.list.Elems))
	}
	giver := s.giver(i)
	first, again := s.seen[name]
	steady := again && first.steady && s.giver(first.by).Range != giver.Range
	if !again || !first.steady && !giver.Varies {
		s.seen[name] = before{i, !giver.Varies}
	}
	if s.list.Made != nil || steady {
		s.note = append(s.note, repetition{i, name, steady && !giver.Varies, first.by})
	}
	return !again
}

func (s *said[K]) giver(i int) syntax.Giver {
	if s.list.Made == nil {
		return syntax.Giver{Range: s.list.Elems[i].Where(), Literal: true}
	}
	return s.list.Made[i]
}

// report warns of the elements, as they were written, of which everything was said before.
func (s *said[K]) report() {
	for len(s.note) > 0 {
		n := 1
		for n < len(s.note) && s.giver(s.note[n].of).Range == s.giver(s.note[0].of).Range {
			n++
		}
		s.repeated(s.note[:n])
		s.note = s.note[n:]
	}
}

// repeated warns of one element as it was written, by all that it gave.
func (s *said[K]) repeated(gave []repetition) {
	for _, g := range gave {
		if !g.again {
			return
		}
	}
	giver, first := s.giver(gave[0].of), s.giver(gave[0].by)
	what := fmt.Sprint(gave[0].what)
	if text, ok := gave[0].what.(string); ok {
		what = fmt.Sprintf("%q", text)
	}
	summary := what + " is listed twice"
	if len(gave) > 1 {
		summary = fmt.Sprintf("%s and the %d others that this stands for are listed already", what, len(gave)-1)
		if len(gave) == 2 {
			summary = fmt.Sprintf("%s and %v, for which this stands, are listed already", what, gave[1].what)
		}
	}
	s.r.warn(diag.RepeatedElement, giver.Range, summary, "Delete the repetition: it adds nothing.", diag.Related{Message: "the first", Range: first.Range})
	if last, ok := s.before(gave[0].of); ok && giver.Literal {
		s.r.dropElement(last, giver.Range)
	}
}

// before is the place of the element that was written before another one.
func (s *said[K]) before(i int) (hcl.Range, bool) {
	if i == 0 {
		return hcl.Range{}, false
	}
	return s.giver(i - 1).Range, true
}
