package oracle_test

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"gatehouse/compiler/access"
	"gatehouse/conformance/oracle"
	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
)

func address(s string) addr.Address {
	a, err := addr.Parse(s)
	if err != nil {
		panic(err) // generated names are good ones
	}
	return a
}

func principalOf(p access.Principal) oracle.Principal {
	return oracle.Principal{System: string(p.Target), Realm: p.Realm, Name: p.Name}
}

func surfaceOf(s access.Surface) oracle.Destination {
	return oracle.Destination{System: string(s.Target), Realm: s.Realm, Name: s.Name}
}

// principals compares remote names.
func (c comparison) principals() {
	for _, e := range c.p.Environments {
		for _, w := range c.p.Workloads {
			for _, system := range []string{oracle.InConsul, oracle.InGoogle} {
				want, _ := c.p.Principal(w, e.Name, system)
				got := access.Principal{}
				declared, _ := c.g.Workload(address("workload." + w.Name))
				if place, ok := declared.Place(e.Name); ok {
					got, _ = place.Principal(access.Target(system))
				}
				if principalOf(got) != want {
					c.Errorf("%s in %s: oracle %v, graph %v", w.Name, e.Name, want, got)
				}
			}
		}
		for _, r := range c.p.Resources() {
			want, _ := c.p.Destination(r, e.Name)
			resource, _ := c.g.Resource(address(r))
			if got, _ := resource.Surface(e.Name); surfaceOf(got) != want {
				c.Errorf("%s in %s: oracle %v, graph %v", r, e.Name, want, got)
			}
		}
	}
}

func (c comparison) leaks() {
	got := map[oracle.Principal]bool{}
	for _, l := range c.g.Leaks {
		got[principalOf(l.Principal)] = true
		c.seen["leak"]++
	}
	if diff := cmp.Diff(c.p.Shared(), got); diff != "" {
		c.Errorf("shared identities (-oracle +graph):\n%s", diff)
	}
}

// warnings compares which allows are said to give nothing: one from nobody is told of its groups instead.
func (c comparison) warnings() {
	c.redundant()
	var want, got []string
	if c.p.Narrowed() {
		return // what is given may be no request that is asked about
	}
	for _, a := range c.p.Allows {
		if !c.useful(a) && !c.p.Nobody(a.From) {
			want = append(want, a.Name)
		}
	}
	for _, d := range c.diags {
		if d.Code == diag.IneffectiveAllow || d.Code == diag.DeniedAllow {
			c.seen["ineffective"]++
			if a, found := c.begins(d.Summary); found && !c.p.Nobody(a.From) {
				got = append(got, a.Name)
			}
		}
	}
	if diff := cmp.Diff(want, got, cmpopts.SortSlices(func(a, b string) bool { return a < b }), cmpopts.EquateEmpty()); diff != "" {
		c.Errorf("allows that give nothing (-oracle +graph):\n%s", diff)
	}
}

// begins returns the allow that a sentence begins with.
func (c comparison) begins(summary string) (oracle.Allow, bool) {
	i := slices.IndexFunc(c.p.Allows, func(a oracle.Allow) bool { return strings.HasPrefix(summary, "allow."+a.Name+" ") })
	if i < 0 {
		return oracle.Allow{}, false
	}
	return c.p.Allows[i], true
}

// redundant fails where an allow that is said to add nothing adds something, and where one that another gives whole, as it is written, isn't told of.
func (c comparison) redundant() {
	told := map[string]bool{}
	for _, d := range c.diags {
		if a, found := c.begins(d.Summary); found && d.Code == diag.RedundantAllow {
			told[a.Name] = true
			c.seen["redundant"]++
			without := c.p
			without.Allows = slices.DeleteFunc(slices.Clone(c.p.Allows), func(o oracle.Allow) bool { return o.Name == a.Name })
			for _, q := range c.p.Questions() {
				for _, at := range c.p.Moments() {
					if c.p.Granted(q, at) != without.Granted(q, at) {
						c.Errorf("allow.%s is said to give nothing of its own, and gives %v at %d", a.Name, q, at)
						return
					}
				}
			}
		}
	}
	for i, a := range c.p.Allows {
		for _, wider := range c.p.Allows[:i] {
			if alike(wider, a) && c.useful(a) && !told[a.Name] && !told[wider.Name] {
				c.Errorf("allow.%s says what allow.%s does, and is not told of", a.Name, wider.Name)
			}
		}
	}
}

