package oracle_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/compiler/access"
	"gatehouse/conformance/oracle"
	"gatehouse/targets"
	"gatehouse/targets/google"
)

// holding is who does what with which secret at one moment.
type holding struct {
	member, action, secret string
	at                     int64
}

// outsider is an account that no policy names.
const outsider = "serviceAccount:somebody-else@acme-one.iam.gserviceaccount.com"

// members returns every account that any workload has anywhere, and one more.
func (c comparison) members() []string {
	all := map[string]bool{outsider: true}
	for _, e := range c.p.Environments {
		for _, w := range c.p.Workloads {
			if who, ok := c.p.Principal(w, e.Name, oracle.InGoogle); ok {
				all[who.Name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// holdings is the oracle's own answer: what the policies of an environment's secrets are to give at any of the moments, when they are
// written at one of them.
func (c comparison) holdings(environment string, written int64) map[holding]bool {
	out := map[holding]bool{}
	for _, r := range c.p.Resources() {
		to, ok := c.p.Destination(r, environment)
		if !ok || !strings.HasPrefix(r, "secret.") {
			continue
		}
		for _, m := range c.members() {
			for _, action := range oracle.Actions() {
				who := oracle.Principal{System: oracle.InGoogle, Name: m}
				held := c.p.Held(who, action, r, environment)
				if len(held) == 0 || held[len(held)-1] < written {
					continue // it is over, and nobody writes it down any more
				}
				for _, at := range held {
					out[holding{m, action, to.Name, at}] = true
				}
			}
		}
	}
	return out
}

// held takes holdings out of edges, by hand. What holds for some requests only, or lets somebody act as another, is not what a policy says.
func (c comparison) held(edges []access.Edge) map[holding]bool {
	out := map[holding]bool{}
	for _, e := range edges {
		if e.Requests != "" || e.ActsAs != (access.Principal{}) {
			c.Errorf("an edge that no policy declares: %v", e)
		}
		for _, m := range c.members() {
			if e.From.Name != m && (e.From.Name != access.Anyone || slices.Contains(e.Except, m)) {
				continue
			}
			for _, at := range c.p.Moments() {
				if slices.ContainsFunc(e.Spans, func(s access.Span) bool { return s.Start <= at && at < s.End }) {
					out[holding{m, string(e.Verb), e.To.Name, at}] = true
				}
			}
		}
	}
	return out
}

// secrets compares three accounts of who does what with an environment's secrets, and when: the oracle's, access.Lower's, and what the
// compiled policies mean by IAM's rules. They are compiled at several moments, and asked about at every one.
func (c comparison) secrets() {
	moments := c.p.Moments()
	for _, e := range c.p.Environments {
		if e.Google == nil || len(c.p.Secrets) == 0 {
			continue
		}
		for _, i := range slices.Compact([]int{0, len(moments) / 3, 2 * len(moments) / 3, len(moments) - 1}) {
			at := moments[i]
			want := c.holdings(e.Name, at)
			edges := access.Lower(c.g, e.Name, google.Driver{}.Capabilities(), time.Unix(at, 0))
			if diff := cmp.Diff(want, c.held(edges)); diff != "" {
				c.Errorf("lowered for %s's secrets at %d (-oracle +graph):\n%s", e.Name, at, diff)
			}
			if diff := cmp.Diff(want, c.held(c.bindings(e.Name, at))); diff != "" {
				c.Errorf("compiled for %s's secrets at %d (-oracle +interpreted):\n%s", e.Name, at, diff)
			}
			c.sharedAccounts(e.Name, at, want, access.Losses(c.g, e.Name, google.Driver{}.Capabilities(), time.Unix(at, 0)))
			c.show(want)
		}
	}
}

// bindings interprets what is compiled, in a world where there is nothing else.
func (c comparison) bindings(environment string, at int64) []access.Edge {
	desired, diags := google.Driver{}.Compile(c.g, environment, time.Unix(at, 0))
	if len(diags) > 0 {
		c.Errorf("compile %s: %v", environment, diags)
	}
	facts := targets.Facts{}
	for _, o := range desired.Containers {
		facts.Objects = append(facts.Objects, targets.Object{Key: o.Key, Body: o.Body})
	}
	edges, err := google.Driver{}.Interpret(facts, time.Unix(at, 0))
	if err != nil {
		c.Fatal(err)
	}
	return edges
}

// sharedAccounts compares what is lost: with a clock and with actions apart, nothing but that one account is several workloads.
func (c comparison) sharedAccounts(environment string, at int64, given map[holding]bool, losses []access.Loss) {
	want, got := map[string]bool{}, map[string]bool{}
	for h := range given {
		if c.p.Shared()[oracle.Principal{System: oracle.InGoogle, Name: h.member}] {
			want["shared-identity "+h.member] = true
			c.seen["cloud shared"]++
		}
	}
	for _, l := range losses {
		got[fmt.Sprint(l.Kind, " ", l.Principal.Name)] = true
	}
	if diff := cmp.Diff(want, got); diff != "" {
		c.Errorf("lost for %s's secrets at %d (-oracle +graph):\n%s", environment, at, diff)
	}
}

// show notes what a policy's secrets had to show.
func (c comparison) show(given map[holding]bool) {
	moments := c.p.Moments()
	for h := range given {
		c.seen["cloud "+h.action]++
		for _, end := range []int64{moments[0], moments[len(moments)-1]} {
			h.at = end
			if !given[h] {
				c.seen["cloud for a time"]++
			}
		}
	}
	for _, q := range c.p.Questions() {
		if strings.HasPrefix(q.Resource, "secret.") && q.Home != q.Environment && c.p.Ever(q) {
			c.seen["cloud across"]++
		}
		if strings.HasPrefix(q.Resource, "secret.") && c.elsewhere(q) {
			c.seen["cloud denied from elsewhere"]++
		}
	}
}

// elsewhere reports whether a question is denied on account of workloads alone that are the question's account in other environments only.
func (c comparison) elsewhere(q oracle.Question) bool {
	who, _ := c.p.Principal(q.Workload, q.Home, oracle.InGoogle)
	here := func(w oracle.Workload, against []string) bool {
		as, ok := c.p.Principal(w, q.Environment, oracle.InGoogle)
		return ok && as == who && slices.Contains(against, w.Name)
	}
	return c.p.Denied(q) && !slices.ContainsFunc(c.p.Denies, func(d oracle.Deny) bool {
		against := c.p.Against(d, q)
		return slices.ContainsFunc(c.p.Workloads, func(w oracle.Workload) bool { return here(w, against) })
	})
}
