package access

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// drawRequests draws a policy between a few workloads and one store, narrowed in many ways.
func drawRequests(t *rapid.T) string {
	pattern := rapid.Custom(func(t *rapid.T) string {
		method := rapid.SampledFrom([]string{"", "GET", "GET+POST", "POST"}).Draw(t, "method")
		return method + rapid.SampledFrom([]string{"=/v", "=/v/1", "=/v*", "=/*", "=~/v.*", "=~/[vw]", "=/w", ""}).Draw(t, "path")
	})
	http := func(label string) string {
		list := rapid.SliceOfNDistinct(pattern.Filter(func(s string) bool { return s != "" }), 0, 3, rapid.ID).Draw(t, label)
		if len(list) == 0 {
			return ""
		}
		return " http " + strings.Join(list, ",")
	}
	pick := func(label string, of ...string) string { return rapid.SampledFrom(of).Draw(t, label) }
	out := []string{"w a prod", "w b prod" + pick("shared", "", "", "", "=a"), "store x prod"}
	for i := range rapid.IntRange(1, 4).Draw(t, "allows") {
		out = append(out, fmt.Sprintf("allow n%d from %s to x do %s%s%s%s", i, pick("from", "a", "a", "b", "a,b"), pick("do", "read", "write", "read,write"), http("allowed"),
			pick("since", "", "", " since 3"), pick("until", "", "", " until 5")))
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "denies") {
		out = append(out, fmt.Sprintf("deny d%d from %s to x%s%s", i, pick("from", "a", "b"), pick("do", "", "", " do read"), http("denied")))
	}
	return strings.Join(out, "; ")
}

// matches reports whether a pattern matches one request, by the meaning of methods, prefixes and expressions, without any of the rules for comparing
// patterns.
func matches(r model.Request, method, path string) bool {
	if r.Methods != "" && !slices.Contains(strings.Split(r.Methods, ","), method) {
		return false
	}
	switch r.Kind {
	case model.PathExact:
		return r.Path == path
	case model.PathPrefix:
		return strings.HasPrefix(path, r.Path)
	case model.PathRegex:
		return regexp.MustCompile(`\A(?:` + r.Path + `)\z`).MatchString(path)
	}
	return true
}

func anyMatches(list []model.Request, method, path string) bool {
	return slices.ContainsFunc(list, func(r model.Request) bool { return matches(r, method, path) })
}

// requested reads a policy for one request: every pattern by itself.
func (r reading) requested(w addr.Address, action model.Action, method, path string, at int64) bool {
	x := addr.New(addr.FeatureStore, "x")
	allowed := slices.ContainsFunc(r.p.Allows, func(a *model.Allow) bool {
		alone := reading{&model.Policy{Workloads: r.p.Workloads, Stores: r.p.Stores, Allows: []*model.Allow{a}}}
		return alone.allowed("prod", "prod", w, x, action, at) && (a.Requests == nil || anyMatches(a.Requests, method, path))
	})
	denied := slices.ContainsFunc(r.p.Denies, func(d *model.Deny) bool {
		alone := reading{&model.Policy{Workloads: r.p.Workloads, Denies: []*model.Deny{d}}}
		return alone.denied("prod", w, x, action) && (d.Requests == nil || anyMatches(d.Requests, method, path))
	})
	return allowed && !denied
}

func TestRequestsAgreeWithReading(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawRequests(t)
		p := sketch(t, text)
		g, _ := Build(p, second(0))
		for _, w := range p.Workloads {
			for _, action := range model.Actions() {
				for _, method := range []string{"GET", "POST", "PUT"} {
					for _, path := range []string{"/v", "/v/1", "/vx", "/w", "/z"} {
						for at := int64(2); at <= 6; at++ {
							given := slices.ContainsFunc(g.Grants, func(grant Grant) bool {
								return grant.Workload == w.Addr && grant.Action == action && grant.Spans.Contains(second(at)) &&
									matches(grant.Request, method, path) && !anyMatches(grant.Except, method, path)
							})
							if want := (reading{p}).requested(w.Addr, action, method, path, at); given != want {
								t.Fatalf("%s\n%s %s %s %s at %d: %v, want %v\n%s", text, w.Addr, action, method, path, at, given, want, granted(g))
							}
						}
					}
				}
			}
		}
	})
}

// No grant is given by another one as well, whatever the order of the policy, and what is lowered says the same at the moment.
func TestRequestsAreCanonical(t *testing.T) {
	narrow := meshOnly
	narrow.Requests = true
	rapid.Check(t, func(t *rapid.T) {
		text := drawRequests(t)
		p := sketch(t, text)
		g, diags := Build(p, second(0))
		for i, a := range g.Grants {
			for j, b := range g.Grants {
				same := a.Workload == b.Workload && a.Action == b.Action && i != j
				if same && a.Request.Covers(b.Request) && len(a.Spans.Intersect(b.Spans)) > 0 {
					t.Fatalf("%s\n%s", text, granted(g))
				}
			}
		}
		mixed := *p
		mixed.Allows, mixed.Denies = mix(p.Allows, 7), mix(p.Denies, 7)
		if again, _ := Build(&mixed, second(0)); cmp.Diff(g, again) != "" || !Diff(g, again).Empty() {
			t.Fatalf("%s: the order of declarations shows", text)
		}
		if diags.HasErrors() {
			return
		}
		edges := Lower(g, "prod", narrow, second(4))
		for _, grant := range g.Grants {
			principal, _, _ := g.Remote(grant)
			given := slices.ContainsFunc(edges, func(e Edge) bool {
				return e.From == principal && (e.Requests == "" || lowersTo(g, e.Requests, grant))
			})
			if grant.Spans.Contains(second(4)) && !given {
				t.Fatalf("%s: %s is not lowered: %v", text, RequestText(grant.Request, grant.Except), edges)
			}
		}
	})
}

// lowersTo reports whether an edge's text is that of a grant whose pattern covers another one's.
func lowersTo(g *Graph, text string, grant Grant) bool {
	return slices.ContainsFunc(g.Grants, func(wider Grant) bool {
		return RequestText(wider.Request, wider.Except) == text && wider.Request.Covers(grant.Request)
	})
}
