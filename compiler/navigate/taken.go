package navigate

import (
	"fmt"
	"iter"
	"slices"
	"strings"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

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

// withheld lists what the denies that name a group take from its members.
func (c *card) withheld(a addr.Address) {
	group := find(c.view.Policy.Groups, func(g *model.Group) bool { return g.Addr == a })
	names := func(ref model.Ref) bool { return ref.Addr == a }
	by := func(d access.DenySource) bool {
		deny := find(c.view.Policy.Denies, func(m *model.Deny) bool { return m.Addr == d.Deny })
		return deny != nil && slices.ContainsFunc(deny.From, names)
	}
	c.cuts("What its members are denied through it", func(cut *access.Cut) bool {
		return slices.Contains(group.Members[cut.Origin], cut.Workload) && slices.ContainsFunc(cut.Denies, by)
	}, true)
}

func (c *card) cuts(title string, of func(*access.Cut) bool, who bool) {
	var found rows
	for cut := range cutsOf(c.view.Graph) {
		if !of(cut) {
			continue
		}
		var denies []string
		for _, d := range cut.Denies {
			if d.Deny != c.name.address() {
				denies = with(denies, d.Deny.String())
			}
		}
		one := about{what: ticked(cut.Resource), requests: requests(cut.Request, nil), by: strings.Join(denies, ", ")}
		if who {
			one.who = ticked(cut.Workload)
		}
		found.add(one, cut.Action, between(cut.Environment, cut.Origin))
	}
	if len(found) > 0 {
		c.line("**%s**", title)
		c.list(found.lines())
	}
}

// cutsOf yields what denies take from allows: what the graph tells of, and, deny by deny, what is excepted from what they leave.
func cutsOf(g *access.Graph) iter.Seq[*access.Cut] {
	return func(yield func(*access.Cut) bool) {
		for i := range g.Cuts {
			if !yield(&g.Cuts[i]) {
				return
			}
		}
		for i := range g.Grants {
			grant := &g.Grants[i]
			for j := range g.Denies {
				if len(grant.Except) > 0 && !excepted(grant, &g.Denies[j], yield) {
					return
				}
			}
		}
	}
}

// excepted yields what one deny takes of a grant; false where nobody wants more.
func excepted(grant *access.Grant, d *access.Deny, yield func(*access.Cut) bool) bool {
	if !slices.Contains(d.Workloads, grant.Workload) || !slices.Contains(d.Resources, grant.Resource) || !slices.Contains(d.Actions, grant.Action) {
		return true
	}
	for _, r := range grant.Request.Meeting(d.Requests) {
		cut := access.Cut{
			Environment: grant.Environment, Origin: grant.Origin, Workload: grant.Workload, Resource: grant.Resource, Action: grant.Action,
			Request: r, Sources: grant.Sources, Denies: []access.DenySource{{Deny: d.Addr}},
		}
		if !yield(&cut) {
			return false
		}
	}
	return true
}

// mostExcepted bounds the exceptions that a line names.
const mostExcepted = 8

// requests names those that access is narrowed to, as gatehouse who-can does; nothing where it is to all.
func requests(r model.Request, except []model.Request) string {
	text := access.RequestText(r, except[:min(len(except), mostExcepted)])
	if text == "" {
		return ""
	}
	text = verbatim(text)
	if more := len(except) - mostExcepted; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// verbatim marks a text as one that stands somewhere as it is.
func verbatim(text string) string {
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`" // it holds what would end the span
	}
	if len(fence) > 1 {
		text = " " + text + " "
	}
	return fence + text + fence
}

// where names the environment that access holds in, and that which an allow across reaches it from.
func where(g *access.Grant) string { return between(g.Environment, g.Home()) }

func between(environment, home string) string {
	if home == "" || home == environment {
		return environment
	}
	return environment + " from " + home
}
