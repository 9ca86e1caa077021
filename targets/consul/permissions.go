package consul

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"gatehouse/lang/model"
)

// permissions returns the rules of a source that is narrowed to requests: what is denied, then what is allowed, then a deny of everything else,
// each in the order of the model. It returns nil for one that may make every request.
//
// The last deny is the prefix "/", since Consul takes no empty permission: Envoy lets nothing through whose path begins otherwise.
func permissions(grants []admission) []layer7Rule {
	var requests, except []model.Request // what is allowed, where no grant allows everything; what is denied of that
	everything := false
	for _, a := range grants {
		if everything = everything || a.grant.Request == (model.Request{}); !everything {
			requests = append(requests, a.grant.Request)
		}
		except = append(except, a.grant.Except...)
	}
	if everything && len(except) == 0 {
		return nil
	}
	if everything {
		requests = []model.Request{{}}
	}
	requests, denied := model.Unite(requests), model.Unite(except)
	out := make([]layer7Rule, 0, len(denied)+len(requests)+1)
	for _, r := range denied {
		out = append(out, layer7Rule{deny, matching(r)})
	}
	for _, r := range requests {
		out = append(out, layer7Rule{allow, matching(r)})
	}
	if !everything {
		out = append(out, layer7Rule{deny, matching(model.Request{})})
	}
	return out
}

func matching(r model.Request) layer7HTTP {
	var out layer7HTTP
	if r.Methods != "" {
		out.Methods = strings.Split(r.Methods, ",")
	}
	switch {
	case r.Kind == model.PathExact:
		out.PathExact = r.Path
	case r.Kind == model.PathPrefix:
		out.PathPrefix = r.Path
	case r.Kind == model.PathRegex:
		out.PathRegex = r.Path
	case r.Methods == "":
		out.PathPrefix = "/"
	}
	return out
}

// ruleCount counts the permissions of all callers.
func ruleCount(callers []caller) int {
	n := 0
	for _, c := range callers {
		n += len(c.permissions)
	}
	return n
}

// spelledOut writes permissions as the value of an item, in their order: "deny * exact /admin; allow GET prefix /v1; deny * prefix /".
func spelledOut(rules []layer7Rule) string {
	var out []string
	for _, r := range rules {
		methods := "*"
		if len(r.HTTP.Methods) > 0 {
			sorted := slices.Sorted(slices.Values(r.HTTP.Methods))
			methods = strings.ToUpper(strings.Join(sorted, ","))
		}
		path := "*"
		for _, p := range []struct{ kind, path string }{{"exact ", r.HTTP.PathExact}, {"prefix ", r.HTTP.PathPrefix}, {"regex ", r.HTTP.PathRegex}} {
			if p.path != "" {
				path = p.kind + oneWord(p.path)
			}
		}
		out = append(out, r.Action+" "+methods+" "+path)
	}
	return strings.Join(out, "; ")
}

// oneWord quotes a path that could be read as more than one word.
func oneWord(path string) string {
	odd := func(c rune) bool { return unicode.IsSpace(c) || !unicode.IsPrint(c) || c == '"' || c == ';' }
	if strings.ContainsFunc(path, odd) {
		return strconv.Quote(path)
	}
	return path
}

// readRules reads permissions that say no more than the compiler can: false for those with headers, tokens, or whatever else is not known.
func readRules(raw json.RawMessage) ([]layer7Rule, bool) {
	var out []layer7Rule
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&out); err != nil {
		return nil, false
	}
	for _, r := range out {
		if (r.Action != allow && r.Action != deny) || several(r.HTTP.PathExact, r.HTTP.PathPrefix, r.HTTP.PathRegex) {
			return nil, false
		}
	}
	return out, true
}

func several(values ...string) bool {
	n := 0
	for _, v := range values {
		if v != "" {
			n++
		}
	}
	return n > 1
}
