package oracle_test

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/targets"
	"gatehouse/targets/google"
)

var googleKinds = []string{
	"drop a grant", "add a grant for a stranger", "add a grant for somebody declared", "add a grant to the public", "add the same grant again",
	"swap the role", "swap the member for a stranger", "swap the member for somebody declared", "swap the conditions of two grants",
	"swap the rules of two containers", "widen the role", "widen the role of who has both", "widen the role to an unknown one", "widen the member to the public",
	"widen by leaving out the condition", "widen the condition to always", "widen the end by a second", "widen the beginning by a second",
	"narrow with a condition", "narrow to another secret", "narrow the end by a second", "take and for or", "ask for something unknown",
	"put a group in a member's place", "delete the member", "rename a condition", "shout a member", "turn the order round", "divide a binding",
	"spell a boundary otherwise",
}

// granted is one member in one role under one condition.
type granted struct {
	role, member string
	condition    map[string]any // nil: none
}

// binding writes a grant as a binding of its own.
func (g granted) binding() any {
	out := map[string]any{"role": g.role, "members": []string{g.member}}
	if g.condition != nil {
		out["condition"] = g.condition
	}
	return out
}

func (g granted) expression() string {
	text, _ := g.condition["expression"].(string)
	return text
}

// when returns the grant under another expression.
func (g granted) when(expression string) granted {
	g.condition = map[string]any{"title": "mutated", "expression": expression}
	return g
}

func grantsOf(bindings []any) []granted {
	var out []granted
	for _, b := range bindings {
		b := b.(map[string]any)
		condition, _ := b["condition"].(map[string]any)
		for _, m := range b["members"].([]any) {
			out = append(out, granted{b["role"].(string), m.(string), condition})
		}
	}
	return out
}

// googleMutations are the mistakes that a compiler for Google could make in one policy.
func googleMutations(s site, c targets.Container) []mutation {
	bindings := fieldsOf(c.Body)["bindings"].([]any)
	grants := grantsOf(bindings)
	out := s.exchanged(c, "bindings")
	add := func(kind, detail string, grants []granted) {
		fields, list := fieldsOf(c.Body), []any{}
		for _, g := range grants {
			list = append(list, g.binding())
		}
		fields["bindings"] = list
		out = append(out, mutation{kind: kind, detail: detail, body: written(fields)})
	}
	for i, g := range grants {
		if add("drop a grant", g.member, slices.Delete(slices.Clone(grants), i, i+1)); i == 0 {
			add("divide a binding", "", grants)
			add("add the same grant again", g.member, with(grants, g))
			round := slices.Clone(grants)
			slices.Reverse(round)
			add("turn the order round", "", round)
		}
		for _, m := range grantMutations(s, grants, g) {
			add(m.kind, fmt.Sprint(g, " → ", m.to), replaced(grants, i, m.to))
		}
		for j, other := range grants[:i] {
			if g.expression() != other.expression() {
				one, two := g, other
				one.condition, two.condition = other.condition, g.condition
				add("swap the conditions of two grants", fmt.Sprint(g, other), replaced(replaced(grants, i, one), j, two))
			}
		}
	}
	for _, more := range additions(s, grants) {
		add(more.kind, fmt.Sprint(more.to), with(grants, more.to))
	}
	return out
}

type grantMutation struct {
	kind string
	to   granted
}

// additions are grants of somebody who has none in that role, or only one for a time.
func additions(s site, grants []granted) []grantMutation {
	var out []grantMutation
	for _, role := range []string{google.Reader, google.Writer} {
		out = append(out, grantMutation{"add a grant to the public", granted{role, "allUsers", nil}})
		for _, m := range s.members() {
			kind := "add a grant for somebody declared"
			if m == outsider {
				kind = "add a grant for a stranger"
			}
			if !slices.ContainsFunc(grants, func(g granted) bool { return g.role == role && g.member == m && g.condition == nil }) {
				out = append(out, grantMutation{kind, granted{role, m, nil}})
			}
		}
	}
	return out
}

// grantMutations are those of one grant.
func grantMutations(s site, grants []granted, g granted) []grantMutation {
	var out []grantMutation
	add := func(kind string, to granted) { out = append(out, grantMutation{kind, to}) }
	role := func(name string) granted { return granted{name, g.member, g.condition} }
	member := func(name string) granted { return granted{g.role, name, g.condition} }
	add("swap the role", role(map[bool]string{true: google.Writer, false: google.Reader}[g.role == google.Reader]))
	switch i := slices.IndexFunc(grants, func(o granted) bool { return o.member == g.member && o.role != g.role }); {
	case i < 0:
		add("widen the role", role("roles/secretmanager.admin"))
	case grants[i].condition == nil || grants[i].expression() == g.expression():
		add("widen the role of who has both", role("roles/secretmanager.admin"))
	}
	add("widen the role to an unknown one", role("projects/acme-one/roles/anything"))
	add("swap the member for a stranger", member(outsider))
	add("widen the member to the public", member("allAuthenticatedUsers"))
	add("put a group in a member's place", member("group:all@acme.example"))
	add("delete the member", member("deleted:"+g.member+"?uid=1"))
	kind, account, _ := strings.Cut(g.member, ":")
	add("shout a member", member(kind+":"+strings.ToUpper(account)))
	for _, m := range s.members() {
		if m != outsider && m != g.member {
			add("swap the member for somebody declared", member(m))
		}
	}
	if g.condition == nil {
		add("narrow with a condition", g.when(`request.time < timestamp("2100-01-01T00:00:00Z")`))
		add("narrow to another secret", g.when(`resource.name.endsWith("/another")`))
		return out
	}
	return append(out, timeMutations(g)...)
}

// timeMutations are those of a grant's condition.
func timeMutations(g granted) []grantMutation {
	text := g.expression()
	out := []grantMutation{
		{"widen by leaving out the condition", granted{g.role, g.member, nil}},
		{"widen the condition to always", g.when("(" + text + ") || true")},
		{"narrow to another secret", g.when("(" + text + `) && resource.name.endsWith("/another")`)},
		{"ask for something unknown", g.when("(" + text + ") && request.mood == 'good'")},
		{"rename a condition", granted{g.role, g.member, map[string]any{"title": "for the audit", "expression": text}}},
	}
	if strings.Contains(text, " && ") && !strings.Contains(text, " || ") {
		out = append(out, grantMutation{"take and for or", g.when(strings.ReplaceAll(text, " && ", " || "))})
	}
	for _, b := range []struct {
		kind, operator string
		by             time.Duration
	}{
		{"widen the end by a second", "request.time < ", time.Second},
		{"narrow the end by a second", "request.time < ", -time.Second},
		{"widen the beginning by a second", "request.time >= ", -time.Second},
		{"spell a boundary otherwise", "request.time < ", 0},
	} {
		if moved, ok := shifted(text, b.operator, b.by); ok {
			out = append(out, grantMutation{b.kind, g.when(moved)})
		}
	}
	return out
}

// shifted moves the first boundary that an operator stands before; a boundary that isn't moved is written in another zone.
func shifted(expression, operator string, by time.Duration) (string, bool) {
	before, rest, ok := strings.Cut(expression, operator+`timestamp("`)
	if !ok {
		return "", false
	}
	text, after, _ := strings.Cut(rest, `"`)
	at, err := time.Parse(time.RFC3339, text)
	if by == 0 {
		at = at.In(time.FixedZone("", 3600))
	}
	return before + operator + `timestamp("` + at.Add(by).Format(time.RFC3339) + `"` + after, err == nil
}
