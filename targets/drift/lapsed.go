package drift

import (
	"slices"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/targets"
)

// itemID is an item with its value, wherever it is live.
type itemID struct {
	container   targets.Key
	item, value string
}

// lapsed returns the items that would be desired had no allow ended. The policy is compiled once more for that, and only where something
// is live that should not be.
//
// For a target with a clock the moment is put back before the first end, so that items keep the intervals they were written with; for one
// without, the ended grants are made to last, since no single moment need have had them all.
func lapsed(v *targets.View, g *access.Graph, changes []targets.Change) map[itemID]targets.Item {
	first, any := firstEnd(g, v.Site.Environment, v.At)
	if !any || !removesAny(changes) {
		return nil
	}
	at := v.At
	if v.Site.Driver.Capabilities().Clock {
		at = first.Add(-time.Second)
	} else {
		g = lasting(g, v.At)
	}
	desired, problems := v.Site.Driver.Compile(g, v.Site.Environment, at)
	if problems.HasErrors() {
		return nil // a policy of the past may exceed limits that the present one keeps
	}
	out := map[itemID]targets.Item{}
	for _, c := range desired.Containers {
		for _, i := range c.Items {
			out[itemID{c.Key, i.Key, i.Value}] = i
		}
	}
	return out
}

func removesAny(changes []targets.Change) bool {
	return slices.ContainsFunc(changes, func(c targets.Change) bool {
		return slices.ContainsFunc(c.Items, func(i targets.ItemChange) bool { return i.Op == targets.Delete })
	})
}

// firstEnd returns the earliest moment at which a span of a grant in the environment has ended.
func firstEnd(g *access.Graph, environment string, at time.Time) (first time.Time, any bool) {
	for _, grant := range g.Grants {
		if grant.Environment != environment {
			continue
		}
		for _, s := range grant.Spans {
			if end, ok := s.Ends(); ok && !end.After(at) && (!any || end.Before(first)) {
				first, any = end, true
			}
		}
	}
	return first, any
}

// lasting returns a graph in which what has ended lasts.
func lasting(g *access.Graph, at time.Time) *access.Graph {
	out := *g
	out.Grants = slices.Clone(g.Grants)
	for i := range out.Grants {
		if _, ended := out.Grants[i].Spans.Last(at); ended {
			out.Grants[i].Spans = access.Spans{access.Always}
		}
	}
	return &out
}

// ended returns the last moment at which an allow behind an item ended.
func ended(item targets.Item, at time.Time) time.Time {
	var last time.Time
	for _, s := range item.Why {
		if end, ok := s.Span.Ends(); ok && !end.After(at) && end.After(last) {
			last = end
		}
	}
	return last
}
