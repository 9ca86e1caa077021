package reach

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
)

// Answer is one piece of effective access, and how it comes about.
type Answer struct {
	Principal   access.Principal // who; Anyone: everybody in the realm but Except
	Except      []string
	Holders     []access.Holder // the workloads that are this principal; none: the policy doesn't know it
	Surface     access.Surface
	Environment string       // that the surface is in; empty: none of the policy's
	Resource    addr.Address // the policy's name of the surface; zero: it has none
	Verb        access.Verb
	Requests    string       // to which it is narrowed; empty: all
	Spans       access.Spans // when it holds
	Declared    bool         // the policy declares it for this principal, at the moment asked about
	Way         []access.Step
	Grants      []access.Grant // the policy's own grants of it, at any time: the lines behind what is declared
}

// Who returns whoever reaches a surface at a moment: by surface and verb, in order of principal. A workload whose mesh identity reaches is
// not repeated as the cloud account that logs in as it.
func (w World) Who(s access.Surface, v access.Verb, at time.Time) []Answer {
	var out []Answer
	direct := map[access.Principal]bool{}
	for _, e := range w.to[s] {
		if e.Verb == v && e.Spans.Contains(at) {
			direct[e.From] = true
		}
	}
	for _, e := range w.to[s] {
		if e.Verb != v || !e.Spans.Contains(at) || w.symbols[e.From] || w.echo(e, direct) {
			continue
		}
		out = append(out, w.answer(e, at))
	}
	return out
}

// echo reports whether an edge is merely an account's login as a service that reaches, too.
func (w World) echo(e access.Edge, direct map[access.Principal]bool) bool {
	return e.From.Target != e.To.Target && slices.ContainsFunc(w.logins[e.From], func(p access.Principal) bool { return direct[p] })
}

// What returns whatever a principal reaches at a moment, by what speaks of it or of anyone in its realm, in order of surface.
func (w World) What(p access.Principal, at time.Time) []Answer {
	var out []Answer
	for _, s := range slices.SortedFunc(maps.Keys(w.to), access.CompareSurface) {
		for _, e := range w.to[s] {
			if e.Speaks(p) && e.Spans.Contains(at) {
				out = append(out, w.answer(e, at))
			}
		}
	}
	return out
}

// Together returns the answers that several principals of one party got, each once: without the login of its account as its service where
// the service is answered, too. The order is by surface, verb and principal; what was answered alike stays as it was.
func (w World) Together(answers []Answer) []Answer {
	type reached struct {
		by   access.Principal
		what access.Surface
		verb access.Verb
	}
	direct := map[reached]bool{}
	for _, a := range answers {
		direct[reached{a.Principal, a.Surface, a.Verb}] = true
	}
	out := slices.DeleteFunc(slices.Clone(answers), func(a Answer) bool {
		return a.Principal.Target != a.Surface.Target && slices.ContainsFunc(w.logins[a.Principal], func(p access.Principal) bool {
			return direct[reached{p, a.Surface, a.Verb}]
		})
	})
	slices.SortStableFunc(out, func(a, b Answer) int {
		return cmp.Or(access.CompareSurface(a.Surface, b.Surface), cmp.Compare(a.Verb, b.Verb), access.ComparePrincipal(a.Principal, b.Principal))
	})
	return slices.CompactFunc(out, func(a, b Answer) bool {
		return a.Principal == b.Principal && a.Surface == b.Surface && a.Verb == b.Verb && a.Requests == b.Requests &&
			slices.Equal(a.Except, b.Except) && slices.Equal(a.Spans, b.Spans)
	})
}

// Ways returns every way, at any time, on which a principal comes to reach a surface: those that hold at the moment first.
func (w World) Ways(p access.Principal, s access.Surface, v access.Verb, at time.Time) []Answer {
	var out []Answer
	for _, e := range w.to[s] {
		if e.Verb == v && e.Speaks(p) {
			out = append(out, w.answer(e, at))
		}
	}
	slices.SortStableFunc(out, func(a, b Answer) int {
		return -cmp.Compare(holds(a, at), holds(b, at))
	})
	return out
}

func holds(a Answer, at time.Time) int {
	if a.Spans.Contains(at) {
		return 1
	}
	return 0
}

// Holders returns the workloads that are a principal.
func (w World) Holders(p access.Principal) []access.Holder { return slices.Clone(w.holders[p]) }

func (w World) answer(e access.Edge, at time.Time) Answer {
	environment, resource := w.place(e.To)
	return Answer{
		Principal: e.From, Except: e.Except, Holders: w.Holders(e.From), Surface: e.To, Environment: environment, Resource: resource,
		Verb: e.Verb, Requests: e.Requests, Spans: e.Spans,
		Declared: w.isDeclared(e, at), Way: e.Via, Grants: w.granted(e),
	}
}

// place says where a surface is. One that the policy doesn't declare is where its realm is, if that is the realm of one environment.
func (w World) place(s access.Surface) (environment string, resource addr.Address) {
	if p, ok := w.places[s]; ok {
		return p.environment, p.resource
	}
	return w.realms[realm{s.Target, s.Realm}], addr.Address{}
}

// granted returns the policy's grants that an edge may stand for: a mesh knows one verb, for every action.
func (w World) granted(e access.Edge) []access.Grant {
	var out []access.Grant
	for _, g := range w.grants[pair{e.From, e.To}] {
		if e.Verb == access.Connect || string(e.Verb) == string(g.Action) {
			out = append(out, g)
		}
	}
	return out
}

// isDeclared reports whether the policy gives a named principal at least what an edge gives. Nobody declares access for anyone.
func (w World) isDeclared(e access.Edge, at time.Time) bool {
	return e.From.Name != access.Anyone && slices.ContainsFunc(w.declared[e.To], func(d access.Edge) bool {
		return d.From == e.From && d.Verb == e.Verb && (d.Requests == "" || d.Requests == e.Requests) && d.Spans.Contains(at)
	})
}
