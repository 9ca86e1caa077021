package drift

import (
	"slices"

	"gatehouse/compiler/access"
	"gatehouse/targets"
)

// sides holds edges by surface.
type sides map[access.Surface][]access.Edge

// gap is how effective access differs from what was declared, over all targets: what an apply would heal, and what it would leave.
type gap struct {
	healed, left difference
}

// difference has two directions.
type difference struct {
	gives sides // by reality, and not by the policy
	lacks sides // by reality, although the policy gives it
}

// site is the survey of one site.
type site struct {
	view    *targets.View
	changes []targets.Change
	notices []targets.Notice
	lapsed  map[itemID]targets.Item // items that would be desired had no allow ended
	gap     gap

	guards map[access.Surface][]*targets.Container // the desired containers that govern a surface; filled when first asked for
}

// survey compares every site, text and effect.
func survey(views []targets.View, g *access.Graph) ([]*site, error) {
	var out []*site
	var live, after, declared []access.Edge
	ours := map[access.Surface]bool{}
	for i := range views {
		v := &views[i]
		changes, notices, err := targets.Diff(*v, targets.DiffOptions{})
		if err != nil {
			return nil, err
		}
		healed, err := v.After(changes)
		if err != nil {
			return nil, err
		}
		live, after, declared = append(live, v.Edges...), append(after, healed...), append(declared, v.Proof.Declared()...)
		for _, s := range v.Proof.Surfaces() {
			ours[s] = true
		}
		part := &site{view: v, changes: changes, notices: notices, lapsed: lapsed(v, g, changes)}
		for _, c := range changes {
			for _, s := range part.governed(c.Key) {
				ours[s] = true // it may have left the policy, and be open still
			}
		}
		out = append(out, part)
	}
	logins := access.Logins(g)
	gap := compare(closed(live, logins, ours), closed(after, logins, ours), closed(declared, logins, ours), logins)
	for _, s := range out {
		s.gap = gap
	}
	return out, nil
}

// closed returns who comes to reach the policy's surfaces, on whatever way, from one plane to the other included.
func closed(edges, logins []access.Edge, ours map[access.Surface]bool) []access.Edge {
	all := access.Closure(slices.Concat(edges, logins))
	return slices.DeleteFunc(all, func(e access.Edge) bool { return !ours[e.To] })
}

// echoless drops what only repeats another row: where a workload's service reaches a surface, its cloud account does by logging in.
func echoless(edges, logins []access.Edge) []access.Edge {
	type reach struct {
		from access.Principal
		to   access.Surface
	}
	reached := map[access.Principal][]access.Surface{}
	for _, e := range edges {
		reached[e.From] = append(reached[e.From], e.To)
	}
	echo := map[reach]bool{}
	for _, l := range logins {
		for _, to := range reached[l.ActsAs] {
			echo[reach{l.From, to}] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(edges), func(e access.Edge) bool { return echo[reach{e.From, e.To}] })
}

func compare(live, after, declared, logins []access.Edge) gap {
	gives := echoless(access.Subtract(live, declared), logins)
	lacks := echoless(access.Subtract(declared, live), logins)
	stillGives, stillLacks := access.Subtract(gives, access.Subtract(gives, after)), access.Subtract(lacks, after)
	return gap{
		healed: difference{bySurface(access.Subtract(gives, stillGives)), bySurface(access.Subtract(lacks, stillLacks))},
		left:   difference{bySurface(stillGives), bySurface(stillLacks)},
	}
}

func bySurface(edges []access.Edge) sides {
	out := sides{}
	for _, e := range edges {
		out[e.To] = append(out[e.To], e)
	}
	return out
}

// rows returns all rows of a site but its leaks.
func (s *site) rows() []Row {
	textual := s.textual()
	spoken := s.tell(textual, s.gap.healed, nil)
	noticed := s.noticed()
	spokenLeft := s.tell(noticed, s.gap.left, blames)
	out := append(textual, noticed...)
	out = append(out, s.effective(s.gap.healed, spoken)...)
	out = append(out, s.effective(s.gap.left, spokenLeft)...)
	out = append(out, s.postures()...)
	return append(out, s.unread()...)
}

func (s *site) row(kind Kind, object targets.Key) Row {
	return Row{Kind: kind, Severity: Drift, Environment: s.view.Site.Environment, Target: s.view.Proof.Target, Object: object}
}

// governed returns the surfaces that a container governs, as desired or as live.
func (s *site) governed(k targets.Key) []access.Surface {
	var out []access.Surface
	for _, list := range [][]targets.Container{s.view.Proof.Desired.Containers, s.view.Live.Containers} {
		i, ok := slices.BinarySearchFunc(list, k, func(c targets.Container, k targets.Key) int { return targets.CompareKey(c.Key, k) })
		if ok {
			out = append(out, list[i].Governs...)
		}
	}
	slices.SortFunc(out, access.CompareSurface)
	return slices.Compact(out)
}
