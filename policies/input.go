package policies

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"sync"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/open-policy-agent/opa/v1/ast"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// Version names the contract between guardrails and their input. Fields may be added within a version; none changes or goes.
const Version = "gatehouse.dev/guardrails/v1"

// Document returns the JSON that guardrails of scope policy see, with everything in it: INPUT.md describes it, input.schema.json is its schema.
func Document(w World) (json.RawMessage, error) {
	return marshal(project(w).whole(readsAll))
}

// Documents returns what this engine's guardrails of a scope see, with everything in it: one document, or one for each chunk of grants. For those
// of scope exception all others judge first.
func (e *Engine) Documents(ctx context.Context, w World, scope Scope) ([]json.RawMessage, error) {
	p := project(w)
	inputs := e.documents(p, scope)
	switch scope {
	case PolicyScope:
		inputs = []func() *ast.Term{func() *ast.Term { return p.whole(readsAll) }}
	case ExceptionScope:
		results, err := e.Judge(ctx, w)
		if err != nil {
			return nil, err
		}
		known := e.scopes()
		waives := waive(w.Graph, w.Time, results, known)
		inputs = []func() *ast.Term{func() *ast.Term { return p.judged(func(id string) bool { return known[id] != "" }, waives) }}
	}
	var out []json.RawMessage
	for _, input := range inputs {
		text, err := marshal(input())
		if err != nil {
			return nil, err
		}
		out = append(out, text)
	}
	return out, nil
}

// marshal writes a document with its fields in alphabetical order.
func marshal(document *ast.Term) (json.RawMessage, error) {
	value, err := ast.JSON(document.Value)
	if err != nil {
		return nil, fmt.Errorf("policies: write the input: %w", err)
	}
	return json.Marshal(value)
}

// projection builds documents for OPA from one world. What grants share is built once; after project returns, it is only read, but for terms that
// any goroutine may add, so that chunks may be built on several.
type projection struct {
	world        World
	graph        *access.Graph
	at           time.Time
	environments map[string]*ast.Term
	tiers        map[string]model.Tier
	workloads    ends
	resources    ends
	populations  map[string]int        // how many workloads an environment has
	matching     map[addr.Address]bool // the groups that match on labels
	lasting      []lasting             // the grants that are not over
}

// lasting is a grant that is not over.
type lasting struct {
	grant              int32 // index in the graph
	first              int32 // index of the first with the same ends; these are neighbours
	workload, resource int32 // by number
}

func project(w World) *projection {
	p := &projection{
		world: w, graph: w.Graph, at: w.Time,
		environments: map[string]*ast.Term{}, tiers: map[string]model.Tier{}, populations: map[string]int{},
		matching: matching(w.Graph, w.Base),
		workloads: newEnds(w.Graph.Workloads, func(one *access.Workload, there func(string)) addr.Address {
			for i := range one.Places {
				there(one.Places[i].Environment)
			}
			return one.Addr
		}),
		resources: newEnds(w.Graph.Resources, func(one *access.Resource, there func(string)) addr.Address {
			for i := range one.Places {
				there(one.Places[i].Environment)
			}
			return one.Addr
		}),
		lasting: make([]lasting, 0, len(w.Graph.Grants)),
	}
	for _, e := range w.Graph.Environments {
		p.environments[e.Name], p.tiers[e.Name] = environmentTerm(e), e.Tier
	}
	for _, environment := range p.workloads.environments {
		p.populations[environment]++
	}
	for i := range w.Graph.Grants {
		if !over(w.Graph.Grants[i].Spans, w.Time) {
			p.last(int32(i))
		}
	}
	return p
}

// matching returns the groups of graphs that match on labels. A nil graph has none.
func matching(graphs ...*access.Graph) map[addr.Address]bool {
	out := map[addr.Address]bool{}
	for _, g := range graphs {
		if g == nil {
			continue
		}
		for _, group := range g.Groups {
			out[group.Addr] = out[group.Addr] || group.Match != nil
		}
	}
	return out
}

// last appends a grant that is not over. Grants of the same ends are neighbours, and those of the same workload mostly.
func (p *projection) last(i int32) {
	g, n := &p.graph.Grants[i], len(p.lasting)
	next := lasting{grant: i, first: int32(n)}
	switch {
	case n == 0 || p.graph.Grants[p.lasting[n-1].grant].Workload != g.Workload:
		next.workload, next.resource = p.workloads.of(g.Workload), p.resources.of(g.Resource)
	case sameEnds(&p.graph.Grants[p.lasting[n-1].grant], g):
		next.first, next.workload, next.resource = p.lasting[n-1].first, p.lasting[n-1].workload, p.lasting[n-1].resource
	default:
		next.workload, next.resource = p.lasting[n-1].workload, p.resources.of(g.Resource)
	}
	p.lasting = append(p.lasting, next)
}

func sameEnds(a, b *access.Grant) bool {
	return a.Workload == b.Workload && a.Resource == b.Resource && a.Environment == b.Environment && a.Origin == b.Origin
}

