package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
)

// manyPlaces is how many related places a diagnostic shows before it only counts.
const manyPlaces = 8

func (b *builder) reportLeaks() {
	for _, leak := range b.graph.Leaks {
		b.diags = append(b.diags, reportLeak(leak))
	}
}

func reportLeak(l Leak) diag.Diagnostic {
	first, second := l.Holders[0], l.Holders[1]
	d := diag.Diagnostic{
		Code:     diag.SharedIdentity,
		Severity: diag.Warning,
		Summary:  fmt.Sprintf("%s and %s are both %s", first.Workload, second.Workload, speak(l.Principal)),
		Detail:   "Whatever is granted to one of them, the others reach as well. Give each an identity of its own.",
		Subject:  second.Range,
	}
	if first.Workload == second.Workload {
		d.Summary = fmt.Sprintf("%s is %s in %q and in %q", first.Workload, speak(l.Principal), first.Environment, second.Environment)
		d.Detail = "Whatever it is granted in one environment, it reaches from the other as well. Give it an identity in each."
	}
	if more := len(l.Holders) - 2; more > 0 {
		d.Summary += fmt.Sprintf(", and %d more", more)
	}
	for i, h := range l.Holders {
		if i != 1 && len(d.Related) < manyPlaces {
			d.Related = append(d.Related, diag.Related{Message: fmt.Sprintf("%s in %q gets its name here", h.Workload, h.Environment), Range: h.Range})
		}
	}
	return d
}

func (b *builder) reportGroups() {
	for _, g := range b.policy.Groups {
		if len(b.members[g.Addr]) > 0 || g.Listed != nil && len(g.Listed) == 0 {
			continue // that it lists nothing is told of by whoever read the list
		}
		where, retired := "in any environment", set(b.retired[g.Addr])
		if len(retired) > 0 {
			where = "in an environment that is in use"
		}
		detail := fmt.Sprintf("None of the workloads that it lists exists %s. Add one, or delete the group.", where)
		if g.Match != nil {
			detail = fmt.Sprintf("No workload has all of its labels %s. Check the labels, or delete the group.", where)
		}
		b.warn(diag.EmptyGroup, g.Decl, g.Addr.String()+" has no member", detail, b.placesOf(retired)...)
	}
}

func (b *builder) reportAllows() {
	contradicted := map[int32]bool{} // reported, with the deny
	for key := range b.contradictions {
		contradicted[key[0]] = true
	}
	gives, bare := b.givingDeclarations(), b.withoutSurface()
	for i, a := range b.allows {
		end, _ := SpanOf(a.Interval).Ends()
		ended := b.ended(a)
		if ended {
			at := a.ExpiresAt
			if at == (hcl.Range{}) {
				at = a.Decl
			}
			b.warn(diag.ExpiredAllow, at, fmt.Sprintf("%s ended at %s", a.Addr, end.Format("2006-01-02T15:04:05Z")),
				"It gives nothing any more. Extend it, or delete it.")
		}
		if o := b.outcomes[i]; !ended && !o.void && !o.given && !o.refused && !contradicted[int32(i)] {
			before := len(b.diags)
			b.reportIneffective(a, o, bare)
			if len(b.diags) > before && gives[a.Decl] {
				b.diags[before].Detail += " Other allows of its for_each give something: take this one out of it, rather than delete the block."
			}
		}
	}
}

// givingDeclarations returns the declarations of several allows of which some give something, where others don't.
func (b *builder) givingDeclarations() map[hcl.Range]bool {
	vain, out := map[hcl.Range]bool{}, map[hcl.Range]bool{}
	for i, a := range b.allows {
		if !b.outcomes[i].given {
			vain[a.Decl] = true
		}
	}
	for i, a := range b.allows {
		if b.outcomes[i].given && vain[a.Decl] {
			out[a.Decl] = true
		}
	}
	return out
}

func (b *builder) reportIneffective(a *model.Allow, o outcome, bare stores) {
	summary := a.Addr.String() + " gives nothing"
	retired := b.retired.common(a)
	switch lacking := bare.among(a.To); {
	case o.expanded:
		b.warn(diag.DeniedAllow, a.Decl, summary+": all of it is denied", "A deny always wins. Delete the allow, or narrow the deny.")
		last := &b.diags[len(b.diags)-1]
		for _, i := range o.denies {
			d := b.denies[i]
			last.Related = append(last.Related, diag.Related{Message: d.Addr.String() + " denies it", Range: d.Decl})
		}
	case len(lacking) > 0 && !b.offersAny(a.To) && !b.fromNobody(a):
		b.warnOfBare(diag.IneffectiveAllow, a.Decl, summary, lacking)
	case a.Across != nil:
		b.reportVain(a, summary)
	case o.excluded:
		b.warn(diag.IneffectiveAllow, a.Decl, summary+": its environments leave out every one that has both ends",
			fmt.Sprintf("Both ends exist in %s. Name one of these in environments, or leave the attribute out.", quoted(b.common(a))),
			diag.Related{Message: "narrowed here", Range: a.Environments[0].Range})
	case len(retired) > 0:
		b.warn(diag.IneffectiveAllow, a.Decl, summary+": it holds only where environments are retired",
			fmt.Sprintf("Nothing holds in %s any more. Delete the allow, or declare both ends in an environment that is in use.", quoted(retired)),
			b.placesOf(retired)...)
	case b.fromNobody(a): // told of the groups
	default:
		from, to := b.inProse(a)
		b.warn(diag.IneffectiveAllow, a.Decl, summary+": its ends have no environment in common",
			fmt.Sprintf("What it allows from exists in %s, what it allows to in %s, and access crosses environments only where an allow says across. "+
				"Declare both ends in a common environment, or delete the allow.", from, to),
			diag.Related{Message: "exists in " + from, Range: a.From[0].Range}, diag.Related{Message: "exists in " + to, Range: a.To[0].Range})
	}
}

