package access

import (
	"strings"
	"testing"

	"gatehouse/lang/addr"
	"gatehouse/lang/diag"
)

func TestRunTests(t *testing.T) {
	const ends = "w a dev prod; w b prod; w s prod=b/b@prod; w l dev; store x prod; secret k prod; group g a b; group none q; "
	for _, test := range []struct{ want, policy string }{
		{"ok 1", "allow n from a to k; test t from a to k in prod expect allow"},
		{"ok 1", "allow n from a to k; test t from b to k in prod expect deny"},
		{"ok 4", "allow n from g to k,x; test t from g to k,x in prod expect allow"},
		{"ok 2", "allow n from a to k do read,write; test t from a to k in prod do read,write expect allow"},

		{"workload.a may read secret.k in \"prod\", by allow.n", "allow n from a to k; test t from a to k in prod expect deny"},
		{"workload.b may not read secret.k in \"prod\": no allow gives it", "allow n from a to k; test t from g to k in prod expect allow"},
		{"workload.a may not read secret.k in \"prod\": deny.d denies it", "allow n from a to k; deny d from a to k; test t from a to k in prod expect allow"},
		{"workload.a may not read secret.k in \"prod\" since 1970-01-01T00:00:05Z", "allow n from a to k until 5; test t from a to k in prod expect allow"},
		{"workload.a may not read secret.k in \"prod\" before 1970-01-01T00:00:20Z", "allow n from a to k since 20; test t from a to k in prod expect allow"},
		{"ok 1", "allow n from a to k until 5; test t from a to k in prod at 4 expect allow"},

		// Whatever reaches it breaks a deny; nothing but a grant keeps an allow.
		{"workload.s may read secret.k in \"prod\", by allow.n: it is serviceAccount:b@prod, as workload.b is, to whom that is granted", "allow n from b to k; test t from s to k in prod expect deny"},
		{"workload.a may not read feature_store.x.online in \"prod\": only write is allowed, though Consul can't tell the two apart", "allow n from a to x do write; test t from a to x in prod expect allow"},
		{"workload.s may not read secret.k in \"prod\" by a grant of its own, though it reaches it: it is serviceAccount:b@prod, as workload.b is, to whom it is granted", "allow n from b to k; test t from s to k in prod expect allow"},
		{"workload.a may write feature_store.x.online in \"prod\", by allow.n, and Consul can't tell that from read", "allow n from a to x do write; test t from a to x in prod expect deny"},

		// Requests.
		{"ok 1", "allow n from a to x http GET=/v*; test t from a to x in prod http GET=/v/1 expect allow"},
		{"ok 1", "allow n from a to x http GET=/v*; test t from a to x in prod http POST expect deny"},
		{"workload.a may not read feature_store.x.online in \"prod\" for * exact /v: it may GET prefix /v, by allow.n", "allow n from a to x http GET=/v*; test t from a to x in prod http =/v expect allow"},
		{"workload.a may not read feature_store.x.online in \"prod\": it may GET prefix /v, by allow.n", "allow n from a to x http GET=/v*; test t from a to x in prod expect allow"},
		{"workload.a may read feature_store.x.online in \"prod\" for GET prefix /v, by allow.n", "allow n from a to x http GET=/v*; test t from a to x in prod expect deny"},
		{"ok 1", "allow n from a to x http GET=~/v/[0-9]+; test t from a to x in prod http GET=/v/1 expect allow"},
		{"ok 1", "allow n from a to x http GET=~/v/[0-9]+; test t from a to x in prod http GET=/v/a expect deny"},
		{"ok 1", "allow n from a to x http GET=/v/a; test t from a to x in prod http GET=~/v/[0-9]+ expect deny"},
		{"ok 1", "allow n from a to x; deny d from a to x http =~/v/[0-9]+; test t from a to x in prod http GET=/v/1 expect deny"},
		{"ok 1", "allow n from a to x; deny d from a to x http =~/v/[0-9]+; test t from a to x in prod http GET=/v/a expect allow"},
		{"workload.a may read feature_store.x.online in \"prod\" for GET regex /v/[0-9]+, by allow.n", "allow n from a to x http GET=~/v/[0-9]+; test t from a to x in prod http GET=/v/1 expect deny"},
		{"workload.a may read feature_store.x.online in \"prod\" for GET exact /v/1, by allow.n", "allow n from a to x http GET=/v/1; test t from a to x in prod http GET=~/v/[0-9]+ expect deny"},
		{"workload.a may not read feature_store.x.online in \"prod\" for GET prefix /v/: it may GET regex /v/.*, by allow.n; an expression isn't compared with prefixes, so try exact paths",
			"allow n from a to x http GET=~/v/.*; test t from a to x in prod http GET=/v/* expect allow"},
		{"workload.a may read feature_store.x.online in \"prod\" for GET regex /v/.*, by allow.n; an expression isn't compared with prefixes, so try exact paths",
			"allow n from a to x http GET=~/v/.*; test t from a to x in prod http GET=/w/* expect deny"},
		{"ok 1", "allow n from a to x; deny d from a to x http =/v*; test t from a to x in prod http GET=/v/1 expect deny"},
		{"workload.a may not read feature_store.x.online in \"prod\": it may * * except * prefix /v, by allow.n", "allow n from a to x; deny d from a to x http =/v*; test t from a to x in prod expect allow"},

		// Ends that don't meet.
		{"ok 1; workload.l is not in \"prod\"", "test t from l to k in prod expect deny"},
		{"ok 1; secret.k is not in \"dev\"", "test t from a to k in dev expect deny"},
		{"workload.l may not read secret.k in \"prod\", since its ends don't meet: workload.l is not there; workload.l is not in \"prod\"", "test t from l to k in prod expect allow"},
		{"ok 0; nobody of from is in \"prod\"", "test t from none to k in prod expect deny"},
		{"nobody of from is in \"prod\", so that there is nobody to allow anything to; nobody of from is in \"prod\"", "test t from none to k in prod expect allow"},

		// What crosses.
		{"ok 1", "allow n from l to k across dev/prod; test t from l to k in prod expect allow"},
		{"workload.l may read secret.k in \"prod\", by allow.n, which crosses from \"dev\"", "allow n from l to k across dev/prod; group h l; test t from h to k in prod expect deny"},
	} {
		p := sketch(t, ends+test.policy)
		g, _ := Build(p, second(10))
		r := RunTests(g, second(10))[0]
		var got []string
		if r.Passed {
			got = append(got, "ok "+string(rune('0'+r.Tried)))
		} else {
			got = append(got, r.Failures[0].Holds)
		}
		if text := strings.Join(append(got, r.Notes...), "; "); text != test.want {
			t.Errorf("%s\n got %s\nwant %s", test.policy, text, test.want)
		}
	}
}

