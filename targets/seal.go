package targets

import (
	"context"

	"gatehouse/compiler/access"
)

// Review returns a plan that was saved as Apply would write it now: every site is read and planned anew, for the plan's time and with its
// options, and what the plan says of access, lines, classes and notices is what holds now, not what the file says. A change
// that the policy doesn't make, or that somebody has overtaken, keeps its place, and a blocking notice says that it will not be written.
// It writes nothing. The error is a *RefusedError where the policy is another one, an *UnprovenError, or a machine's failure.
func Review(ctx context.Context, p Plan, sites []Site, g *access.Graph) (Plan, error) {
	sealed, err := seal(ctx, p, sites, g)
	if err != nil {
		return Plan{}, err
	}
	p = sealed.plan
	for i, site := range sealed.sites {
		for _, c := range p.Sites[i].Changes {
			if verdict, ok := site.verdicts[c.Key]; ok && verdict.Status == Refused {
				p.Sites[i].Notices = append(p.Sites[i].Notices, Notice{Kind: NoticeRefused, Key: c.Key, Blocking: true, Detail: verdict.Reason})
			}
		}
	}
	return p, nil
}

// sealed is a plan with what may be written of it.
type sealed struct {
	plan  Plan // as given, but for what was found anew
	sites []sealedSite
}

// sealedSite is what was found when a site was planned anew.
type sealedSite struct {
	view     View
	changes  []Change       // to write, in the order of the new plan
	verdicts map[Key]Result // on the plan's other changes
}

// seal plans every site of a plan anew. A plan may come from a file that anybody could edit: nothing is written because it stands there, but
// because the policy makes the same change of what is live, and the plan showed it.
func seal(ctx context.Context, p Plan, sites []Site, g *access.Graph) (sealed, error) {
	views, err := admit(p, sites, g)
	if err != nil {
		return sealed{}, err
	}
	out := sealed{plan: p}
	out.plan.Sites = make([]SitePlan, len(p.Sites))
	if err := together(len(views), func(i int) error { return views[i].look(ctx, p.Sites[i].Changes) }); err != nil {
		return sealed{}, err
	}
	for i := range views {
		site, part, err := views[i].seal(p.Sites[i], DiffOptions{p.Adopt, p.Release})
		if err != nil {
			return sealed{}, err
		}
		out.sites, out.plan.Sites[i] = append(out.sites, site), part
	}
	return out, nil
}

// seal compares a site's part of a plan with a new one, change by change.
func (v *View) seal(part SitePlan, o DiffOptions) (sealedSite, SitePlan, error) {
	fresh, err := planSite(v, o)
	if err != nil {
		return sealedSite{}, part, err
	}
	planned := map[Key]Change{}
	for _, c := range part.Changes {
		planned[c.Key] = c
	}
	notices := map[Key][]Notice{}
	for _, n := range fresh.Notices {
		notices[n.Key] = append(notices[n.Key], n)
	}
	site := sealedSite{view: *v, verdicts: map[Key]Result{}}
	now := map[Key]Change{}
	for _, c := range fresh.Changes {
		was, ok := planned[c.Key]
		if !ok {
			continue // nobody was shown it
		}
		change, verdict := v.agree(was, &c, notices[c.Key])
		if change == nil {
			site.verdicts[c.Key] = verdict
			continue
		}
		site.changes, now[c.Key] = append(site.changes, *change), *change
	}
	out := fresh
	out.Changes = make([]Change, 0, len(part.Changes))
	for _, c := range part.Changes {
		if change, ok := now[c.Key]; ok {
			c = change
		} else if _, ok := site.verdicts[c.Key]; !ok {
			_, site.verdicts[c.Key] = v.agree(c, nil, notices[c.Key])
		}
		out.Changes = append(out.Changes, c)
	}
	if len(site.changes) < len(fresh.Changes) {
		after, err := v.After(site.changes)
		if err != nil {
			return site, out, err
		}
		out.Delta = deltaOf(v.Edges, after)
	}
	return site, out, nil
}