// over says whether access has ended for good. A policy is not refused for what it no longer gives.
func over(spans access.Spans, at time.Time) bool {
	return len(spans) == 0 || spans[len(spans)-1].End <= at.Unix()
}

// head is what every document begins with.
func (p *projection) head() [][2]*ast.Term {
	return [][2]*ast.Term{
		item("version", textTerm(Version)),
		item("policy", textTerm(p.graph.Policy)),
		item("time", textTerm(p.at.UTC().Format(time.RFC3339))),
		item("day", textTerm(p.at.UTC().Truncate(24*time.Hour).Format(time.RFC3339))),
	}
}

// whole is the document of scope policy. Fields that no rule asks for are left out: the grants alone are nearly all of its size. They are built side
// by side, since some have to gather what they show first.
func (p *projection) whole(read *reads) *ast.Term {
	facts := sync.OnceValue(p.facts)
	g := p.graph
	fields := []column[*reads]{
		{"environments", func(*reads) *ast.Term { return list(g.Environments, environmentTerm) }},
		{"providers", func(*reads) *ast.Term { return list(g.Providers, providerTerm) }},
		{"workloads", func(read *reads) *ast.Term { return p.workloadTable(facts, read.elements()) }},
		{"groups", func(*reads) *ast.Term { return list(g.Groups, p.groupTerm) }},
		{"resources", func(read *reads) *ast.Term { return p.resourceTable(facts, read.elements()) }},
		{"allows", func(read *reads) *ast.Term { return p.allowTable(read.elements()) }},
		{"denies", func(*reads) *ast.Term { return p.denies() }},
		{"exceptions", func(*reads) *ast.Term { return list(g.Exceptions, p.exceptions()) }},
		{"tests", func(*reads) *ast.Term { return list(g.Tests, testTerm) }},
		{"leaks", func(*reads) *ast.Term { return list(g.Leaks, p.leakTerm) }},
		{"losses", func(*reads) *ast.Term { return p.losses() }},
		{"delta", func(*reads) *ast.Term { return p.delta() }},
		{"grants", func(*reads) *ast.Term { return list(indices(len(p.lasting)), p.granter()) }},
	}
	terms := make([]*ast.Term, len(fields))
	var builders sync.WaitGroup
	for i, field := range fields {
		if part := read.field(field.name); part != nil {
			builders.Go(func() { terms[i] = field.term(part) })
		}
	}
	builders.Wait()
	items := p.head()
	for i, field := range fields {
		if terms[i] != nil {
			items = append(items, item(field.name, terms[i]))
		}
	}
	return ast.ObjectTerm(items...)
}

func indices(n int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = int32(i)
	}
	return out
}

// chunk is the document of scope grant; grants are indices of lasting.
func (p *projection) chunk(grants []int32) *ast.Term {
	return ast.ObjectTerm(append(p.head(), item("grants", list(grants, p.granter())))...)
}

func environmentTerm(e access.Environment) *ast.Term {
	var targets []string
	if e.Consul != nil {
		targets = append(targets, string(access.Consul))
	}
	if e.Google != nil {
		targets = append(targets, string(access.Google))
	}
	return ast.ObjectTerm(
		item("name", textTerm(e.Name)),
		item("address", addressTerm(addr.New(addr.Environment, e.Name))),
		item("tier", textTerm(string(e.Tier))),
		item("targets", list(targets, textTerm)),
		item("folder", folderTerm(e.Decl)),
		item("retired", ast.InternedTerm(e.Retired)),
	)
}

// workloadColumns are what every list that shows workloads says of them.
func workloadColumns() []column[*access.Workload] {
	return []column[*access.Workload]{
		{"address", func(w *access.Workload) *ast.Term { return addressTerm(w.Addr) }},
		{"owner", func(w *access.Workload) *ast.Term { return textTerm(w.Owner) }},
		{"interactive", func(w *access.Workload) *ast.Term { return ast.InternedTerm(w.Interactive) }},
		{"folder", func(w *access.Workload) *ast.Term { return folderTerm(w.Decl) }},
	}
}

// addressOrNothing is "" for the zero address.
func addressOrNothing(a addr.Address) *ast.Term {
	if a == (addr.Address{}) {
		return textTerm("")
	}
	return addressTerm(a)
}

func (p *projection) workloadTable(facts func() facts, read *reads) *ast.Term {
	return table(pointers(p.graph.Workloads), func() func(*access.Workload) *ast.Term {
		place, reached := p.workloadPlaceRows(read.field("places").elements()), reachRows(read.field("reach"))
		return rows(append(workloadColumns(),
			column[*access.Workload]{"provider", func(w *access.Workload) *ast.Term { return addressOrNothing(w.Provider) }},
			column[*access.Workload]{"places", func(w *access.Workload) *ast.Term { return list(w.Places, place) }},
			column[*access.Workload]{"reach", func(w *access.Workload) *ast.Term { return reached(facts().reach[p.workloads.of(w.Addr)]) }},
		), read)
	})
}