func TestReportTests(t *testing.T) {
	g, _ := Build(sketch(t, "w a prod; w b prod; secret k prod; allow n from a to k; deny d from b to k; test good from a to k in prod expect allow; test bad from a,b to k in prod do read,write expect allow"), second(0))
	diags := ReportTests(RunTests(g, second(0)))
	if len(diags) != 1 || diags[0].Code != diag.FailedTest || !diags.HasErrors() || diags[0].Subject != place("test.bad") {
		t.Fatalf("%v", diags)
	}
	if want := "It expects allow, and 2 more of 4 tried fail it, such as: workload.a may not write secret.k in \"prod\": no allow gives it. Correct the policy, or the test."; diags[0].Detail != want {
		t.Errorf("got  %s\nwant %s", diags[0].Detail, want)
	}
	if r := diags[0].Related; len(r) != 1 || r[0].Message != "deny.d denies it" {
		t.Errorf("%v", r)
	}
}

func TestCoverageOf(t *testing.T) {
	const ends = "w a prod; w b prod; secret k prod; secret m prod; allow n from a to k; allow o from b to k until 5; allow p from b to m; allow q from a to m; deny d from a to m; deny e from b to k do write; "
	for _, test := range []struct{ want, tests string }{
		{"allows 0/4 intervals 0/1 denies 0/2", ""},
		{"allows 1/4 intervals 0/1 denies 0/2", "test t from a to k in prod expect allow"},
		{"allows 1/4 intervals 0/1 denies 0/2", "test t from b to k in prod expect deny"},
		{"allows 1/4 intervals 1/1 denies 0/2", "test t from b to k in prod at 4 expect allow"},
		{"allows 1/4 intervals 0/1 denies 1/2", "test t from a to m in prod expect deny"},
		{"allows 4/4 intervals 0/1 denies 2/2", "test t from a,b to k,m in prod do read,write expect deny"},
	} {
		g, _ := Build(sketch(t, ends+test.tests), second(10))
		c := CoverageOf(g, RunTests(g, second(10)))
		got := ""
		for _, part := range []struct {
			name string
			c    Covered
		}{{"allows", c.Allows}, {" intervals", c.Intervals}, {" denies", c.Denies}} {
			got += part.name + " " + string(rune('0'+part.c.Exercised)) + "/" + string(rune('0'+part.c.All))
			if part.c.Exercised+len(part.c.Missing) != part.c.All {
				t.Errorf("%s: %v", test.tests, part)
			}
		}
		if got != test.want {
			t.Errorf("%s\n got %s\nwant %s", test.tests, got, test.want)
		}
	}
}

