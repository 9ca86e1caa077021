package policies

import "slices"

// pack is a list of built-in guardrails, with those of the packs that it includes.
type pack struct {
	name       string
	includes   []string
	guardrails []string
}

// packs are all of them. A guardrail may be in several; the files lie in library by id.
var packs = []pack{
	{
		name: "baseline", // what nearly everybody wants from the first day
		guardrails: []string{
			"crossing/access-across-ends",
			"crossing/lower-tier-stays-below",
			"denies/match-something",
			"exceptions/ends-soon",
			"exceptions/few-in-force",
			"exceptions/few-subjects",
			"exceptions/not-expired",
			"exceptions/useful",
			"groups/not-everybody",
			"http/denied-paths-hold",
			"http/paths-are-normal",
			"identity/not-shared-between-tiers",
			"lifetime/interactive-production-ends",
			"lifetime/restricted-access-ends",
			"merge/restricted-reach-is-explained",
			"ownership/owner-is-set",
			"ownership/reason-is-given",
			"reach/blast-radius",
			"remote/limits-are-far",
			"role/people-do-not-write",
			"secrets/not-read-and-written",
			"secrets/rotate",
			"secrets/rotate-in-time",
		},
	},
	{
		name:     "strict", // everything
		includes: []string{"baseline", "soc2"},
		guardrails: []string{
			"http/prefixes-end-at-segments",
			"identity/one-per-workload",
			"role/surface-is-named",
			"role/write-by-name",
		},
	},
	{
		name: "soc2", // the trust services criteria about access, CC6.1 to CC6.8, and about change, CC8.1
		guardrails: []string{
			"crossing/access-across-ends",
			"crossing/lower-tier-stays-below",
			"exceptions/ends-soon",
			"exceptions/not-expired",
			"exceptions/not-self-approved",
			"groups/restricted-not-by-label",
			"identity/not-shared-between-tiers",
			"lifetime/ends-soon-enough",
			"lifetime/interactive-production-ends",
			"lifetime/restricted-access-ends",
			"merge/restricted-reach-is-explained",
			"ownership/granted-by-owner",
			"ownership/owner-is-set",
			"ownership/owner-is-team",
			"ownership/reason-is-given",
			"reach/blast-radius",
			"secrets/not-read-and-written",
			"secrets/rotate",
			"secrets/rotate-in-time",
		},
	},
}

// Packs returns the names of the built-in packs, sorted.
func Packs() []string {
	var names []string
	for _, p := range packs {
		names = append(names, p.name)
	}
	slices.Sort(names)
	return names
}

// Pack returns the ids of a pack's guardrails, sorted, those of the packs that it includes among them; nil where there is no such pack.
func Pack(name string) []string {
	i := slices.IndexFunc(packs, func(p pack) bool { return p.name == name })
	if i < 0 {
		return nil
	}
	ids := slices.Clone(packs[i].guardrails)
	for _, included := range packs[i].includes {
		ids = append(ids, Pack(included)...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// packsOf returns the packs that hold a guardrail, sorted.
func packsOf(id string) []string {
	return slices.DeleteFunc(Packs(), func(name string) bool { return !slices.Contains(Pack(name), id) })
}
