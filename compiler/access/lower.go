package access

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// Lower returns what a target is to give in one environment at one moment, and each way in which that is more than was declared. It is
// the measure of a compiler, and shares nothing with one.
//
// Workloads become principals, actions become the target's verbs, and without a clock only what holds at the moment is given, without
// an end. Grants that are narrowed to certain requests are edges of their own, one for each pattern, but for patterns that a wider one covers;
// a target that can't narrow is given none of them. What has wholly ended is nothing to give, with a clock or without: a compiler leaves it out, so that what a target holds does not
// grow with the past. Only surfaces of the target's kinds count; an action without a verb and a workload without a principal give nothing.
// Edges and losses are canonical. Edges have no steps: their lines are in the graph.
func Lower(g *Graph, environment string, c Capabilities, at time.Time) ([]Edge, []Loss) {
	l := &lowering{environment: environment, can: c, at: at, now: Spans{{at.Unix(), at.Unix() + 1}}, coarse: map[string]string{}, ends: map[int64]string{}}
	grants := g.In(environment)
	l.given = make([]given, 0, len(grants))
	for i := range grants {
		l.add(g, &grants[i])
	}
	if byReach := func(a, b given) int { return compareReach(a.reach, b.reach) }; !slices.IsSortedFunc(l.given, byReach) {
		slices.SortStableFunc(l.given, byReach)
	}
	l.merge()
	l.sharedIdentities(g)
	if !slices.IsSortedFunc(l.losses, compareLoss) {
		slices.SortStableFunc(l.losses, compareLoss)
	}
	return l.edges, l.losses
}

// lowering is one call of Lower.
type lowering struct {
	environment string
	can         Capabilities
	at          time.Time
	given       []given
	edges       []Edge
	losses      []Loss

	now    Spans             // the moment alone
	coarse map[string]string // the words of losses, since most of them say the same
	ends   map[int64]string
}

// reach is what makes grants one edge.
type reach struct {
	from Principal
	to   Surface
	verb Verb
}

// given is a grant in the target's words.
type given struct {
	*reach
	grant *Grant
}

func compareReach(a, b *reach) int {
	if c := ComparePrincipal(a.from, b.from); c != 0 {
		return c
	}
	if c := CompareSurface(a.to, b.to); c != 0 {
		return c
	}
	return cmp.Compare(a.verb, b.verb)
}

func (l *lowering) add(g *Graph, grant *Grant) {
	verb, ok := l.can.Verbs[grant.Action]
	if !ok || grant.Narrowed() && !l.can.Requests {
		return
	}
	from, to, ok := g.Remote(*grant)
	if !ok || to.Target != l.can.Target || !slices.Contains(l.can.Kinds, to.Kind) {
		return
	}
	r := reach{from, to, verb}
	if n := len(l.given); n > 0 && *l.given[n-1].reach == r { // as of reading and writing by one verb
		l.given = append(l.given, given{l.given[n-1].reach, grant})
		return
	}
	l.given = append(l.given, given{&r, grant})
}

// merge makes edges of the grants of one reach. Without a clock those that don't hold at the moment are dropped, with one those that never
// will again; an edge that is kept keeps its past, so that the end of a part changes nothing.
func (l *lowering) merge() {
	kept := make([]given, 0, len(l.given))
	for i := 0; i < len(l.given); {
		j, first, narrowed := i, len(kept), false
		for ; j < len(l.given) && *l.given[j].reach == *l.given[i].reach; j++ {
			narrowed = narrowed || l.given[j].grant.Narrowed()
			if spans := l.given[j].grant.Spans; spans.Contains(l.at) || l.can.Clock && !spans.ended(l.at) {
				kept = append(kept, l.given[j])
			}
		}
		switch {
		case len(kept) == first:
		case narrowed:
			l.patterns(kept[first:], l.given[i:j])
		default:
			l.edge(kept[first:], l.given[i:j])
		}
		i = j
	}
	l.given = kept
}

