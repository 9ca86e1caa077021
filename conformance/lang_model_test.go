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
	for _, w := range p.Workloads {
		b.line("%s%s%s", w.Addr, named("owner", w.Owner.Value), when(w.Interactive, " interactive"))
		for _, p := range w.Places {
			b.line("  %s%s%s%s", p.Environment, named("service", p.Service.Value), named("account", p.ServiceAccount.Value), labelText(p.Labels))
		}
	}
	for _, g := range p.Groups {
		b.line("%s%s", g.Addr, labelText(g.Match))
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
	}
	for _, d := range p.Denies {
		b.line("%s %s%s", d.Addr, actions(d.Actions), named("reason", d.Reason.Value))
		b.line("  from %s", refs(d.From))
		b.line("  to %s", refs(d.To))
	}
	return b.String()
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
		for _, p := range s.Places {
			b.line("  %s%s%s", p.Environment, named("service", p.Service.Value), labelText(p.Labels))
		}
	}
	for _, s := range p.Secrets {
		rotation := ""
		if s.Rotation != 0 {
			rotation = s.Rotation.String()
		}
		b.line("%s%s%s%s", s.Addr, named("owner", s.Owner.Value), named("classification", string(s.Classification)), named("rotation", rotation))
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
