package policies

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"gatehouse/lang/model"
)

// What the document leaves out is what no rule can see.
func TestFieldsThatAreRead(t *testing.T) {
	const head = "# METADATA\n# title: t\n# description: d\n# custom:\n#   severity: low\n#   remedy: r\npackage guardrails.team.rule\n\n"
	for _, c := range []struct{ name, text, want string }{
		{"by name", `warn contains {"subject": a.address} if { some a in input.allows; a.reason == "" }`, "address reason"},
		{"without a name", `warn contains {"subject": input.allows[i].address} if input.allows[i].folder == "x"`, "address folder"},
		{"in a helper", `warn contains {"subject": x} if { some x in used }` + "\n\nused := {f | some a in input.allows; some f in a.from}", "from"},
		{"as a whole", `warn contains {"subject": a.address} if { some a in input.allows; json.marshal(a) == "" }`, "all"},
		{"in a list", `warn contains {"subject": a.address} if { some a in [b | some b in input.allows; b.reason == ""] }`, "all"},
		{"one for another", `warn contains {"subject": a.address} if { a := input.allows[_]; a == input.allows[0] }`, "all"},
		{"twice", `warn contains {"subject": b.address} if { b = input.allows[i]; b = input.allows[j]; i < j }`, "all"},
		{"any field", `warn contains {"subject": a.address} if { some a in input.allows; some value in a; value == "" }`, "all"},
		{"a counted list", `warn contains {"subject": "environment.e0"} if count(input.allows) > 5`, "all"},
		{"a counted element", `warn contains {"subject": "environment.e0"} if count(input.allows[0]) > 5`, "all"},
		{"the input", `warn contains {"subject": "environment.e0"} if count(object.keys(input)) > 50`, "all"},
		{"a field of the input", `warn contains {"subject": "environment.e0"} if { some list in ["allows", "denies"]; input[list][_].folder == "?" }`, "all"},
		{"every", `warn contains {"subject": "environment.e0"} if { every a in input.allows { a.expires == null } }`, "all"},
		{"a list kept by the way", `warn contains {"subject": "environment.e0"} if { all := input.allows; all[i].reason == "" }`, "reason"},
		{"a list kept and counted", `warn contains {"subject": "environment.e0"} if { all := input.allows; all[i].reason == ""; count(all) > 1 }`, "all"},
		{"a function", `warn contains {"subject": a.address} if { some a in input.allows; odd(a.to) }` + "\n\nodd(list) if count(list) > 1", "address to"},
	} {
		files := fstest.MapFS{"rules/a.rego": {Data: []byte(head + c.text + "\n")}}
		e := prepared(t, Options{Root: files, Folders: []model.Text{{Value: "rules"}}})
		var got []string
		fields := []string{"address", "folder", "reason", "from", "to", "actions", "not_before", "expires"}
		for _, f := range fields {
			if e.reads.field("allows").elements().field(f) != nil {
				got = append(got, f)
			}
		}
		if text := strings.Join(got, " "); text != c.want && (c.want != "all" || len(got) < len(fields)) {
			t.Errorf("%s: got %s, want %s", c.name, text, c.want)
		}
	}
}

// paths lists what is read, deepest parts alone, those that are read whole with a star.
func (r *reads) paths() []string {
	if r.whole {
		return []string{"*"}
	}
	var out []string
	for _, name := range sortedKeys(r.parts) {
		below := r.parts[name].paths()
		if name == anyPart {
			name = "[]"
		}
		for _, path := range below {
			out = append(out, name+"."+path)
		}
		if len(below) == 0 {
			out = append(out, name)
		}
	}
	return out
}

func TestPartsThatAreRead(t *testing.T) {
	const head = "# METADATA\n# title: t\n# description: d\n# custom:\n#   severity: low\n#   remedy: r\npackage guardrails.team.rule\n\n"
	for _, c := range []struct{ name, text, want string }{
		{"a number in an object", `some w in input.workloads; w.reach.production.restricted > 3`, "workloads.[].reach.production.restricted.*"},
		{"an object", `some w in input.workloads; json.marshal(w.reach.production) != ""`, "workloads.[].reach.production.*"},
		{"any number", `some w in input.workloads; some tier in ["production"]; w.reach[tier].public > 1`, "workloads.[].reach.[].public.*"},
		{"a list in a list", `some r in input.resources; some at in r.places; at.holders > 1; at.tier == "production"`, "resources.[].places.[].holders.* resources.[].places.[].tier.*"},
		{"without names", `input.resources[_].places[_].holders > 1`, "resources.[].places.[].holders.*"},
		{"an element that nobody uses", `some r in input.resources; some at in r.places`, "resources.[].places.[]"},
		{"all of a list in a list", `some r in input.resources; count(r.places) > 1`, "resources.[].places.*"},
		{"a comprehension", `some r in input.resources; {at.tier | some at in r.places} == set()`, "resources.[].places.[].tier.*"},
		{"kept by a name", `some w in input.workloads; far := w.reach.production; far.public > 1`, "workloads.[].reach.production.public.*"},
		{"a field of the input", `input.policy == "p"`, "policy.*"},
		{"nothing", `1 > 0`, ""},
	} {
		text := head + `warn contains {"subject": "environment.e0"} if { ` + c.text + " }\n"
		e := prepared(t, Options{Root: fstest.MapFS{"rules/a.rego": {Data: []byte(text)}}, Folders: []model.Text{{Value: "rules"}}})
		if got := strings.Join(e.reads.paths(), " "); got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

func TestInOrder(t *testing.T) {
	for _, names := range [][]string{
		nil, {"a"}, {"b", "a"}, {"access-2", "access-10", "access-1"}, {"the-same-beginning-b", "the-same-beginning-a", "the-same"},
		{"x-aaaaaaaa-2", "x-aaaaaaaa-1", "x-aaaaaaaa"}, {"", "a", "\x00"},
	} {
		want := slices.Sorted(slices.Values(names))
		if diff := cmp.Diff(want, slices.Clone(inOrder(slices.Clone(names), func(s string) string { return s }))); diff != "" {
			t.Errorf("%q (-want +got):\n%s", names, diff)
		}
	}
}
