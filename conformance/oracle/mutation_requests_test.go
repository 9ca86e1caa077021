package oracle_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gatehouse/targets"
	"gatehouse/targets/consul"
)

var requestKinds = []string{
	"drop a permission that allows", "drop a permission that denies", "drop the last permission", "turn a permission", "widen a path", "widen methods", "narrow methods",
	"move a path", "ask for a header", "ask for a token", "put a deny after the allows", "repeat a permission", "widen permissions to an action",
	"spell methods small", "deny methods that nobody is allowed",
}

// requestMutations are the mistakes that a compiler for Consul could make in one source that is narrowed to requests.
func requestMutations(s site, c targets.Container) []mutation {
	var out []mutation
	if c.Key.Kind != consul.Intentions {
		return nil
	}
	sources := fieldsOf(c.Body)["Sources"].([]any)
	for i := range sources {
		source := sources[i].(map[string]any)
		rules, narrowed := source["Permissions"].([]any)
		if !narrowed {
			continue
		}
		add := func(kind string, rules []any) {
			changed := maps.Clone(source)
			changed["Permissions"] = rules
			fields := fieldsOf(c.Body)
			fields["Sources"] = replaced(sources, i, any(changed))
			out = append(out, mutation{kind: kind, detail: fmt.Sprint(source["Name"]), body: written(fields)})
		}
		for n := range rules {
			permissionMutations(rules, n, add)
		}
		fields := fieldsOf(c.Body)
		fields["Sources"] = replaced(sources, i, any(map[string]any{"Name": source["Name"], "Action": "allow"}))
		out = append(out, mutation{kind: "widen permissions to an action", detail: fmt.Sprint(source["Name"]), body: written(fields)})
	}
	return out
}

// permissionMutations are those of one permission.
func permissionMutations(rules []any, n int, add func(kind string, rules []any)) {
	rule := rules[n].(map[string]any)
	http := rule["HTTP"].(map[string]any)
	last := n == len(rules)-1
	with := func(kind string, change func(rule, http map[string]any)) {
		changed, requests := maps.Clone(rule), maps.Clone(http)
		change(changed, requests)
		changed["HTTP"] = requests
		add(kind, replaced(rules, n, any(changed)))
	}
	rest := slices.Delete(slices.Clone(rules), n, n+1)
	switch {
	case last:
		add("drop the last permission", rest)
	case rule["Action"] == "allow":
		add("drop a permission that allows", rest)
	default:
		add("drop a permission that denies", rest)
		end := len(rest)
		if rest[end-1].(map[string]any)["Action"] == "deny" {
			end--
		}
		add("put a deny after the allows", slices.Insert(slices.Clone(rest), end, any(rule)))
	}
	add("repeat a permission", slices.Insert(slices.Clone(rules), n, any(rule)))
	with("turn a permission", func(rule, _ map[string]any) {
		rule["Action"] = map[any]string{"allow": "deny", "deny": "allow"}[rule["Action"]]
	})
	with("move a path", func(_, http map[string]any) { moved(http, "PathExact", "/somewhere/else") })
	with("ask for a header", func(_, http map[string]any) { http["Header"] = []any{map[string]any{"Name": "x-new", "Present": true}} })
	if http["PathPrefix"] != "/" && http["PathExact"] != nil || http["PathRegex"] != nil {
		with("widen a path", func(_, http map[string]any) { moved(http, "PathPrefix", "/") })
	}
	if methods, ok := http["Methods"].([]any); ok {
		with("spell methods small", func(_, http map[string]any) {
			var small []string
			for _, m := range methods {
				small = append(small, strings.ToLower(m.(string)))
			}
			http["Methods"] = small
		})
		if http["PathExact"] != nil {
			kind := "widen methods"
			if rule["Action"] == "deny" && !allowsOther(rules, methods, http["PathExact"].(string)) {
				kind = "deny methods that nobody is allowed"
			}
			with(kind, func(_, http map[string]any) { delete(http, "Methods") })
		}
	} else {
		with("narrow methods", func(_, http map[string]any) { http["Methods"] = []string{"TRACE"} })
	}
	if !last && rule["Action"] == "allow" {
		with("ask for a token", func(rule, _ map[string]any) {
			rule["JWT"] = map[string]any{"Providers": []any{map[string]any{"Name": "okta"}}}
		})
	}
}

// allowsOther reports whether permissions allow a path by other methods than some.
func allowsOther(rules, methods []any, path string) bool {
	return slices.ContainsFunc(rules, func(r any) bool {
		rule := r.(map[string]any)
		http := rule["HTTP"].(map[string]any)
		own, narrowed := http["Methods"].([]any)
		other := !narrowed || slices.ContainsFunc(own, func(m any) bool { return !slices.Contains(methods, m) })
		exact, whole := http["PathExact"].(string)
		prefix, begins := http["PathPrefix"].(string)
		meets := !whole && !begins || whole && exact == path || begins && strings.HasPrefix(path, prefix)
		return rule["Action"] == "allow" && other && meets
	})
}

func moved(http map[string]any, field, path string) {
	for _, other := range []string{"PathExact", "PathPrefix", "PathRegex"} {
		delete(http, other)
	}
	http[field] = path
}
