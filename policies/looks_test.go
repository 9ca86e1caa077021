package policies

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/model"
)

const (
	rulesOfGrants = "# METADATA\n# title: t\n# description: d\n# custom:\n#   severity: low\n#   remedy: r\n#   scope: grant\npackage guardrails.team.rule\n\n"

	one    = "deny contains {\"subject\": source.allow} if {\n\tsome grant in input.grants\n\tsome source in grant.sources\n\t%s\n}"
	spoken = "deny contains {\"subject\": source.allow, \"detail\": detail} if {\n\tsome grant in input.grants\n\tsome source in grant.sources\n\t%s\n}"
)

// rule of what decides, by its conditions.
var rulesThatLook = []struct {
	name, text string
	want       looks
}{
	{"nothing of its own", fmt.Sprintf(one, `grant.resource.classification == "restricted"; grant.environment.tier == "production"`), 0},
	{"of a source", fmt.Sprintf(one, `source.by == "labels"; source.expires == null`), 0},
	{"a label", fmt.Sprintf(one, `grant.workload.labels.team == "t1"`), lookAtWorkload},
	{"any label", fmt.Sprintf(one, `some key, value in grant.resource.labels; key != value`), lookAtResource},
	{"both ends", fmt.Sprintf(one, `grant.resource.owner != grant.workload.owner`), lookAtWorkload | lookAtResource},
	{"a reason", fmt.Sprintf(one, `startswith(source.reason, "TEMP")`), lookAtSources},
	{"a name by two sides", fmt.Sprintf(one, `source.from == grant.workload.address`), lookAtSources | lookAtWorkload},
	{"a count", fmt.Sprintf(one, `count(grant.sources) > 1`), everything},
	{"a place in the list", `deny contains {"subject": source.allow} if { some i, grant in input.grants; i > 3; some source in grant.sources }`, everything},
	{"two grants", fmt.Sprintf(one, `some other in input.grants; other.workload.address != grant.workload.address`), everything},
	{"a whole grant", fmt.Sprintf(one, `json.marshal(grant) != ""`), everything},
	{"a whole source", fmt.Sprintf(one, `source.expires == null; json.marshal(source) != ""`), everything},
	{"a whole workload", fmt.Sprintf(one, `json.marshal(grant.workload) != ""`), lookAtWorkload},
	{"a field by a variable", fmt.Sprintf(one, `some field in ["workload", "resource"]; grant[field].owner == ""`), everything},
	{"words", fmt.Sprintf(spoken, `detail := sprintf("%s of %s: %s", [source.allow, grant.workload.owner, source.reason])`), 0},
	{"words that are read", fmt.Sprintf(spoken, `detail := sprintf("%s", [grant.workload.owner]); contains(detail, "1")`), lookAtWorkload},
	{"words that are compared", fmt.Sprintf(spoken, `detail := sprintf("%s", [grant.workload.owner]); detail == "o1"`), lookAtWorkload},
	{"words that are denied", fmt.Sprintf(spoken, `detail := sprintf("%s", [grant.resource.owner]); not detail == "o1"`), lookAtResource},
	{"words made twice", fmt.Sprintf(spoken, `detail := "o1"; sprintf("%s", [grant.workload.owner], detail)`), lookAtWorkload},
	{"words in words", fmt.Sprintf(spoken, `inner := sprintf("%s", [grant.workload.owner]); detail := sprintf("%s!", [inner]); not endswith(detail, "1!")`), lookAtWorkload},
	{"a field that is kept", fmt.Sprintf(one, `home := grant.resource.folder; home != "f1"`), lookAtResource},
	{"a detail that is a field", fmt.Sprintf(spoken, `detail := grant.workload.owner`), 0},
	{"a comprehension", fmt.Sprintf(one, `count({l | some l in grant.workload.labels}) > 0`), lookAtWorkload},
	{"every", fmt.Sprintf(one, `every s in grant.sources { s.expires == null }`), everything},
	{"a negation", fmt.Sprintf(one, `not grant.workload.labels.team`), lookAtWorkload},
	{"a helper", "deny contains {\"subject\": source.allow} if {\n\tsome grant in input.grants\n\tsome source in grant.sources\n\todd(grant.workload.owner)\n}\n\nodd(text) if endswith(text, \"1\")", lookAtWorkload},
	{"a helper takes all", "deny contains {\"subject\": source.allow} if {\n\tsome grant in input.grants\n\tsome source in grant.sources\n\todd(grant)\n}\n\nodd(g) if endswith(g.workload.owner, \"1\")", everything},
	{"a helper sees grants", "deny contains {\"subject\": source.allow} if {\n\tsome grant in input.grants\n\tsome source in grant.sources\n\tgrant.workload.interactive\n\tmany\n}\n\nmany if count(input.grants) > 50", everything},
	{"a helper sees the input", "deny contains {\"subject\": source.allow} if {\n\tsome grant in input.grants\n\tsome source in grant.sources\n\tgrant.workload.interactive\n\tmany\n}\n\nmany if count(object.keys(input)) > 2", everything},
	{"one level asks the other", fmt.Sprintf(one, `grant.workload.owner == "o1"`) + "\n\nwarn contains f if { some f in deny }", everything},
	{"with", fmt.Sprintf(one, `grant.workload.interactive; odd with input.time as "x"`) + "\n\nodd if input.time == \"x\"", everything},
	{"the day", fmt.Sprintf(one, `source.expires < input.day`), 0},
	{"no grant", `deny contains {"subject": "environment.e0", "detail": "x"} if input.policy != ""`, 0},
}

