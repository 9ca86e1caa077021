package navigate

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shownPlaces prints places with their lines.
func shownPlaces(x *Index, places []Place) string {
	var out []string
	for _, p := range places {
		text := x.File(p.File).Text
		out = append(out, fmt.Sprintf("%s:%d:%s", p.File, 1+strings.Count(text[:p.Span.Start], "\n"), text[p.Span.Start:p.Span.End]))
	}
	return strings.Join(out, " ")
}

var spread = map[string]string{
	"a.gate.hcl": "gatehouse {\n  policy = \"p\"\n}\nenvironment \"prod\" {\n  tier = \"production\"\n  consul {}\n}\n",
	"b.gate.hcl": `workload "secret" {
  environments = [environment.prod]
  in "prod" {
    service = "s"
  }
}
secret "secret" {
  classification = "public"
  environments   = [environment . prod]
}
feature_store "x" {
  classification = "public"
  environments   = [environment.prod]
  online {}
}
`,
	"c.gate.json": `{"allow": {"one": {"from": ["workload.secret"], "to": ["${feature_store.x.online}", "secret.secret"], "environments": ["environment.prod"]}},
 "exception": {"e": {"guardrail": "g", "subjects": ["workload.secret"], "reason": "r", "approved_by": "a", "expires": "2027-01-01T00:00:00Z"}}}`,
}

func TestOccurrences(t *testing.T) {
	x := viewOf(t, spread).Index
	for _, c := range []struct {
		name Name
		want string
	}{
		{Name{Kind: "environment", Name: "prod"}, "a.gate.hcl:4:prod b.gate.hcl:2:prod b.gate.hcl:3:prod b.gate.hcl:9:prod b.gate.hcl:13:prod c.gate.json:1:prod"},
		{Name{Kind: "workload", Name: "secret"}, "b.gate.hcl:1:secret c.gate.json:1:secret c.gate.json:2:secret"},
		{Name{Kind: "secret", Name: "secret"}, "b.gate.hcl:7:secret c.gate.json:1:secret"},
		{Name{Kind: "feature_store", Name: "x"}, "b.gate.hcl:11:x c.gate.json:1:x"},
		{Name{Kind: "feature_store", Name: "x", Surface: "online"}, "b.gate.hcl:14:online c.gate.json:1:online"},
		{Name{Kind: "allow", Name: "one"}, "c.gate.json:1:one"},
		{Name{Kind: "group", Name: "none"}, ""},
	} {
		if got := shownPlaces(x, x.Occurrences(c.name)); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

// A cursor finds the narrowest name that it touches, at both of its ends.
func TestAt(t *testing.T) {
	x := viewOf(t, spread).Index
	f := x.File("b.gate.hcl")
	store := strings.Index(f.Text, `feature_store "x"`)
	for _, c := range []struct {
		offset int
		want   string
	}{
		{0, ""},
		{strings.Index(f.Text, `"secret"`), "workload.secret"},
		{strings.Index(f.Text, "environment.prod") + len("environment.prod"), "environment.prod"},
		{strings.Index(f.Text, "environment.prod") + 3, "environment.prod"},
		{store, ""},
		{store + len(`feature_store "x"`), "feature_store.x"},
		{strings.Index(f.Text, "online"), "feature_store.x.online"},
		{len(f.Text), ""},
	} {
		o, ok := x.At("b.gate.hcl", c.offset)
		got := ""
		if ok {
			got = o.Name.String()
		}
		if got != c.want {
			t.Errorf("at %d: got %q, want %q", c.offset, got, c.want)
		}
	}
}

func TestRename(t *testing.T) {
	x := viewOf(t, spread).Index
	at := func(needle string, past int) int { return strings.Index(x.File("b.gate.hcl").Text, needle) + past }
	for _, c := range []struct {
		offset int
		to     string
		want   string // what the edits replace, or the error
	}{
		{at(`"secret"`, 2), "trainer", "b.gate.hcl:1:secret c.gate.json:1:secret c.gate.json:2:secret"},
		{at("environment.prod", 14), "live", "a.gate.hcl:4:prod b.gate.hcl:2:prod b.gate.hcl:3:prod b.gate.hcl:9:prod b.gate.hcl:13:prod c.gate.json:1:prod"},
		{at(`"secret"`, 2), "Trainer", `"Trainer" is no name: at most 63 of a-z, 0-9, - and _, a letter first`},
		{at(`"secret"`, 2), "", `"" is no name: at most 63 of a-z, 0-9, - and _, a letter first`},
		{at("environment.prod", 0), "prod", ""},
		{at("classification", 3), "x", "no name stands here: put the cursor on a block's label or on a reference"},
		{at("online", 3), "x", "feature_store.x.online is a surface: surfaces have no names of their own"},
	} {
		renaming, err := x.Rename("b.gate.hcl", c.offset, c.to)
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			var places []Place
			for _, e := range renaming.Edits {
				places = append(places, e.Place)
			}
			got = shownPlaces(x, places)
		}
		if got != c.want {
			t.Errorf("%d to %q:\n got %s\nwant %s", c.offset, c.to, got, c.want)
		}
	}
}

// Applying a rename and renaming back gives the text that was there.
func TestRenameRoundTrip(t *testing.T) {
	x := viewOf(t, spread).Index
	offset := strings.Index(x.File("b.gate.hcl").Text, `"secret"`) + 1
	there := renamed(t, x, offset, "a-longer-name")
	back := renamed(t, there, offset, "secret")
	for name, text := range spread {
		if there.File(name).Text == text && name != "a.gate.hcl" {
			t.Errorf("%s: nothing was renamed", name)
		}
		if diff := cmp.Diff(text, back.File(name).Text); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func renamed(t *testing.T, x *Index, offset int, to string) *Index {
	t.Helper()
	renaming, err := x.Rename("b.gate.hcl", offset, to)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, name := range x.names {
		texts[name] = x.File(name).Text
	}
	for _, e := range slices.Backward(renaming.Edits) {
		text := texts[e.Place.File]
		texts[e.Place.File] = text[:e.Place.Span.Start] + e.Text + text[e.Place.Span.End:]
	}
	return viewOf(t, texts).Index
}

func TestSearch(t *testing.T) {
	x := viewOf(t, map[string]string{"world.gate.hcl": world}).Index
	for _, c := range []struct{ query, want string }{
		{"tr", "allow.train workload.trainer group.training"},
		{"workload.tr", "workload.trainer"},
		{"WLTR", "workload.trainer"},
		{"scr", "allow.scratch deny.scratch workload.scratch"},
		{"nothing", ""},
	} {
		var got []string
		for _, s := range x.Search(c.query) {
			got = append(got, s.Kind+"."+s.Name)
		}
		if len(got) > 3 {
			got = got[:3]
		}
		if g := strings.Join(got, " "); g != c.want {
			t.Errorf("%q: got %q, want %q", c.query, g, c.want)
		}
	}
}

// A block's symbol ends with its brace, comments and all.
func TestSymbolSpans(t *testing.T) {
	text := "allow \"x\" {\n  from = [workload.a] # }\n  # { and }\n  reason = \"}\"\n  http {\n    paths = []\n  }\n\n}\n\ndeny \"y\" {}\n"
	f := ReadFile("a.gate.hcl", text)
	var got []string
	for _, s := range f.Symbols {
		got = append(got, text[s.Whole.Start:s.Whole.End])
	}
	want := []string{strings.TrimSpace(text[:strings.Index(text, "deny")]), "deny \"y\" {}"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
