package access

import (
	"cmp"
	"iter"
	"slices"

	"gatehouse/lang/addr"
)

// Environment returns the environment of a name.
func (g *Graph) Environment(name string) (*Environment, bool) {
	i, ok := slices.BinarySearchFunc(g.Environments, name, func(e Environment, name string) int { return cmp.Compare(e.Name, name) })
	if !ok {
		return nil, false
	}
	return &g.Environments[i], true
}

// Workload returns the workload of an address.
func (g *Graph) Workload(a addr.Address) (*Workload, bool) {
	i, ok := slices.BinarySearchFunc(g.Workloads, a, func(w Workload, a addr.Address) int { return addr.Compare(w.Addr, a) })
	if !ok {
		return nil, false
	}
	return &g.Workloads[i], true
}

// Resource returns the surface of an address such as feature_store.x.online or secret.x.
func (g *Graph) Resource(a addr.Address) (*Resource, bool) {
	i, ok := slices.BinarySearchFunc(g.Resources, a, func(r Resource, a addr.Address) int { return addr.Compare(r.Addr, a) })
	if !ok {
		return nil, false
	}
	return &g.Resources[i], true
}

// Surfaces returns the surfaces that an address stands for: every one of a whole feature store, or the one it names.
func (g *Graph) Surfaces(a addr.Address) []Resource {
	from, _ := slices.BinarySearchFunc(g.Resources, a, func(r Resource, a addr.Address) int { return addr.Compare(r.Addr, a) })
	to := from
	for to < len(g.Resources) && (g.Resources[to].Addr == a || g.Resources[to].Addr.Whole() == a) {
		to++
	}
	return g.Resources[from:to]
}

// Place returns the workload in an environment.
func (w *Workload) Place(environment string) (*WorkloadPlace, bool) {
	for i := range w.Places {
		if w.Places[i].Environment == environment {
			return &w.Places[i], true
		}
	}
	return nil, false
}

// Principal returns whom a target sees.
func (p *WorkloadPlace) Principal(t Target) (Principal, bool) {
	for _, principal := range p.Principals {
		if principal.Target == t {
			return principal, true
		}
	}
	return Principal{}, false
}

// Surface returns what guards the resource in an environment.
func (r *Resource) Surface(environment string) (Surface, bool) {
	for _, p := range r.Places {
		if p.Environment == environment {
			return p.Surface, true
		}
	}
	return Surface{}, false
}

// In returns the grants of one environment, in canonical order.
func (g *Graph) In(environment string) []Grant {
	from, _ := slices.BinarySearchFunc(g.Grants, environment, func(grant Grant, name string) int { return cmp.Compare(grant.Environment, name) })
	to := from
	for to < len(g.Grants) && g.Grants[to].Environment == environment {
		to++
	}
	return g.Grants[from:to]
}

// Remote returns a grant's ends as its target sees them, and false where the workload is nobody there.
func (g *Graph) Remote(grant Grant) (Principal, Surface, bool) {
	w, found := g.Workload(grant.Workload)
	r, ok := g.Resource(grant.Resource)
	if !found || !ok {
		return Principal{}, Surface{}, false
	}
	surface, ok := r.Surface(grant.Environment)
	place, found := w.Place(grant.Home())
	if !found || !ok {
		return Principal{}, surface, false
	}
	principal, ok := place.Principal(surface.Target)
	return principal, surface, ok
}

// ends are the ends of a grant as its target sees them.
type ends struct {
	from *Principal
	to   *Surface
}

// remotes yields the grants of an environment with their ends, as Remote tells them, but for those whose workload is nobody there. Neighbours
// mostly have the same workload, or the same resource, so that it looks for few.
func (g *Graph) remotes(environment string) iter.Seq2[*Grant, ends] {
	return func(yield func(*Grant, ends) bool) {
		surfaces := g.surfaces(environment)
		var last *Grant
		var place *WorkloadPlace
		var surface *Surface
		grants := g.In(environment)
		for i := range grants {
			grant := &grants[i]
			if last == nil || last.Workload != grant.Workload || last.Origin != grant.Origin {
				place = g.home(grant)
			}
			if last == nil || last.Resource != grant.Resource {
				surface = surfaces[grant.Resource]
			}
			if last = grant; place == nil || surface == nil {
				continue
			}
			if from := place.principal(surface.Target); from != nil && !yield(grant, ends{from, surface}) {
				return
			}
		}
	}
}

// surfaces returns what guards each resource in an environment.
func (g *Graph) surfaces(environment string) map[addr.Address]*Surface {
	out := map[addr.Address]*Surface{} // of many environments most have few of the resources
	for i := range g.Resources {
		for j := range g.Resources[i].Places {
			if at := &g.Resources[i].Places[j]; at.Environment == environment {
				out[g.Resources[i].Addr] = &at.Surface
				break
			}
		}
	}
	return out
}

// home returns the workload of a grant where it lives, and nil where it doesn't.
func (g *Graph) home(grant *Grant) *WorkloadPlace {
	w, found := g.Workload(grant.Workload)
	if !found {
		return nil
	}
	place, _ := w.Place(grant.Home())
	return place
}

func (p *WorkloadPlace) principal(t Target) *Principal {
	for i := range p.Principals {
		if p.Principals[i].Target == t {
			return &p.Principals[i]
		}
	}
	return nil
}
