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
	Addr   addr.Address // an environment, a workload, a whole resource or an exception
	Fate   Fate
	Detail string    // Changed: what, such as: owner a@acme → b@acme. An exception: what it waives
	Decl   hcl.Range // in the policy after; of what is Removed, in the one before
}

// DiffWorld returns the environments, workloads, resources and exceptions that differ between two policies, by address. How they are
// written, and where, is no difference; nor is access, which Diff tells.
func DiffWorld(before, after *Graph) []WorldRow {
	old, now := world(before), world(after)
	var out []WorldRow
	for a, d := range now {
		was, there := old[a]
		switch {
		case !there:
			out = append(out, WorldRow{a, Added, d.waives, d.decl})
		case d.waives != was.waives:
			out = append(out, WorldRow{a, Changed, d.waives, d.decl})
		default:
			if detail := differences(was.traits, d.traits); detail != "" {
				out = append(out, WorldRow{a, Changed, detail, d.decl})
			}
		}
	}
	for a, d := range old {
		if _, there := now[a]; !there {
			out = append(out, WorldRow{a, Removed, d.waives, d.decl})
		}
	}
	slices.SortFunc(out, func(a, b WorldRow) int { return addr.Compare(a.Addr, b.Addr) })
	return out
}

// declaration is what a reader is told of one declaration.
type declaration struct {
	traits []trait
	waives string // exceptions alone
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
		traits := []trait{{"tier", string(e.Tier)}, {"retired", fmt.Sprint(e.Retired)}}
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
		out[e.Addr] = declaration{waives: waived(e), decl: e.Decl}
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
	if r.Protocol != "" {
		out = append(out, trait{"protocol", r.Protocol})
	}
	for _, at := range r.Places {
		out = append(out, trait{fmt.Sprintf("%s in %s", at.Surface.Kind, at.Environment), at.Surface.Name})
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
