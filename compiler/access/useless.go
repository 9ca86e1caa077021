package access

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
)

// This file warns of parts of rules that are of no use while the rest is: what another rule says already, what is denied, what is retired. A group
// and one of its members that are allowed some of the same is nobody's mistake: only what is covered wherever it holds is told.

// spotted is what is told once: several instances of one block are written at one place.
type spotted struct {
	code diag.Code
	at   hcl.Range
}

// useless gathers warnings by place.
type useless struct {
	told  map[spotted]int        // the diagnostic
	again map[int]int            // how many more there are of it
	cuts  map[addr.Address][]int // by allow; made when it is asked for
}

func (b *builder) reportUseless() {
	u := &useless{told: map[spotted]int{}, again: map[int]int{}}
	for i, a := range b.allows {
		if !b.outcomes[i].given || b.ended(a) {
			continue // that is told
		}
		if len(a.Requests) > 0 {
			b.reportPatterns(u, int32(i), a)
			b.reportDeniedElements(u, int32(i), a)
		} else if o, found := b.covering(b.firstUnit[i]); found {
			b.reportRedundant(u, a, o)
		} else {
			b.reportDeniedElements(u, int32(i), a)
		}
		b.reportRetiredElements(u, a)
	}
	b.reportDeniedAlready(u)
	for i, more := range u.again {
		b.diags[i].Summary += fmt.Sprintf(", and %d more like it here", more)
	}
}

// say warns of something, once for each place.
func (b *builder) say(u *useless, d diag.Diagnostic) {
	key := spotted{d.Code, d.Subject}
	if i, again := u.told[key]; again {
		u.again[i]++
		return
	}
	u.told[key] = len(b.diags)
	d.Severity = diag.Warning
	b.diags = append(b.diags, d)
}

// written returns where a rule's pattern stands, and otherwise the rule.
func written(at []hcl.Range, i int, rule hcl.Range) hcl.Range {
	if i < len(at) {
		return at[i]
	}
	return rule
}

// reportPatterns tells which patterns of an allow another one covers, or a deny takes wholly, where others hold.
func (b *builder) reportPatterns(u *useless, index int32, a *model.Allow) {
	for n := b.firstUnit[index]; n < b.firstUnit[index+1]; n++ {
		i := int(n - b.firstUnit[index])
		at, r := written(a.RequestsAt, i, a.Decl), a.Requests[i]
		if r.CoveredBy(slices.Delete(slices.Clone(a.Requests), i, i+1)) {
			continue // told where it is written
		}
		if o, found := b.covering(n); found {
			by, _ := b.allowOf(o)
			wider := b.allows[by]
			b.say(u, diag.Diagnostic{
				Code: diag.ShadowedRequest, Subject: at,
				Summary: fmt.Sprintf("%s allows what %s of %s allows already", wider.Addr, r, a.Addr),
				Detail:  "The narrower pattern adds nothing, wherever it holds. Delete it, or narrow the wider allow.",
				Related: []diag.Related{{Message: wider.Addr.String() + " is here", Range: wider.Decl}},
			})
		} else if one := b.units[n]; one.denied && !one.given {
			b.sayDenied(u, index, at, fmt.Sprintf("all of %s in %s is denied", r, a.Addr), func(c *Cut, s Source) bool { return r.Covers(c.Request) })
		}
	}
}

func (b *builder) reportRedundant(u *useless, a *model.Allow, by int32) {
	other, _ := b.allowOf(by)
	wider := b.allows[other]
	d := diag.Diagnostic{
		Code: diag.RedundantAllow, Subject: a.Decl,
		Summary: fmt.Sprintf("%s gives nothing that %s doesn't give", a.Addr, wider.Addr),
		Detail:  "Whoever deletes it takes nothing away. Delete it, or narrow the other one.",
		Related: []diag.Related{{Message: wider.Addr.String() + " is here", Range: wider.Decl}},
	}
	if SpanOf(a.Interval).End < SpanOf(wider.Interval).End {
		d.Summary = fmt.Sprintf("%s gives nothing that %s doesn't give for longer", a.Addr, wider.Addr)
		d.Detail = "When it ends, no access ends. If the end is meant, delete the other one or narrow it; otherwise delete this one."
		d.Related = append(d.Related, diag.Related{Message: "this ends nothing", Range: a.ExpiresAt})
	}
	b.say(u, d)
}

// reportDeniedElements tells which elements of an allow's lists are denied wholly, where others aren't.
func (b *builder) reportDeniedElements(u *useless, index int32, a *model.Allow) {
	o := &b.outcomes[index]
	if o.from.denied|o.to.denied == 0 {
		return // nearly always
	}
	for i, ref := range a.From {
		if o.from.wholly(a.From, i) {
			b.sayDenied(u, index, ref.Range, fmt.Sprintf("all that %s allows to %s is denied", a.Addr, ref.Addr), func(_ *Cut, s Source) bool { return s.From == ref })
		}
	}
	for i, ref := range a.To {
		if o.to.wholly(a.To, i) {
			b.sayDenied(u, index, ref.Range, fmt.Sprintf("%s in %s is denied to all whom it allows", ref.Addr, a.Addr), func(_ *Cut, s Source) bool { return s.To == ref })
		}
	}
}

