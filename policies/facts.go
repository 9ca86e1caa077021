package policies

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"

	"gatehouse/lang/model"
)

// facts are counts over the whole policy, taken here because Rego would need a comprehension over every grant for each of them.
// They count what is granted now or later, each (workload, resource) once however many environments and actions there are.
type facts struct {
	reach   []reach   // by workload
	holders []holders // by resource
	there   []int32   // by place of a resource: distinct workloads that reach it in that environment
}

// reach is how many distinct resources a workload reaches, by tier and their class.
type reach [tierCount][classCount]int32

// holders are how many distinct workloads reach a resource.
type holders struct {
	total  int32 // in any tier
	inTier [tierCount]int32
}

var (
	tiers   = [...]model.Tier{model.Production, model.Staging, model.Development}
	classes = [...]model.Classification{model.Public, model.Internal, model.Confidential, model.Restricted} // in rising order
)

const (
	tierCount  = len(tiers)
	classCount = len(classes)
)

// sensitivity is a classification as a number, so that rules can compare.
func sensitivity(c model.Classification) int { return slices.Index(classes[:], c) }

func (p *projection) facts() facts {
	f := facts{
		make([]reach, len(p.graph.Workloads)),
		make([]holders, len(p.graph.Resources)),
		make([]int32, len(p.resources.shown)),
	}
	start, meetings := p.meetings()
	seen := newSightings(len(p.graph.Resources))
	for w := range p.graph.Workloads {
		for _, m := range meetings[start[w]:start[w+1]] {
			if m.there >= 0 {
				f.there[m.there]++
			}
			if seen.first(anyTier, m.resource, w) {
				f.holders[m.resource].total++
			}
			if m.tier < 0 || !seen.first(int(m.tier), m.resource, w) {
				continue
			}
			f.holders[m.resource].inTier[m.tier]++
			if class := sensitivity(p.graph.Resources[m.resource].Classification); class >= 0 {
				f.reach[w][m.tier][class]++
			}
		}
	}
	return f
}

// meeting is a workload's access to a resource in one environment, whatever it may do there.
type meeting struct {
	resource int32
	there    int32 // place of the resource; -1: none that is declared
	tier     int32 // -1: none that is known
}

// meetings returns those of all workloads: of the nth they begin at start[n]. Grants go by environment first, and counting has to tell whom of a
// resource's holders it has seen in another one: by workload that takes no set of pairs.
func (p *projection) meetings() (start []int32, all []meeting) {
	start = make([]int32, len(p.graph.Workloads)+1)
	p.eachMeeting(func(workload int32, _ meeting) { start[workload+1]++ })
	for w := range p.graph.Workloads {
		start[w+1] += start[w]
	}
	next := slices.Clone(start)
	all = make([]meeting, start[len(start)-1])
	p.eachMeeting(func(workload int32, m meeting) {
		all[next[workload]] = m
		next[workload]++
	})
	return start, all
}

func (p *projection) eachMeeting(visit func(workload int32, m meeting)) {
	environment, tier := "", int32(-1)
	for n, l := range p.lasting {
		if int(l.first) != n || l.workload < 0 || l.resource < 0 {
			continue // the same ends, by another action or request
		}
		g := &p.graph.Grants[l.grant]
		if g.Environment != environment {
			environment, tier = g.Environment, int32(slices.Index(tiers[:], p.tiers[g.Environment]))
		}
		visit(l.workload, meeting{l.resource, p.resources.place(l.resource, environment), tier})
	}
}

// sightings tell by whom a resource was seen last, in each tier and in any: whoever comes with one workload after the other needs no more.
type sightings [tierCount + 1][]int32

const anyTier = tierCount

func newSightings(resources int) *sightings {
	var s sightings
	for i := range s {
		s[i] = make([]int32, resources)
	}
	return &s
}

// first reports whether a workload hasn't been seen at a resource before.
func (s *sightings) first(tier int, resource int32, workload int) bool {
	last := &s[tier][resource]
	if *last == int32(workload)+1 {
		return false
	}
	*last = int32(workload) + 1
	return true
}

// reachRows returns what builds the term of a workload's reach. Many workloads reach the same.
func reachRows(read *reads) func(reach) *ast.Term {
	var columns []column[reach]
	for i, tier := range tiers {
		var counts []column[reach]
		for j, class := range classes {
			counts = append(counts, column[reach]{string(class), func(r reach) *ast.Term { return countTerm(r[i][j]) }})
		}
		columns = append(columns, column[reach]{string(tier), rows(counts, read.field(string(tier)))})
	}
	return remembered(rows(columns, read))
}

func holdersRows(read *reads) func(holders) *ast.Term {
	columns := []column[holders]{{"total", func(h holders) *ast.Term { return countTerm(h.total) }}}
	for i, tier := range tiers {
		columns = append(columns, column[holders]{string(tier), func(h holders) *ast.Term { return countTerm(h.inTier[i]) }})
	}
	return remembered(rows(columns, read))
}

func countTerm(n int32) *ast.Term { return ast.InternedTerm(int(n)) }
