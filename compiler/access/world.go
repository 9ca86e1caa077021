package access

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// Fate is what became of a declaration between two policies.
type Fate string

// The fates.
const (
	Added   Fate = "added"
	Removed Fate = "removed"
	Changed Fate = "changed"
)

// WorldRow is one declaration that differs between two policies: what there is, apart from who may reach it.
type WorldRow struct {
	Addr   addr.Address // an environment, an identity provider, a workload, a whole resource, a deny or an exception
	Fate   Fate
	Detail string    // Changed: what, such as: owner a@acme → b@acme. A deny or an exception: what it says
	Decl   hcl.Range // in the policy after; of what is Removed, in the one before
}

// DiffWorld returns the environments, identity providers, workloads, resources, denies and exceptions that differ between two policies, by
// address. How they are written, and where, is no difference; nor is access, which Diff tells: a deny stands here because it also holds for
// what is allowed later. A deny or an exception that has another name and says the same is no difference either.
func DiffWorld(before, after *Graph) []WorldRow {
	old, now := world(before), world(after)
	var out []WorldRow
	for a, d := range now {
		was, there := old[a]
		switch {
		case !there:
			out = append(out, WorldRow{a, Added, d.brief, d.decl})
		case d.says != was.says:
			out = append(out, WorldRow{a, Changed, d.brief, d.decl})
		default:
			if detail := differences(was.traits, d.traits); detail != "" {
				out = append(out, WorldRow{a, Changed, detail, d.decl})
			}
		}
	}
	for a, d := range old {
		if _, there := now[a]; !there {
			out = append(out, WorldRow{a, Removed, d.brief, d.decl})
		}
	}
	out = slices.DeleteFunc(out, func(r WorldRow) bool { return renamed(r, old, now) })
	slices.SortFunc(out, func(a, b WorldRow) int { return addr.Compare(a.Addr, b.Addr) })
	return out
}

// renamed reports whether a deny or an exception is told as added or removed only for its name.
func renamed(r WorldRow, old, now map[addr.Address]declaration) bool {
	if r.Addr.Kind != addr.Deny && r.Addr.Kind != addr.Exception || r.Fate == Changed {
		return false
	}
	here, there := now, old
	if r.Fate == Removed {
		here, there = old, now
	}
	for a, d := range there {
		if _, both := here[a]; a.Kind == r.Addr.Kind && !both && d.says == here[r.Addr].says {
			return true
		}
	}
	return false
}

// declaration is what a reader is told of one declaration.
type declaration struct {
	traits []trait
	says   string // all that a deny or an exception says
	brief  string // the same, for a reader
	decl   hcl.Range
}

// trait is one property by its name.
type trait struct{ name, value string }

// differences says which traits differ: traits come in one order, and some may be on one side alone.
func differences(before, after []trait) string {
	value := func(list []trait, name string) string {
		i := slices.IndexFunc(list, func(t trait) bool { return t.name == name })
		if i < 0 || list[i].value == "" {
			return "none"
		}
		return list[i].value
	}
	var names, out []string
	for _, t := range slices.Concat(before, after) {
		if !slices.Contains(names, t.name) {
			names = append(names, t.name)
		}
	}
	for _, name := range names {
		if was, is := value(before, name), value(after, name); was != is {
			out = append(out, fmt.Sprintf("%s %s → %s", name, was, is))
		}
	}
	return strings.Join(out, "; ")
}

