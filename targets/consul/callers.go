package consul

import (
	"cmp"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
)

// caller is one principal that is let in to a destination, and the lines that say so.
type caller struct {
	name        string
	permissions []layer7Rule // nil: it may make every request
	why         []access.Source
}

// admission is one grant with the name of the principal that it lets in.
type admission struct {
	name  string
	grant *access.Grant
}

// allowed gathers the grants of an environment that hold at the moment, for each of the graph's resources by its place. Neighbours mostly have the
// same workload, or the same resource, so that few are looked for.
func allowed(g *access.Graph, environment string, at time.Time) [][]admission {
	places := map[addr.Address]int{}
	for i := range g.Resources {
		if _, here := g.Resources[i].Surface(environment); here {
			places[g.Resources[i].Addr] = i
		}
	}
	out := make([][]admission, len(g.Resources))
	var last *access.Grant
	var name string
	var to int
	var known, declared bool
	for i := range g.Grants {
		grant := &g.Grants[i]
		if grant.Environment != environment || !grant.Spans.Contains(at) {
			continue
		}
		if last == nil || last.Workload != grant.Workload || last.Home() != grant.Home() {
			name, known = sourceName(g, grant)
		}
		if last == nil || last.Resource != grant.Resource {
			to, declared = places[grant.Resource]
		}
		if last = grant; known && declared {
			out[to] = append(out[to], admission{name, grant})
		}
	}
	return out
}

func sourceName(g *access.Graph, grant *access.Grant) (string, bool) {
	workload, ok := g.Workload(grant.Workload)
	if !ok {
		return "", false
	}
	place, ok := workload.Place(grant.Home())
	if !ok {
		return "", false
	}
	principal, ok := place.Principal(access.Consul)
	return principal.Name, ok
}

// callersOf returns who is let in by some grants of a destination, sorted by name. Several actions, and several workloads with one name, are one
// source. It sorts the grants.
func callersOf(grants []admission) []caller {
	slices.SortStableFunc(grants, func(a, b admission) int { return cmp.Compare(a.name, b.name) })
	out := make([]caller, 0, len(grants))
	for len(grants) > 0 {
		n := 1
		for n < len(grants) && grants[n].name == grants[0].name {
			n++
		}
		out = append(out, caller{grants[0].name, permissions(grants[:n]), lines(grants[:n])})
		grants = grants[n:]
	}
	return out
}

// lines returns the lines behind the grants of one caller. Two actions of one allow have the same ones.
func lines(grants []admission) []access.Source {
	first := grants[0].grant.Sources
	all := slices.Clip(first) // most have no others; to append is to copy
	for _, a := range grants[1:] {
		if !sameLines(first, a.grant.Sources) {
			all = append(all, a.grant.Sources...)
		}
	}
	return distinct(all)
}

func sameLines(a, b []access.Source) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if lineOf(&a[i]) != lineOf(&b[i]) {
			return false
		}
	}
	return true
}

// line is what tells one source from another for a reader.
type line struct {
	allow, from, to addr.Address
	at              hcl.Range
}

func lineOf(s *access.Source) line { return line{s.Allow, s.From.Addr, s.To.Addr, s.From.Range} }

// distinct drops repetitions.
func distinct(sources []access.Source) []access.Source {
	if len(sources) < 2 {
		return sources
	}
	seen := map[line]bool{}
	out := make([]access.Source, 0, len(sources))
	for i := range sources {
		if l := lineOf(&sources[i]); !seen[l] {
			seen[l] = true
			out = append(out, sources[i])
		}
	}
	return out
}
