package targets

import (
	"context"
	"fmt"
	"time"

	"gatehouse/compiler/access"
)

// ApplyOptions say how to apply a plan.
type ApplyOptions struct {
	Now            func() time.Time // the clock; nil: time.Now
	Who            string           // user@host, for the journal
	Parallel       int              // writes at a time; 0: 8. Consul gains nothing beyond 64 and answers 429 at 256
	ExpectRemovals int              // releases the brake if it is Removals of the plan; 0: not said
}

// Progress is told after each change, one call at a time.
type Progress struct {
	Result Result
	Done   int // changes that are dealt with, this one included
	Total  int
}

// Apply writes a plan: exactly the changes that it shows, each with the token of what was read. The error is a *RefusedError, or an *UnprovenError,
// or a machine's failure before the first write; from there on the Outcome tells the truth about every change, and an error beside it says
// that the journal could not be told that a retired environment is empty.
//
// It refuses the plan when the policy, compiled anew for the plan's time, is another one; when an expires or not_before lies between the
// plan's time and now; and when the brake is on. The proof runs again.
//
// Environments are written one after the other. In each, all targets' narrowings come first, then neutral and mixed changes, then widenings;
// writes of one class go at the same time. Where a narrowing is not settled, the environment's widenings are held back; where a change
// is not settled, those that require it are. Nothing else stops anything.
//
// A container that somebody has changed since is read and compared again: written when the same item changes still have the same effect on
// access, settled when it holds what is wanted, and refused otherwise. Once ctx is cancelled, no further write begins; those that have
// begun run to their end, so that the journal is true.
func Apply(ctx context.Context, p Plan, sites []Site, g *access.Graph, o ApplyOptions, j Journal, progress func(Progress)) (Outcome, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Parallel <= 0 {
		o.Parallel = 8
	}
	if j == nil {
		j = unrecorded{}
	}
	if progress == nil {
		progress = func(Progress) {}
	}
	sealed, err := seal(ctx, p, sites, g)
	if err != nil {
		return Outcome{}, err
	}
	if when, ok := boundary(p, g, o.Now()); ok {
		return Outcome{}, &RefusedError{RefusedTime, fmt.Sprintf("access begins or ends at %s, between the plan's time (%s) and now: plan again",
			when.Format(time.RFC3339), p.Time.Format(time.RFC3339))}
	}
	if err := brake(sealed.plan, o.ExpectRemovals); err != nil {
		return Outcome{}, err
	}
	r := newRun(ctx, sealed, o, j, progress)
	r.all()
	return r.outcome, r.emptied(g)
}

// admit decides whether a plan is of this policy, and returns a view for each of its sites, with nothing read.
func admit(p Plan, sites []Site, g *access.Graph) ([]View, error) {
	if p.Policy != g.Policy {
		return nil, &RefusedError{RefusedPolicy, fmt.Sprintf("it is of policy %q, and this is %q", p.Policy, g.Policy)}
	}
	views, proofs := []View{}, []Proof{}
	for _, part := range p.Sites {
		s, ok := siteOf(part, sites)
		if !ok {
			return nil, &RefusedError{RefusedSite, fmt.Sprintf(
				"it concerns %s in %q, which is not among the selected environments and targets", part.Target, part.Environment)}
		}
		proof, err := Prove(s.Driver, g, s.Environment, p.Time)
		if err != nil {
			return nil, err
		}
		if !proof.Holds() {
			return nil, &UnprovenError{proof}
		}
		views, proofs = append(views, newView(s, g, proof, p.Time)), append(proofs, proof)
	}
	if digest(g.Policy, proofs) != p.Digest {
		return nil, &RefusedError{RefusedPolicy, "the policy has changed since it was made: plan again"}
	}
	return views, nil
}

func siteOf(part SitePlan, sites []Site) (Site, bool) {
	for _, s := range sites {
		if s.Environment == part.Environment && targetOf(s) == part.Target {
			return s, true
		}
	}
	return Site{}, false
}

// boundary returns the first moment between the plan's time and now at which a grant of the plan's environments begins or ends. A plan
// for a moment to come is refused alike.
func boundary(p Plan, g *access.Graph, now time.Time) (time.Time, bool) {
	planned := map[string]bool{}
	for _, s := range p.Sites {
		planned[s.Environment] = true
	}
	from, to := p.Time.Unix(), now.Unix()
	if from > to {
		from, to = to, from
	}
	first, found := access.MaxTime, false
	for _, grant := range g.Grants {
		if !planned[grant.Environment] {
			continue
		}
		for _, s := range grant.Spans {
			for _, t := range []int64{s.Start, s.End} {
				if from < t && t <= to && t < first {
					first, found = t, true
				}
			}
		}
	}
	return time.Unix(first, 0).UTC(), found
}
