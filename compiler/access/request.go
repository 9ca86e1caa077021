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

// widest drops the patterns that another one of the list covers. The list is in canonical order, without repetition.
func widest(list []model.Request) []model.Request {
	return slices.DeleteFunc(slices.Clone(list), func(r model.Request) bool {
		return slices.ContainsFunc(list, func(s model.Request) bool { return s != r && s.Covers(r) })
	})
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

// unshadow takes from each of some grants, which differ in their requests alone, the times at which a wider one covers it. All of one allow
// and pattern that is covered for ever is noted.
func (b *builder) unshadow(first int, parts [][]part) {
	grants := b.graph.Grants[first:]
	if len(grants) > maxPatterns {
		b.tooManyPatterns(parts[0][0], "has more than")
		b.graph.Grants = b.graph.Grants[:first]
		return
	}
	spans := make([]Spans, len(grants))
	for i := range grants {
		spans[i] = grants[i].Spans
		var by []part
		for j := range grants {
			if i != j && grants[j].Request.Covers(grants[i].Request) {
				spans[i] = spans[i].Subtract(grants[j].Spans)
				by = append(by, parts[j][0])
			}
		}
		b.noteShadow(parts[i], by, len(spans[i]) == 0)
	}
	kept := grants[:0]
	for i := range grants {
		if len(spans[i]) > 0 {
			grants[i].Spans = spans[i]
			kept = append(kept, grants[i])
		}
	}
	clear(grants[len(kept):])
	b.graph.Grants = b.graph.Grants[:first+len(kept)]
}

// narrowing is one pattern of one allow.
type narrowing struct{ allow, request int32 }

// shadow is what becomes of a narrowing: whether it gives anything by itself, and the first that covers it where it doesn't.
type shadow struct {
	useful bool
	by     int32 // an allow
}

func (b *builder) noteShadow(parts, by []part, whole bool) {
	for _, p := range parts {
		key := narrowing{p.allow, p.request}
		old, seen := b.shadows[key]
		switch {
		case !whole:
			b.shadows[key] = shadow{useful: true}
		case !seen && !old.useful:
			b.shadows[key] = shadow{by: by[0].allow}
		}
	}
}

// reportShadows warns of patterns that other allows cover wherever they hold. What an allow covers itself is told where it is written.
func (b *builder) reportShadows() {
	keys := make([]narrowing, 0, len(b.shadows))
	for key, s := range b.shadows {
		if !s.useful && s.by != key.allow {
			keys = append(keys, key)
		}
	}
	slices.SortFunc(keys, func(x, y narrowing) int {
		return cmp.Or(cmp.Compare(x.allow, y.allow), cmp.Compare(x.request, y.request))
	})
	for _, key := range keys {
		a, wider := b.allows[key.allow], b.allows[b.shadows[key].by]
		b.warn(diag.ShadowedRequest, a.Decl, fmt.Sprintf("%s allows what %s of %s allows already", wider.Addr, b.requests[key.request], a.Addr),
			"The narrower pattern adds nothing, wherever it holds. Delete it, or narrow the wider allow.")
		b.diags[len(b.diags)-1].Related = []diag.Related{{Message: wider.Addr.String() + " is here", Range: wider.Decl}}
	}
}

func (b *builder) tooManyPatterns(p part, verb string) {
	environment, workload, resource, _ := b.names(p)
	key := [2]addr.Address{workload, resource}
	if _, told := b.overfull[key]; told {
		return
	}
	a := b.allows[p.allow]
	b.overfull[key] = diag.Diagnostic{
		Code: diag.OverLimit, Severity: diag.Error, Subject: a.Decl,
		Summary: fmt.Sprintf("%s to %s in %q %s %d patterns of requests", workload, resource, environment, verb, maxPatterns),
		Detail:  "No mesh would take as many. Join them to prefixes, or let the service itself judge its requests.",
	}
}

func (b *builder) reportOverfull() {
	for _, d := range b.overfull { // in no order: Build sorts what it has to say
		b.diags = append(b.diags, d)
	}
}
