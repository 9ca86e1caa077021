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

// Equal access is equal data, whatever the order of the policy and however its patterns are written, and what is lowered says the same at the moment.
func TestRequestsAreCanonical(t *testing.T) {
	narrow := meshOnly
	narrow.Requests = true
	rapid.Check(t, func(t *rapid.T) {
		text := drawRequests(t)
		p := sketch(t, text)
		g, diags := Build(p, second(0))
		for at := int64(2); at <= 6; at++ {
			for ends, holding := range holdingAt(g, at) {
				if diff := cmp.Diff(model.Unite(holding), holding); diff != "" {
					t.Fatalf("%s: %s at %d\n%s", text, ends, at, diff)
				}
			}
		}
		mixed := *p
		mixed.Allows, mixed.Denies = mix(p.Allows, 7), mix(p.Denies, 7)
		if again, _ := Build(&mixed, second(0)); cmp.Diff(g, again) != "" || !Diff(g, again).Empty() {
			t.Fatalf("%s: the order of declarations shows", text)
		}
		other, _ := Build(oneByOne(p), second(0))
		if diff := cmp.Diff(granted(g), granted(other)); diff != "" {
			t.Fatalf("%s: how patterns are written shows\n%s", text, diff)
		}
		if !diags.HasErrors() {
			lowersTo(t, text, g, Lower(g, "prod", narrow, second(4)))
		}
	})
}

// holdingAt returns the patterns of grants between the same ends at a moment.
func holdingAt(g *Graph, at int64) map[string][]model.Request {
	out := map[string][]model.Request{}
	for _, grant := range g.Grants {
		if grant.Spans.Contains(second(at)) {
			ends := fmt.Sprint(grant.Workload, grant.Resource, grant.Action)
			out[ends] = append(out[ends], grant.Request)
		}
	}
	return out
}

// oneByOne writes every method of a pattern as a pattern of its own.
func oneByOne(p *model.Policy) *model.Policy {
	apart := func(list []model.Request) []model.Request {
		var out []model.Request
		for _, r := range list {
			for method := range strings.SplitSeq(r.Methods, ",") {
				r.Methods = method
				out = append(out, r)
			}
		}
		slices.SortFunc(out, model.CompareRequest)
		return slices.Compact(out)
	}
	other := *p
	other.Allows, other.Denies = nil, nil
	for _, a := range p.Allows {
		next := *a
		next.Requests = apart(a.Requests)
		other.Allows = append(other.Allows, &next)
	}
	for _, d := range p.Denies {
		next := *d
		next.Requests = apart(d.Requests)
		other.Denies = append(other.Denies, &next)
	}
	return &other
}

// lowersTo fails where what is given by requests at second 4 is not what edges say.
func lowersTo(t *rapid.T, text string, g *Graph, edges []Edge) {
	for _, method := range []string{"GET", "POST", "PUT"} {
		for _, path := range []string{"/v", "/v/1", "/vx", "/w", "/z"} {
			want, got := map[string]bool{}, map[string]bool{}
			for _, grant := range g.Grants {
				if principal, _, _ := g.Remote(grant); grant.Spans.Contains(second(4)) && matches(grant.Request, method, path) && !anyMatches(grant.Except, method, path) {
					want[principal.Name] = true
				}
			}
			for _, e := range edges {
				pattern, except, _ := strings.Cut(e.Requests, " except ")
				if anyMatches(narrowings(pattern), method, path) && (except == "" || !anyMatches(narrowings(except), method, path)) {
					got[e.From.Name] = true
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s: %s %s (-granted +lowered)\n%s", text, method, path, diff)
			}
		}
	}
}

// narrowings reads patterns as Request.String prints them.
func narrowings(text string) []model.Request {
	var out []model.Request
	for pattern := range strings.SplitSeq(text, "; ") {
		words := append(strings.Fields(pattern), "", "", "")
		r := model.Request{Methods: strings.TrimPrefix(words[0], "*"), Kind: model.PathKind(strings.TrimPrefix(words[1], "*")), Path: words[2]}
		out = append(out, r)
	}
	return out
}