// alike reports whether two allows that are not narrowed say the same.
func alike(a, b oracle.Allow) bool {
	b.Name = a.Name
	return a.HTTP == nil && cmp.Equal(a, b)
}

// useful reports whether an allow alone would give anything.
func (c comparison) useful(a oracle.Allow) bool {
	alone := c.p
	alone.Allows = []oracle.Allow{a}
	return slices.ContainsFunc(alone.Questions(), alone.Ever)
}

func (c comparison) grants(at int64) {
	for _, q := range c.p.Questions() {
		want, got := c.p.Granted(q, at), c.granted(q, at)
		if got {
			c.seen["granted"]++
			c.showNew(q)
		}
		if got != want {
			c.Errorf("%s of %s %s %s in %s by %v at %d: oracle %t, graph %t", q.Workload.Name, q.Home, q.Action, q.Resource, q.Environment, q.Request, at, want, got)
		}
	}
}

func (c comparison) granted(q oracle.Question, at int64) bool {
	return slices.ContainsFunc(c.g.Grants, func(g access.Grant) bool {
		return g.Environment == q.Environment && g.Workload.Name == q.Workload.Name && g.Resource == address(q.Resource) &&
			string(g.Action) == q.Action && g.Origin == q.Home && by(g.Request, g.Except, q.Request) &&
			slices.ContainsFunc(g.Spans, func(s access.Span) bool { return s.Start <= at && at < s.End })
	})
}

// showNew notes by what of the language something is granted.
func (c comparison) showNew(q oracle.Question) {
	if q.Home != q.Environment {
		c.seen["granted across"]++
	}
	if strings.HasSuffix(q.Resource, ".offline") {
		c.seen["granted offline"]++
	}
	if c.p.Narrowed() {
		c.seen["granted by request"]++
	}
}

// by reports whether a request is of a pattern, by the meaning of its parts, and is not excepted.
func by(pattern model.Request, except []model.Request, r oracle.Request) bool {
	return patternOf(pattern).Matches(r) && !slices.ContainsFunc(except, func(e model.Request) bool { return patternOf(e).Matches(r) })
}

func patternOf(r model.Request) oracle.Pattern {
	out := oracle.Pattern{Kind: string(r.Kind), Path: r.Path}
	if r.Kind == model.PathAny {
		out.Kind = "any"
	}
	if r.Methods != "" {
		out.Methods = strings.Split(r.Methods, ",")
	}
	return out
}

func (c comparison) whoCan(at int64) {
	for _, e := range c.p.Environments {
		for _, r := range c.p.Resources() {
			for _, action := range oracle.Actions() {
				answers := access.WhoCan(c.g, model.Action(action), address(r), e.Name, time.Unix(at, 0))
				for _, request := range c.p.Probes() {
					c.whoCanBy(answers, action, r, e.Name, at, request)
				}
			}
		}
	}
}

// whoCanBy compares who can make one request: of a workload's answers that let it through, the plainest.
func (c comparison) whoCanBy(answers []access.Answer, action, resource, environment string, at int64, request oracle.Request) {
	got := []oracle.Answer{}
	for _, a := range answers {
		if !by(a.Request, a.Except, request) {
			continue
		}
		one := oracle.Answer{Workload: a.Workload.Name, Home: a.Home, Means: string(a.Means), Grantee: a.Grantee.Name}
		told := slices.ContainsFunc(got, func(o oracle.Answer) bool {
			return o == one || o.Workload == one.Workload && o.Home == one.Home && o.Means != one.Means // answers come plainest first
		})
		if !told {
			got = append(got, one)
			c.seen["means "+string(a.Means)]++
		}
	}
	want := c.p.WhoCan(action, resource, environment, at, request)
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmpopts.SortSlices(func(a, b oracle.Answer) bool {
		return slices.Compare([]string{a.Workload, a.Home, a.Means, a.Grantee}, []string{b.Workload, b.Home, b.Means, b.Grantee}) < 0
	})); diff != "" {
		c.Errorf("who can %s %s in %s by %v at %d (-oracle +graph):\n%s", action, resource, environment, request, at, diff)
	}
}