// What a rule looks at is told right, or as more; and judging one grant of each kind finds what judging all of them finds.
func TestGrantsThatAreAlike(t *testing.T) {
	worlds := []World{alikeWorld(1, 12), alikeWorld(2, 12)}
	for _, c := range rulesThatLook {
		t.Run(c.name, func(t *testing.T) {
			files := fstest.MapFS{"rules/a.rego": {Data: []byte(rulesOfGrants + c.text + "\n")}}
			e := prepared(t, Options{Root: files, Folders: []model.Text{{Value: "rules"}}})
			var got looks
			for _, q := range e.questions[GrantScope] {
				got |= q.looks
			}
			if got != c.want {
				t.Errorf("it looks at %03b, want %03b", got, c.want)
			}
			for _, w := range worlds {
				judgedAlike(t, e, w)
				sameFindings(t, e, w)
			}
		})
	}
}

func TestBuiltInGuardrailsJudgeKinds(t *testing.T) {
	e := prepared(t, Options{Packs: []model.Text{{Value: "strict"}}})
	for seed := range uint64(2) {
		w := alikeWorld(seed, 45)
		judgedAlike(t, e, alikeWorld(seed, 12))
		if p := project(w); !few(p) {
			t.Errorf("%d grants are of too many kinds to test anything", len(p.lasting))
		}
		sameFindings(t, e, w)
	}
	var apart []string
	for _, q := range e.questions[GrantScope] {
		if q.looks != 0 {
			apart = append(apart, q.guardrail.ID)
		}
	}
	if got := strings.Join(apart, " "); got != "ownership/granted-by-owner" {
		t.Errorf("these tell all grants apart, which takes long: %s", got)
	}
}

func few(p *projection) bool {
	_, ok := p.kinds(0, len(p.lasting)/fewKinds)
	return ok
}

// judgedAlike judges every grant by itself: a question objects to all of a kind or to none.
func judgedAlike(t *testing.T, e *Engine, w World) {
	t.Helper()
	p := project(w)
	for _, q := range e.questions[GrantScope] {
		kinds, ok := p.kinds(q.looks, len(p.lasting))
		if !ok {
			continue
		}
		for _, kind := range kinds {
			objects := map[bool]int32{}
			for _, n := range kind {
				found, err := q.run(t.Context(), nil, e.store, p.chunk([]int32{n}))
				if err != nil {
					t.Fatal(err)
				}
				objects[len(found) > 0] = n
			}
			if len(objects) > 1 {
				t.Fatalf("%s %s objects to one of grants %v of one kind and not to the other", q.guardrail.ID, q.level, objects)
			}
		}
	}
}

