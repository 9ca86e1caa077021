package oracle

import "slices"

// Blocks returns the policy as blocks to print, the gatehouse block first. It has no guardrails: they judge what is meant, and mean nothing.
func (p Policy) Blocks() []Block {
	out := []Block{{Type: "gatehouse", Attrs: []Attr{{Name: "policy", Text: "generated"}, {Name: "packs", Words: []string{}}}}}
	for _, e := range p.Environments {
		out = append(out, e.block())
	}
	for _, w := range p.Workloads {
		out = append(out, Block{Type: "workload", Label: w.Name, Attrs: placed(w.Environments, w.Labels), Blocks: overrides(w.In)})
	}
	for _, g := range p.Groups {
		out = append(out, Block{Type: "group", Label: g.Name, Attrs: slices.Concat(labelled("match", g.Match), words("workloads", g.Workloads))})
	}
	for _, s := range p.Stores {
		out = append(out, s.block())
	}
	for _, s := range p.Secrets {
		attrs := append(placed(s.Environments, s.Labels), Attr{Name: "classification", Text: "restricted"})
		out = append(out, Block{Type: "secret", Label: s.Name, Attrs: attrs, Blocks: overrides(s.In)})
	}
	for _, a := range p.Allows {
		out = append(out, Block{Type: "allow", Label: a.Name, Attrs: slices.Concat(
			words("from", a.From), words("to", a.To), words("actions", a.Actions), moment("not_before", a.NotBefore), moment("expires", a.Expires),
			words("environments", a.Environments)), Blocks: append(a.Across.blocks(), requests(a.HTTP)...)})
	}
	for _, d := range p.Denies {
		out = append(out, Block{Type: "deny", Label: d.Name, Attrs: slices.Concat(words("from", d.From), words("to", d.To), words("actions", d.Actions)), Blocks: requests(d.HTTP)})
	}
	return out
}

func (e Environment) block() Block {
	b := Block{Type: "environment", Label: e.Name, Attrs: text("tier", e.Tier)}
	if e.Retired {
		b.Attrs = append(b.Attrs, Attr{Name: "retired", Bare: "true"})
	}
	if c := e.Consul; c != nil {
		b.Blocks = append(b.Blocks, Block{Type: "consul",
			Attrs: slices.Concat(text("address", c.Address), text("datacenter", c.Datacenter), text("service", c.Service.String()))})
	}
	if g := e.Google; g != nil {
		b.Blocks = append(b.Blocks, Block{Type: "google",
			Attrs: slices.Concat(text("project", g.Project), text("service_account", g.ServiceAccount.String()), text("secret", g.Secret.String()), text("dataset", g.Dataset.String()))})
	}
	return b
}

func (s Store) block() Block {
	b := Block{Type: "feature_store", Label: s.Name, Attrs: append(placed(s.Environments, s.Labels), Attr{Name: "classification", Text: "internal"})}
	if s.Online != nil {
		b.Blocks = append(b.Blocks, Block{Type: "online", Attrs: slices.Concat(text("service", s.Online.Service), text("protocol", s.Online.Protocol))})
	}
	if s.Offline != nil {
		b.Blocks = append(b.Blocks, Block{Type: "offline", Attrs: text("dataset", s.Offline.Dataset)})
	}
	b.Blocks = append(b.Blocks, overrides(s.In)...)
	return b
}

func (a *Across) blocks() []Block {
	if a == nil {
		return nil
	}
	return []Block{{Type: "across", Attrs: []Attr{{Name: "from", Bare: "environment." + a.From}, {Name: "to", Bare: "environment." + a.To}}}}
}

func requests(list []HTTP) []Block {
	var out []Block
	for _, h := range list {
		out = append(out, Block{Type: "http", Attrs: slices.Concat(
			texts("methods", h.Methods), texts("paths", h.Paths), texts("prefixes", h.Prefixes), texts("regexes", h.Regexes))})
	}
	return out
}

func placed(environments []string, labels map[string]string) []Attr {
	refs := make([]string, len(environments))
	for i, e := range environments {
		refs[i] = "environment." + e
	}
	return slices.Concat(words("environments", refs), labelled("labels", labels))
}

func overrides(in []Override) []Block {
	var out []Block
	for _, o := range in {
		out = append(out, Block{Type: "in", Label: o.Environment, Attrs: slices.Concat(
			text("service", o.Service), text("service_account", o.ServiceAccount), text("secret", o.Secret), text("project", o.Project), text("dataset", o.Dataset),
			labelled("labels", o.Labels))})
	}
	return out
}

// String prints a template as a policy writes it.
func (t Template) String() string {
	out := ""
	for _, part := range t {
		if out += part.Text; part.Variable != "" {
			out += "${" + part.Variable + "}"
		}
	}
	return out
}
