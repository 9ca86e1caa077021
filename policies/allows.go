package policies

import (
	"cmp"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// allow gathers what the graph says of one allow: the graph holds its parts in grants and cuts.
type allow struct {
	source  *access.Source
	others  []*access.Source // with other ends than the one before
	actions [2]bool          // by model.Actions
}

// last is the source that was gathered last.
func (a *allow) last() *access.Source {
	if n := len(a.others); n > 0 {
		return a.others[n-1]
	}
	return a.source
}

// ends returns what one side of the sources names, each once, sorted.
func (a *allow) ends(side func(*access.Source) addr.Address) []addr.Address {
	out := []addr.Address{side(a.source)}
	for _, s := range a.others {
		if end := side(s); end != out[len(out)-1] {
			out = append(out, end)
		}
	}
	slices.SortFunc(out, addr.Compare)
	return slices.Compact(out)
}

func sourceFrom(s *access.Source) addr.Address { return s.From.Addr }

func sourceTo(s *access.Source) addr.Address { return s.To.Addr }

// allowsOf gathers the allows of a graph.
type allowsOf struct {
	byName map[string]*allow // an address takes much longer to look up
	all    []*allow
	block  []allow // that the next ones are taken of
}

// gatherAllows returns the allows that give something, or would but for a deny, by name. The others are the compiler's to complain of.
func gatherAllows(g *access.Graph) []*allow {
	o := allowsOf{byName: make(map[string]*allow, len(g.Grants)/2)}
	for i := range g.Grants {
		o.add(g.Grants[i].Sources, g.Grants[i].Action)
	}
	for i := range g.Cuts {
		o.add(g.Cuts[i].Sources, g.Cuts[i].Action)
	}
	return inOrder(o.all, func(a *allow) string { return a.source.Allow.Name })
}

func (o *allowsOf) add(sources []access.Source, action model.Action) {
	for i := range sources {
		s := &sources[i]
		a := o.byName[s.Allow.Name]
		if a == nil {
			a = o.make(s)
		}
		if last := a.last(); last.From.Addr != s.From.Addr || last.To.Addr != s.To.Addr {
			a.others = append(a.others, s)
		}
		a.actions[0] = a.actions[0] || action == model.Read
		a.actions[1] = a.actions[1] || action == model.Write
	}
}

func (o *allowsOf) make(s *access.Source) *allow {
	if len(o.block) == 0 {
		o.block = make([]allow, 500)
	}
	a := &o.block[0]
	o.block = o.block[1:]
	a.source = s
	o.byName[s.Allow.Name] = a
	o.all = append(o.all, a)
	return a
}

// inOrder sorts elements by name. The names of a large policy lie all over its text, and to fetch two of them for every comparison takes longer
// than all else here; the first bytes in which they differ mostly tell.
func inOrder[T any](elements []T, name func(T) string) []T {
	type entry struct {
		start   uint64
		element T
	}
	order := make([]entry, len(elements))
	common := commonPrefix(elements, name)
	for i, e := range elements {
		var start [8]byte
		copy(start[:], name(e)[common:])
		order[i] = entry{binary.BigEndian.Uint64(start[:]), e}
	}
	slices.SortFunc(order, func(a, b entry) int {
		if a.start != b.start {
			return cmp.Compare(a.start, b.start)
		}
		return strings.Compare(name(a.element), name(b.element))
	})
	for i, e := range order {
		elements[i] = e.element
	}
	return elements
}

// commonPrefix returns how many bytes all names begin with.
func commonPrefix[T any](elements []T, name func(T) string) int {
	if len(elements) == 0 {
		return 0
	}
	first := name(elements[0])
	n := len(first)
	for _, e := range elements {
		other := name(e)
		for n = min(n, len(other)); first[:n] != other[:n]; n-- {
		}
	}
	return n
}

func (p *projection) allowTable(read *reads) *ast.Term {
	return table(gatherAllows(p.graph), func() func(*allow) *ast.Term { return allowRows(read) })
}

func allowRows(read *reads) func(*allow) *ast.Term {
	end := remembered(addressTerm)
	alone := remembered(func(a addr.Address) *ast.Term { return ast.ArrayTerm(end(a)) })
	side := func(a *allow, side func(*access.Source) addr.Address) *ast.Term {
		if len(a.others) == 0 {
			return alone(side(a.source))
		}
		return list(a.ends(side), end)
	}
	return rows([]column[*allow]{
		{"address", func(a *allow) *ast.Term { return addressTerm(a.source.Allow) }},
		{"folder", func(a *allow) *ast.Term { return folderTerm(a.source.Decl) }},
		{"reason", func(a *allow) *ast.Term { return textTerm(a.source.Reason) }},
		{"from", func(a *allow) *ast.Term { return side(a, sourceFrom) }},
		{"to", func(a *allow) *ast.Term { return side(a, sourceTo) }},
		{"actions", func(a *allow) *ast.Term { return actionsTerm(a.actions) }},
		{"not_before", func(a *allow) *ast.Term { return beginTerm(a.source.Span) }},
		{"expires", func(a *allow) *ast.Term { return endTerm(a.source.Span) }},
	}, read)
}
