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
// and one of its members that are allowed some of the same is nobody's mistake: only what is covered wherever it holds is told. One place may be
// written for many: by for_each, and by an expression that stands for a list. It is told of only where it is of no use to any of them, and what says
// the same is written elsewhere.

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
	sharedPlaces
}

func (b *builder) reportUseless() {
	u := &useless{told: map[spotted]int{}, again: map[int]int{}}
	for i, a := range b.allows {
		if !b.outcomes[i].given || b.ended(a) {
			continue // that is told
		}
		if index := int32(i); !b.reportRedundant(u, index, a) {
			b.reportPatterns(u, index, a)
			b.reportDeniedElements(u, index, a)
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
	for i, r := range a.Requests {
		n, at := b.firstUnit[index]+int32(i), written(a.RequestsAt, i, a.Decl)
		o, shadowed := b.covering(n)
		if !shadowed && !b.units[n].taken() || coveredBeside(a.Requests, i) || b.patternOfUse(u, a.Decl, at) {
			continue // what is covered beside is told where it is written
		}
		if !shadowed {
			b.sayDenied(u, index, at, fmt.Sprintf("all of %s in %s is denied", r, a.Addr), func(c *Cut, s Source) bool { return r.Covers(c.Request) })
			continue
		}
		by, _ := b.allowOf(o)
		wider := b.allows[by]
		b.say(u, diag.Diagnostic{
			Code: diag.ShadowedRequest, Subject: at,
			Summary: fmt.Sprintf("%s allows what %s of %s allows already", wider.Addr, r, a.Addr),
			Detail:  "The narrower pattern adds nothing, wherever it holds. Delete it, or narrow the wider allow.",
			Related: []diag.Related{{Message: wider.Addr.String() + " is here", Range: wider.Decl}},
		})
	}
}

// coveredBeside reports whether the other patterns of a rule cover one of it.
func coveredBeside(all []model.Request, i int) bool {
	return all[i].CoveredBy(slices.Delete(slices.Clone(all), i, i+1))
}

// reportRedundant tells of an allow that adds nothing, and reports whether it does.
func (b *builder) reportRedundant(u *useless, index int32, a *model.Allow) bool {
	by, found := b.coveringAllow(index)
	if !found || b.declarationOfUse(u, a.Decl) {
		return false
	}
	wider := b.allows[by]
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
	return true
}

// reportDeniedElements tells which elements of an allow's lists are denied wholly, where others aren't.
func (b *builder) reportDeniedElements(u *useless, index int32, a *model.Allow) {
	o := &b.outcomes[index]
	for i, ref := range a.From {
		if o.from.taken(i) && !b.elementOfUse(u, a.Decl, ref.Range) {
			b.sayDenied(u, index, ref.Range, fmt.Sprintf("all that %s allows to %s is denied", a.Addr, ref.Addr), func(_ *Cut, s Source) bool { return s.From == ref })
		}
	}
	for i, ref := range a.To {
		if o.to.taken(i) && !b.elementOfUse(u, a.Decl, ref.Range) {
			b.sayDenied(u, index, ref.Range, fmt.Sprintf("%s in %s is denied to all whom it allows", ref.Addr, a.Addr), func(_ *Cut, s Source) bool { return s.To == ref })
		}
	}
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
		if e, found := b.graph.Environment(ref.Addr.Name); found && e.Retired && !b.environmentOfUse(u, a.Decl, ref.Range) {
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
	var found []diag.Diagnostic
	ofUse := map[hcl.Range]bool{}
	for _, d := range b.denies {
		for i, r := range d.Requests {
			at := written(d.RequestsAt, i, d.Decl)
			if coveredBeside(d.Requests, i) {
				continue // told where it is written
			}
			e, covered := deniedBy(to, d, r)
			if !covered {
				ofUse[at] = true
				continue
			}
			found = append(found, diag.Diagnostic{
				Code: diag.ShadowedRequest, Subject: at,
				Summary: fmt.Sprintf("%s denies what %s of %s denies already", e.Addr, r, d.Addr),
				Detail:  "The narrower pattern adds nothing. Delete it, or narrow the wider deny.",
				Related: []diag.Related{{Message: e.Addr.String() + " is here", Range: e.Decl}},
			})
		}
	}
	for _, d := range found {
		if !ofUse[d.Subject] {
			b.say(u, d)
		}
	}
}

// deniedBy returns the deny, written elsewhere, that makes a pattern of another one superfluous.
func deniedBy(to map[addr.Address][]*model.Deny, d *model.Deny, r model.Request) (*model.Deny, bool) {
	if len(d.To) == 0 {
		return nil, false
	}
	among := to[d.To[0].Addr.Whole()]
	i := slices.IndexFunc(among, func(e *model.Deny) bool { return e.Decl != d.Decl && deniesAlready(e, d, r) })
	if i < 0 {
		return nil, false
	}
	return among[i], true
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
