package google

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"cloud.google.com/go/iam/apiv1/iampb"
	"pgregory.net/rapid"

	"gatehouse/lang/model"
	"gatehouse/targets"
	sandbox "gatehouse/targets/sandbox/google"
)

// TestFiftyWriters has fifty others edit a secret's policy while we apply again and again: nothing of anybody's is lost.
func TestFiftyWriters(t *testing.T) {
	const writers = 50
	w := newWorld(t, sandbox.Options{}, "key")
	var others sync.WaitGroup
	for n := range writers {
		others.Go(func() {
			w.bind("key", reader, fmt.Sprintf("user:u%d@acme.example", n), "")
			w.bind("key", reader, fmt.Sprintf("user:u%d@acme.example", n), `request.time < timestamp("2030-01-01T00:00:00Z")`)
		})
	}
	done := make(chan struct{})
	go func() { others.Wait(); close(done) }()
	s := w.site(model.Additive)
	want := []string{}
	for n := 0; ; n++ {
		var lines []string
		for i := range n%3 + 1 {
			lines = append(lines, fmt.Sprintf("trainer%d -> key", i))
		}
		g := graph(t, lines...)
		for !apply(t, s, g).Complete() { // they are faster than we: try again
		}
		select {
		case <-done:
			apply(t, s, g)
			for i := range len(lines) {
				want = append(want, fmt.Sprintf("secretmanager.secretAccessor serviceAccount:trainer%d", i))
			}
		default:
			continue
		}
		break
	}
	for n := range writers {
		who := fmt.Sprintf("secretmanager.secretAccessor user:u%d@acme.example", n)
		want = append(want, who, who+` if request.time < timestamp("2030-01-01T00:00:00Z")`)
	}
	slices.Sort(want)
	equal(t, "grants", w.grants("key"), want)
}

// TestInterleaving runs applies of ours and edits of others in random order, some of the edits between our read and our write, so that our
// etag is stale: what others put there is there, what is declared is there, and nothing else is.
func TestInterleaving(t *testing.T) {
	conditions := []string{"", `request.time < timestamp("2030-01-01T00:00:00Z")`}
	w, checks := newWorld(t, sandbox.Options{}), 0
	rapid.Check(t, func(rt *rapid.T) {
		checks++
		key := fmt.Sprintf("key%d", checks)
		if err := w.EnsureSecret("acme-prod", key, nil); err != nil {
			rt.Fatal(err)
		}
		w.memory = &memory{}
		s := w.site(model.Additive)
		theirs := map[string]bool{}
		edit := func(label string) {
			n, c := rapid.IntRange(0, 3).Draw(rt, label), rapid.IntRange(0, 1).Draw(rt, "condition")
			who := fmt.Sprintf("user:u%d@acme.example", n)
			if rapid.Bool().Draw(rt, "adds") {
				w.bind(key, reader, who, conditions[c])
				text := "secretmanager.secretAccessor " + who
				if c == 1 {
					text += " if " + conditions[c]
				}
				theirs[text] = true
				return
			}
			w.unbind(key, reader, who)
			for text := range theirs {
				if strings.Contains(text, who) {
					delete(theirs, text)
				}
			}
		}
		for range rapid.IntRange(1, 6).Draw(rt, "steps") {
			lines, want := []string{key}, []string{}
			for n := range 3 {
				if c := rapid.IntRange(0, 2).Draw(rt, "declared"); c < 2 {
					lines = append(lines, fmt.Sprintf("w%d -> %s%s", n, key, []string{"", " 2030-01-01"}[c]))
					text := fmt.Sprintf("secretmanager.secretAccessor serviceAccount:w%d", n)
					if c == 1 {
						text += " if " + conditions[1]
					}
					want = append(want, text)
				}
			}
			g := graph(t, lines...)
			p := plan(t, s, g, false)
			for range rapid.IntRange(0, 2).Draw(rt, "edits") {
				edit("between")
			}
			out := execute(t, p, s, g)
			if !out.Complete() {
				out = apply(t, s, g)
			}
			if !out.Complete() {
				rt.Fatal(told(out))
			}
			for text := range theirs {
				want = append(want, text)
			}
			slices.Sort(want)
			if got := w.grants(key); !slices.Equal(got, want) {
				rt.Fatalf("%v\n got %s\nwant %s", lines, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	})
}

// TestOneReadEach counts: a plan without changes reads each policy once, and asks for little else.
func TestOneReadEach(t *testing.T) {
	const n = 300
	var names, lines []string
	for i := range n {
		names = append(names, fmt.Sprintf("key%03d", i))
		lines = append(lines, "trainer -> "+names[i])
	}
	w := newWorld(t, sandbox.Options{}, names...)
	g := graph(t, lines...)
	if out := apply(t, w.site(model.Additive), g); !out.Complete() {
		t.Fatal(told(out))
	}
	s := w.site(model.Additive)
	w.Reset()
	if p := plan(t, s, g, false); len(p.Sites[0].Changes) != 0 {
		t.Errorf("%d changes", len(p.Sites[0].Changes))
	}
	if last := w.told[len(w.told)-1]; last != [2]int{n, n} {
		t.Errorf("told of %v in the end, want %d of %d", last, n, n)
	}
	for _, c := range w.Counts() {
		if most := map[string]int{"SecretManagerService/GetIamPolicy": n}[c.Route]; c.Write || c.N > max(most, 1) {
			t.Errorf("%s: %d calls", c.Route, c.N)
		}
	}
}

// TestEffective gives a role on the project and on the service account: nothing of ours has changed, and the paths are seen.
func TestEffective(t *testing.T) {
	w := newWorld(t, sandbox.Options{}, "key")
	if err := w.EnsureServiceAccount(account("trainer")); err != nil {
		t.Fatal(err)
	}
	if err := w.EnsureRole("projects/acme-prod/roles/reader", "secretmanager.versions.access"); err != nil {
		t.Fatal(err)
	}
	s, g := w.site(model.Additive), graph(t, "trainer -> key")
	apply(t, s, g)
	w.onProject("projects/acme-prod/roles/reader", "user:ann@acme.example")
	_, err := w.iam.SetIamPolicy(context.Background(), iamPolicy("projects/acme-prod/serviceAccounts/"+account("trainer"),
		&iampb.Binding{Role: "roles/iam.serviceAccountTokenCreator", Members: []string{"user:bob@acme.example"}}))
	if err != nil {
		t.Fatal(err)
	}
	v, err := targets.Observe(context.Background(), s, g, now)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range v.Edges {
		got = append(got, targets.Sentence(e))
	}
	equal(t, "edges", got, []string{
		`google "serviceAccount:trainer@acme-prod.iam.gserviceaccount.com" may read secret "projects/acme-prod/secrets/key"`,
		`google "user:ann@acme.example" may read secret "projects/acme-prod/secrets/key"`,
		`google "user:bob@acme.example" may act as google "identity tokens of serviceAccount:trainer@acme-prod.iam.gserviceaccount.com"`,
		`google "user:bob@acme.example" may act as google "serviceAccount:trainer@acme-prod.iam.gserviceaccount.com"`,
	})
	equal(t, "unknown", len(v.Live.Unknown), 0)
}
