// Package reach answers the questions of a review on effective access: who reaches a surface, what a principal reaches, and on which way, by
// what the remote systems' objects mean. The objects may be compiled, live or kept in a snapshot; the questions are the same. Access that is
// merely declared is asked of the graph (access.WhoCan, access.Why).
//
// A way may lead over impersonation and from one plane to the other. Principals keep their remote names; where the policy knows whose they
// are, the answer says so. What couldn't be read is listed beside every answer: it is neither access nor its absence.
package reach

import (
	"slices"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/targets"
)

// World is the effective access of some sites, closed over every way in which one principal can act as another.
type World struct {
	Unknown []Unknown // by environment and target

	to       map[access.Surface][]access.Edge
	declared map[access.Surface][]access.Edge
	holders  map[access.Principal][]access.Holder
	symbols  map[access.Principal]bool // stand for nobody by themselves: those who act as them are answers of their own
	logins   map[access.Principal][]access.Principal
	grants   map[pair][]access.Grant // the policy's own
	places   map[access.Surface]place
	realms   map[realm]string // to the environment; empty: several have it
}

type place struct {
	environment string
	resource    addr.Address
}

type realm struct {
	target access.Target
	name   string
}

type pair struct {
	from access.Principal
	to   access.Surface
}

// Unknown is what could not be read of a site.
type Unknown struct {
	Environment string        `json:"environment"`
	Target      access.Target `json:"target"`
	What        string        `json:"what"`
	Reason      string        `json:"reason"`
}

// Compiled returns the world in which nothing but the compiled objects exists. The sites need no connections. A policy that can't be compiled
// or proven is an *targets.UnprovenError.
func Compiled(sites []targets.Site, g *access.Graph, at time.Time) (World, error) {
	var given, declared []access.Edge
	realms := map[realm]string{}
	for _, s := range sites {
		proof, err := targets.Prove(s.Driver, g, s.Environment, at)
		if err != nil {
			return World{}, err
		}
		if !proof.Holds() {
			return World{}, &targets.UnprovenError{Proof: proof}
		}
		edges, err := proof.Given(s.Driver, at)
		if err != nil {
			return World{}, err
		}
		given, declared = append(given, edges...), append(declared, proof.Declared()...)
		enter(realms, proof)
	}
	w := newWorld(g, given, declared)
	w.realms = realms
	return w, nil
}

// Observed returns the world that was read, live or from a snapshot.
func Observed(views []targets.View, g *access.Graph) World {
	var given, declared []access.Edge
	for _, v := range views {
		given, declared = append(given, v.Edges...), append(declared, v.Proof.Declared()...)
	}
	w := newWorld(g, given, declared)
	w.realms = map[realm]string{}
	for _, v := range views {
		enter(w.realms, v.Proof)
		for _, u := range v.Live.Unknown {
			w.Unknown = append(w.Unknown, Unknown{v.Site.Environment, v.Proof.Target, u.What, u.Reason})
		}
	}
	return w
}

// enter notes whose realm a site's is.
func enter(realms map[realm]string, p targets.Proof) {
	r := realm{p.Target, p.Realm}
	if p.Absent {
		return
	}
	if other, ok := realms[r]; ok && other != p.Environment {
		realms[r] = ""
		return
	}
	realms[r] = p.Environment
}

func newWorld(g *access.Graph, given, declared []access.Edge) World {
	w := World{
		holders: map[access.Principal][]access.Holder{}, symbols: map[access.Principal]bool{},
		logins: map[access.Principal][]access.Principal{}, grants: map[pair][]access.Grant{}, places: map[access.Surface]place{},
	}
	for _, r := range g.Resources {
		for _, p := range r.Places {
			w.places[p.Surface] = place{p.Environment, r.Addr}
		}
	}
	for _, grant := range g.Grants {
		if from, to, ok := g.Remote(grant); ok {
			w.grants[pair{from, to}] = append(w.grants[pair{from, to}], grant)
		}
	}
	for _, workload := range g.Workloads {
		for _, place := range workload.Places {
			for _, p := range place.Principals {
				w.holders[p] = append(w.holders[p], access.Holder{Environment: place.Environment, Workload: workload.Addr})
				w.symbols[access.IdentityTokens(p)] = true
			}
		}
	}
	logins := access.Logins(g)
	for _, l := range logins {
		w.logins[l.From] = append(w.logins[l.From], l.ActsAs)
	}
	w.to, w.declared = bySurface(given, logins), bySurface(declared, logins)
	return w
}

func bySurface(edges, logins []access.Edge) map[access.Surface][]access.Edge {
	out := map[access.Surface][]access.Edge{}
	for _, e := range access.Closure(slices.Concat(edges, logins)) {
		if e.ActsAs == (access.Principal{}) {
			out[e.To] = append(out[e.To], e)
		}
	}
	return out
}