// wholly reports whether an element of a list is denied whatever it is allowed, and so is all that is written at its place: one expression may stand for
// many, as a group does.
func (e elements) wholly(list []model.Ref, i int) bool {
	var here uint32
	for j, ref := range list {
		if ref.Range == list[i].Range {
			here |= bit(int32(j))
		}
	}
	return here != 0 && e.denied&here == here && e.given&here == 0
}

// sayDenied tells of a part of an allow that is denied, with the denies that take it.
func (b *builder) sayDenied(u *useless, index int32, at hcl.Range, summary string, of func(*Cut, Source) bool) {
	d := diag.Diagnostic{Code: diag.DeniedAllow, Subject: at, Summary: summary, Detail: "A deny always wins. Take it out of the allow, or narrow the deny."}
	a := b.allows[index].Addr
	for _, i := range b.cutsOf(u, a) {
		c := &b.graph.Cuts[i]
		if len(d.Related) >= manyPlaces || !slices.ContainsFunc(c.Sources, func(s Source) bool { return s.Allow == a && of(c, s) }) {
			continue
		}
		for _, by := range c.Denies {
			related := diag.Related{Message: by.Deny.String() + " denies it", Range: by.Decl}
			if !slices.Contains(d.Related, related) {
				d.Related = append(d.Related, related)
			}
		}
	}
	b.say(u, d)
}

// cutsOf returns which cuts are of an allow.
func (b *builder) cutsOf(u *useless, allow addr.Address) []int {
	if u.cuts == nil {
		u.cuts = map[addr.Address][]int{}
		for i := range b.graph.Cuts {
			for j, s := range b.graph.Cuts[i].Sources {
				if j == 0 || s.Allow != b.graph.Cuts[i].Sources[j-1].Allow {
					u.cuts[s.Allow] = append(u.cuts[s.Allow], i)
				}
			}
		}
	}
	return u.cuts[allow]
}

// reportRetiredElements tells of environments that an allow names beside others, and where nothing holds any more.
func (b *builder) reportRetiredElements(u *useless, a *model.Allow) {
	for _, ref := range a.Environments {
		if e, found := b.graph.Environment(ref.Addr.Name); found && e.Retired {
			b.say(u, diag.Diagnostic{
				Code: diag.IneffectiveAllow, Subject: ref.Range,
				Summary: fmt.Sprintf("%s is retired: %s gives nothing there", ref.Addr, a.Addr),
				Detail:  "Take it out of the list.", Related: b.placesOf([]string{e.Name}),
			})
		}
	}
}

// fewDenies bounds the denies that one is compared with.
const fewDenies = 64

// reportDeniedAlready warns of patterns of denies that another deny covers. Ends are compared as they are written: a deny is a guard against
// tomorrow, too, and a group may have other members then.
func (b *builder) reportDeniedAlready(u *useless) {
	to := map[addr.Address][]*model.Deny{}
	for _, d := range b.denies {
		for _, ref := range d.To {
			if whole := ref.Addr.Whole(); len(to[whole]) < fewDenies {
				to[whole] = append(to[whole], d)
			}
		}
	}
	for _, d := range b.denies {
		if len(d.To) == 0 {
			continue
		}
		for i, r := range d.Requests {
			if r.CoveredBy(slices.Delete(slices.Clone(d.Requests), i, i+1)) {
				continue // told where it is written
			}
			wider := slices.IndexFunc(to[d.To[0].Addr.Whole()], func(e *model.Deny) bool { return deniesAlready(e, d, r) })
			if wider < 0 {
				continue
			}
			e := to[d.To[0].Addr.Whole()][wider]
			b.say(u, diag.Diagnostic{
				Code: diag.ShadowedRequest, Subject: written(d.RequestsAt, i, d.Decl),
				Summary: fmt.Sprintf("%s denies what %s of %s denies already", e.Addr, r, d.Addr),
				Detail:  "The narrower pattern adds nothing. Delete it, or narrow the wider deny.",
				Related: []diag.Related{{Message: e.Addr.String() + " is here", Range: e.Decl}},
			})
		}
	}
}

// deniesAlready reports whether one deny makes a pattern of another superfluous; of those that say the same the first isn't.
func deniesAlready(wider, d *model.Deny, r model.Request) bool {
	i := slices.IndexFunc(wider.Requests, func(w model.Request) bool { return w.Covers(r) })
	if wider == d || i < 0 && len(wider.Requests) > 0 || !sameEnds(wider, d) {
		return false
	}
	same := i >= 0 && wider.Requests[i] == r && sameEnds(d, wider)
	return !same || addr.Compare(wider.Addr, d.Addr) < 0
}

// sameEnds reports whether a deny names all that another one does.
func sameEnds(wider, d *model.Deny) bool {
	names := func(list []model.Ref, a addr.Address) bool {
		return slices.ContainsFunc(list, func(ref model.Ref) bool { return ref.Addr == a || ref.Addr == a.Whole() })
	}
	return !slices.ContainsFunc(d.From, func(ref model.Ref) bool { return !names(wider.From, ref.Addr) }) &&
		!slices.ContainsFunc(d.To, func(ref model.Ref) bool { return !names(wider.To, ref.Addr) }) &&
		!slices.ContainsFunc(deniedActions(d), func(a model.Action) bool { return !slices.Contains(deniedActions(wider), a) })
}

// ended reports whether an allow has expired.
func (b *builder) ended(a *model.Allow) bool {
	end, ends := SpanOf(a.Interval).Ends()
	return ends && !b.now.Before(end)
}
