package google

import (
	"encoding/json"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// The algebra of policies, over few roles, members and conditions, so that collisions are common.

func anyGrant(t *rapid.T) grant {
	pick := func(label string, from ...string) string { return rapid.SampledFrom(from).Draw(t, label) }
	g := grant{role: pick("role", Reader, Writer, "roles/viewer", ""), member: pick("member", "user:a@x.example", "user:A@X.example",
		"group:a@x.example", "allUsers", "deleted:user:a@x.example?uid=1", "principal://iam/subject/A", "principal://iam/subject/a", `x if "t" "e"`, "")}
	if rapid.Bool().Draw(t, "conditional") {
		g.condition = condition{true, pick("title", "t", "u", ""), pick("description", "", "d"), pick("expression", "e", "true", ""), pick("location", "", "l")}
	}
	return g
}

func anyPolicy(t *rapid.T, label string) policy {
	p := policy{rest: map[string]json.RawMessage{}}
	for range rapid.IntRange(0, 8).Draw(t, label) {
		g := anyGrant(t)
		g.member = normalMember(g.member)
		p.grants = append(p.grants, g)
	}
	if rapid.Bool().Draw(t, "audited") {
		p.rest["auditConfigs"] = json.RawMessage(`[{"service":"allServices"}]`)
	}
	p.rest["etag"] = json.RawMessage(`"BwWW"`)
	p.grants = normalGrants(p.grants)
	return p
}

func written(t *rapid.T, p policy) json.RawMessage {
	body, err := p.encode()
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// Reading what was written gives the same policy; writing is the same whatever the order in which it stood.
func TestPolicyRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyPolicy(t, "policy")
		body := written(t, p)
		again, err := parsePolicy(body)
		if err != nil || !slices.Equal(again.grants, p.grants) || len(again.rest) != len(p.rest) {
			t.Fatalf("%s: %v %v", body, again, err)
		}
		shuffled := p
		shuffled.grants = rapid.Permutation(p.grants).Draw(t, "order")
		var bindings []binding
		for _, g := range shuffled.grants {
			bindings = append(bindings, binding{g.role, []string{g.member, g.member}, g.condition.written()})
		}
		raw, err := json.Marshal(map[string]any{"bindings": bindings, "version": 1, "etag": "BwWW"})
		if err != nil {
			t.Fatal(err)
		}
		if !sameBindings(raw, body) {
			t.Fatalf("%s\n%s", raw, body)
		}
	})
}

// What is added is there, what is taken away is not, and nothing else moves. Adding twice is adding once, and taking away what was
// added leaves what was there.
func TestPolicyAlgebra(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, more := anyPolicy(t, "policy"), anyPolicy(t, "more").grants
		with := p.with(more)
		for _, g := range slices.Concat(p.grants, more) {
			if !with.has(g) {
				t.Fatalf("%s is lost", g.key())
			}
		}
		if !slices.Equal(with.with(more).grants, with.grants) {
			t.Fatal("adding twice is not adding once")
		}
		added := with.minus(p)
		if back := with.without(func(g grant) bool { return slices.Contains(added, g) }); !slices.Equal(back.grants, p.grants) {
			t.Fatalf("%v is not %v", back.grants, p.grants)
		}
		left := p.without(func(g grant) bool { return slices.Contains(more, g) })
		for _, g := range p.grants {
			if left.has(g) == slices.Contains(more, g) {
				t.Fatalf("%s", g.key())
			}
		}
		for _, g := range added {
			if p.has(g) || !slices.Contains(more, g) {
				t.Fatalf("%s was not added", g.key())
			}
		}
		if string(written(t, with)) != string(written(t, p.with(added))) {
			t.Fatal("the difference is not what was added")
		}
	})
}

// Two grants have one key only if they are one grant: whatever differs, be it the condition alone.
func TestGrantKeys(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyGrant(t), anyGrant(t)
		if (a.key() == b.key()) != (a == b) {
			t.Fatalf("%#v\n%#v\n%s", a, b, a.key())
		}
		if (compareGrants(a, b) == 0) != (a == b) || compareGrants(a, b) != -compareGrants(b, a) {
			t.Fatalf("%#v\n%#v", a, b)
		}
	})
}

func TestNormalMember(t *testing.T) {
	for member, want := range map[string]string{
		"user:Ann@Acme.Example":                "user:ann@acme.example",
		"serviceAccount:X@Y":                   "serviceAccount:x@y",
		"deleted:Group:X@y?uid=1":              "deleted:Group:X@y?uid=1", // no such type
		"deleted:group:X@y?uid=1":              "deleted:group:x@y?uid=1",
		"domain:ACME.example":                  "domain:acme.example",
		"principal://iam/subject/Main":         "principal://iam/subject/Main",
		"principalSet://iam/attribute.a/B":     "principalSet://iam/attribute.a/B",
		"deleted:principal://iam/subject/Main": "deleted:principal://iam/subject/Main",
		"allUsers":                             "allUsers",
		"projectOwner:Acme":                    "projectOwner:Acme",
	} {
		if got := normalMember(member); got != want || normalMember(got) != got {
			t.Errorf("%s: %s, want %s", member, got, want)
		}
	}
}

func FuzzParsePolicy(f *testing.F) {
	f.Add([]byte(`{"version":3,"etag":"BwWW","bindings":[{"role":"r","members":["user:A"],"condition":{"title":"t"}}],"auditConfigs":[]}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		p, err := parsePolicy(body)
		if err != nil {
			return
		}
		text, err := p.encode()
		if err != nil {
			t.Fatal(err)
		}
		if again, err := parsePolicy(text); err != nil || !slices.Equal(again.grants, p.grants) {
			t.Fatalf("%s: %v", text, err)
		}
	})
}
