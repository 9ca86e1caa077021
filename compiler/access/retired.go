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

// inProse names the environments in which the ends of an allow exist; of an end that is in retired ones alone, those.
func (b *builder) inProse(a *model.Allow) (from, to string) {
	homes, toHomes := b.homes(a)
	return b.retired.inProse(homes, a.From), b.retired.inProse(toHomes, a.To)
}

func (r retired) inProse(homes []string, ends []model.Ref) string {
	gone := r.homes(ends)
	switch {
	case len(homes) > 0 || len(gone) == 0:
		return quoted(homes)
	case len(gone) == 1:
		return quoted(gone) + " alone, which is retired"
	}
	return quoted(gone) + ", all of which are retired"
}

// notThere says why ends don't meet in an environment.
func (t *tester) notThere(environment string, missing []addr.Address) string {
	if e, ok := t.g.Environment(environment); ok && e.Retired {
		return ", which is retired: nothing holds there"
	}
	verb := " is"
	if len(missing) > 1 {
		verb = " are"
	}
	return ", since its ends don't meet: " + addresses(missing) + verb + " not there"
}
