package conformance

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

// printer writes a resolved policy as text that is read without Go: a line for each declaration, an indented one for each place.
type printer struct{ strings.Builder }

func printModel(p *model.Policy) string {
	var b printer
	b.line("policy %s packs=[%s]%s", p.Name, strings.Join(texts(p.Packs), " "), list("guardrails", texts(p.Guardrails)))
	for _, e := range p.Environments {
		b.environment(e)
	}
	for _, i := range p.Providers {
		b.line("%s issuer=%s audiences=[%s] claim=%s%s", i.Addr, i.Issuer.Value, strings.Join(texts(i.Audiences), " "), i.Claim.Value, duration("max_ttl", i.MaxTTL))
		b.line("  in %s", refs(i.Environments))
	}
	for _, w := range p.Workloads {
		provider := when(w.Provider.Addr.Name != "", " by "+w.Provider.Addr.String())
		b.line("%s%s%s%s", w.Addr, named("owner", w.Owner.Value), provider, when(w.Interactive, " interactive"))
		for _, p := range w.Places {
			b.line("  %s%s%s%s", p.Environment, named("service", p.Service.Value), named("account", p.ServiceAccount.Value), labelText(p.Labels))
		}
	}
	for _, g := range p.Groups {
		b.line("%s%s%s", g.Addr, labelText(g.Match), when(nests(g), " lists "+refs(g.Listed)))
		for _, e := range slices.Sorted(maps.Keys(g.Members)) {
			b.line("  %s %s", e, strings.Join(addresses(g.Members[e]), " "))
		}
	}
	b.resources(p)
	for _, a := range p.Allows {
		b.line("%s %v%s%s", a.Addr, a.Actions, interval(a.Interval), named("reason", a.Reason.Value))
		b.line("  from %s", refs(a.From))
		b.line("  to %s", refs(a.To))
		if a.Environments != nil {
			b.line("  in %s", refs(a.Environments))
		}
		if a.Across != nil {
			b.line("  across %s to %s", a.Across.From.Addr, a.Across.To.Addr)
		}
		b.requests(a.Requests)
	}
	for _, d := range p.Denies {
		b.line("%s %s%s", d.Addr, actions(d.Actions), named("reason", d.Reason.Value))
		b.line("  from %s", refs(d.From))
		b.line("  to %s", refs(d.To))
		b.requests(d.Requests)
	}
	b.claims(p)
	return b.String()
}

// claims prints what is said about the policy: exceptions from guardrails, and tests.
func (b *printer) claims(p *model.Policy) {
	for _, e := range p.Exceptions {
		b.line("%s %s expires=%s approved_by=%s reason=%q", e.Addr, e.Guardrail.Value, e.Expires.Format(time.RFC3339), e.ApprovedBy.Value, e.Reason.Value)
		b.line("  subjects %s", refs(e.Subjects))
	}
	for _, t := range slices.SortedFunc(slices.Values(p.Tests), func(a, b *model.Test) int { return strings.Compare(a.Name.Value, b.Name.Value) }) {
		at := ""
		if !t.At.IsZero() {
			at = t.At.Format(time.RFC3339)
		}
		b.line("test %q expects %s %v%s", t.Name.Value, t.Expect, t.Actions, named("at", at))
		b.line("  from %s", refs(t.From))
		b.line("  to %s", refs(t.To))
		b.line("  in %s", refs(t.Environments))
		b.requests(t.Requests)
	}
}

func (b *printer) requests(list []model.Request) {
	for _, r := range list {
		b.line("  http %s", r)
	}
}

func nests(g *model.Group) bool {
	return slices.ContainsFunc(g.Listed, func(ref model.Ref) bool { return ref.Addr.Kind == addr.Group })
}

func duration(name string, d time.Duration) string {
	if d == 0 {
		return ""
	}
	return named(name, d.String())
}

func (b *printer) environment(e *model.Environment) {
	note := ""
	if e.Retired {
		note = " retired"
	}
	b.line("environment.%s tier=%s%s", e.Name, e.Tier, note)
	if c := e.Consul; c != nil {
		b.line("  consul%s%s%s%s", named("address", c.Address), named("datacenter", c.Datacenter), named("partition", c.Partition),
			named("namespace", c.Namespace))
	}
	if g := e.Google; g != nil {
		b.line("  google%s%s%s%s", named("project", g.Project), named("number", g.ProjectNumber), named("ownership", string(g.Ownership)),
			named("endpoint", g.Endpoint))
	}
}

func (b *printer) resources(p *model.Policy) {
	for _, s := range p.Stores {
		b.line("%s%s%s", s.Addr, named("owner", s.Owner.Value), named("classification", string(s.Classification)))
		if s.Online != nil {
			b.line("  online%s", named("protocol", s.Online.Protocol.Value))
		}
		if s.Offline != nil {
			b.line("  offline")
		}
		for _, p := range s.Places {
			b.line("  %s%s%s%s%s", p.Environment, named("service", p.Service.Value), named("project", p.Project), named("dataset", p.Dataset.Value),
				labelText(p.Labels))
		}
	}
	for _, s := range p.Secrets {
		b.line("%s%s%s%s", s.Addr, named("owner", s.Owner.Value), named("classification", string(s.Classification)), duration("rotation", s.Rotation))
		for _, p := range s.Places {
			b.line("  %s%s%s%s", p.Environment, named("project", p.Project), named("secret", p.Secret.Value), labelText(p.Labels))
		}
	}
}

func (b *printer) line(format string, args ...any) { fmt.Fprintf(b, format+"\n", args...) }

func named(name, value string) string {
	switch {
	case value == "":
		return ""
	case strings.ContainsAny(value, " \t\n\""):
		return fmt.Sprintf(" %s=%q", name, value)
	}
	return " " + name + "=" + value
}

func list(name string, values []string) string {
	if values == nil {
		return ""
	}
	return fmt.Sprintf(" %s=[%s]", name, strings.Join(values, " "))
}

func when(condition bool, text string) string {
	if condition {
		return text
	}
	return ""
}

func labelText(labels map[string]string) string {
	if len(labels) == 0 {
		return ""
	}
	var out []string
	for _, k := range slices.Sorted(maps.Keys(labels)) {
		out = append(out, fmt.Sprintf("%s=%q", k, labels[k]))
	}
	return " {" + strings.Join(out, ", ") + "}"
}

func texts(list []model.Text) []string {
	var out []string
	for _, t := range list {
		out = append(out, t.Value)
	}
	return out
}

func addresses(list []addr.Address) []string {
	var out []string
	for _, a := range list {
		out = append(out, a.String())
	}
	return out
}

func refs(list []model.Ref) string {
	var out []string
	for _, r := range list {
		out = append(out, r.Addr.String())
	}
	return strings.Join(out, " ")
}

func actions(list []model.Action) string {
	if list == nil {
		return "every action"
	}
	return fmt.Sprint(list)
}

func interval(i model.Interval) string {
	moment := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.Format(time.RFC3339)
	}
	return named("not_before", moment(i.NotBefore)) + named("expires", moment(i.Expires))
}
