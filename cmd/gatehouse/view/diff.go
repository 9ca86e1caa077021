package view

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
	"gatehouse/policies"
)

// Comparison is how two policies differ.
type Comparison struct {
	Policy     string
	Time       time.Time
	Base, Head Side
	Delta      access.GraphDelta
	World      []access.WorldRow
	Judges     []policies.JudgeChange // what judges one of the two alone
}

// Side is one of the two policies.
type Side struct {
	Name   string // as its user calls it: main, ../base, the working tree
	Commit string // of a revision
	Exists bool   // false: there is no policy
	Look   Look   // its files lie elsewhere than the other's
}

// Diff writes how access differs: by resource, the most sensitive first, then what else is declared otherwise.
func Diff(w io.Writer, c Comparison) {
	missing(w, c)
	groups := groupsOf(changesOf(c))
	shown := 0
	for _, g := range groups {
		if shown >= shownChanges {
			break
		}
		l := c.Head.Look
		fmt.Fprintf(w, "%s  %s\n", l.paint(bold, title(g.names())), l.paint(dim, g.place()))
		for _, e := range g.entries[:min(len(g.entries), shownChanges-shown)] {
			e.write(w, l)
			shown++
		}
	}
	if more := countEntries(groups) - shown; more > 0 {
		fmt.Fprintf(w, "and %d more: --format json lists all\n", more)
	}
	worldText(w, c)
	judgesText(w, c)
	fmt.Fprintln(w, diffSummary(c))
}

// shownChanges bounds how many changes a person is shown at once.
const shownChanges = 100

// missing says that one side has no policy: everything is new, or everything goes.
func missing(w io.Writer, c Comparison) {
	for _, s := range []Side{c.Base, c.Head} {
		if !s.Exists {
			fmt.Fprintf(w, "%s holds no policy\n", s.Name)
		}
	}
}

// diffSummary is one line that says how much changes, and where it matters most.
func diffSummary(c Comparison) string {
	if c.Delta.Empty() {
		return "no access changes"
	}
	gained, lost, retimed, sensitive := 0, 0, 0, 0
	for _, e := range changesOf(c) {
		switch e.mark {
		case gains:
			gained++
		case loses:
			lost++
		default:
			retimed++
		}
		if e.mark != loses && e.row.Tier == model.Production && e.row.Classification == model.Restricted {
			sensitive++
		}
	}
	out := fmt.Sprintf("%d gained, %d lost", gained, lost)
	if retimed > 0 {
		out += fmt.Sprintf(", %d at other times", retimed)
	}
	if sensitive > 0 {
		out += fmt.Sprintf("; restricted in production: %d", sensitive)
	}
	return out
}

// mark says what a change does.
type mark string

const (
	gains   mark = "+"
	loses   mark = "-"
	retimes mark = "~" // the same access, at other times
)

// change is one change of access: of one principal to one surface, by one action and pattern of requests.
type change struct {
	mark        mark
	row         access.DeltaRow
	now, before access.Spans // of what retimes
	behind      []behind
}

// behind is where a change comes from: lines of one of the two policies.
type behind struct {
	look    Look
	sources []access.Source
	denies  []access.DenySource
}

// changesOf joins what a delta tells apart: access whose time was both gained and lost is one change.
func changesOf(c Comparison) []*change {
	var out []*change
	type key struct {
		principal access.Principal
		surface   access.Surface
		action    model.Action
		requests  string
	}
	retimed := map[key]*change{}
	add := func(rows []access.DeltaRow, m mark, sources, denies Look) {
		for _, r := range rows {
			k := key{r.Principal, r.Surface, r.Action, requests(r)}
			lines := []behind{{look: sources, sources: r.Sources}, {look: denies, denies: r.Denies}}
			switch old := retimed[k]; {
			case !r.Extended():
				out = append(out, &change{mark: m, row: r, behind: lines})
			case old != nil:
				old.behind = append(old.behind, lines...)
			default:
				e := &change{mark: retimes, row: r, now: r.Whole, before: r.Other, behind: lines}
				if m == loses {
					e.now, e.before = r.Other, r.Whole
				}
				retimed[k] = e
				out = append(out, e)
			}
		}
	}
	add(c.Delta.Gained, gains, c.Head.Look, c.Base.Look)
	add(c.Delta.Lost, loses, c.Base.Look, c.Head.Look)
	return out
}

// requests says which requests a row is about; nothing where it is about all of them.
func requests(r access.DeltaRow) string {
	out := ""
	if r.Request != (model.Request{}) {
		out = "for " + r.Request.String()
	}
	var except []string
	for _, not := range r.Except {
		except = append(except, not.String())
	}
	if len(except) > 0 {
		out = strings.TrimSpace(out + " but not for " + diag.Listed(except, "and"))
	}
	return out
}

// diffGroup is what changes for one resource in one environment, or alike for several of one class.
type diffGroup struct {
	environment string
	tier        model.Tier
	class       model.Classification
	resources   []addr.Address
	entries     []*diffEntry
}