// fromNobody reports whether an allow is from groups alone that have no members.
func (b *builder) fromNobody(a *model.Allow) bool {
	return !slices.ContainsFunc(a.From, func(r model.Ref) bool { return r.Addr.Kind != addr.Group || len(b.members[r.Addr]) > 0 })
}

// placesOf are the declarations of environments.
func (b *builder) placesOf(names []string) []diag.Related {
	var out []diag.Related
	for _, name := range names {
		out = append(out, diag.Related{Message: fmt.Sprintf("%q is here", name), Range: b.graph.Environments[b.environment[name]].Decl})
	}
	return out
}

// reportVain reports a crossing whose ends aren't where it says.
func (b *builder) reportVain(a *model.Allow, summary string) {
	from, to := a.Across.From.Addr, a.Across.To.Addr
	for _, e := range []addr.Address{from, to} {
		if b.graph.Environments[b.environment[e.Name]].Retired {
			b.warn(diag.IneffectiveAllow, a.Decl, fmt.Sprintf("%s: %s is retired", summary, e), "Nothing exists there any more. Delete the allow.",
				b.placesOf([]string{e.Name})...)
			return
		}
	}
	homes, offers := b.homes(a)
	if b.fromNobody(a) {
		return // told of the groups
	}
	b.warn(diag.IneffectiveAllow, a.Decl, fmt.Sprintf("%s: its ends are not on the two sides that it crosses", summary),
		fmt.Sprintf("It crosses from %q to %q. What it allows from exists in %s, what it allows to in %s. Correct the crossing, or declare the ends there.",
			from.Name, to.Name, quoted(homes), quoted(offers)), diag.Related{Message: "it crosses here", Range: a.Across.Decl})
}

// reportDenies warns of denies that are against nobody, or guard nothing. One that takes nothing today may be a guard against tomorrow's allow.
// Groups without members are reported themselves.
func (b *builder) reportDenies() {
	bare := b.withoutSurface()
	for i, d := range b.graph.Denies {
		lacking := bare.among(b.denies[i].To)
		switch groups := slices.ContainsFunc(b.denies[i].From, func(r model.Ref) bool { return r.Addr.Kind == addr.Group }); {
		case len(lacking) > 0 && b.nowhere(d):
			b.warnOfBare(diag.IneffectiveDeny, d.Decl, d.Addr.String()+" guards nothing", lacking)
		case len(d.Resources) == 0 || b.nowhere(d):
			b.warn(diag.IneffectiveDeny, d.Decl, d.Addr.String()+" guards nothing", "Nothing that it names exists in an environment that is in use. Check its to, or delete it.")
		case len(d.Workloads) == 0 && !groups:
			b.warn(diag.IneffectiveDeny, d.Decl, d.Addr.String()+" is against nobody", "No workload that it names exists in an environment that is in use. Check its from, or delete it.")
		}
	}
}

// nowhere reports whether none of a deny's resources has a place.
func (b *builder) nowhere(d Deny) bool {
	return !slices.ContainsFunc(d.Resources, func(a addr.Address) bool {
		r, ok := b.graph.Resource(a)
		return ok && len(r.Places) > 0
	})
}

// homes returns the environments in which the ends of an allow exist, each sorted.
func (b *builder) homes(a *model.Allow) (from, to []string) {
	for _, ref := range a.From {
		for _, h := range b.members[ref.Addr] {
			from = append(from, b.graph.Environments[h.environment].Name)
		}
	}
	for _, ref := range a.To {
		for _, r := range b.resource[ref.Addr] {
			for _, e := range b.offered[r] {
				to = append(to, b.graph.Environments[e].Name)
			}
		}
	}
	return set(from), set(to)
}

// common returns the environments in which both ends of an allow exist.
func (b *builder) common(a *model.Allow) []string {
	from, to := b.homes(a)
	return slices.DeleteFunc(from, func(e string) bool { return !slices.Contains(to, e) })
}

func set(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

func quoted(names []string) string {
	if len(names) == 0 {
		return "no environment"
	}
	return `"` + strings.Join(names, `", "`) + `"`
}

func (b *builder) warn(code diag.Code, at hcl.Range, summary, detail string, related ...diag.Related) {
	b.diags = append(b.diags, diag.Diagnostic{Code: code, Severity: diag.Warning, Summary: summary, Detail: detail, Subject: at, Related: related})
}
