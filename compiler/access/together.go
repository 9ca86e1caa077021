package access

import (
	"maps"
	"slices"

	"gatehouse/lang/model"
)

// timed is a pattern of requests with the times at which it is allowed.
type timed struct {
	request model.Request
	spans   Spans
}

// uniteOver returns the same requests at the same times in canonical form: at every moment one pattern for each path, as model.Unite has them. The
// order is that of requests.
func uniteOver(list []timed) []timed {
	at := map[model.Request][]Span{}
	var before, united []model.Request
	moments := boundaries(list)
	for i := 0; i+1 < len(moments); i++ {
		now := holdingFrom(list, moments[i])
		if i == 0 || !slices.Equal(now, before) {
			before, united = now, model.Unite(now)
		}
		for _, r := range united {
			at[r] = append(at[r], Span{moments[i], moments[i+1]})
		}
	}
	out := make([]timed, 0, len(at))
	for _, r := range slices.SortedFunc(maps.Keys(at), model.CompareRequest) {
		out = append(out, timed{r, unite(at[r])})
	}
	return out
}

// partOf reports whether a pattern is one of those that a united one is made of: it has its path, and some of its methods, or all where that has all.
func partOf(r, united model.Request) bool {
	all := united.Methods == "" && r.Methods != ""
	return r.Kind == united.Kind && r.Path == united.Path && !all && !r.Disjoint(united)
}

// boundaries returns every second at which one of the patterns begins or ends, in order.
func boundaries(list []timed) []int64 {
	var out []int64
	for i, l := range list {
		if i > 0 && l.spans.Equal(list[i-1].spans) {
			continue
		}
		for _, s := range l.spans {
			out = append(out, s.Start, s.End)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func holdingFrom(list []timed, second int64) []model.Request {
	var out []model.Request
	for _, l := range list {
		if slices.ContainsFunc(l.spans, func(s Span) bool { return s.Start <= second && second < s.End }) {
			out = append(out, l.request)
		}
	}
	return out
}

// longestWork bounds what uniting the patterns between two ends may take: patterns are compared with each other for every moment that any of
// them begins or ends.
const longestWork = 1 << 27

// giveTogether grants several patterns between the same ends.
func (b *builder) giveTogether(all []kept) {
	list := make([]timed, len(all))
	var denied []model.Request
	for i, k := range all {
		spans := make([]Span, len(k.parts))
		for j, p := range k.parts {
			spans[j] = SpanOf(b.allows[p.allow].Interval)
		}
		list[i] = timed{k.request, NewSpans(spans...)}
		denied = append(denied, k.denied...)
		b.given(k.parts)
	}
	if len(all) > maxPatterns {
		b.tooManyPatterns(all[0].parts[0], "has more than")
		return
	}
	if moments := len(boundaries(list)); moments*len(all)*len(all) > longestWork {
		b.tooManyMoments(all[0].parts[0], len(all), moments)
		return
	}
	slices.SortFunc(denied, model.CompareRequest)
	denied = slices.Compact(denied)
	if len(denied) > maxPatterns {
		b.tooManyPatterns(all[0].parts[0], "is denied more than")
		return
	}
	for _, t := range uniteOver(list) {
		b.grant(all[0].parts[0], Grant{Request: t.request, Except: t.request.Meeting(denied), Spans: t.spans, Sources: b.behindTimed(all, t)})
	}
}

// behindTimed returns the lines that give a pattern, of its path and with some of its methods, at some of its times.
func (b *builder) behindTimed(all []kept, t timed) []Source {
	var out []Source
	for _, k := range all {
		if !partOf(k.request, t.request) {
			continue
		}
		for _, p := range k.parts {
			if s := b.source(p); len(t.spans.Intersect(Spans{s.Span})) > 0 {
				out = append(out, s)
			}
		}
	}
	slices.SortStableFunc(out, compareSource)
	return slices.Compact(out)
}
