package policies

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// This file finds guardrails that get slow out of proportion. Looking for forms of text that OPA evaluates in quadratic time would accuse rules
// that loop over three environments and miss those that hide behind a function. So rules are run: on the policy itself, copied until it is large.

// Growth is how long one guardrail takes as the policy grows.
type Growth struct {
	Guardrail string     `json:"guardrail"`
	Scope     Scope      `json:"scope"`
	Runs      []GrownRun `json:"runs"`     // by size
	Exponent  float64    `json:"exponent"` // of the size, in the time: 1 is proportional, 2 quadratic
	Slow      bool       `json:"slow"`     // it grows out of proportion
}

// GrownRun is the time for one size of the policy.
type GrownRun struct {
	Grants int           `json:"grants"`
	Time   time.Duration `json:"nanoseconds"` // the best of three, on one processor, without building the document
}

// Last is the run on the largest policy.
func (g Growth) Last() GrownRun {
	if len(g.Runs) == 0 {
		return GrownRun{}
	}
	return g.Runs[len(g.Runs)-1]
}

// doubtful reports whether a guardrail seems slow by so little time that something else may have taken it.
func (g Growth) doubtful() bool { return g.Slow && g.Last().Time < doubt }

const (
	doubt        = 300 * time.Millisecond
	slowExponent = 1.5                     // above it a guardrail is slow
	negligible   = 50 * time.Millisecond   // what takes less is slow for nobody, and can't be measured
	patience     = 1500 * time.Millisecond // of one run: the guardrail is grown no further
)

// Grow measures every guardrail on copies of a world, of about a thousand grants and then ever twice as many, up to largest; one that takes too
// long for that, on fewer. The world's own folders and owners become those of as many more teams; its environments stay. Without a base,
// everything counts as gained. The clock is a parameter: time.Now, or better one of the processor's time, which other processes take no part of.
//
// The error is a *Fault for a rule that fails, and the context's for one that has ended.
func (e *Engine) Grow(ctx context.Context, w World, largest int, clock func() time.Time) ([]Growth, error) {
	if w.Base == nil {
		w.Base = &access.Graph{}
	}
	out := make([]Growth, len(e.guardrails))
	for i, g := range e.guardrails {
		out[i] = Growth{Guardrail: g.ID, Scope: g.Scope}
	}
	own := max(1, len(project(w).lasting))
	least := min(largest, max(1000, own))
	for size := least; size <= largest; size *= 2 {
		if err := e.sample(ctx, copies(w, (size+own-1)/own), out, func(g *Growth) bool { return g.Last().Time <= patience }, clock); err != nil {
			return nil, err
		}
	}
	if smaller := least / 4 / own; smaller > 0 { // for what is too slow already to be grown
		if err := e.sample(ctx, copies(w, smaller), out, func(g *Growth) bool { return len(g.Runs) == 1 && g.Last().Time > patience }, clock); err != nil {
			return nil, err
		}
	}
	for i := range out {
		out[i].judge()
	}
	return out, e.again(ctx, w, own, out, clock)
}

// sample times the chosen guardrails on one world, and adds a run to each, or betters the one that it has of that size.
func (e *Engine) sample(ctx context.Context, w World, out []Growth, choose func(*Growth) bool, clock func() time.Time) error {
	p := project(w)
	documents := e.built(p)
	for i := range out {
		if !choose(&out[i]) {
			continue
		}
		took, err := e.time(ctx, e.alone(out[i], documents[out[i].Scope]), clock)
		if err != nil {
			return fmt.Errorf("policies: %w", err)
		}
		at := slices.IndexFunc(out[i].Runs, func(r GrownRun) bool { return r.Grants == len(p.lasting) })
		if at < 0 {
			out[i].Runs = append(out[i].Runs, GrownRun{len(p.lasting), took})
			slices.SortFunc(out[i].Runs, func(a, b GrownRun) int { return cmp.Compare(a.Grants, b.Grants) })
			continue
		}
		out[i].Runs[at].Time = min(out[i].Runs[at].Time, took)
	}
	return nil
}

