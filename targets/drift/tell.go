package drift

import (
	"slices"
	"strconv"
	"strings"

	"gatehouse/compiler/access"
	"gatehouse/targets"
)

// edgeID is what tells edges apart here: Canonical has united those that are alike.
type edgeID struct {
	from, actsAs access.Principal
	except       string
	to           access.Surface
	verb         access.Verb
	requests     string
}

func identify(e access.Edge) edgeID {
	return edgeID{e.From, e.ActsAs, strings.Join(e.Except, "\x00"), e.To, e.Verb, e.Requests}
}

// tell hands the edges of a difference to the rows about containers that govern their surface, and returns those that found a row. With
// blame, a row takes only what it is to blame for.
func (s *site) tell(rows []Row, d difference, blame func(Row, access.Edge) bool) map[edgeID]bool {
	at := map[access.Surface][]*Row{}
	for i := range rows {
		for _, surface := range s.governed(rows[i].Object) {
			at[surface] = append(at[surface], &rows[i])
		}
	}
	told := map[edgeID]bool{}
	for surface, about := range at {
		for _, e := range d.gives[surface] {
			for _, r := range choose(about, e, blame, Extra, Stale, Changed) {
				r.Access.Gives = append(r.Access.Gives, e)
				told[identify(e)] = true
			}
		}
		for _, e := range d.lacks[surface] {
			for _, r := range choose(about, e, nil, Missing, Changed) {
				r.Access.Lacks = append(r.Access.Lacks, e)
				told[identify(e)] = true
			}
		}
	}
	for i := range rows {
		rows[i].Access.Gives = access.Canonical(rows[i].Access.Gives)
		rows[i].Access.Lacks = access.Canonical(rows[i].Access.Lacks)
	}
	return told
}

// choose returns the rows that tell an edge: those whose item names its principal, else those of the given kinds, else all.
func choose(rows []*Row, e access.Edge, blame func(Row, access.Edge) bool, kinds ...Kind) []*Row {
	if blame != nil {
		rows = only(rows, func(r *Row) bool { return blame(*r, e) })
	}
	if named := only(rows, func(r *Row) bool { return names(r.Item, e.From.Name) }); len(named) > 0 {
		return named
	}
	if alike := only(rows, func(r *Row) bool { return slices.Contains(kinds, r.Kind) }); len(alike) > 0 {
		return alike
	}
	return rows
}

func only(rows []*Row, keep func(*Row) bool) []*Row {
	var out []*Row
	for _, r := range rows {
		if keep(r) {
			out = append(out, r)
		}
	}
	return out
}

// blames reports whether the object of a row is a step on an edge's way.
func blames(r Row, e access.Edge) bool {
	return slices.ContainsFunc(e.Via, func(s access.Step) bool { return s.Object == r.Object.String() })
}

// names reports whether an item names a principal: one of its words is the name, bare or in quotes.
func names(item, principal string) bool {
	return slices.ContainsFunc(strings.Fields(item), func(word string) bool {
		return word == principal || word == strconv.Quote(principal)
	})
}

// effective returns a row for each surface and principal of a difference that no other row has told.
func (s *site) effective(d difference, told map[edgeID]bool) []Row {
	var out []Row
	for _, surface := range s.view.Proof.Surfaces() {
		for _, e := range d.gives[surface] {
			if !told[identify(e)] {
				out = append(out, s.bypass(e))
			}
		}
		for _, e := range d.lacks[surface] {
			if !told[identify(e)] {
				out = append(out, s.ineffective(e))
			}
		}
	}
	return out
}

func (s *site) bypass(e access.Edge) Row {
	row := s.row(Bypass, behind(e))
	row.Access.Gives = []access.Edge{e}
	row.Detail = targets.Sentence(e) + ", and nothing in the policy says so."
	row.Remedy = "Take away what gives it, or declare it: gatehouse does not own it."
	if way := way(e); way != "" {
		row.Detail += " The way: " + way + "."
	}
	return row
}

func (s *site) ineffective(e access.Edge) Row {
	row := s.row(Missing, targets.Key{})
	row.Access.Lacks = []access.Edge{e}
	row.Detail = targets.Sentence(e) + ", says the policy; the objects are there, and something else keeps it out."
	row.Remedy = "Look for what overrides them, such as a wildcard or a default that denies."
	row.Lines = s.linesOf(e)
	return row
}

// behind returns the object nearest to what is reached, of those on an edge's way.
func behind(e access.Edge) targets.Key {
	for _, step := range slices.Backward(e.Via) {
		if kind, name, ok := strings.Cut(step.Object, "/"); ok {
			return targets.Key{Kind: kind, Name: name}
		}
	}
	return targets.Key{}
}

func way(e access.Edge) string {
	var parts []string
	for _, step := range e.Via {
		parts = append(parts, strings.TrimPrefix(step.Object+": ", ": ")+step.Detail)
	}
	return strings.Join(parts, "; ")
}

// linesOf returns the policy lines of the items that name an edge's principal, in the containers that govern its surface.
func (s *site) linesOf(e access.Edge) []targets.Line {
	var sources []access.Source
	for _, c := range s.guarding(e.To) {
		for _, i := range c.Items {
			if names(i.Key, e.From.Name) {
				sources = append(sources, i.Why...)
			}
		}
	}
	return targets.Lines(sources)
}

// guarding returns the desired containers that govern a surface.
func (s *site) guarding(surface access.Surface) []*targets.Container {
	if s.guards == nil {
		s.guards = map[access.Surface][]*targets.Container{}
		desired := s.view.Proof.Desired.Containers
		for i := range desired {
			for _, governed := range desired[i].Governs {
				s.guards[governed] = append(s.guards[governed], &desired[i])
			}
		}
	}
	return s.guards[surface]
}
