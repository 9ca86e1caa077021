package targets_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"gatehouse/targets"
	"gatehouse/targets/internal/toy"
)

// A plan file is no authority: whatever somebody writes into it, each container is left as it was or becomes what the policy makes of it.
func TestEditedPlanWritesNothingButThePolicy(t *testing.T) {
	_, g := busy(t, "shut")
	plan := func() (*toy.World, []byte) {
		w, _ := busy(t, "shut")
		var b bytes.Buffer
		if err := targets.Save(&b, mustPlan(t, w, g, targets.PlanOptions{})); err != nil {
			t.Fatal(err)
		}
		return w, b.Bytes()
	}
	w, file := plan()
	before := contents(w)
	mustApply(t, w, g, mustPlan(t, w, g, targets.PlanOptions{}))
	after := contents(w)

	edits := editsOf(t, file)
	if len(edits) < 200 {
		t.Fatalf("only %d edits", len(edits))
	}
	for _, e := range edits {
		w, _ := plan()
		p, err := targets.Load(bytes.NewReader(e.text))
		if err != nil {
			continue
		}
		out, err := targets.Apply(t.Context(), p, []targets.Site{toy.Site("home", w)}, g, atNoon, nil, nil)
		now := contents(w)
		for _, key := range slices.Sorted(maps.Keys(now)) {
			if now[key] != before[key] && now[key] != after[key] {
				t.Errorf("%s: %s is %s", e.name, key, now[key])
			}
		}
		if err == nil && out.Complete() && len(out.Results) == strings.Count(string(file), `"class"`) && !cmp.Equal(now, after) {
			t.Errorf("%s: it calls complete what isn't: %s", e.name, cmp.Diff(after, now))
		}
	}
}

// contents are all containers of a world.
func contents(w *toy.World) map[string]string {
	out := map[string]string{}
	for _, k := range everything(w) {
		b, ok := w.Get(k.Kind, k.Name)
		text, _ := json.Marshal(b)
		out[k.String()] = fmt.Sprint(ok, string(text))
	}
	return out
}

type edit struct {
	name string
	text []byte
}

// editsOf returns a plan file with each of its values replaced by others, dropped, or, in a list, doubled under another name.
func editsOf(t *testing.T, file []byte) []edit {
	var out []edit
	whole := func() (root any) {
		if err := json.Unmarshal(file, &root); err != nil {
			t.Fatal(err)
		}
		return root
	}
	var walk func(path []any, at any)
	add := func(path []any, value any) {
		text, err := json.Marshal(replaced(whole(), path, value))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, edit{fmt.Sprint(path, " = ", value), text})
	}
	walk = func(path []any, at any) {
		path = slices.Clone(path)
		switch v := at.(type) {
		case map[string]any:
			for _, k := range slices.Sorted(maps.Keys(v)) {
				walk(append(path, k), v[k])
			}
		case []any:
			add(path, []any{})
			for i := range v {
				walk(append(path, i), v[i])
			}
		case string:
			for _, s := range others(path[len(path)-1]) {
				add(path, s)
			}
		case float64:
			add(path, v+100)
		case bool:
			add(path, !v)
		}
	}
	walk(nil, whole())
	add([]any{"adopt"}, true)
	add([]any{"release"}, true)
	return out
}

// others are what might stand in a field.
func others(field any) []string {
	switch field {
	case "op":
		return []string{"create", "update", "delete", "adopt", "retire"}
	case "class":
		return []string{"narrowing", "neutral", "mixed", "widening"}
	case "kind":
		return []string{"door", "hall"}
	}
	return []string{"", "eve", "open", "cellar", "9"}
}

func replaced(root any, path []any, value any) any {
	if len(path) == 0 {
		return value
	}
	switch k := path[0].(type) {
	case string:
		m := root.(map[string]any)
		m[k] = replaced(m[k], path[1:], value)
	case int:
		l := root.([]any)
		l[k] = replaced(l[k], path[1:], value)
	}
	return root
}

// What the file says is not what is shown.
func TestReview(t *testing.T) {
	w := toy.NewWorld("home", "shut")
	g := toy.Policy("home attic ann", "home cellar bob")
	p := saved(t, mustPlan(t, w, g, targets.PlanOptions{}))
	sites := []targets.Site{toy.Site("home", w)}
	review := func(p targets.Plan) targets.Plan {
		t.Helper()
		p, err := targets.Review(t.Context(), p, sites, g)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if diff := cmp.Diff(p, review(p)); diff != "" {
		t.Errorf("an honest plan, -saved +reviewed:\n%s", diff)
	}
	forged := saved(t, p)
	forged.Sites[0].Delta.Gained = nil
	forged.Sites[0].Owned = 1000
	forged.Sites[0].Changes[0].Items[1].Why = nil
	if diff := cmp.Diff(p, review(forged)); diff != "" {
		t.Errorf("another telling of the same, -saved +reviewed:\n%s", diff)
	}
	forged.Sites[0].Changes[0].Items[1].Key = "eve"
	forged.Sites[0].Changes[0].After = json.RawMessage(`{"list":{"eve":"open"}}`)
	got := review(forged)
	if notices(got) != "refused door/attic\n" || len(got.Sites[0].Delta.Gained) != 1 {
		t.Errorf("%s%v", notices(got), got.Sites[0].Delta)
	}
	out := mustApply(t, w, g, forged)
	if results(out) != "refused door/attic\ndone door/cellar\n" || !strings.Contains(out.Results[0].Reason, "not what the policy makes of it") {
		t.Errorf("%+v", out.Results)
	}
}