// again times once more what seems slow, at every size: another process may have had the processor.
func (e *Engine) again(ctx context.Context, w World, own int, out []Growth, clock func() time.Time) error {
	for range 4 {
		sizes := map[int]bool{}
		for _, g := range out {
			for _, r := range g.Runs {
				sizes[r.Grants] = sizes[r.Grants] || g.doubtful()
			}
		}
		for _, size := range slices.Sorted(maps.Keys(sizes)) {
			if !sizes[size] {
				continue
			}
			has := func(g *Growth) bool {
				return g.doubtful() && slices.ContainsFunc(g.Runs, func(r GrownRun) bool { return r.Grants == size })
			}
			if err := e.sample(ctx, copies(w, size/own), out, has, clock); err != nil {
				return err
			}
		}
		for i := range out {
			out[i].judge()
		}
	}
	return nil
}

// built builds the documents of every scope that has a guardrail.
func (e *Engine) built(p *projection) map[Scope][]*ast.Term {
	out := map[Scope][]*ast.Term{}
	for scope, questions := range e.questions {
		if len(questions) == 0 {
			continue
		}
		for _, input := range e.documents(p, scope) {
			out[scope] = append(out[scope], input())
		}
	}
	return out
}

// alone returns the tasks of one guardrail.
func (e *Engine) alone(g Growth, documents []*ast.Term) []task {
	asked := slices.DeleteFunc(slices.Clone(e.questions[g.Scope]), func(q question) bool { return q.guardrail.ID != g.Guardrail })
	var out []task
	for _, document := range documents {
		out = append(out, task{func() *ast.Term { return document }, asked})
	}
	return out
}

// time does tasks, up to three times, and returns the best.
func (e *Engine) time(ctx context.Context, tasks []task, clock func() time.Time) (time.Duration, error) {
	best := time.Duration(math.MaxInt64)
	for range 3 {
		cancel := topdown.NewCancel()
		stop := context.AfterFunc(ctx, cancel.Cancel)
		begun := clock()
		for _, t := range tasks {
			if _, err := e.do(ctx, cancel, t); err != nil {
				return best, err
			}
		}
		best = min(best, clock().Sub(begun))
		stop()
		if best > patience {
			break
		}
	}
	return best, nil
}

// judge compares the last run with one on about a quarter of the size, or with the nearest there is.
func (g *Growth) judge() {
	last := g.Last()
	i := slices.IndexFunc(g.Runs, func(r GrownRun) bool { return r.Grants*5 > last.Grants })
	if g.Exponent, g.Slow = 0, false; i < 0 || g.Runs[i].Grants == last.Grants || last.Time < negligible {
		return
	}
	first := g.Runs[i]
	g.Exponent = math.Log(float64(last.Time)/float64(max(first.Time, 1))) / math.Log(float64(last.Grants)/float64(first.Grants))
	g.Slow = g.Exponent > slowExponent
}

// copies returns a world of n policies like one, side by side.
func copies(w World, n int) World {
	out := w
	out.Graph, out.Base = copyGraph(w.Graph, n), copyGraph(w.Base, n)
	if w.Losses != nil {
		once := w.Losses()
		out.Losses = func() []access.Loss {
			var all []access.Loss
			for i := range n {
				for _, l := range once {
					l.Workloads, l.Sources = copier(i).addresses(l.Workloads), copier(i).sources(l.Sources)
					all = append(all, l)
				}
			}
			return all
		}
	}
	return out
}

func copyGraph(g *access.Graph, n int) *access.Graph {
	out := &access.Graph{Policy: g.Policy, Environments: g.Environments, Providers: g.Providers, Tests: g.Tests}
	for i := range n {
		copier(i).into(out, g)
	}
	slices.SortFunc(out.Workloads, func(a, b access.Workload) int { return addr.Compare(a.Addr, b.Addr) })
	slices.SortFunc(out.Resources, func(a, b access.Resource) int { return addr.Compare(a.Addr, b.Addr) })
	return out
}

// copier names the nth copy of everything.
type copier int

func (c copier) name(s string) string {
	if c == 0 {
		return s
	}
	return fmt.Sprintf("%s-%d", s, int(c))
}

func (c copier) address(a addr.Address) addr.Address {
	if a.Kind != addr.Environment && a.Kind != addr.IdentityProvider {
		a.Name = c.name(a.Name)
	}
	return a
}

