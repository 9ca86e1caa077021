package targets

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"gatehouse/compiler/access"
)

// PlanOptions say what to plan.
type PlanOptions struct {
	At      time.Time // the moment to plan for; seconds count
	Adopt   bool      // take over containers that nobody marked
	Release bool      // leave no tombstones
}

// MakePlan compiles, proves, reads and compares every site and says what an apply would do, and what that means. It writes nothing. One site
// that can't be read or proven fails the whole plan: what it said about the others would be taken for all of it. A failed proof is an
// *UnprovenError.
func MakePlan(ctx context.Context, sites []Site, g *access.Graph, o PlanOptions) (Plan, error) {
	views, err := ObserveAll(ctx, sites, g, o.At)
	if err != nil {
		return Plan{}, err
	}
	p := Plan{Format: PlanFormat, Policy: g.Policy, Time: moment(o.At), Adopt: o.Adopt, Release: o.Release, Sites: []SitePlan{}}
	var proofs []Proof
	for i := range views {
		part, err := planSite(&views[i], DiffOptions{o.Adopt, o.Release})
		if err != nil {
			return Plan{}, err
		}
		p.Sites = append(p.Sites, part)
		proofs = append(proofs, views[i].Proof)
	}
	p.Digest = digest(g.Policy, proofs)
	return p, nil
}

// ObserveAll observes sites at the same time, and returns the views by environment, then target, without those whose environment lacks
// the target. All failures are reported, joined.
func ObserveAll(ctx context.Context, sites []Site, g *access.Graph, at time.Time) ([]View, error) {
	sites, err := sortedSites(sites)
	if err != nil {
		return nil, err
	}
	views := make([]View, len(sites))
	err = together(len(sites), func(i int) (err error) {
		views[i], err = Observe(ctx, sites[i], g, at)
		return err
	})
	return slices.DeleteFunc(views, func(v View) bool { return v.Proof.Absent }), err
}

// together does one for every index at the same time, and joins what failed in order.
func together(n int, one func(i int) error) error {
	errs := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { errs[i] = one(i) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

func sortedSites(sites []Site) ([]Site, error) {
	sites = slices.Clone(sites)
	slices.SortFunc(sites, compareSites)
	for i := 1; i < len(sites); i++ {
		if compareSites(sites[i-1], sites[i]) == 0 {
			return nil, fmt.Errorf("%s: environment %q is named twice", targetOf(sites[i]), sites[i].Environment)
		}
	}
	return sites, nil
}

func targetOf(s Site) access.Target { return s.Driver.Capabilities().Target }

func compareSites(a, b Site) int {
	return cmp.Or(cmp.Compare(a.Environment, b.Environment), cmp.Compare(targetOf(a), targetOf(b)))
}

func planSite(v *View, o DiffOptions) (SitePlan, error) {
	p := SitePlan{Environment: v.Site.Environment, Target: v.Proof.Target, Realm: v.Proof.Realm, Owned: v.owned(), Unknown: v.Live.Unknown}
	changes, notices, err := Diff(*v, o)
	if err != nil {
		return p, err
	}
	s := newScale(v, changes)
	if p.Delta, err = s.weigh(); err != nil {
		return p, err
	}
	if p.Changes, err = s.arrange(); err != nil {
		return p, fmt.Errorf("%s: plan %q: %w", p.Target, p.Environment, err)
	}
	if p.Notices = notices; p.Notices == nil {
		p.Notices = []Notice{}
	}
	if p.Unknown == nil {
		p.Unknown = []Unknown{}
	}
	return p, nil
}

// digest is the fingerprint of what a policy compiles to: the policy, and for each site its containers with items and bodies. It does not
// depend on anything live.
func digest(policy string, proofs []Proof) string {
	h := sha256.New()
	write := json.NewEncoder(h) // a value a line: no two inputs run into each other
	put := func(fields ...string) { _ = write.Encode(fields) }
	put("policy", policy)
	for _, p := range proofs {
		put("site", p.Environment, string(p.Target), p.Realm)
		for _, c := range p.Desired.Containers {
			put("container", c.Key.Kind, c.Key.Name, string(compact(c.Body)))
			for _, i := range c.Items {
				put("item", i.Key, i.Value)
			}
		}
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}
