package policies

import (
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/open-policy-agent/opa/v1/ast"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// Version names the contract between guardrails and their input. Fields may be added within a version; none changes or goes.
const Version = "gatehouse.dev/guardrails/v1"

// Document returns the JSON that guardrails of scope policy see: INPUT.md describes it, input.schema.json is its schema.
func Document(g *access.Graph, at time.Time) (json.RawMessage, error) {
	value, err := ast.JSON(project(g, at).whole(true).Value)
	if err != nil {
		return nil, fmt.Errorf("policies: write the input: %w", err)
	}
	return json.Marshal(value)
}

// sensitivity is a classification as a number, so that rules can compare.
func sensitivity(c model.Classification) int {
	return slices.Index([]model.Classification{model.Public, model.Internal, model.Confidential, model.Restricted}, c)
}

// projection builds documents for OPA from one graph at one moment. What grants share is built once; after project returns, it is
// only read, so that chunks may be built on several goroutines.
type projection struct {
	graph        *access.Graph
	at           time.Time
	environments map[string]*ast.Term
	tiers        map[string]model.Tier
	workloads    map[place]*ast.Term // as a grant shows them
	resources    map[addr.Address]*ast.Term
	classes      map[addr.Address]model.Classification
	lasting      []int // indices of the grants that are not over
}

// place is a thing in an environment.
type place struct {
	environment string
	thing       addr.Address
}

func project(g *access.Graph, at time.Time) *projection {
	p := &projection{
		graph: g, at: at,
		environments: map[string]*ast.Term{}, tiers: map[string]model.Tier{},
		workloads: map[place]*ast.Term{}, resources: map[addr.Address]*ast.Term{}, classes: map[addr.Address]model.Classification{},
	}
	for _, e := range g.Environments {
		p.environments[e.Name], p.tiers[e.Name] = environmentTerm(e), e.Tier
	}
	for _, w := range g.Workloads {
		for _, at := range w.Places {
			p.workloads[place{at.Environment, w.Addr}] = ast.ObjectTerm(append(workloadFields(w), item("labels", labelsTerm(at.Labels)))...)
		}
	}
	for _, r := range g.Resources {
		p.resources[r.Addr], p.classes[r.Addr] = ast.ObjectTerm(resourceFields(r)...), r.Classification
	}
	for i := range g.Grants {
		if !over(g.Grants[i].Spans, at) {
			p.lasting = append(p.lasting, i)
		}
	}
	return p
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
	}
}

// whole is the document of scope policy. Grants are left out where no rule asks for them: they are nearly all of its size.
func (p *projection) whole(grants bool) *ast.Term {
	f := p.facts()
	fields := append(p.head(),
		item("environments", list(p.graph.Environments, environmentTerm)),
		item("workloads", list(p.graph.Workloads, func(w access.Workload) *ast.Term { return p.workloadTerm(w, f) })),
		item("resources", list(p.graph.Resources, func(r access.Resource) *ast.Term { return p.resourceTerm(r, f) })),
		item("allows", p.allows()),
		item("denies", list(p.graph.Denies, denyTerm)),
		item("leaks", list(p.graph.Leaks, p.leakTerm)),
	)
	if grants {
		fields = append(fields, item("grants", list(p.lasting, p.granter())))
	}
	return ast.ObjectTerm(fields...)
}

// chunk is the document of scope grant.
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

func (p *projection) workloadTerm(w access.Workload, f facts) *ast.Term {
	return ast.ObjectTerm(append(workloadFields(w),
		item("places", list(w.Places, p.workloadPlaceTerm)),
		item("reach", f.reachTerm(w.Addr)),
	)...)
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
		item("folder", folderTerm(r.Decl)),
	}
}

func (p *projection) resourceTerm(r access.Resource, f facts) *ast.Term {
	return ast.ObjectTerm(append(resourceFields(r),
		item("places", list(r.Places, p.resourcePlaceTerm)),
		item("holders", f.holdersTerm(r.Addr)),
	)...)
}

func (p *projection) resourcePlaceTerm(at access.ResourcePlace) *ast.Term {
	return ast.ObjectTerm(
		item("environment", textTerm(at.Environment)),
		item("tier", textTerm(string(p.tiers[at.Environment]))),
		item("target", textTerm(string(at.Surface.Target))),
		item("name", textTerm(at.Surface.Name)),
	)
}

func denyTerm(d access.Deny) *ast.Term {
	return ast.ObjectTerm(
		item("address", addressTerm(d.Addr)),
		item("folder", folderTerm(d.Decl)),
		item("reason", textTerm(d.Reason)),
		item("workloads", list(d.Workloads, addressTerm)),
		item("resources", list(d.Resources, addressTerm)),
		item("actions", list(d.Actions, actionTerm)),
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
