package navigate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// row is access that a card tells in one line: what differs only by environment or action stands together.
type row struct {
	who, what    string
	actions      []string
	environments []string
	when, by     string
}

// rows collects access; the order is that in which it is first met, which is the graph's.
type rows []*row

func (r *rows) add(who, what, action, environment, when, by string) {
	for _, old := range *r {
		if old.who == who && old.what == what && old.when == when && old.by == by {
			old.actions, old.environments = with(old.actions, action), with(old.environments, environment)
			return
		}
	}
	*r = append(*r, &row{who, what, []string{action}, []string{environment}, when, by})
}

func with(list []string, one string) []string {
	if slices.Contains(list, one) {
		return list
	}
	return append(list, one)
}

// lines shows the rows; who or what is left out where all of them share it.
func (r rows) lines() []string {
	out := make([]string, 0, len(r))
	for _, x := range r {
		about := x.who
		switch {
		case about == "":
			about = x.what
		case x.what != "":
			about += " → " + x.what
		}
		line := fmt.Sprintf("%s: %s in %s", about, strings.Join(x.actions, ", "), strings.Join(x.environments, ", "))
		if x.when != "" {
			line += ", " + x.when
		}
		if x.by != "" {
			line += " (" + x.by + ")"
		}
		out = append(out, line)
	}
	return out
}

// span says when access holds that has not ended at a moment: nothing where it always does. It is false where all has ended.
func (v *View) span(spans access.Spans) (string, bool) {
	s, now := spans.At(v.At)
	if !now {
		next, later := spans.Next(v.At)
		if !later {
			return "", false
		}
		s = next
	}
	var parts []string
	if begins, ok := s.Begins(); ok && !now {
		parts = append(parts, "from "+moment(begins))
	}
	if ends, ok := s.Ends(); ok {
		parts = append(parts, "until "+moment(ends))
	}
	return strings.Join(parts, " "), true
}

func allows(sources []access.Source) string {
	var out []string
	for _, s := range sources {
		out = with(out, s.Allow.String())
	}
	return strings.Join(some(out, 3), ", ")
}

func ticked(a addr.Address) string { return "`" + a.String() + "`" }

// action is what a grant lets do, with the requests that it is narrowed to.
func action(g *access.Grant) string {
	if g.Request == (model.Request{}) {
		return string(g.Action)
	}
	narrowed := strings.TrimSpace(g.Request.Methods + " " + g.Request.Path)
	return string(g.Action) + " (" + narrowed + ")"
}

// graph tells whether there is access to speak of.
func (c *card) graph() *access.Graph {
	if c.view.Graph == nil {
		c.line("_Who reaches what is told once the policy's mistakes are mended._")
		return nil
	}
	return c.view.Graph
}

// reachedBy lists who reaches a resource.
func (c *card) reachedBy(a addr.Address) {
	g := c.graph()
	if g == nil {
		return
	}
	var found rows
	surfaces := a.Kind == addr.FeatureStore && a.Surface == "" && len(g.Surfaces(a)) > 1
	for i := range g.Grants {
		grant := &g.Grants[i]
		if when, ok := c.view.span(grant.Spans); ok && (grant.Resource == a || grant.Resource.Whole() == a) {
			what := ""
			if surfaces {
				what = string(grant.Resource.Surface)
			}
			found.add(ticked(grant.Workload), what, action(grant), grant.Environment, when, allows(grant.Sources))
		}
	}
	for _, x := range shared(g, a, c.view.At) {
		when, _ := c.view.span(x.Spans)
		found.add(ticked(x.Workload), "", string(x.Action), x.Environment, when, "by the identity that it shares with "+x.Grantee.String())
	}
	c.answer("Who reaches this", "Nobody reaches this.", found)
}

// shared returns who reaches a resource only by a principal that somebody else has as well.
func shared(g *access.Graph, a addr.Address, at time.Time) []access.Answer {
	if len(g.Leaks) == 0 {
		return nil
	}
	var out []access.Answer
	for _, action := range model.Actions() {
		for _, answer := range access.WhoCan(g, action, a, "", at) {
			if answer.Means == access.SharedName {
				out = append(out, answer)
			}
		}
	}
	return out
}

