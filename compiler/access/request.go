package access

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
)

// Home returns the environment of a grant's workload.
func (g *Grant) Home() string { return cmp.Or(g.Origin, g.Environment) }

// Narrowed reports whether a grant holds for certain requests only.
func (g *Grant) Narrowed() bool { return g.Request != (model.Request{}) || len(g.Except) > 0 }

// RequestText returns the canonical text of a narrowing to certain requests, as Edge.Requests has it: the pattern, METHODS PATH, and where
// there are exceptions, " except " and their patterns with "; " between. It is empty for every request. Where there are exceptions, every
// request is "* *".
//
// METHODS is * or upper-case methods, sorted, with commas between. PATH is *, or exact, prefix or regex and the path.
func RequestText(r model.Request, except []model.Request) string {
	if r == (model.Request{}) && len(except) == 0 {
		return ""
	}
	out := r.String()
	for i, e := range except {
		if out += "; "; i == 0 {
			out = strings.TrimSuffix(out, "; ") + " except "
		}
		out += e.String()
	}
	return out
}

// maxPatterns bounds the patterns of requests between one workload and one resource, and those that denies name there: comparing them with
// each other must not take for ever. A rule may name as many by itself.
const maxPatterns = 256

// indexRequests numbers every pattern of the policy in canonical order; every request is 0.
func (b *builder) indexRequests() {
	b.requests, b.everyRequest = []model.Request{{}}, []int32{0}
	for _, a := range b.allows {
		b.requests = append(b.requests, a.Requests...)
	}
	if len(b.requests) > 1 {
		slices.SortFunc(b.requests, model.CompareRequest)
		b.requests = slices.Compact(b.requests)
	}
}

func (b *builder) requestIndex(r model.Request) int32 {
	i, _ := slices.BinarySearchFunc(b.requests, r, model.CompareRequest)
	return int32(i)
}

// requestsOf returns the numbers of an allow's patterns.
func (b *builder) requestsOf(a *model.Allow) []int32 {
	if len(a.Requests) == 0 {
		return b.everyRequest
	}
	out := make([]int32, len(a.Requests))
	for i, r := range a.Requests {
		out[i] = b.requestIndex(r)
	}
	return out
}

func (b *builder) tooManyPatterns(p part, verb string) {
	b.overfill(p, fmt.Sprintf("%s %d patterns of requests", verb, maxPatterns),
		"No mesh would take as many. Join them to prefixes, or let the service itself judge its requests.")
}

// tooManyMoments reports patterns that are too many to be compared at every moment at which one of them begins or ends.
func (b *builder) tooManyMoments(p part, patterns, moments int) {
	b.overfill(p, fmt.Sprintf("has %d patterns of requests that begin or end at %d different times", patterns, moments),
		"At each of these times they are all compared with each other, which is too much. Let them begin and end together, or join them to prefixes.")
}

// overfill reports what can't be told between two ends, once.
func (b *builder) overfill(p part, what, remedy string) {
	environment, workload, resource, _ := b.names(p)
	key := [2]addr.Address{workload, resource}
	if _, told := b.overfull[key]; told {
		return
	}
	b.overfull[key] = diag.Diagnostic{
		Code: diag.OverLimit, Severity: diag.Error, Subject: b.allows[p.allow].Decl,
		Summary: fmt.Sprintf("%s to %s in %q %s", workload, resource, environment, what), Detail: remedy,
	}
}

func (b *builder) reportOverfull() {
	for _, d := range b.overfull { // in no order: Build sorts what it has to say
		b.diags = append(b.diags, d)
	}
}
