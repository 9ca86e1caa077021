package consul

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/targets"
)

// Interpret says who reaches what by Consul's own rules, for every destination that an entry names and every surface that is asked
// about. It reads service-intentions, service-defaults, proxy-defaults, exported-services, sameness-group and mesh; another kind is an error.
//
// For each destination there are edges for each local source that is let in by name, one for each pattern of requests; from access.Anyone,
// without the sources that have a rule of their own, where everybody else is let in; from other trust domains' sources, under names such as
// "peer:NAME/web" that no local name equals; and from access.Anyone where something lets traffic past intentions. What can't be decided is an edge
// whose Requests begin with "unknown". Consul has no clock: all edges hold always.
func (Driver) Interpret(f targets.Facts, _ time.Time) ([]access.Edge, error) {
	if _, err := opens(f.Settings); err != nil {
		return nil, fmt.Errorf("consul: interpret: %w", err)
	}
	r, err := readFacts(f)
	if err != nil {
		return nil, err
	}
	r.world.steps = true
	return r.Append([]access.Edge{}, f.Settings, time.Time{})
}

// destination is one surface with the entries that decide about it, the decisive one first, and who has a rule of their own in them: local names,
// sorted, and the patterns of other trust domains.
type destination struct {
	surface access.Surface
	at      place
	entries []*rules
	http    bool
	named   []string
	foreign []pattern
}

// destinations returns what is to be decided about, sorted by name.
func (w *world) destinations(f targets.Facts) []destination {
	asked := map[place]access.Surface{}
	home := w.home()
	for _, s := range f.Surfaces {
		asked[place{home.partition, home.namespace, strings.ToLower(s.Name)}] = s
	}
	for at, r := range w.entries {
		if _, ok := asked[at]; !ok && at.name != everybody && at.namespace != everybody {
			asked[at] = access.Surface{Target: access.Consul, Realm: f.Realm, Kind: Service, Name: r.Name}
		}
	}
	out := make([]destination, 0, len(asked))
	for at, surface := range asked {
		d := destination{surface: surface, at: at, entries: w.deciding(at), http: w.speaksHTTP(surface.Name)}
		d.named, d.foreign = w.sources(d)
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b destination) int {
		return cmp.Or(cmp.Compare(a.surface.Name, b.surface.Name), cmp.Compare(a.at.namespace, b.at.namespace))
	})
	return out
}

// home is the partition and namespace that the objects are of: a connection reads one, so that any entry tells. Should there be several,
// the first by name is taken.
func (w *world) home() place {
	var found []place
	for at := range w.entries {
		if at.namespace != everybody {
			found = append(found, place{partition: at.partition, namespace: at.namespace})
		}
	}
	if len(found) == 0 {
		return place{partition: "default", namespace: "default"}
	}
	return slices.MinFunc(found, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.partition, b.partition), cmp.Compare(a.namespace, b.namespace))
	})
}

func (w *world) deciding(at place) []*rules {
	var out []*rules
	for _, p := range []place{at, {at.partition, at.namespace, everybody}, {at.partition, everybody, everybody}} {
		if r := w.entries[p]; r != nil {
			out = append(out, r)
		}
	}
	return out
}

// size is about how many edges there will be: for 100,000 sources, growing a slice step by step costs more than the rest.
func (w *world) size() int {
	n := len(w.entries)
	for _, r := range w.entries {
		n += len(r.Sources)
	}
	return n
}

// reach appends every edge into one destination.
func (w *world) reach(edges []access.Edge, d destination) []access.Edge {
	for _, name := range d.named {
		v := w.decide(d, d.local(name))
		edges = w.edges(edges, d, name, nil, v)
		if u, ok := w.disputed(d, name, v); ok {
			edges = w.edges(edges, d, name, nil, u)
		}
	}
	edges = w.edges(edges, d, access.Anyone, d.named, w.decide(d, d.local(nobody)))
	for _, p := range d.foreign {
		edges = w.edges(edges, d, p.remote(), nil, w.decide(d, p))
	}
	edges = w.spelled(edges, d)
	return w.bypasses(edges, d)
}

// nobody is a source that no rule names: what holds for it holds for everybody else. No service can have the name.
const nobody = ""

func (d destination) local(name string) pattern {
	return pattern{partition: d.at.partition, namespace: d.at.namespace, name: name}
}

// sources returns the local names, sorted, that have a rule of their own, and the patterns of other trust domains that have any.
func (w *world) sources(d destination) (named []string, foreign []pattern) {
	for _, r := range d.entries {
		named = slices.Grow(named, len(r.Sources))
		for _, at := range r.order {
			p := r.Sources[at].pattern(r)
			local := p.local(d.at)
			if !local {
				foreign = append(foreign, p)
			}
			if p.name != everybody && (local || p.group != "") {
				named = append(named, p.name)
			}
		}
	}
	slices.Sort(named)
	foreign = append(foreign, w.exported(d)...)
	slices.SortFunc(foreign, func(a, b pattern) int { return cmp.Or(cmp.Compare(a.remote(), b.remote()), comparePatterns(a, b)) })
	if len(named) == 0 {
		named = nil
	}
	return slices.Compact(named), slices.Compact(foreign)
}

// exported returns the peers and partitions that can see the destination, and the other namespaces of its partition. A "*" source does not speak of
// them: under a default of allow they are let in unless a source of theirs says otherwise.
func (w *world) exported(d destination) []pattern {
	var out []pattern
	if w.namespaced {
		out = append(out, pattern{partition: d.at.partition, namespace: everybody, name: everybody})
	}
	for _, e := range w.exports {
		if e.name == d.at.name || e.name == everybody {
			out = append(out, e.to)
		}
	}
	return out
}

// decide returns the verdict on a source: that of the highest matching rule, alone, or the default where none matches.
func (w *world) decide(d destination, p pattern) verdict {
	for _, r := range d.entries {
		for _, candidate := range p.wider() {
			if v, ok := w.grouped(d, r, candidate); ok {
				return v
			}
			if s := r.find(candidate); s != nil {
				return w.rule(d, r, s)
			}
		}
	}
	return verdict{otherwise: w.defaultAllow}
}

func (w *world) rule(d destination, r *rules, s *sourceRule) verdict {
	v := w.judge(d, r, s)
	v.by, v.in = s, r
	return v
}

// via tells how a verdict comes about.
func (w *world) via(v verdict) []access.Step {
	switch {
	case !w.steps:
		return nil
	case v.by == nil:
		return []access.Step{{Detail: "no intention matches, and the default is " + word(w.defaultAllow)}}
	}
	return []access.Step{{Object: Intentions + "/" + v.in.Name, Detail: v.by.describe()}}
}

// always is shared by all edges, since Consul has no clock. It has no room to append to.
var always = access.Spans{access.Always}

// edges appends what a verdict lets a source do.
func (w *world) edges(edges []access.Edge, d destination, from string, except []string, v verdict) []access.Edge {
	e := access.Edge{
		From:   access.Principal{Target: access.Consul, Realm: d.surface.Realm, Name: from},
		Except: except,
		To:     d.surface,
		Verb:   access.Connect,
		Spans:  always,
	}
	if len(v.clauses) == 0 && v.unknown == "" { // nearly always, and cheaper
		if v.otherwise {
			e.Via = w.via(v)
			edges = append(edges, e)
		}
		return edges
	}
	for _, requests := range v.requests() {
		e.Requests, e.Via = requests, w.via(v)
		edges = append(edges, e)
	}
	return edges
}

func word(allowed bool) string {
	if allowed {
		return allow
	}
	return deny
}