func (c copier) addresses(list []addr.Address) []addr.Address {
	out := make([]addr.Address, len(list))
	for i, a := range list {
		out[i] = c.address(a)
	}
	return out
}

func (c copier) refs(list []model.Ref) []model.Ref {
	out := slices.Clone(list)
	for i := range out {
		out[i].Addr = c.address(out[i].Addr)
	}
	return out
}

// file moves a declaration into another team's folder; what lies in the root stays there.
func (c copier) file(name string) string {
	folder, rest, below := strings.Cut(name, "/")
	if !below {
		return name
	}
	return c.name(folder) + "/" + rest
}

func (c copier) owner(s string) string {
	if c == 0 || s == "" {
		return s
	}
	return fmt.Sprintf("%d.%s", int(c), s)
}

func (c copier) sources(list []access.Source) []access.Source {
	out := slices.Clone(list)
	for i := range out {
		s := &out[i]
		s.Allow, s.From.Addr, s.To.Addr, s.Decl.Filename = c.address(s.Allow), c.address(s.From.Addr), c.address(s.To.Addr), c.file(s.Decl.Filename)
	}
	return out
}

// into appends a copy of everything in one graph to another.
func (c copier) into(out, g *access.Graph) {
	for _, w := range g.Workloads {
		w.Addr, w.Owner, w.Decl.Filename = c.address(w.Addr), c.owner(w.Owner), c.file(w.Decl.Filename)
		w.Places = slices.Clone(w.Places)
		for i := range w.Places {
			w.Places[i].Principals = slices.Clone(w.Places[i].Principals)
			for j := range w.Places[i].Principals {
				w.Places[i].Principals[j].Name = c.name(w.Places[i].Principals[j].Name)
			}
		}
		out.Workloads = append(out.Workloads, w)
	}
	for _, r := range g.Resources {
		r.Addr, r.Owner, r.Decl.Filename = c.address(r.Addr), c.owner(r.Owner), c.file(r.Decl.Filename)
		r.Places = slices.Clone(r.Places)
		for i := range r.Places {
			r.Places[i].Surface.Name = c.name(r.Places[i].Surface.Name)
		}
		out.Resources = append(out.Resources, r)
	}
	for _, grant := range g.Grants {
		grant.Workload, grant.Resource, grant.Sources = c.address(grant.Workload), c.address(grant.Resource), c.sources(grant.Sources)
		out.Grants = append(out.Grants, grant)
	}
	for _, cut := range g.Cuts {
		cut.Workload, cut.Resource, cut.Sources = c.address(cut.Workload), c.address(cut.Resource), c.sources(cut.Sources)
		cut.Denies = slices.Clone(cut.Denies)
		for i := range cut.Denies {
			cut.Denies[i].Deny = c.address(cut.Denies[i].Deny)
		}
		out.Cuts = append(out.Cuts, cut)
	}
	c.others(out, g)
}

// others copies what stands beside access.
func (c copier) others(out, g *access.Graph) {
	for _, d := range g.Denies {
		d.Addr, d.Workloads, d.Resources, d.Decl.Filename = c.address(d.Addr), c.addresses(d.Workloads), c.addresses(d.Resources), c.file(d.Decl.Filename)
		out.Denies = append(out.Denies, d)
	}
	for _, l := range g.Leaks {
		l.Principal.Name = c.name(l.Principal.Name)
		l.Holders = slices.Clone(l.Holders)
		for i := range l.Holders {
			l.Holders[i].Workload = c.address(l.Holders[i].Workload)
		}
		out.Leaks = append(out.Leaks, l)
	}
	for _, before := range g.Groups {
		after := *before
		after.Addr, after.Listed, after.Decl.Filename = c.address(before.Addr), c.refs(before.Listed), c.file(before.Decl.Filename)
		after.Members = map[string][]addr.Address{}
		for environment, members := range before.Members {
			after.Members[environment] = c.addresses(members)
		}
		out.Groups = append(out.Groups, &after)
	}
	for _, before := range g.Exceptions {
		after := *before
		after.Addr, after.Subjects, after.Decl.Filename = c.address(before.Addr), c.refs(before.Subjects), c.file(before.Decl.Filename)
		out.Exceptions = append(out.Exceptions, &after)
	}
}