func (p *projection) workloadPlaceRows(read *reads) func(access.WorkloadPlace) *ast.Term {
	return rows([]column[access.WorkloadPlace]{
		{"environment", func(at access.WorkloadPlace) *ast.Term { return textTerm(at.Environment) }},
		{"tier", func(at access.WorkloadPlace) *ast.Term { return p.tierTerm(at.Environment) }},
		{"labels", func(at access.WorkloadPlace) *ast.Term { return labelsTerm(at.Labels) }},
		{"principals", func(at access.WorkloadPlace) *ast.Term { return list(at.Principals, principalTerm) }},
	}, read)
}

func (p *projection) tierTerm(environment string) *ast.Term {
	return wordTerm(string(p.tiers[environment]))
}

func principalTerm(p access.Principal) *ast.Term {
	return ast.ObjectTerm(
		item("target", textTerm(string(p.Target))),
		item("realm", textTerm(p.Realm)),
		item("name", textTerm(p.Name)),
	)
}

// resourceColumns are what every list that shows resources says of them.
func resourceColumns() []column[*access.Resource] {
	return []column[*access.Resource]{
		{"address", func(r *access.Resource) *ast.Term { return addressTerm(r.Addr) }},
		{"declaration", func(r *access.Resource) *ast.Term { return addressTerm(r.Addr.Whole()) }},
		{"kind", func(r *access.Resource) *ast.Term { return wordTerm(string(r.Addr.Kind)) }},
		{"surface", func(r *access.Resource) *ast.Term { return wordTerm(string(r.Addr.Surface)) }},
		{"owner", func(r *access.Resource) *ast.Term { return textTerm(r.Owner) }},
		{"classification", func(r *access.Resource) *ast.Term { return wordTerm(string(r.Classification)) }},
		{"sensitivity", func(r *access.Resource) *ast.Term { return ast.InternedTerm(sensitivity(r.Classification)) }},
		{"protocol", func(r *access.Resource) *ast.Term { return wordTerm(r.Protocol) }},
		{"rotation_seconds", func(r *access.Resource) *ast.Term { return secondsTerm(r.Rotation) }},
		{"folder", func(r *access.Resource) *ast.Term { return folderTerm(r.Decl) }},
	}
}

func (p *projection) resourceTable(facts func() facts, read *reads) *ast.Term {
	return table(pointers(p.graph.Resources), func() func(*access.Resource) *ast.Term {
		place, held := p.resourcePlaceRows(facts, read.field("places").elements()), holdersRows(read.field("holders"))
		return rows(append(resourceColumns(),
			column[*access.Resource]{"places", func(r *access.Resource) *ast.Term {
				first := p.resources.start[p.resources.of(r.Addr)]
				var places []placeOfResource
				for i := range r.Places {
					places = append(places, placeOfResource{&r.Places[i], first + int32(i)})
				}
				return list(places, place)
			}},
			column[*access.Resource]{"holders", func(r *access.Resource) *ast.Term { return held(facts().holders[p.resources.of(r.Addr)]) }},
		), read)
	})
}

// placeOfResource is a place and its number.
type placeOfResource struct {
	*access.ResourcePlace
	number int32
}

func (p *projection) resourcePlaceRows(facts func() facts, read *reads) func(placeOfResource) *ast.Term {
	return rows([]column[placeOfResource]{
		{"environment", func(at placeOfResource) *ast.Term { return textTerm(at.Environment) }},
		{"tier", func(at placeOfResource) *ast.Term { return p.tierTerm(at.Environment) }},
		{"labels", func(at placeOfResource) *ast.Term { return labelsTerm(at.Labels) }},
		{"target", func(at placeOfResource) *ast.Term { return wordTerm(string(at.Surface.Target)) }},
		{"name", func(at placeOfResource) *ast.Term { return textTerm(at.Surface.Name) }},
		{"holders", func(at placeOfResource) *ast.Term { return countTerm(facts().there[at.number]) }},
	}, read)
}

func secondsTerm(d time.Duration) *ast.Term { return ast.InternedTerm(int(d / time.Second)) }

func (p *projection) leakTerm(l access.Leak) *ast.Term {
	return ast.ObjectTerm(
		item("principal", principalTerm(l.Principal)),
		item("holders", list(l.Holders, func(h access.Holder) *ast.Term {
			return ast.ObjectTerm(
				item("environment", textTerm(h.Environment)),
				item("tier", textTerm(string(p.tiers[h.Environment]))),
				item("workload", addressTerm(h.Workload)),
			)
		})),
	)
}

func actionTerm(a model.Action) *ast.Term { return wordTerm(string(a)) }

func addressTerm(a addr.Address) *ast.Term { return textTerm(a.String()) }

// folderTerm is the folder of a declaration, relative to the policy's root: "." is the root itself.
func folderTerm(r hcl.Range) *ast.Term { return textTerm(path.Dir(r.Filename)) }
