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

// about is what tells one row of access from another.
type about struct{ who, what, requests, when, by string }

// row is access that a card tells in one line: what differs only by environment or action stands together.
type row struct {
	about
	actions      []string
	environments []string
}

// rows collects access; the order is that in which it is first met, which is the graph's.
type rows []*row

func (r *rows) add(a about, action model.Action, environment string) {
	for _, old := range *r {
		if old.about == a {
			old.actions, old.environments = with(old.actions, string(action)), with(old.environments, environment)
			return
		}
	}
	*r = append(*r, &row{a, []string{string(action)}, []string{environment}})
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
		ends := x.who
		switch {
		case ends == "":
			ends = x.what
		case x.what != "":
			ends += " → " + x.what
		}
		line := fmt.Sprintf("%s: %s in %s", ends, strings.Join(x.actions, ", "), strings.Join(x.environments, ", "))
		if x.requests != "" {
			line += ", for " + x.requests
		}
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
			found.add(about{ticked(grant.Workload), what, requests(grant.Request, grant.Except), when, allows(grant.Sources)}, grant.Action, where(grant))
		}
	}
	for _, x := range shared(g, a, c.view.At) {
		when, _ := c.view.span(x.Spans)
		by := "by the identity that it shares with " + x.Grantee.String()
		found.add(about{ticked(x.Workload), "", requests(x.Request, x.Except), when, by}, x.Action, between(x.Environment, x.Home))
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
			found.add(about{"", ticked(grant.Resource), requests(grant.Request, grant.Except), when, allows(grant.Sources)}, grant.Action, where(grant))
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

// given lists what a group's members reach because they are members, and what they are denied for it.
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
					found.add(about{"", ticked(grant.Resource), requests(grant.Request, grant.Except), when, s.Allow.String()}, grant.Action, where(grant))
				}
			}
		}
	}
	c.answer("What its members reach through it", "Nothing is reached through it.", found)
	c.withheld(a)
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
			found.add(about{ticked(grant.Workload), ticked(grant.Resource), requests(grant.Request, grant.Except), "", ""}, grant.Action, where(grant))
		}
	}
	c.answer("What this gives", "It gives nothing.", found)
	c.cuts("Taken away by denies", func(cut *access.Cut) bool {
		return slices.ContainsFunc(cut.Sources, func(s access.Source) bool { return s.Allow == a })
	}, true)
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
