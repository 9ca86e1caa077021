package access

import (
	"slices"
	"time"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// Verdict is what Why finds.
type Verdict string

// The verdicts. The first three mean yes.
const (
	YesDeclared   Verdict = "declared"
	YesShared     Verdict = "shared-identity"
	YesCoarse     Verdict = "coarse-action"
	NoDeclaration Verdict = "not-declared"          // no such workload, resource or environment
	NoCommon      Verdict = "no-common-environment" // the workload or the resource doesn't exist in the environment
	NoDenied      Verdict = "denied"
	NoNotYet      Verdict = "not-yet"
	NoExpired     Verdict = "expired"
	NoOtherAction Verdict = "other-action"  // allowed, but another action
	NoOtherCall   Verdict = "other-request" // allowed, but other requests
	NoAllow       Verdict = "no-allow"
)

// Explanation is why a workload reaches a surface or doesn't. Everything found is kept, whatever the verdict.
type Explanation struct {
	Workload    addr.Address
	Action      model.Action
	Resource    addr.Address // with its surface, where there is one
	Environment string
	At          time.Time
	Call        model.Call // the request that was asked about; zero: any

	Allowed bool // what is true out there: the verdict is one of the first three
	Verdict Verdict

	Missing   []addr.Address // NoDeclaration: what isn't declared. NoCommon: what doesn't exist in the environment
	When      Span           // the span that decides: it holds, comes next (NoNotYet) or was last (NoExpired); otherwise zero
	Principal Principal      // who the target sees; zero where there is none
	Surface   Surface        // what the target guards; zero where there is none
	Grants    []Grant        // the workload's own grants of the action here: one for each home, and for each pattern of requests
	Others    []Grant        // its grants of other actions on the surface here
	Elsewhere []Grant        // its grants of the action on the resource in other environments
	Cuts      []Cut          // allows of the action here that a deny takes away
	Denies    []Deny         // denies of it, or of some of its requests, whether or not anything is allowed
	Shared    []Answer       // what it reaches by its principal's other holders, at the time
}

// Why explains whether a workload reaches a resource in one environment at a moment. A whole feature store asks for each of its surfaces:
// the first yes answers, and where there is none, the explanation is of the first.
func Why(g *Graph, workload addr.Address, action model.Action, resource addr.Address, environment string, at time.Time) Explanation {
	return WhyCall(g, model.Call{}, workload, action, resource, environment, at)
}

// WhyCall is Why of one request: a grant that doesn't let it through is none. What speaks of other requests alone is kept where only these are allowed.
func WhyCall(g *Graph, c model.Call, workload addr.Address, action model.Action, resource addr.Address, environment string, at time.Time) Explanation {
	question := Explanation{Workload: workload, Action: action, Resource: resource, Environment: environment, At: at, Call: c}
	surfaces := g.Surfaces(resource)
	if len(surfaces) == 0 {
		return question.explain(g)
	}
	var first Explanation
	for i, s := range surfaces {
		question.Resource = s.Addr
		e := question.explain(g)
		if e.Allowed {
			return e
		}
		if i == 0 {
			first = e
		}
	}
	return first
}

func (e Explanation) explain(g *Graph) Explanation {
	if e.undeclared(g); len(e.Missing) > 0 {
		e.Verdict = NoDeclaration
		return e
	}
	e.ends(g)
	e.grants(g)
	if len(e.Grants)+len(e.Others)+len(e.Cuts) > 0 {
		e.Missing = nil // whoever crosses need not be in the environment
	}
	e.denies(g)
	e.crossing(g)
	for _, a := range WhoCan(g, e.Action, e.Resource, e.Environment, e.At) {
		if a.Workload == e.Workload && a.Means == SharedName && a.Lets(e.Call) {
			e.Shared = append(e.Shared, a)
		}
	}
	e.judge()
	if e.Call != (model.Call{}) && e.Verdict != NoOtherCall {
		e.narrow()
	}
	return e
}

func (e *Explanation) undeclared(g *Graph) {
	if _, ok := g.Workload(e.Workload); !ok {
		e.Missing = append(e.Missing, e.Workload)
	}
	if _, ok := g.Resource(e.Resource); !ok {
		e.Missing = append(e.Missing, e.Resource)
	}
	if _, ok := g.Environment(e.Environment); !ok {
		e.Missing = append(e.Missing, addr.New(addr.Environment, e.Environment))
	}
}

// ends finds the workload and the surface in the environment, or else says which is missing there.
func (e *Explanation) ends(g *Graph) {
	w, _ := g.Workload(e.Workload)
	r, _ := g.Resource(e.Resource)
	place, there := w.Place(e.Environment)
	if !there {
		e.Missing = append(e.Missing, e.Workload)
	}
	surface, ok := r.Surface(e.Environment)
	if !ok {
		e.Missing = append(e.Missing, e.Resource)
		return
	}
	e.Surface = surface
	if there {
		e.Principal, _ = place.Principal(surface.Target)
		return
	}
	for _, grant := range g.In(e.Environment) { // who crosses is seen as the workload that it is at home
		if grant.Workload == e.Workload && grant.Resource == e.Resource && e.Principal == (Principal{}) {
			e.Principal, _, _ = g.Remote(grant)
		}
	}
}

func (e *Explanation) grants(g *Graph) {
	for i := range g.Grants {
		grant := &g.Grants[i] // a grant is large, and there are many
		switch here := grant.Environment == e.Environment; {
		case grant.Workload != e.Workload || grant.Resource != e.Resource:
		case here && grant.Action == e.Action:
			e.Grants = append(e.Grants, *grant)
		case here:
			e.Others = append(e.Others, *grant)
		case grant.Action == e.Action:
			e.Elsewhere = append(e.Elsewhere, *grant)
		}
	}
	for _, c := range g.Cuts {
		if c.Environment == e.Environment && c.Workload == e.Workload && c.Resource == e.Resource && c.Action == e.Action {
			e.Cuts = append(e.Cuts, c)
		}
	}
}

func (e *Explanation) denies(g *Graph) {
	for _, d := range g.Denies {
		if slices.Contains(d.Resources, e.Resource) && slices.Contains(d.Actions, e.Action) && e.against(g, d) {
			e.Denies = append(e.Denies, d)
		}
	}
}

// crossing names the principal that a workload has at home, where it is only from there that it reaches, or would if nothing were denied: denies
// were sought by the one that it has here, too.
func (e *Explanation) crossing(g *Graph) {
	ways := e.Grants
	if len(ways) == 0 {
		for _, c := range e.Cuts {
			ways = append(ways, Grant{Environment: c.Environment, Origin: c.Origin, Workload: c.Workload, Resource: c.Resource})
		}
	}
	atHome := func(grant Grant) bool { return grant.Home() == e.Environment }
	if len(ways) > 0 && !slices.ContainsFunc(ways, atHome) {
		e.Principal, _, _ = g.Remote(ways[0])
	}
}

// against reports whether a deny is against the workload, or against another that is the same principal somewhere.
func (e *Explanation) against(g *Graph, d Deny) bool {
	if slices.Contains(d.Workloads, e.Workload) {
		return true
	}
	return e.Principal != (Principal{}) && slices.ContainsFunc(d.Workloads, func(a addr.Address) bool {
		w, ok := g.Workload(a)
		return ok && slices.ContainsFunc(w.Places, func(p WorkloadPlace) bool { return slices.Contains(p.Principals, e.Principal) })
	})
}

// judge weighs what was found: what is true out there first, then what stands in the way, the firmest obstacle first.
func (e *Explanation) judge() {
	grants, others := e.letting(e.Grants), e.letting(e.Others)
	if span, ok := holding(grants, e.At); ok {
		e.say(YesDeclared, span)
		return
	}
	other, otherHolds := holding(others, e.At)
	switch {
	case otherHolds && coarse(e.Surface):
		e.say(YesCoarse, other)
	case len(e.Shared) > 0:
		span, _ := e.Shared[0].Spans.At(e.At)
		e.Principal = e.Shared[0].Principal
		e.say(YesShared, span)
	case len(e.Missing) > 0:
		e.say(NoCommon, Span{})
	case e.denied():
		e.say(NoDenied, Span{})
	case len(grants) > 0:
		e.judgeTime(grants)
	case len(others) == 0 && e.letsOthers():
		e.say(NoOtherCall, Span{})
	case otherHolds:
		e.say(NoOtherAction, other)
	default:
		e.say(NoAllow, Span{})
	}
}

// letting returns those of some grants that let the request through; all of them where none was asked about.
func (e *Explanation) letting(grants []Grant) []Grant {
	return slices.DeleteFunc(slices.Clone(grants), func(g Grant) bool { return !g.Lets(e.Call) })
}

// letsOthers reports whether other requests than the one that was asked about get through at the moment.
func (e *Explanation) letsOthers() bool {
	_, own := holding(e.Grants, e.At)
	_, coarsely := holding(e.Others, e.At)
	return own || coarsely && coarse(e.Surface)
}

// denied reports whether denies take the request that was asked about; or else all requests, alone or together, or all that is allowed.
func (e *Explanation) denied() bool {
	if e.Call == (model.Call{}) {
		return len(deciding(e.Denies, model.Request{})) > 0 || len(e.Cuts) > 0 && len(e.Grants) == 0
	}
	return slices.ContainsFunc(e.Denies, func(d Deny) bool { return d.takes(e.Call) })
}

// deciding returns the denies that take every one of some requests, alone or together; none where some are left.
func deciding(denies []Deny, r model.Request) []Deny {
	var all []model.Request
	var out []Deny
	for _, d := range denies {
		requests := d.Requests
		if len(requests) == 0 {
			requests = everyRequest
		}
		if slices.ContainsFunc(requests, func(x model.Request) bool { return x.CoversPath(r) && !x.Disjoint(r) }) {
			all, out = append(all, requests...), append(out, d)
		}
	}
	if !r.CoveredBy(all) {
		return nil
	}
	return out
}

// cutting returns the denies that take away what is allowed.
func (e *Explanation) cutting() []Deny {
	return slices.DeleteFunc(slices.Clone(e.Denies), func(d Deny) bool {
		return !slices.ContainsFunc(e.Cuts, func(c Cut) bool {
			return slices.ContainsFunc(c.Denies, func(s DenySource) bool { return s.Deny == d.Addr })
		})
	})
}

// judgeTime looks at all grants together: one may be over, such as of an allow across, and another yet to come.
func (e *Explanation) judgeTime(grants []Grant) {
	var spans Spans
	for _, g := range grants {
		spans = spans.Union(g.Spans)
	}
	if next, ok := spans.Next(e.At); ok {
		e.say(NoNotYet, next)
		return
	}
	last, _ := spans.Last(e.At)
	e.say(NoExpired, last)
}

func (e *Explanation) say(v Verdict, when Span) {
	e.Verdict, e.When = v, when
	e.Allowed = v == YesDeclared || v == YesShared || v == YesCoarse
}

// holding returns the span that holds at a moment in the first grant that holds.
func holding(grants []Grant, at time.Time) (Span, bool) {
	for _, g := range grants {
		if span, ok := g.Spans.At(at); ok {
			return span, true
		}
	}
	return Span{}, false
}