func prepared(t *testing.T, o Options) *Engine {
	t.Helper()
	e, diags, err := Prepare(t.Context(), o)
	if err != nil || diags.HasErrors() {
		t.Fatal(diags, err)
	}
	return e
}

// sameFindings compares with an engine that shows its guardrails every grant, and all of the document.
func sameFindings(t *testing.T, e *Engine, w World) {
	t.Helper()
	got, err := e.Judge(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	thorough := *e
	thorough.reads, thorough.questions = readsAll, map[Scope][]question{}
	for scope, questions := range e.questions {
		for _, q := range questions {
			q.looks = everything
			thorough.questions[scope] = append(thorough.questions[scope], q)
		}
	}
	want, err := thorough.Judge(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// alikeWorld is a policy of many grants of a few kinds, some of which are rare.
func alikeWorld(seed uint64, size int) World {
	r := rand.New(rand.NewPCG(seed, 7))
	pick := func(texts ...string) string { return texts[r.IntN(len(texts))] }
	rarely := func(n int) bool { return r.IntN(n) == 0 }
	g := &access.Graph{Policy: "p"}
	for i, tier := range []model.Tier{model.Development, model.Production} {
		g.Environments = append(g.Environments, access.Environment{Name: fmt.Sprintf("e%d", i), Tier: tier})
	}
	labels := func() map[string]string {
		return map[string]string{"team": pick("t1", "t2"), "granting": pick("f1", "f2 f3", "")}
	}
	for i := range size {
		w := access.Workload{Addr: addr.New(addr.Workload, fmt.Sprintf("w%03d", i)), Owner: pick("o1", "o2", "o3"), Interactive: rarely(5)}
		w.Decl.Filename = pick("f1", "f2") + "/a.gate.hcl"
		s := access.Resource{Addr: addr.New(addr.Secret, fmt.Sprintf("s%03d", i)), Owner: pick("o1", "o2"), Classification: model.Classification(pick("internal", "restricted"))}
		s.Decl.Filename = pick("f1", "f2") + "/b.gate.hcl"
		for _, e := range g.Environments {
			w.Places = append(w.Places, access.WorkloadPlace{Environment: e.Name, Labels: labels()})
			s.Places = append(s.Places, access.ResourcePlace{Environment: e.Name, Labels: labels()})
		}
		g.Workloads, g.Resources = append(g.Workloads, w), append(g.Resources, s)
	}
	for _, w := range g.Workloads {
		for _, s := range g.Resources {
			if rarely(3) {
				continue
			}
			for _, action := range []model.Action{model.Read, model.Write}[:1+r.IntN(2)] {
				one := access.Grant{Environment: pick("e0", "e1"), Workload: w.Addr, Resource: s.Addr, Action: action, Spans: access.Spans{access.Always}}
				one.Origin = one.Environment
				if rarely(80) {
					one.Origin = "e0"
				}
				if rarely(60) {
					one.Request = model.Request{Kind: "prefix", Path: pick("/a", "/a/")}
				}
				for range 1 + r.IntN(20)/19 {
					source := access.Source{Allow: addr.New(addr.Allow, fmt.Sprintf("a%04d", len(g.Grants))), Reason: pick("TEMP", "why"), Span: access.Always}
					source.From.Addr, source.To.Addr = w.Addr, s.Addr
					if rarely(6) {
						source.From.Addr = addr.New(addr.Group, "g")
					}
					if rarely(2) {
						source.Span.End = time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC).Unix()
					}
					source.Decl.Filename = pick("f1", "f2") + "/c.gate.hcl"
					one.Sources = append(one.Sources, source)
				}
				one.Spans = access.NewSpans(one.Sources[0].Span, one.Sources[len(one.Sources)-1].Span)
				g.Grants = append(g.Grants, one)
			}
		}
	}
	return World{Graph: g, Time: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)}
}
