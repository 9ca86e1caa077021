package access

import (
	"slices"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// inUse returns an environment that isn't retired. A retired one compiles to nothing since nothing of the policy exists there: no access holds,
// no identity leaks, no deny reaches.
func (b *builder) inUse(environment string) (*Environment, bool) {
	e, ok := b.graph.Environment(environment)
	return e, ok && !e.Retired
}

// retired says for each thing in which retired environments it is declared: only to tell why an allow gives nothing.
type retired map[addr.Address][]string

func retiredPlaces(p *model.Policy) retired {
	out := retired{}
	gone := map[string]bool{}
	for _, e := range p.Environments {
		if e.Retired {
			gone[e.Name] = true
		}
	}
	add := func(thing addr.Address, environment string) {
		if gone[environment] {
			out[thing] = append(out[thing], environment)
		}
	}
	for _, w := range p.Workloads {
		for _, at := range w.Places {
			add(w.Addr, at.Environment)
		}
	}
	for _, g := range p.Groups {
		for environment := range gone {
			if len(g.Members[environment]) > 0 {
				add(g.Addr, environment)
			}
		}
	}
	for _, s := range p.Stores {
		for _, at := range s.Places {
			add(s.Addr, at.Environment)
		}
	}
	for _, s := range p.Secrets {
		for _, at := range s.Places {
			add(s.Addr, at.Environment)
		}
	}
	return out
}

// common returns the retired environments in which both ends of an allow are declared, sorted.
func (r retired) common(a *model.Allow) []string {
	to := r.homes(a.To)
	return slices.DeleteFunc(r.homes(a.From), func(e string) bool { return !slices.Contains(to, e) })
}

func (r retired) homes(ends []model.Ref) []string {
	var out []string
	for _, ref := range ends {
		out = append(out, r[ref.Addr.Whole()]...)
	}
	return set(out)
}
