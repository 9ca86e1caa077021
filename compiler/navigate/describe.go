package navigate

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
)

// facts writes what is not empty, in one line.
func (c *card) facts(facts ...string) {
	facts = slices.DeleteFunc(facts, func(s string) bool { return s == "" })
	if len(facts) > 0 {
		c.line("%s", strings.Join(facts, " · "))
	}
}

func (c *card) workload(a addr.Address) {
	w := find(c.view.Policy.Workloads, func(w *model.Workload) bool { return w.Addr == a })
	if w == nil {
		return
	}
	interactive, provider := "", ""
	if w.Interactive {
		interactive = "interactive"
	}
	if w.Provider.Addr.Name != "" {
		provider = w.Provider.Addr.String()
	}
	c.facts(w.Owner.Value, interactive, provider)
	var places []string
	for _, p := range w.Places {
		places = append(places, place(p.Environment, p.Labels, named("service", p.Service.Value), named("account", p.ServiceAccount.Value)))
	}
	c.list(places)
	c.reaches(a)
}

func (c *card) store(a addr.Address) {
	s := c.view.store(a.Whole())
	if s == nil {
		return
	}
	protocol := ""
	if s.Online != nil {
		protocol = s.Online.Protocol.Value
	}
	c.facts(string(s.Classification), s.Owner.Value, protocol)
	var places []string
	for _, p := range s.Places {
		places = append(places, place(p.Environment, p.Labels, named("service", p.Service.Value), named("dataset", p.Dataset.Value)))
	}
	c.list(places)
	c.reachedBy(a)
}

func (c *card) secret(a addr.Address) {
	s := c.view.secret(a)
	if s == nil {
		return
	}
	rotation := ""
	if s.Rotation > 0 {
		rotation = "rotates every " + short(s.Rotation)
	}
	c.facts(string(s.Classification), s.Owner.Value, rotation)
	var places []string
	for _, p := range s.Places {
		places = append(places, place(p.Environment, p.Labels, named("secret", p.Project+"/"+p.Secret.Value)))
	}
	c.list(places)
	c.reachedBy(a)
}

// short shows a duration without the parts of it that are zero.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

func named(what, name string) string {
	if name == "" {
		return ""
	}
	return what + " `" + name + "`"
}

// place says what a thing is called in one environment.
func place(environment string, labels map[string]string, names ...string) string {
	names = slices.DeleteFunc(names, func(s string) bool { return s == "" })
	var pairs []string
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		pairs = append(pairs, key+"="+labels[key])
	}
	if len(pairs) > 0 {
		names = append(names, "labels "+strings.Join(pairs, " "))
	}
	if len(names) == 0 {
		return environment
	}
	return environment + ": " + strings.Join(names, ", ")
}

func (c *card) group(a addr.Address) {
	g := find(c.view.Policy.Groups, func(g *model.Group) bool { return g.Addr == a })
	if g == nil {
		return
	}
	var places []string
	for _, environment := range slices.Sorted(maps.Keys(g.Members)) {
		members := make([]string, 0, len(g.Members[environment]))
		for _, m := range g.Members[environment] {
			members = append(members, m.Name)
		}
		if len(members) > 0 {
			places = append(places, environment+": "+strings.Join(some(members, 12), ", "))
		}
	}
	if len(places) == 0 {
		c.line("It has no members.")
	}
	c.list(places)
	c.given(a)
}

func (c *card) environment(a addr.Address) {
	e := find(c.view.Policy.Environments, func(e *model.Environment) bool { return e.Name == a.Name })
	if e == nil {
		return
	}
	retired, mesh, cloud := "", "", ""
	if e.Retired {
		retired = "retired"
	}
	if e.Consul != nil {
		mesh = "Consul " + strings.TrimSpace(e.Consul.Address+" "+e.Consul.Datacenter)
	}
	if e.Google != nil {
		cloud = "Google project " + e.Google.Project
	}
	c.facts(string(e.Tier), retired, mesh, cloud)
	if g := c.view.Graph; g != nil {
		c.stale()
		switch n := len(g.In(a.Name)); n {
		case 0:
			c.line("Nothing is granted here.")
		case 1:
			c.line("One grant holds here.")
		default:
			c.line("%d grants hold here.", n)
		}
	}
}

func (c *card) provider(a addr.Address) {
	p := find(c.view.Policy.Providers, func(p *model.IdentityProvider) bool { return p.Addr == a })
	if p == nil {
		return
	}
	var users []string
	for _, w := range c.view.Policy.Workloads {
		if w.Provider.Addr == a {
			users = append(users, w.Addr.Name)
		}
	}
	c.facts(p.Issuer.Value, named("claim", p.Claim.Value))
	if len(users) > 0 {
		c.line("Vouches for %s.", diag.Listed(some(users, 12), "and"))
	}
}

func (c *card) exception(a addr.Address) {
	e := find(c.view.Policy.Exceptions, func(e *model.Exception) bool { return e.Addr == a })
	if e == nil {
		return
	}
	var subjects []string
	for _, s := range e.Subjects {
		subjects = append(subjects, "`"+s.Addr.String()+"`")
	}
	c.line("Waives `%s` for %s, until %s.", e.Guardrail.Value, diag.Listed(subjects, "and"), moment(e.Expires))
	c.facts(e.Reason.Value, "approved by "+e.ApprovedBy.Value)
}

// mostRows bounds a list in a hover.
const mostRows = 15

func (c *card) list(rows []string) {
	for i, row := range rows {
		if i == mostRows {
			fmt.Fprintf(&c.text, "- … and %d more\n", len(rows)-mostRows)
			break
		}
		fmt.Fprintf(&c.text, "- %s\n", row)
	}
	if len(rows) > 0 {
		c.text.WriteString("\n")
	}
}

// moment shows a time as short as it can be read back.
func moment(t time.Time) string {
	if t = t.UTC(); t.Equal(t.Truncate(24 * time.Hour)) {
		return t.Format(time.DateOnly)
	}
	return t.Format("2006-01-02 15:04:05 UTC")
}