// whatCan compares what each workload is granted, from each of its homes.
func (c comparison) whatCan(at int64) {
	for _, w := range c.p.Workloads {
		type reached struct {
			environment, resource, action, home string
			by                                  oracle.Request
		}
		got := map[reached]bool{}
		for _, a := range access.WhatCan(c.g, address("workload."+w.Name), "", time.Unix(at, 0)) {
			for _, request := range c.p.Probes() {
				if a.Means == access.Declared && by(a.Request, a.Except, request) {
					got[reached{a.Environment, a.Resource.String(), string(a.Action), a.Home, request}] = true
				}
			}
		}
		want := map[reached]bool{}
		for _, q := range c.p.Questions() {
			if q.Workload.Name == w.Name && c.p.Granted(q, at) {
				want[reached{q.Environment, q.Resource, q.Action, q.Home, q.Request}] = true
			}
		}
		if !maps.Equal(want, got) {
			diff := cmp.Diff(want, got, cmp.AllowUnexported(reached{}))
			c.Errorf("what can %s at %d (-oracle +graph):\n%s", w.Name, at, diff)
		}
	}
}

// why compares verdicts. Where rules are narrowed, Why speaks of all requests at once, and is compared only in that what some request gets through is
// a yes, and that what is denied is denied of all that is asked about or of all that is allowed. WhyCall is exact of the request.
func (c comparison) why(at int64) {
	for _, q := range c.p.Questions() {
		moment := time.Unix(at, 0)
		got := access.Why(c.g, address("workload."+q.Workload.Name), model.Action(q.Action), address(q.Resource), q.Environment, moment)
		want := c.p.Why(q, at)
		if c.p.Narrowed() {
			if c.p.Granted(q, at) && !got.Allowed {
				c.Errorf("why %s %s %s in %s by %v at %d: oracle yes, graph %s", q.Workload.Name, q.Action, q.Resource, q.Environment, q.Request, at, got.Verdict)
			}
			if got.Verdict == access.NoDenied && !c.p.Refused(q) {
				c.Errorf("why %s %s %s in %s by %v at %d: denied, and some of it isn't", q.Workload.Name, q.Action, q.Resource, q.Environment, q.Request, at)
			}
			call := model.Call{Method: q.Request.Method, Path: q.Request.Path}
			got = access.WhyCall(c.g, call, address("workload."+q.Workload.Name), model.Action(q.Action), address(q.Resource), q.Environment, moment)
			want = c.otherwise(q, at, want, string(got.Verdict))
		}
		c.seen["why "+string(got.Verdict)]++
		if string(got.Verdict) != want || got.Allowed != oracle.Yes(want) {
			c.Errorf("why %s %s %s in %s by %v at %d: oracle %s, graph %s (allowed %t)", q.Workload.Name, q.Action, q.Resource, q.Environment, q.Request, at, want, got.Verdict, got.Allowed)
		}
	}
}

// otherwise returns the verdict that only other requests are allowed, where that is the answer: certainly, where one of those that are asked about is
// allowed; and possibly, where some allow is of others.
func (c comparison) otherwise(q oracle.Question, at int64, want, got string) string {
	if want != "no-allow" && want != "other-action" {
		return want
	}
	certainly, possibly := c.p.OtherRequests(q, at)
	if certainly || possibly && got == string(access.NoOtherCall) {
		return string(access.NoOtherCall)
	}
	return want
}
