package policies_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
	"gatehouse/policies"
)

// judge prepares, evaluates at noon and prints the findings; any failure fails the test.
func judge(t *testing.T, o policies.Options, g *access.Graph) string {
	t.Helper()
	engine := prepare(t, o)
	results, err := engine.Evaluate(t.Context(), g, noon)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, r := range results {
		lines = append(lines, fmt.Sprintf("%s:%d: %s %s %s: %s", r.Range.Filename, r.Range.Start.Line, r.Level, r.Guardrail, r.Subject, r.Detail))
	}
	return strings.Join(lines, "\n")
}

func prepare(t *testing.T, o policies.Options) *policies.Engine {
	t.Helper()
	engine, diags, err := policies.Prepare(t.Context(), o)
	if err != nil || diags.HasErrors() {
		t.Fatalf("%s\n%v", show(diags), err)
	}
	return engine
}

func baseline() policies.Options { return policies.Options{Packs: packs("baseline")} }

func TestBaselineOnGraphs(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*access.Graph)
		want   string
	}{
		{"clean", func(*access.Graph) {}, ""},
		{"owners", func(g *access.Graph) { g.Workloads[0].Owner, g.Resources[1].Owner = "", " " },
			"features/stores.gate.hcl:20: deny ownership/owner-is-set feature_store.merchants: feature_store.merchants has no owner\n" +
				"fraud/workloads.gate.hcl:20: deny ownership/owner-is-set workload.notebooks: workload.notebooks has no owner"},
		{"reason", func(g *access.Graph) { g.Grants[3].Sources[0].Reason = "" },
			"fraud/access.gate.hcl:30: deny ownership/reason-is-given allow.merchants: allow.merchants gives no reason"},
		{"restricted for ever", func(g *access.Graph) { forever(&g.Grants[0]); forever(&g.Grants[2]) },
			"fraud/access.gate.hcl:10: deny lifetime/restricted-access-ends allow.training: allow.training gives access to feature_store.customers.online, which is restricted, without an end"},
		{"interactive for ever", func(g *access.Graph) { forever(&g.Grants[1]) },
			"fraud/access.gate.hcl:20: deny lifetime/interactive-production-ends allow.exploration: allow.exploration gives workload.notebooks, which people drive, access in prod without an end"},
		{"shared between tiers", func(g *access.Graph) { g.Leaks = leak("dev", "trainer", "prod", "trainer") },
			"fraud/workloads.gate.hcl:10: deny identity/not-shared-between-tiers workload.trainer: consul ml is one identity in the tiers development and production"},
		{"shared within one", func(g *access.Graph) { g.Leaks = leak("prod", "notebooks", "prod", "trainer") },
			"fraud/workloads.gate.hcl:10: warn identity/not-shared-between-tiers workload.trainer: consul ml is shared by 2 workloads and environments of one tier\n" +
				"fraud/workloads.gate.hcl:20: warn identity/not-shared-between-tiers workload.notebooks: consul ml is shared by 2 workloads and environments of one tier"},
		{"over is not access", func(g *access.Graph) {
			g.Grants[0] = grant("dev", "trainer", "customers", "training", "nightly training", 10, until(2026, 12))
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := world()
			c.change(g)
			if got := judge(t, baseline(), g); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func forever(g *access.Grant) {
	g.Spans = access.Spans{access.Always}
	g.Sources[0].Span = access.Always
}

func leak(holders ...string) []access.Leak {
	l := access.Leak{Principal: access.Principal{Target: access.Consul, Realm: "c", Name: "ml"}}
	for i := 0; i < len(holders); i += 2 {
		l.Holders = append(l.Holders, access.Holder{Environment: holders[i], Workload: workloadAddr(holders[i+1])})
	}
	return []access.Leak{l}
}

func TestBlastRadius(t *testing.T) {
	g := large(2_500) // 25 workloads, each on 40 confidential or restricted stores
	for i := range 4 * 100 {
		g.Grants[i].Spans = access.Spans{until(2026, 11)} // four of them are over
	}
	got := strings.Split(judge(t, baseline(), g), "\n")
	want := "fraud/workloads.gate.hcl:5: warn reach/blast-radius workload.workload-0004: workload.workload-0004 reaches 40 confidential or restricted resources in production: more than 20"
	if len(got) != 20+21 || got[20+0] != want && got[20] != want {
		t.Errorf("%d findings, of which\n%s", len(got), strings.Join(got[:min(len(got), 30)], "\n"))
	}
}

func TestRulesThatFailWhileTheyRun(t *testing.T) {
	const scoped = "# METADATA\n# custom:\n#   scope: grant\n" + rule
	for _, c := range []struct{ name, text, want string }{
		{"a built-in's error", rule + `deny contains {"subject": "x"} if time.parse_rfc3339_ns(input.policy) > 0`, "policies: guardrail team/rule: rules/a.rego:3: time.parse_rfc3339_ns: "},
		{"in a chunk", scoped + `deny contains {"subject": "x"} if time.parse_rfc3339_ns(input.policy) > 0`, "policies: guardrail team/rule: rules/a.rego:6: time.parse_rfc3339_ns: "},
		{"a conflict", rule + "owner := w.address if some w in input.workloads\n\n" + `deny contains {"subject": owner} if true`, "policies: guardrail team/rule: rules/a.rego:3: rule data.guardrails.team.rule.owner produced conflicting values: \"workload.notebooks\" at rules/a.rego:3 \"workload.trainer\" at rules/a.rego:3"},
		{"unknown subject", rule + `deny contains {"subject": "secret.nope"} if true`, `policies: guardrail team/rule: rules/a.rego:3: deny yields the subject "secret.nope", which the policy doesn't declare`},
		{"no address", rule + "warn contains {\"subject\": \"trainer\"} if true", `policies: guardrail team/rule: rules/a.rego:3: warn yields the subject "trainer", which the policy doesn't declare`},
		{"no subject", rule + `deny contains {"detail": "everything"} if true`, `policies: guardrail team/rule: rules/a.rego:3: deny yields the subject "", which the policy doesn't declare`},
		{"a text", rule + `deny contains "no" if true`, `policies: guardrail team/rule: rules/a.rego:3: deny yields "no": want {"subject": ADDRESS, "detail": TEXT}`},
		{"an unknown key", rule + `deny contains {"subject": "workload.trainer", "msg": "no"} if true`, `policies: guardrail team/rule: rules/a.rego:3: deny yields {"msg": "no", "subject": "workload.trainer"}: want`},
		{"a number as detail", rule + `deny contains {"subject": "workload.trainer", "detail": 7} if true`, `policies: guardrail team/rule: rules/a.rego:3: deny yields {"detail": 7, "subject": "workload.trainer"}: want`},
	} {
		t.Run(c.name, func(t *testing.T) {
			results, err := prepare(t, own("a.rego", c.text)).Evaluate(t.Context(), world(), noon)
			if results != nil || err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("got %v, %v\nwant %s", results, err, c.want)
			}
			var fault *policies.Fault
			if !errors.As(err, &fault) {
				t.Fatalf("%T is no fault", err)
			}
			if d := fault.Diagnostic(); d.Code != diag.BrokenGuardrail || d.Severity != diag.Error || d.Subject.Filename != "rules/a.rego" || d.Subject.Start.Line < 3 {
				t.Errorf("%+v", d)
			}
		})
	}
}

func TestTimeIsBounded(t *testing.T) {
	o := own("a.rego", rule+`deny contains {"subject": "x"} if { some i in numbers.range(1, 3000); some j in numbers.range(1, 3000); i * j == 0 }`)
	o.Timeout = 20 * time.Millisecond
	_, err := prepare(t, o).Evaluate(t.Context(), world(), noon)
	if want := "policies: guardrail team/rule: rules/a.rego:3: did not finish within 0.02 s"; !errors.Is(err, context.DeadlineExceeded) || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	o := own("a.rego", rule+`deny contains {"subject": "x"} if count(numbers.range(1, 1000000000)) == 0`)
	o.Memory = 1 << 20 // less than the heap of a test
	_, err := prepare(t, o).Evaluate(t.Context(), world(), noon)
	if want := "policies: guardrail team/rule: rules/a.rego:3: took more than 1 MB of memory"; err == nil || err.Error() != want {
		t.Fatalf("got %v, want %s", err, want)
	}
	var fault *policies.Fault
	if errors.As(err, &fault); !strings.Contains(fault.Diagnostic().Detail, "numbers.range") {
		t.Errorf("got %q", fault.Diagnostic().Detail)
	}
}

func TestEverythingMayBeASubject(t *testing.T) {
	g := world()
	g.Groups = []*model.Group{{Addr: addr.New(addr.Group, "training"), Decl: at("fraud/access.gate.hcl", 12)}}
	o := own("a.rego", rule+`deny contains {"subject": s, "detail": "seen"} if {
	some s in ["environment.prod", "workload.trainer", "group.training", "feature_store.customers", "feature_store.customers.online", "allow.training", "deny.no-notebooks"]
}`)
	want := `features/stores.gate.hcl:10: deny team/rule feature_store.customers: seen
features/stores.gate.hcl:10: deny team/rule feature_store.customers.online: seen
fraud/access.gate.hcl:10: deny team/rule allow.training: seen
fraud/access.gate.hcl:12: deny team/rule group.training: seen
fraud/workloads.gate.hcl:10: deny team/rule workload.trainer: seen
root.gate.hcl:20: deny team/rule environment.prod: seen
security/denies.gate.hcl:5: deny team/rule deny.no-notebooks: seen`
	if got := judge(t, o, g); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestResultsAsDiagnostics(t *testing.T) {
	g := world()
	g.Workloads[1].Owner = ""
	g.Leaks = leak("prod", "notebooks", "prod", "trainer")
	results, err := prepare(t, baseline()).Evaluate(t.Context(), g, noon)
	if err != nil || !results.Refused() || results[1:].Refused() == results.Refused() && len(results) != 3 {
		t.Fatal(results, err)
	}
	d := results.Diagnostics()
	if len(d) != 3 || !d.HasErrors() {
		t.Fatal(show(d))
	}
	if got, want := d[1].Summary, "ownership/owner-is-set: workload.trainer has no owner"; got != want || d[1].Code != diag.GuardrailFinding || d[1].Detail == "" {
		t.Errorf("got %q, want %q", got, want)
	}
}

// The first failing task decides the error, whichever goroutine is the first to fail.
func TestFailuresAreDeterministic(t *testing.T) {
	o := own("a.rego", "# METADATA\n# custom:\n#   scope: grant\n"+rule+`deny contains {"subject": "x", "detail": g.workload.address} if { some g in input.grants; to_number(g.workload.address) > 0 }`)
	engine, g := prepare(t, o), large(5_000)
	_, first := engine.Evaluate(t.Context(), g, noon)
	for range 20 {
		if _, err := engine.Evaluate(t.Context(), g, noon); err == nil || err.Error() != first.Error() {
			t.Fatalf("got %v, want %v", err, first)
		}
	}
}