func TestUnapplied(t *testing.T) {
	const policy = "w a prod; store x prod; offline y prod; offline z prod; secret k prod; " +
		"allow n from a to x,k; allow m from a to x do write http GET=/v; allow o from a to y.offline; deny d from a to y.online http =/z; allow p from a to y.online"
	g, _ := Build(sketch(t, policy), second(0))
	var got []string
	for _, o := range Unapplied(g, "prod", meshOnly, cloudOnly) {
		text := string(o.Target) + " " + string(o.Lack) + " " + o.Resource.String()
		for _, grant := range o.Grants {
			text += " " + grant.Sources[0].Allow.Name
		}
		got = append(got, text)
	}
	want := "consul requests feature_store.x.online m; google kind feature_store.y.offline o; consul requests feature_store.y.online p; google kind feature_store.z.offline"
	if text := strings.Join(got, "; "); text != want {
		t.Errorf("\n got %s\nwant %s", text, want)
	}
	var summaries []string
	for _, d := range ReportUnapplied(Unapplied(g, "prod", meshOnly, cloudOnly)) {
		if d.Code != diag.NotApplied || d.Severity != diag.Warning {
			t.Errorf("%v", d)
		}
		summaries = append(summaries, d.Summary)
	}
	want = "the consul target does not apply what allow.m narrows to requests; the consul target does not apply what allow.p narrows to requests; " +
		"the google target does not apply feature_store.y.offline; the google target does not apply feature_store.z.offline"
	if text := strings.Join(summaries, "; "); text != want {
		t.Errorf("\n got %s\nwant %s", text, want)
	}
	narrow, warehouse := meshOnly, cloudOnly
	narrow.Requests, warehouse.Kinds = true, []string{"secret", "dataset"}
	if left := Unapplied(g, "prod", narrow, warehouse); len(left) > 0 {
		t.Errorf("%v", left)
	}
	if left := Unapplied(g, "prod", narrow); len(left) > 0 {
		t.Errorf("of a target that is not among them: %v", left)
	}
	if left := Unapplied(g, "dev", meshOnly, cloudOnly); len(left) > 0 {
		t.Errorf("of an environment without any of it: %v", left)
	}
}

// Whoever crosses is asked for at the resource's environment, and is at home in his own.
func TestAskAcross(t *testing.T) {
	g, _ := Build(sketch(t, "w a dev; secret k prod; allow n from a to k across dev/prod since 5"), second(0))
	a, k := addr.New(addr.Workload, "a"), addr.New(addr.Secret, "k")
	answers := WhoCan(g, "read", k, "prod", second(6))
	if len(answers) != 1 || answers[0].Home != "dev" || answers[0].Environment != "prod" || answers[0].Principal.Name != "serviceAccount:a@dev" {
		t.Errorf("%v", answers)
	}
	for at, want := range map[int64]Verdict{6: YesDeclared, 4: NoNotYet} {
		if e := Why(g, a, "read", k, "prod", second(at)); e.Verdict != want || e.Principal.Name != "serviceAccount:a@dev" {
			t.Errorf("at %d: %s as %v", at, e.Verdict, e.Principal)
		}
	}
	if e := Why(g, a, "read", k, "dev", second(6)); e.Verdict != NoCommon {
		t.Errorf("inside of its own environment: %s", e.Verdict)
	}
	g, _ = Build(sketch(t, "w a dev prod; secret k prod; allow m from a to k in prod until 4; allow n from a to k across dev/prod since 7"), second(0))
	for at, want := range map[int64]Verdict{3: YesDeclared, 5: NoNotYet, 8: YesDeclared} {
		if e := Why(g, a, "read", k, "prod", second(at)); e.Verdict != want {
			t.Errorf("at home and across, at %d: %s", at, e.Verdict)
		}
	}
	g, _ = Build(sketch(t, "w a dev prod; secret k prod; allow m from a to k in prod since 7; allow n from a to k across dev/prod until 4"), second(0))
	if e := Why(g, a, "read", k, "prod", second(5)); e.Verdict != NoNotYet {
		t.Errorf("across once, and at home later: %s", e.Verdict)
	}
}