func world(g *Graph) map[addr.Address]declaration {
	out := map[addr.Address]declaration{}
	for _, e := range g.Environments {
		traits := []trait{{"tier", string(e.Tier)}, {"retired", fmt.Sprint(e.Retired)}, {"Consul", RealmOf(e)}}
		if e.Google != nil {
			traits = append(traits, trait{"Google project", e.Google.Project}, trait{"ownership", string(e.Google.Ownership)})
		}
		out[addr.New(addr.Environment, e.Name)] = declaration{traits: traits, decl: e.Decl}
	}
	for _, w := range g.Workloads {
		out[w.Addr] = declaration{traits: workloadTraits(w), decl: w.Decl}
	}
	for _, r := range g.Resources {
		d := out[r.Addr.Whole()]
		d.decl = r.Decl
		d.traits = append(d.traits, resourceTraits(r, len(d.traits) == 0)...)
		out[r.Addr.Whole()] = d
	}
	for _, e := range g.Exceptions {
		out[e.Addr] = declaration{says: waived(e), brief: waived(e), decl: e.Decl}
	}
	for _, d := range g.Denies {
		out[d.Addr] = declaration{says: denies(d, len(d.Workloads)+len(d.Resources)), brief: denies(d, mostNamed), decl: d.Decl}
	}
	for _, p := range g.Providers {
		out[p.Addr] = declaration{traits: providerTraits(p), decl: p.Decl}
	}
	return out
}

func workloadTraits(w Workload) []trait {
	out := []trait{{"owner", w.Owner}, {"interactive", fmt.Sprint(w.Interactive)}}
	if w.Provider != (addr.Address{}) {
		out = append(out, trait{"identity provider", w.Provider.Name})
	}
	for _, at := range w.Places {
		for _, p := range at.Principals {
			out = append(out, trait{fmt.Sprintf("%s name in %s", p.Target, at.Environment), p.Name})
		}
	}
	return out
}

// resourceTraits returns what one surface adds to the traits of a resource; the first one also brings what all have in common.
func resourceTraits(r Resource, first bool) []trait {
	var out []trait
	if first {
		out = append(out, trait{"classification", string(r.Classification)}, trait{"owner", r.Owner})
	}
	if first && r.Rotation > 0 {
		out = append(out, trait{"rotation", r.Rotation.String()})
	}
	if r.Protocol != "" {
		out = append(out, trait{"protocol", r.Protocol})
	}
	for _, at := range r.Places {
		out = append(out, trait{fmt.Sprintf("%s in %s", at.Surface.Kind, at.Environment), at.Surface.Name})
	}
	return out
}

func providerTraits(p *model.IdentityProvider) []trait {
	var audiences, environments []string
	for _, a := range p.Audiences {
		audiences = append(audiences, a.Value)
	}
	for _, e := range p.Environments {
		environments = append(environments, e.Addr.Name)
	}
	slices.Sort(audiences)
	slices.Sort(environments)
	return []trait{
		{"issuer", p.Issuer.Value}, {"audiences", strings.Join(audiences, ", ")}, {"claim", p.Claim.Value},
		{"longest login", p.MaxTTL.String()}, {"environments", strings.Join(environments, ", ")},
	}
}

// mostNamed bounds how many of a deny's ends a reader is told by name.
const mostNamed = 5

// denies says what a deny says, with so many of its ends by name.
func denies(d Deny, most int) string {
	var actions, requests []string
	for _, a := range d.Actions {
		actions = append(actions, string(a))
	}
	for _, r := range d.Requests {
		requests = append(requests, r.String())
	}
	out := fmt.Sprintf("denies %s of %s to %s", strings.Join(actions, " and "), someOf(d.Resources, most), someOf(d.Workloads, most))
	if len(requests) > 0 {
		out += " for " + strings.Join(requests, ", ")
	}
	return out
}

func someOf(addresses []addr.Address, most int) string {
	var names []string
	for _, a := range addresses[:min(len(addresses), most)] {
		names = append(names, a.String())
	}
	out := strings.Join(names, ", ")
	if more := len(addresses) - len(names); more > 0 {
		out += fmt.Sprintf(" and %d more", more)
	}
	return out
}

func waived(e *model.Exception) string {
	var subjects []string
	for _, s := range e.Subjects {
		subjects = append(subjects, s.Addr.String())
	}
	slices.Sort(subjects)
	out := fmt.Sprintf("waives %s for %s", e.Guardrail.Value, strings.Join(subjects, ", "))
	if end, ends := SpanOf(model.Interval{Expires: e.Expires}).Ends(); ends {
		out += " until " + end.Format("2006-01-02T15:04:05Z")
	}
	if e.ApprovedBy.Value != "" {
		out += ", approved by " + e.ApprovedBy.Value
	}
	return out
}
