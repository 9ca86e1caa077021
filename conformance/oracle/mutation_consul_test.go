package oracle_test

import (
	"fmt"
	"slices"

	"gatehouse/targets"
	"gatehouse/targets/consul"
)

var consulKinds = []string{
	"drop an allow", "drop the closing deny", "add an allow for a stranger", "add an allow for somebody declared", "add a deny for a stranger",
	"swap allow and deny", "swap a source for a stranger", "swap a source for somebody declared", "swap the rules of two containers",
	"widen an allow to everybody", "widen the closing deny to an allow", "narrow the closing deny to a stranger", "narrow an allow to a path",
	"narrow an allow to a peer", "take an allow for every partition's", "turn the order round", "describe a source", "name the type of a source",
	"another protocol", "let plain text in",
}

// consulMutations are the mistakes that a compiler for Consul could make in one entry.
func consulMutations(s site, c targets.Container) []mutation {
	fields := fieldsOf(c.Body)
	one := func(kind, detail, field string, value any) mutation {
		fields := fieldsOf(c.Body)
		fields[field] = value
		return mutation{kind: kind, detail: detail, body: written(fields)}
	}
	if c.Key.Kind == consul.ServiceDefaults {
		return []mutation{
			one("another protocol", "", "Protocol", map[bool]string{true: "tcp", false: "http2"}[fields["Protocol"] == "http"]),
			one("let plain text in", "", "MutualTLSMode", "permissive"),
		}
	}
	sources := fields["Sources"].([]any)
	out := s.exchanged(c, "Sources")
	add := func(kind, detail string, sources []any) { out = append(out, one(kind, detail, "Sources", sources)) }
	for i := range sources {
		for _, m := range sourceMutations(s, sources, i) {
			add(m.kind, m.detail, m.sources)
		}
	}
	for _, n := range s.names() {
		switch {
		case named(sources, n):
		case n == stranger:
			add("add an allow for a stranger", n, with(sources, any(source(n, "allow"))))
			add("add a deny for a stranger", n, with(sources, any(source(n, "deny"))))
		default:
			add("add an allow for somebody declared", n, with(sources, any(source(n, "allow"))))
		}
	}
	if len(sources) > 1 {
		round := slices.Clone(sources)
		slices.Reverse(round)
		add("turn the order round", "", round)
	}
	return out
}

type sourcesMutation struct {
	kind, detail string
	sources      []any
}

// sourceMutations are those of one source.
func sourceMutations(s site, sources []any, i int) []sourcesMutation {
	name := sources[i].(map[string]any)["Name"].(string)
	dropped := slices.Delete(slices.Clone(sources), i, i+1)
	as := func(kind, field string, value any) sourcesMutation {
		changed := source(name, sources[i].(map[string]any)["Action"].(string))
		changed[field] = value
		return sourcesMutation{kind, fmt.Sprint(name, " ", value), replaced(sources, i, any(changed))}
	}
	out := []sourcesMutation{as("describe a source", "Description", "nightly"), as("name the type of a source", "Type", "consul")}
	if name == "*" {
		return append(out, sourcesMutation{"drop the closing deny", "", dropped},
			as("widen the closing deny to an allow", "Action", "allow"), as("narrow the closing deny to a stranger", "Name", stranger))
	}
	path := []any{map[string]any{"Action": "allow", "HTTP": map[string]any{"PathPrefix": "/v1"}}}
	narrowed := map[string]any{"Name": name, "Permissions": path}
	out = append(out, sourcesMutation{"drop an allow", name, dropped},
		as("swap allow and deny", "Action", "deny"), as("swap a source for a stranger", "Name", stranger),
		sourcesMutation{"widen an allow to everybody", name, []any{source("*", "allow")}},
		sourcesMutation{"narrow an allow to a path", name, replaced(sources, i, any(narrowed))},
		as("narrow an allow to a peer", "Peer", "elsewhere"), as("take an allow for every partition's", "Partition", "elsewhere"))
	for _, n := range s.names() {
		if n != stranger && !named(sources, n) {
			out = append(out, as("swap a source for somebody declared", "Name", n))
		}
	}
	return out
}

func source(name, action string) map[string]any {
	return map[string]any{"Name": name, "Action": action}
}

func named(sources []any, name string) bool {
	return slices.ContainsFunc(sources, func(s any) bool { return s.(map[string]any)["Name"] == name })
}