// reaches lists what a workload reaches.
func (c *card) reaches(a addr.Address) {
	g := c.graph()
	if g == nil {
		return
	}
	var found rows
	for i := range g.Grants {
		grant := &g.Grants[i]
		if when, ok := c.view.span(grant.Spans); ok && grant.Workload == a {
			found.add("", ticked(grant.Resource), action(grant), grant.Environment, when, allows(grant.Sources))
		}
	}
	c.answer("What this reaches", "It reaches nothing.", found)
	c.cuts("Denied", func(cut *access.Cut) bool { return cut.Workload == a }, false)
	for _, l := range g.Leaks {
		if slices.ContainsFunc(l.Holders, func(h access.Holder) bool { return h.Workload == a }) {
			var others []string
			for _, h := range l.Holders {
				if h.Workload != a {
					others = with(others, ticked(h.Workload))
				}
			}
			if len(others) > 0 {
				c.line("As `%s` it has the access of %s too.", l.Principal.Name, strings.Join(others, ", "))
			}
		}
	}
}

// given lists what a group's members reach because they are members.
func (c *card) given(a addr.Address) {
	g := c.graph()
	if g == nil {
		return
	}
	var found rows
	for i := range g.Grants {
		grant := &g.Grants[i]
		for j := range grant.Sources {
			if s := &grant.Sources[j]; s.From.Addr == a {
				if when, ok := c.view.span(access.NewSpans(s.Span)); ok {
					found.add("", ticked(grant.Resource), action(grant), grant.Environment, when, s.Allow.String())
				}
			}
		}
	}
	c.answer("What its members reach through it", "Nothing is reached through it.", found)
}

// allow lists what an allow gives, and what of it denies take away.
func (c *card) allow(a addr.Address) {
	if m := find(c.view.Policy.Allows, func(m *model.Allow) bool { return m.Addr == a }); m != nil {
		when, ok := c.view.span(access.NewSpans(access.SpanOf(m.Interval)))
		if !ok {
			when = "it has ended"
		}
		c.facts(m.Reason.Value, when)
	}
	g := c.graph()
	if g == nil {
		return
	}
	var found rows
	for i := range g.Grants {
		grant := &g.Grants[i]
		if slices.ContainsFunc(grant.Sources, func(s access.Source) bool { return s.Allow == a }) {
			found.add(ticked(grant.Workload), ticked(grant.Resource), action(grant), grant.Environment, "", "")
		}
	}
	c.answer("What this gives", "It gives nothing.", found)
	c.cuts("Taken away by denies", func(cut *access.Cut) bool {
		return slices.ContainsFunc(cut.Sources, func(s access.Source) bool { return s.Allow == a })
	}, true)
}

// deny lists what a deny takes away.
func (c *card) deny(a addr.Address) {
	if m := find(c.view.Policy.Denies, func(m *model.Deny) bool { return m.Addr == a }); m != nil {
		c.facts(m.Reason.Value)
	}
	g := c.graph()
	if g == nil {
		return
	}
	before := c.text.Len()
	c.cuts("What this takes away", func(cut *access.Cut) bool {
		return slices.ContainsFunc(cut.Denies, func(d access.DenySource) bool { return d.Deny == a })
	}, true)
	if c.text.Len() == before {
		c.line("No allow gives what it denies.")
	}
}

func (c *card) cuts(title string, about func(*access.Cut) bool, who bool) {
	var found rows
	for i := range c.view.Graph.Cuts {
		cut := &c.view.Graph.Cuts[i]
		if !about(cut) {
			continue
		}
		var denies []string
		for _, d := range cut.Denies {
			if d.Deny != c.name.address() {
				denies = with(denies, d.Deny.String())
			}
		}
		workload := ""
		if who {
			workload = ticked(cut.Workload)
		}
		found.add(workload, ticked(cut.Resource), string(cut.Action), cut.Environment, "", strings.Join(denies, ", "))
	}
	if len(found) > 0 {
		c.line("**%s**", title)
		c.list(found.lines())
	}
}

// answer writes a list under its title, or that it is empty.
func (c *card) answer(title, none string, found rows) {
	c.stale()
	if len(found) == 0 {
		c.line("%s", none)
		return
	}
	c.line("**%s**", title)
	c.list(found.lines())
}