// patterns makes an edge of each pattern of requests that no wider one of the reach covers.
func (l *lowering) patterns(kept, all []given) {
	byText := map[string][]given{}
	for _, k := range kept {
		text := RequestText(k.grant.Request, k.grant.Except)
		byText[text] = append(byText[text], k)
	}
	for _, text := range slices.Sorted(maps.Keys(byText)) {
		own := byText[text][0].grant
		covering := slices.DeleteFunc(slices.Clone(all), func(a given) bool {
			return !a.grant.Request.Covers(own.Request) || l.can.Clock && a.grant.Request != own.Request
		})
		wider := slices.ContainsFunc(kept, func(k given) bool {
			return k.grant.Request != own.Request && k.grant.Request.Covers(own.Request) && l.lasts(k.grant.Spans, byText[text])
		})
		if !wider {
			l.edge(byText[text], covering)
		}
	}
}

// lasts reports whether spans hold wherever it matters of some grants': at the moment, or with a clock throughout.
func (l *lowering) lasts(spans Spans, of []given) bool {
	if !l.can.Clock {
		return spans.Contains(l.at)
	}
	return !slices.ContainsFunc(of, func(o given) bool { return len(o.grant.Spans.Subtract(spans)) > 0 })
}

// edge makes an edge of the grants that count. Of all grants of its reach that cover its requests, those that begin later put off its end.
func (l *lowering) edge(same, all []given) {
	spans := all[0].grant.Spans
	for _, s := range all[1:] {
		if !spans.Equal(s.grant.Spans) {
			spans = spans.Union(s.grant.Spans)
		}
	}
	if l.can.Clock {
		same = all
	}
	l.coarseAction(same, spans)
	if l.can.Clock {
		spans = slices.Clone(spans) // a grant's are its own
	} else {
		l.unenforcedExpiry(same, spans)
		spans = Spans{Always}
	}
	r, g := same[0].reach, same[0].grant
	l.edges = append(l.edges, Edge{From: r.from, To: r.to, Verb: r.verb, Requests: RequestText(g.Request, g.Except), Spans: spans})
}

// coarseAction tells of actions that become the same verb, where some hold without the others at some time that the edge holds. What is
// narrowed to certain requests says by them what may be done, and loses nothing.
func (l *lowering) coarseAction(same []given, spans Spans) {
	if same[0].grant.Request != (model.Request{}) {
		return
	}
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

func (l *lowering) unenforcedExpiry(same []given, spans Spans) {
	now, _ := spans.At(l.at)
	if end, ends := now.Ends(); ends {
		if l.ends[now.End] == "" {
			l.ends[now.End] = fmt.Sprintf("declared until %s, and given until the next apply after that", end.Format(time.RFC3339))
		}
		l.lose(LossUnenforcedExpiry, same, l.ends[now.End])
	}
}

func (l *lowering) lose(kind LossKind, same []given, detail string) {
	r := same[0].reach
	loss := Loss{Kind: kind, Environment: l.environment, Target: l.can.Target, Principal: r.from, Surface: r.to, Detail: detail}
	loss.Workloads = make([]addr.Address, 0, len(same))
	for _, s := range same {
		loss.Workloads = append(loss.Workloads, s.grant.Workload)
		loss.Sources = append(loss.Sources, s.grant.Sources...)
	}
	loss.Workloads = sortedSet(loss.Workloads)
	l.losses = append(l.losses, loss)
}

// sharedIdentities tells of the principals with several holders that reach something here: each holder reaches it.
func (l *lowering) sharedIdentities(g *Graph) {
	for _, leak := range g.Leaks {
		from, found := slices.BinarySearchFunc(l.given, leak.Principal, func(a given, p Principal) int { return ComparePrincipal(a.from, p) })
		if !found {
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
		loss.Workloads = sortedSet(loss.Workloads)
		for _, s := range l.given[from:] {
			if s.from != leak.Principal {
				break
			}
			loss.Sources = append(loss.Sources, s.grant.Sources...)
		}
		l.losses = append(l.losses, loss)
	}
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
