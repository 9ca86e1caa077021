package oracle_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"gatehouse/compiler/access"
	"gatehouse/conformance/oracle"
)

// TestDiff compares what access.Diff says of two policies, one made of the other, with what the oracle says of each at every moment.
func TestDiff(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := policies().Draw(t, "policy")
		after := change(t, before)
		if len(before.Mistakes())+len(after.Mistakes()) > 0 {
			t.Skip("one of the two is not sound")
		}
		delta := access.Diff(compile(t, files(before, inOneFile), begin).Graph, compile(t, files(after, inOneFile), begin).Graph)
		moments := slices.Concat(before.Moments(), after.Moments())
		slices.Sort(moments)
		for _, at := range slices.Compact(moments) {
			for _, request := range before.Probes() {
				old, now := remote(before, at, request), remote(after, at, request)
				same(t, "gained", at, without(now, old), rows(delta.Gained, at, request))
				same(t, "lost", at, without(old, now), rows(delta.Lost, at, request))
			}
		}
		if t.Failed() {
			t.Logf("before:\n%s\nafter:\n%s", oracle.HCL(before.Blocks()), oracle.HCL(after.Blocks()))
		}
	})
}

// TestDiffRequests is TestDiff for policies that narrow rules to requests. Of these a difference may be told where several patterns together only
// cover another, and none is ever left out.
func TestDiffRequests(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := narrowedPolicies().Draw(t, "policy")
		after := change(t, before)
		if len(before.Mistakes())+len(after.Mistakes()) > 0 {
			t.Skip("one of the two is not sound")
		}
		delta := access.Diff(compile(t, files(before, inOneFile), begin).Graph, compile(t, files(after, inOneFile), begin).Graph)
		moments := slices.Concat(before.Moments(), after.Moments())
		slices.Sort(moments)
		probes := before.Probes()
		if after.Narrowed() {
			probes = after.Probes()
		}
		for _, at := range slices.Compact(moments) {
			for _, request := range probes {
				old, now := remote(before, at, request), remote(after, at, request)
				same(t, "gained and not told", at, map[string]bool{}, without(without(now, old), rows(delta.Gained, at, request)))
				same(t, "lost and not told", at, map[string]bool{}, without(without(old, now), rows(delta.Lost, at, request)))
			}
		}
		if t.Failed() {
			t.Logf("before:\n%s\nafter:\n%s", oracle.HCL(before.Blocks()), oracle.HCL(after.Blocks()))
		}
	})
}

func same(t *rapid.T, what string, at int64, want, got map[string]bool) {
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s at %d (-oracle +diff):\n%s", what, at, diff)
	}
}

// change takes one thing from a policy, or changes it.
func change(t *rapid.T, p oracle.Policy) oracle.Policy {
	switch rapid.IntRange(0, 5).Draw(t, "change") {
	case 0:
		p.Allows = drop(t, p.Allows)
	case 1:
		p.Denies = drop(t, p.Denies)
	case 2:
		p.Allows = slices.Clone(p.Allows)
		for i := range p.Allows {
			p.Allows[i].Expires = begin + hour*int64(4+i)
		}
	case 3:
		p.Workloads = slices.Clone(p.Workloads)
		p.Workloads[0].Labels = map[string]string{"team": "search", "stage": "serve"}
	case 4:
		p.Stores = slices.Clone(p.Stores)
		p.Stores[0].Environments = p.Stores[0].Environments[:1]
		p.Stores[0].In = nil
	}
	return p
}

func drop[T any](t *rapid.T, list []T) []T {
	if len(list) == 0 {
		return list
	}
	i := rapid.IntRange(0, len(list)-1).Draw(t, "dropped")
	return slices.Delete(slices.Clone(list), i, i+1)
}

// remote returns all access at a moment by one request, by remote names.
func remote(p oracle.Policy, at int64, request oracle.Request) map[string]bool {
	out := map[string]bool{}
	for _, q := range p.Questions() {
		if q.Request != p.Probes()[0] {
			continue // asked once, by the request at hand
		}
		q.Request = request
		if p.Granted(q, at) {
			who, _ := p.Principal(q.Workload, q.Home, oracle.System(q.Resource))
			to, _ := p.Destination(q.Resource, q.Environment)
			out[fmt.Sprint(who, " ", q.Action, " ", to)] = true
		}
	}
	return out
}

func rows(list []access.DeltaRow, at int64, request oracle.Request) map[string]bool {
	out := map[string]bool{}
	for _, r := range list {
		if by(r.Request, r.Except, request) && slices.ContainsFunc(r.Spans, func(s access.Span) bool { return s.Start <= at && at < s.End }) {
			out[fmt.Sprint(principalOf(r.Principal), " ", r.Action, " ", surfaceOf(r.Surface))] = true
		}
	}
	return out
}

func without(a, b map[string]bool) map[string]bool {
	out := maps.Clone(a)
	maps.DeleteFunc(out, func(k string, _ bool) bool { return b[k] })
	return out
}
