package access

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// Losses returns each way in which what Lower returns for the same arguments is more than was declared: by principal and surface, then kind.
func Losses(g *Graph, environment string, c Capabilities, at time.Time) []Loss {
	l := &losing{lowering: newLowering(g, environment, c, at), now: Spans{{at.Unix(), at.Unix() + 1}}, coarse: map[string]string{}, ends: map[int64]string{}}
	l.each(func(e loweredEdge) {
		spans := e.holds()
		if e.request == (model.Request{}) {
			l.coarseAction(e.same, spans)
		}
		if !c.Clock {
			l.unenforcedExpiry(e.same, spans)
		}
	})
	l.sharedIdentities(g)
	if !slices.IsSortedFunc(l.losses, compareLoss) {
		slices.SortStableFunc(l.losses, compareLoss)
	}
	return l.losses
}

// losing is one call of Losses.
type losing struct {
	*lowering
	losses []Loss

	now    Spans             // the moment alone
	coarse map[string]string // the words of losses, since most of them say the same
	ends   map[int64]string
}

// coarseAction tells of actions that become the same verb, where some hold without the others at some time that the edge holds. What is
// narrowed to certain requests says by them what may be done, and loses nothing.
func (l *losing) coarseAction(same []given, spans Spans) {
	if !l.can.Clock {
		spans = l.now
	}
	var missing []model.Action
	for _, action := range model.Actions() {
		if l.can.Verbs[action] != same[0].verb {
			continue
		}
		if !declared(same, action, spans) {
			missing = append(missing, action)
		}
	}
	if len(missing) > 0 {
		what := list(missing)
		if l.coarse[what] == "" {
			l.coarse[what] = fmt.Sprintf("%s includes %s, which is not declared", same[0].verb, what)
		}
		l.lose(LossCoarseAction, same, l.coarse[what])
	}
}

// declared reports whether grants of one action hold at all times of some.
func declared(same []given, action model.Action, spans Spans) bool {
	for _, s := range same {
		if s.grant.Action != action {
			continue
		}
		if spans = spans.Subtract(s.grant.Spans); len(spans) == 0 {
			return true
		}
	}
	return len(spans) == 0
}

func list(actions []model.Action) string {
	out := string(actions[0])
	for _, a := range actions[1:] {
		out += " and " + string(a)
	}
	return out
}

func (l *losing) unenforcedExpiry(same []given, spans Spans) {
	now, _ := spans.At(l.at)
	if end, ends := now.Ends(); ends {
		if l.ends[now.End] == "" {
			l.ends[now.End] = fmt.Sprintf("declared until %s, and given until the next apply after that", end.Format(time.RFC3339))
		}
		l.lose(LossUnenforcedExpiry, same, l.ends[now.End])
	}
}

func (l *losing) lose(kind LossKind, same []given, detail string) {
	r := same[0].reach
	loss := Loss{Kind: kind, Environment: l.environment, Target: l.can.Target, Principal: *r.from, Surface: *r.to, Detail: detail}
	loss.Workloads = make([]addr.Address, 0, len(same))
	for _, s := range same {
		loss.Workloads = append(loss.Workloads, s.grant.Workload)
	}
	loss.Workloads, loss.Sources = sortedSet(loss.Workloads), sourcesOf(same)
	l.losses = append(l.losses, loss)
}

// sourcesOf returns the lines behind some grants. One grant's own are not copied, and have no room to append to.
func sourcesOf(all []given) []Source {
	if len(all) == 1 {
		return slices.Clip(all[0].grant.Sources)
	}
	n := 0
	for _, a := range all {
		n += len(a.grant.Sources)
	}
	out := make([]Source, 0, n)
	for _, a := range all {
		out = append(out, a.grant.Sources...)
	}
	return out
}

// sharedIdentities tells of the principals with several holders that reach something here: each holder reaches it.
func (l *losing) sharedIdentities(g *Graph) {
	for _, leak := range g.Leaks {
		reaching := l.of(leak.Principal)
		if len(reaching) == 0 {
			continue
		}
		loss := Loss{Kind: LossSharedIdentity, Environment: l.environment, Target: l.can.Target, Principal: leak.Principal, Detail: "each of them reaches what any of them is granted: "}
		for i, h := range leak.Holders {
			if i > 0 {
				loss.Detail += ", "
			}
			loss.Detail += fmt.Sprintf("%s in %q", h.Workload, h.Environment)
			loss.Workloads = append(loss.Workloads, h.Workload)
		}
		loss.Workloads, loss.Sources = sortedSet(loss.Workloads), sourcesOf(reaching)
		l.losses = append(l.losses, loss)
	}
}

// of returns the grants of a principal that make edges.
func (l *losing) of(p Principal) []given {
	i, _ := slices.BinarySearchFunc(l.given, p, func(a given, p Principal) int { return ComparePrincipal(*a.from, p) })
	var out []given
	for ; i < len(l.given) && *l.given[i].from == p; i++ {
		if l.counts(l.given[i].grant.Spans) {
			out = append(out, l.given[i])
		}
	}
	return out
}

// compareLoss is called often: it looks no further than it must.
func compareLoss(a, b Loss) int {
	if c := ComparePrincipal(a.Principal, b.Principal); c != 0 {
		return c
	}
	if c := CompareSurface(a.Surface, b.Surface); c != 0 {
		return c
	}
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), slices.CompareFunc(a.Workloads, b.Workloads, addr.Compare), cmp.Compare(a.Detail, b.Detail))
}
