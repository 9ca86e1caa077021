package policies

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"slices"
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
	return marshal(project(w).whole(func(string) bool { return true }, readsAll))
}

// Documents returns what this engine's guardrails of a scope see, with everything in it: one document, or one for each chunk of grants. For those
// of scope exception all others judge first.
func (e *Engine) Documents(ctx context.Context, w World, scope Scope) ([]json.RawMessage, error) {
	p := project(w)
	inputs := e.documents(p, scope)
	switch scope {
	case PolicyScope:
		inputs = []func() *ast.Term{func() *ast.Term { return p.whole(func(string) bool { return true }, readsAll) }}
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

// sensitivity is a classification as a number, so that rules can compare.
func sensitivity(c model.Classification) int {
	return slices.Index([]model.Classification{model.Public, model.Internal, model.Confidential, model.Restricted}, c)
}

// projection builds documents for OPA from one world. What grants share is built once; after project returns, it is only read, so that
// chunks may be built on several goroutines.
type projection struct {
	world        World
	graph        *access.Graph
	at           time.Time
	environments map[string]*ast.Term
	tiers        map[string]model.Tier
	workloads    map[place]*ast.Term // as a grant shows them
	resources    map[place]*ast.Term // as a grant shows them
	classes      map[addr.Address]model.Classification
	populations  map[string]int        // how many workloads an environment has
	matching     map[addr.Address]bool // the groups that match on labels
	lasting      []int                 // indices of the grants that are not over
	first        []int                 // for each of lasting, which is the first of its environment, workload and resource
}

// place is a thing in an environment.
type place struct {
	environment string
	thing       addr.Address
}

func project(w World) *projection {
	p := &projection{
		world: w, graph: w.Graph, at: w.Time,
		environments: map[string]*ast.Term{}, tiers: map[string]model.Tier{}, populations: map[string]int{},
		workloads: map[place]*ast.Term{}, resources: map[place]*ast.Term{}, classes: map[addr.Address]model.Classification{},
		matching: matching(w.Graph, w.Base),
	}
	for _, e := range w.Graph.Environments {
		p.environments[e.Name], p.tiers[e.Name] = environmentTerm(e), e.Tier
	}
	for _, one := range w.Graph.Workloads {
		for _, at := range one.Places {
			p.populations[at.Environment]++
			p.workloads[place{at.Environment, one.Addr}] = ast.ObjectTerm(append(workloadFields(one), item("labels", labelsTerm(at.Labels)))...)
		}
	}
	for _, r := range w.Graph.Resources {
		p.classes[r.Addr] = r.Classification
		for _, at := range r.Places {
			p.resources[place{at.Environment, r.Addr}] = ast.ObjectTerm(append(resourceFields(r), item("labels", labelsTerm(at.Labels)))...)
		}
	}
	for i := range w.Graph.Grants {
		if !over(w.Graph.Grants[i].Spans, w.Time) {
			p.last(i)
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

// last appends a grant that is not over. Grants of the same ends are neighbours.
func (p *projection) last(i int) {
	n := len(p.lasting)
	first := n
	if n > 0 && sameEnds(&p.graph.Grants[p.lasting[n-1]], &p.graph.Grants[i]) {
		first = p.first[n-1]
	}
	p.lasting, p.first = append(p.lasting, i), append(p.first, first)
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

// whole is the document of scope policy. Fields that no rule asks for are left out: the grants alone are nearly all of its size.
func (p *projection) whole(asked func(field string) bool, read reads) *ast.Term {
	f := sync.OnceValue(p.facts)
	g := p.graph
	fields := p.head()
	for _, field := range []struct {
		name string
		term func() *ast.Term
	}{
		{"environments", func() *ast.Term { return list(g.Environments, environmentTerm) }},
		{"providers", func() *ast.Term { return list(g.Providers, providerTerm) }},
		{"workloads", func() *ast.Term {
			return list(g.Workloads, func(w access.Workload) *ast.Term { return p.workloadTerm(w, f, read) })
		}},
		{"groups", func() *ast.Term { return list(g.Groups, p.groupTerm) }},
		{"resources", func() *ast.Term {
			return list(g.Resources, func(r access.Resource) *ast.Term { return p.resourceTerm(r, f, read) })
		}},
		{"allows", func() *ast.Term { return p.allows(read) }},
		{"denies", p.denies},
		{"exceptions", func() *ast.Term { return list(g.Exceptions, p.exceptions()) }},
		{"tests", func() *ast.Term { return list(g.Tests, testTerm) }},
		{"leaks", func() *ast.Term { return list(g.Leaks, p.leakTerm) }},
		{"losses", p.losses},
		{"delta", p.delta},
		{"grants", func() *ast.Term { return list(indices(len(p.lasting)), p.granter()) }},
	} {
		if asked(field.name) {
			fields = append(fields, item(field.name, field.term()))
		}
	}
	return ast.ObjectTerm(fields...)
}

func indices(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// chunk is the document of scope grant; grants are indices of lasting.
func (p *projection) chunk(grants []int) *ast.Term {
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

func workloadFields(w access.Workload) [][2]*ast.Term {
	return [][2]*ast.Term{
		item("address", addressTerm(w.Addr)),
		item("owner", textTerm(w.Owner)),
		item("interactive", ast.InternedTerm(w.Interactive)),
		item("folder", folderTerm(w.Decl)),
	}
}

// addressOrNothing is "" for the zero address.
func addressOrNothing(a addr.Address) *ast.Term {
	if a == (addr.Address{}) {
		return textTerm("")
	}
	return addressTerm(a)
}

func (p *projection) workloadTerm(w access.Workload, f func() facts, read reads) *ast.Term {
	o := object{workloadFields(w), "workloads", read}
	o.put("provider", func() *ast.Term { return addressOrNothing(w.Provider) })
	o.put("places", func() *ast.Term { return list(w.Places, p.workloadPlaceTerm) })
	o.put("reach", func() *ast.Term { return f().reachTerm(w.Addr) })
	return ast.ObjectTerm(o.items...)
}

func (p *projection) workloadPlaceTerm(at access.WorkloadPlace) *ast.Term {
	return ast.ObjectTerm(
		item("environment", textTerm(at.Environment)),
		item("tier", textTerm(string(p.tiers[at.Environment]))),
		item("labels", labelsTerm(at.Labels)),
		item("principals", list(at.Principals, principalTerm)),
	)
}

func principalTerm(p access.Principal) *ast.Term {
	return ast.ObjectTerm(
		item("target", textTerm(string(p.Target))),
		item("realm", textTerm(p.Realm)),
		item("name", textTerm(p.Name)),
	)
}

func resourceFields(r access.Resource) [][2]*ast.Term {
	return [][2]*ast.Term{
		item("address", addressTerm(r.Addr)),
		item("declaration", addressTerm(r.Addr.Whole())),
		item("kind", textTerm(string(r.Addr.Kind))),
		item("surface", textTerm(string(r.Addr.Surface))),
		item("owner", textTerm(r.Owner)),
		item("classification", textTerm(string(r.Classification))),
		item("sensitivity", ast.InternedTerm(sensitivity(r.Classification))),
		item("protocol", textTerm(r.Protocol)),
		item("rotation_seconds", secondsTerm(r.Rotation)),
		item("folder", folderTerm(r.Decl)),
	}
}

func (p *projection) resourceTerm(r access.Resource, f func() facts, read reads) *ast.Term {
	o := object{resourceFields(r), "resources", read}
	o.put("places", func() *ast.Term {
		return list(r.Places, func(at access.ResourcePlace) *ast.Term {
			return p.resourcePlaceTerm(at, f().there[place{at.Environment, r.Addr}])
		})
	})
	o.put("holders", func() *ast.Term { return f().holdersTerm(r.Addr) })
	return ast.ObjectTerm(o.items...)
}

func secondsTerm(d time.Duration) *ast.Term { return ast.InternedTerm(int(d / time.Second)) }

func (p *projection) resourcePlaceTerm(at access.ResourcePlace, holders int) *ast.Term {
	return ast.ObjectTerm(
		item("environment", textTerm(at.Environment)),
		item("tier", textTerm(string(p.tiers[at.Environment]))),
		item("labels", labelsTerm(at.Labels)),
		item("target", textTerm(string(at.Surface.Target))),
		item("name", textTerm(at.Surface.Name)),
		item("holders", ast.InternedTerm(holders)),
	)
}

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
