package access

import (
	"maps"
	"slices"
)

// Subtract returns what a gives that b doesn't, over time, in canonical order. Edges that may make all requests cover those that may make
// some; between two narrowings only identical text counts.
//
// An edge of anyone is a set that can't be listed. What is left of it after an edge of a named principal is the same edge with that
// name excepted; what is left of it after another edge of anyone is the names that only the other one excepts.
func Subtract(a, b []Edge) []Edge {
	givers := map[object]*giving{}
	for _, e := range b {
		e = normal(e)
		o := objectOf(e)
		if givers[o] == nil {
			givers[o] = &giving{named: map[string]Spans{}}
		}
		givers[o].add(e)
	}
	var out []Edge
	for _, e := range Canonical(a) {
		out = append(out, remainder(e, givers)...)
	}
	return Canonical(out)
}

// object is everything about an edge but who it speaks of and when.
type object struct {
	realm    Principal // of From, named Anyone
	to       Surface
	actsAs   Principal
	verb     Verb
	requests string
}

func objectOf(e Edge) object {
	return object{realm: anyone(e.From), to: e.To, actsAs: e.ActsAs, verb: e.Verb, requests: e.Requests}
}

// giving is who reaches one object, and when.
type giving struct {
	named  map[string]Spans
	anyone []Edge
}

func (g *giving) add(e Edge) {
	if e.From.Name == Anyone {
		g.anyone = append(g.anyone, e)
		return
	}
	g.named[e.From.Name] = g.named[e.From.Name].Union(e.Spans)
}

// givings are what covers one edge: what b gives of its object with the same requests, and with all.
type givings []*giving

func covering(e Edge, givers map[object]*giving) givings {
	var out givings
	o := objectOf(e)
	if g := givers[o]; g != nil {
		out = append(out, g)
	}
	if o.requests == "" {
		return out
	}
	o.requests = ""
	if g := givers[o]; g != nil {
		out = append(out, g)
	}
	return out
}

// to returns when a principal of that name is given the object; Anyone stands for a name that nothing excepts.
func (gs givings) to(name string) Spans {
	var spans Spans
	for _, g := range gs {
		spans = spans.Union(g.named[name])
		for _, e := range g.anyone {
			if _, excepted := slices.BinarySearch(e.Except, name); !excepted {
				spans = spans.Union(e.Spans)
			}
		}
	}
	return spans
}

// named returns what is given by name.
func (gs givings) named() map[string]Spans {
	out := map[string]Spans{}
	for _, g := range gs {
		for name, spans := range g.named {
			out[name] = out[name].Union(spans)
		}
	}
	return out
}

// excepted returns the names that edges of anyone leave out, without those of another edge.
func (gs givings) excepted(but []string) []string {
	names := map[string]bool{}
	for _, g := range gs {
		for _, e := range g.anyone {
			for _, name := range e.Except {
				names[name] = true
			}
		}
	}
	for _, name := range but {
		delete(names, name)
	}
	return slices.Sorted(maps.Keys(names))
}

func remainder(e Edge, givers map[object]*giving) []Edge {
	g := covering(e, givers)
	switch {
	case len(g) == 0:
		return []Edge{e}
	case e.From.Name != Anyone:
		return cut(e, e.Spans.Subtract(g.to(e.From.Name)))
	}
	base := g.to(Anyone)
	out := exceptedOnly(e, g, e.Spans.Intersect(base))
	return append(out, withExceptions(e, g, e.Spans.Subtract(base))...)
}

// cut returns the edge over other spans, or nothing where there are none.
func cut(e Edge, spans Spans) []Edge {
	if len(spans) == 0 {
		return nil
	}
	e.Spans = spans
	return []Edge{e}
}

// exceptedOnly is what is left of an edge of anyone while b, too, lets anyone in: the names that b excepts and doesn't give otherwise.
func exceptedOnly(e Edge, g givings, spans Spans) []Edge {
	if len(spans) == 0 {
		return nil
	}
	var out []Edge
	for _, name := range g.excepted(e.Except) {
		named := e
		named.From.Name, named.Except = name, nil
		out = append(out, cut(named, spans.Subtract(g.to(name)))...)
	}
	return out
}

// withExceptions is what is left of an edge of anyone while b lets nobody in but by name: the same edge, with those names excepted.
// Between two moments at which b's names change it is one edge.
func withExceptions(e Edge, g givings, spans Spans) []Edge {
	if len(spans) == 0 {
		return nil
	}
	named := g.named()
	names := slices.Sorted(maps.Keys(named))
	var out []Edge
	for _, atom := range atoms(spans, named) {
		rest := e
		rest.Except = slices.Clone(e.Except)
		for _, name := range names {
			if len(named[name].Intersect(Spans{atom})) > 0 {
				rest.Except = append(rest.Except, name)
			}
		}
		out = append(out, cut(rest, Spans{atom})...)
	}
	return out
}

// atoms splits spans wherever one of the others begins or ends.
func atoms(spans Spans, others map[string]Spans) Spans {
	var cuts []int64
	for _, other := range others {
		for _, s := range other {
			cuts = append(cuts, s.Start, s.End)
		}
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	var out Spans
	for _, s := range spans {
		i, _ := slices.BinarySearch(cuts, s.Start)
		for ; i < len(cuts) && cuts[i] < s.End; i++ {
			if cuts[i] > s.Start {
				out = append(out, Span{s.Start, cuts[i]})
				s.Start = cuts[i]
			}
		}
		out = append(out, s)
	}
	return out
}
