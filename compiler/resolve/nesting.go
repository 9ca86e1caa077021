package resolve

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
)

// nesting adds the members of listed groups to the groups that list them, each group once, after those that it lists.
type nesting struct {
	*resolver
	groups map[addr.Address]*model.Group
	done   map[addr.Address]bool
	open   map[addr.Address]bool // on the path
	added  int                   // members that lists of groups have added so far
	path   []model.Ref           // from the first group on the way, as it was listed, to the one at hand
}

// nestGroups completes the groups that list groups. What closes a circle is reported and adds nothing. In order of name, so that where the
// blocks stand decides nothing.
func (r *resolver) nestGroups() {
	n := &nesting{resolver: r, groups: map[addr.Address]*model.Group{}, done: map[addr.Address]bool{}, open: map[addr.Address]bool{}}
	for _, g := range r.policy.Groups {
		n.groups[g.Addr] = g
	}
	sorted := slices.SortedFunc(slices.Values(r.policy.Groups), func(a, b *model.Group) int { return cmp.Compare(a.Addr.Name, b.Addr.Name) })
	for _, g := range sorted {
		n.complete(model.Ref{Addr: g.Addr})
	}
}

func (n *nesting) complete(ref model.Ref) {
	if n.done[ref.Addr] {
		return
	}
	n.path, n.open[ref.Addr] = append(n.path, ref), true
	g := n.groups[ref.Addr]
	grown := false
	for _, inner := range g.Listed {
		if inner.Addr.Kind != addr.Group {
			continue
		}
		if n.open[inner.Addr] {
			at := slices.IndexFunc(n.path, func(on model.Ref) bool { return on.Addr == inner.Addr })
			n.circle(append(slices.Clone(n.path[at+1:]), inner))
			continue
		}
		n.complete(inner)
		grown = n.add(g, inner) || grown
	}
	if grown {
		for env, members := range g.Members {
			slices.SortFunc(members, addr.Compare)
			g.Members[env] = slices.Compact(members)
		}
	}
	n.path = n.path[:len(n.path)-1]
	n.done[ref.Addr], n.open[ref.Addr] = true, false
}

// mostAdded bounds the members that lists of groups add in a whole policy: a long chain of groups adds as many as the square of its length.
const mostAdded = 5_000_000

// add puts the members of a listed group into the one that lists it, and reports whether there were any.
func (n *nesting) add(g *model.Group, inner model.Ref) bool {
	before := n.added
	for _, members := range n.groups[inner.Addr].Members {
		n.added += len(members)
	}
	if n.added > mostAdded {
		if before <= mostAdded {
			n.error(diag.OverLimit, inner.Range, fmt.Sprintf("groups of groups have more than %d members", mostAdded),
				"Every group counts the members of those that it lists. List fewer groups in groups: from takes several.")
		}
		return false
	}
	for env, members := range n.groups[inner.Addr].Members {
		g.Members[env] = append(g.Members[env], members...)
	}
	return n.added > before
}

// longestCircle bounds the groups of a circle that are shown.
const longestCircle = 10

// circle reports groups that are made of each other; each step is where a group is listed in the one before.
func (n *nesting) circle(steps []model.Ref) {
	last := steps[len(steps)-1]
	words := []string{last.Addr.String()}
	var related []diag.Related
	for i, step := range steps {
		if i == longestCircle {
			words = append(words, "…", last.Addr.String())
			break
		}
		words = append(words, step.Addr.String())
		if i < len(steps)-1 {
			related = append(related, diag.Related{Message: step.Addr.String() + " is listed here", Range: step.Range})
		}
	}
	summary := fmt.Sprintf("%s lists itself", last.Addr)
	if len(steps) > 1 {
		summary = fmt.Sprintf("%d groups list each other in a circle", len(steps))
	}
	n.error(diag.Cycle, last.Range, summary, strings.Join(words, " → ")+". Take one of these references out.", related...)
}