// names are the names of the resources.
func (g *diffGroup) names() []string {
	var out []string
	for _, r := range g.resources {
		out = append(out, r.String())
	}
	return out
}

func (g *diffGroup) place() string {
	return fmt.Sprintf("(%s; %s, %s)", g.class, g.environment, g.tier)
}

// diffEntry is one change of several workloads, by the same lines.
type diffEntry struct {
	*change
	workloads []string // sorted
}

// groupsOf groups changes for a reader: production first, restricted first; what is gained first.
func groupsOf(changes []*change) []*diffGroup {
	type place struct {
		environment string
		resource    addr.Address
	}
	groups, entries := map[place]*diffGroup{}, map[string]*diffEntry{}
	var out []*diffGroup
	for _, c := range changes {
		at := place{c.row.Environment, c.row.Resource}
		g := groups[at]
		if g == nil {
			g = &diffGroup{c.row.Environment, c.row.Tier, c.row.Classification, []addr.Address{c.row.Resource}, nil}
			groups[at], out = g, append(out, g)
		}
		text := strings.Join(append([]string{at.environment, at.resource.String(), string(c.mark), c.what()}, c.lines()...), "\n")
		e := entries[text]
		if e == nil {
			e = &diffEntry{change: c}
			entries[text], g.entries = e, append(g.entries, e)
		}
		e.workloads = append(e.workloads, whose(c.row))
	}
	slices.SortFunc(out, compareGroups)
	for _, g := range out {
		for _, e := range g.entries {
			slices.Sort(e.workloads)
		}
		slices.SortStableFunc(g.entries, func(a, b *diffEntry) int {
			return cmp.Or(markRank(a.mark)-markRank(b.mark), cmp.Compare(a.workloads[0], b.workloads[0]), cmp.Compare(a.what(), b.what()))
		})
	}
	return alike(out)
}

// alike joins groups in which the same changes, by the same lines: one allow for many resources is one change to a reader.
func alike(groups []*diffGroup) []*diffGroup {
	var out []*diffGroup
	first := map[string]*diffGroup{}
	for _, g := range groups {
		text := g.place()
		for _, e := range g.entries {
			text += "\n" + strings.Join(slices.Concat([]string{string(e.mark), e.what()}, e.workloads, e.lines()), "\n")
		}
		if same := first[text]; same != nil {
			same.resources = append(same.resources, g.resources...)
			continue
		}
		first[text], out = g, append(out, g)
	}
	return out
}

func countEntries(groups []*diffGroup) int {
	n := 0
	for _, g := range groups {
		n += len(g.entries)
	}
	return n
}

func compareGroups(a, b *diffGroup) int {
	tiers := []model.Tier{model.Production, model.Staging, model.Development}
	classes := []model.Classification{model.Restricted, model.Confidential, model.Internal, model.Public}
	return cmp.Or(
		slices.Index(tiers, a.tier)-slices.Index(tiers, b.tier),
		slices.Index(classes, a.class)-slices.Index(classes, b.class),
		addr.Compare(a.resources[0], b.resources[0]),
		cmp.Compare(a.environment, b.environment),
	)
}

func markRank(m mark) int { return slices.Index([]mark{gains, loses, retimes}, m) }

// whose names the workloads of a row, and where they are if that is elsewhere.
func whose(r access.DeltaRow) string {
	var names []string
	for _, a := range r.Workloads {
		names = append(names, a.String())
	}
	if len(names) == 0 {
		names = []string{r.Principal.Name}
	}
	out := strings.Join(names, " and ")
	if r.Origin != "" && r.Origin != r.Environment {
		out += " of " + r.Origin
	}
	return out
}

// what says what is gained or lost: the action, the requests, the time.
func (c *change) what() string {
	out := string(c.row.Action)
	if text := requests(c.row); text != "" {
		out += " " + text
	}
	if c.mark == retimes {
		return fmt.Sprintf("%s %s (it was %s)", out, whenever(c.now), whenever(c.before))
	}
	return out + blank(Spans(c.row.Spans)) + partly(c)
}

// partly says which of the requests are no change: a pattern is told as a whole.
func partly(c *change) string {
	var names []string
	for _, r := range c.row.Partly {
		names = append(names, r.String())
	}
	if len(names) == 0 {
		return ""
	}
	verb := "had"
	if c.mark == loses {
		verb = "keeps"
	}
	return fmt.Sprintf(" (it %s %s)", verb, diag.Listed(names, "and"))
}

// whenever is Spans with a word for always.
func whenever(s access.Spans) string {
	if text := Spans(s); text != "" {
		return text
	}
	return "without end"
}

// lines tells where a change comes from.
func (c *change) lines() []string {
	var out []string
	for _, b := range c.behind {
		for _, s := range b.sources {
			out = append(out, fmt.Sprintf("%s  %s%s%s", s.Allow, b.look.at(s.Decl), through(s), reason(s.Reason)))
		}
		for _, d := range b.denies {
			out = append(out, fmt.Sprintf("%s  %s%s", d.Deny, b.look.at(d.Decl), reason(d.Reason)))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
