package google

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/codes"

	"gatehouse/lang/model"
	"gatehouse/targets"
	sandboxes "gatehouse/targets/sandbox"
	sandbox "gatehouse/targets/sandbox/google"
	"gatehouse/targets/state"
)

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func TestApply(t *testing.T) {
	w := newWorld(t, sandbox.Options{}, "key", "other")
	w.bind("key", "roles/secretmanager.admin", "group:sre@acme.example", "")
	w.bind("key", reader, member("trainer"), `request.time < timestamp("2030-01-01T00:00:00Z")`)
	g := graph(t, "trainer -> key", "scorer -> key 2027-03-01", "other")
	s := w.site(model.Additive)
	w.Reset()
	if out := apply(t, s, g); !out.Complete() {
		t.Fatal(told(out))
	}
	if n := w.Writes(); n != 1 {
		t.Errorf("%d writes, want one for the secret", n)
	}
	want := []string{
		`secretmanager.admin group:sre@acme.example`,
		`secretmanager.secretAccessor serviceAccount:scorer if request.time < timestamp("2027-03-01T00:00:00Z")`,
		`secretmanager.secretAccessor serviceAccount:trainer`,
		`secretmanager.secretAccessor serviceAccount:trainer if request.time < timestamp("2030-01-01T00:00:00Z")`,
	}
	equal(t, "grants", w.grants("key"), want)

	w.Reset()
	p := plan(t, w.site(model.Additive), g, false)
	if len(p.Sites[0].Changes) != 0 || p.Sites[0].Owned != 2 {
		t.Errorf("a second plan has %d changes and owns %d", len(p.Sites[0].Changes), p.Sites[0].Owned)
	}
	if n := p.Sites[0].Notices; len(n) != 1 || n[0].Kind != targets.NoticeExtra {
		t.Errorf("notices: %v", n)
	}
	execute(t, p, s, g)
	if n := w.Writes(); n != 0 {
		t.Errorf("a second apply made %d writes", n)
	}

	apply(t, w.site(model.Additive), graph(t, "key"))
	equal(t, "what is left", w.grants("key"), []string{want[0], want[3]})
	equal(t, "claims that are left", w.claimed("key"), []string{})
}

// A secret that leaves the policy is still read, and what was granted there is revoked.
func TestLeaving(t *testing.T) {
	w := newWorld(t, sandbox.Options{}, "key", "other")
	apply(t, w.site(model.Additive), graph(t, "trainer -> key", "trainer -> other"))
	w.bind("key", reader, "user:ann@acme.example", "")
	apply(t, w.site(model.Additive), graph(t, "trainer -> other"))
	equal(t, "grants", w.grants("key"), []string{"secretmanager.secretAccessor user:ann@acme.example"})
	equal(t, "claims", w.claimed("key"), []string{})
}

// Exclusive is about declared secrets: on one that has left the policy, what others granted is theirs.
func TestLeavingExclusive(t *testing.T) {
	w := newWorld(t, sandbox.Options{}, "key", "other")
	apply(t, w.site(model.Exclusive), graph(t, "trainer -> key", "trainer -> other"))
	w.bind("key", reader, "user:ann@acme.example", "")
	if out := apply(t, w.site(model.Exclusive), graph(t, "trainer -> other")); !out.Complete() {
		t.Error(told(out))
	}
	equal(t, "grants", w.grants("key"), []string{"secretmanager.secretAccessor user:ann@acme.example"})
	equal(t, "claims", w.claimed("key"), []string{})
}

func TestOwnership(t *testing.T) {
	w := newWorld(t, sandbox.Options{}, "key")
	w.bind("key", reader, "user:ann@acme.example", "")
	w.bind("key", reader, member("trainer"), "") // declared, and there already
	w.bind("key", "roles/secretmanager.viewer", "user:ann@acme.example", "")
	g := graph(t, "trainer -> key", "scorer -> key")

	apply(t, w.site(model.Additive), g)
	equal(t, "additive claims what it grants", w.claimed("key"), []string{"secretmanager.secretAccessor serviceAccount:scorer"})

	p := plan(t, w.site(model.Exclusive), g, false)
	if n := targets.Removals(p); n != 1 {
		t.Errorf("exclusive removes %d items, want ann's", n)
	}
	apply(t, w.site(model.Exclusive), g)
	equal(t, "exclusive", w.grants("key"), []string{
		"secretmanager.secretAccessor serviceAccount:scorer", "secretmanager.secretAccessor serviceAccount:trainer", "secretmanager.viewer user:ann@acme.example"})

	apply(t, w.site(model.Additive), graph(t, "key"))
	equal(t, "back to additive: what was never claimed stays", w.grants("key"), []string{
		"secretmanager.secretAccessor serviceAccount:trainer", "secretmanager.viewer user:ann@acme.example"})

	s := w.site(model.Additive)
	execute(t, plan(t, s, g, true), s, g)
	equal(t, "adopted", w.claimed("key"), []string{"secretmanager.secretAccessor serviceAccount:scorer", "secretmanager.secretAccessor serviceAccount:trainer"})
}

// Without its state the driver revokes nothing, in whichever mode, and says so.
func TestStateLost(t *testing.T) {
	for _, mode := range []model.Ownership{model.Additive, model.Exclusive} {
		w := newWorld(t, sandbox.Options{}, "key")
		w.bind("key", reader, "user:ann@acme.example", "")
		apply(t, w.site(model.Additive), graph(t, "trainer -> key"))
		if err := os.Remove(state.FilePath(w.folder, owner)); err != nil {
			t.Fatal(err)
		}
		p := plan(t, w.site(mode), graph(t, "scorer -> key"), false)
		if n := targets.Removals(p); n != 0 {
			t.Errorf("%s: removes %d items", mode, n)
		}
		if u := p.Sites[0].Unknown; len(u) != 1 || u[0].What != "state" || !strings.Contains(u[0].Reason, "lost") {
			t.Errorf("%s: unknown: %v", mode, u)
		}
		s := w.site(mode)
		execute(t, p, s, graph(t, "scorer -> key"))
		equal(t, "grants", w.grants("key"), []string{"secretmanager.secretAccessor serviceAccount:scorer",
			"secretmanager.secretAccessor serviceAccount:trainer", "secretmanager.secretAccessor user:ann@acme.example"})
		equal(t, "claims", w.claimed("key"), []string{"secretmanager.secretAccessor serviceAccount:scorer"})
	}
}

// A write whose answer is lost is read back: done is done, and is not done twice.
func TestLostSuccess(t *testing.T) {
	for _, code := range []codes.Code{codes.Unavailable, codes.DeadlineExceeded, codes.Internal} {
		w := newWorld(t, sandbox.Options{}, "key")
		w.Inject(sandboxes.Fault{Nth: 1, Drop: true, Status: int(code)})
		if out := apply(t, w.site(model.Additive), graph(t, "trainer -> key")); !out.Complete() {
			t.Errorf("%s: %s", code, told(out))
		}
		if n := w.Writes(); n != 1 {
			t.Errorf("%s: %d writes", code, n)
		}
		equal(t, "claims", w.claimed("key"), []string{"secretmanager.secretAccessor serviceAccount:trainer"})
	}
}

// Where the answer is lost and somebody writes on before it is read back, what we granted stands in their policy: it is ours, and stays claimed.
func TestLostSuccessUnderAnother(t *testing.T) {
	w := newWorld(t, sandbox.Options{}, "key")
	w.Inject(sandboxes.Fault{Nth: 1, Drop: true, Status: int(codes.Unavailable)})
	w.OnWrite(nil, func(n int) {
		if n == 1 {
			w.bind("key", reader, "user:ann@acme.example", "")
		}
	})
	if out := apply(t, w.site(model.Additive), graph(t, "trainer -> key")); !out.Complete() {
		t.Error(told(out))
	}
	equal(t, "grants", w.grants("key"), []string{"secretmanager.secretAccessor serviceAccount:trainer", "secretmanager.secretAccessor user:ann@acme.example"})
	equal(t, "claims", w.claimed("key"), []string{"secretmanager.secretAccessor serviceAccount:trainer"})
}

// A write that arrives after it was read back and sent again makes the second one stale: what stands there is ours all the same.
func TestLateSuccess(t *testing.T) {
	w := newWorld(t, sandbox.Options{}, "key")
	w.Inject(sandboxes.Fault{Nth: 1, Status: int(codes.Unavailable)})
	w.OnWrite(func(n int) {
		if n == 2 {
			w.bind("key", reader, member("trainer"), "")
		}
	}, nil)
	if out := apply(t, w.site(model.Additive), graph(t, "trainer -> key")); !out.Complete() {
		t.Error(told(out))
	}
	equal(t, "claims", w.claimed("key"), []string{"secretmanager.secretAccessor serviceAccount:trainer"})
}

// What fails before anything is done is tried again where that helps, and otherwise ends its claim.
func TestFaults(t *testing.T) {
	for _, test := range []struct {
		code   codes.Code
		writes int
		claims int
		done   bool
	}{
		{codes.Unavailable, 2, 1, true},
		{codes.ResourceExhausted, 2, 1, true},
		{codes.Internal, 1, 1, false}, // nobody knows whether it may yet arrive
		{codes.PermissionDenied, 1, 0, false},
		{codes.InvalidArgument, 1, 0, false},
	} {
		w := newWorld(t, sandbox.Options{}, "key")
		w.Inject(sandboxes.Fault{Nth: 1, Status: int(test.code), Body: "injected"})
		out := apply(t, w.site(model.Additive), graph(t, "trainer -> key"))
		if out.Complete() != test.done || w.Writes() != test.writes || len(w.claimed("key")) != test.claims {
			t.Errorf("%s: complete %v, %d writes, claims %v: %s", test.code, out.Complete(), w.Writes(), w.claimed("key"), told(out))
		}
	}
}

func TestMoved(t *testing.T) {
	w := newWorld(t, sandbox.Options{}, "key")
	s, g := w.site(model.Additive), graph(t, "trainer -> key")
	p := plan(t, s, g, false)
	w.bind("key", reader, "user:ann@acme.example", "")
	if out := execute(t, p, s, g); !out.Complete() {
		t.Fatal(told(out))
	}
	equal(t, "grants", w.grants("key"), []string{"secretmanager.secretAccessor serviceAccount:trainer", "secretmanager.secretAccessor user:ann@acme.example"})

	// Somebody else grants the very same: it is theirs, and no claim of ours stays on it.
	g = graph(t, "trainer -> key", "scorer -> key")
	p = plan(t, s, g, false)
	w.bind("key", reader, member("scorer"), "")
	if out := execute(t, p, s, g); out.Count(targets.Already) != 1 {
		t.Fatal(told(out))
	}
	equal(t, "claims", w.claimed("key"), []string{"secretmanager.secretAccessor serviceAccount:trainer"})
}

func TestMissing(t *testing.T) {
	w := newWorld(t, sandbox.Options{}, "key")
	s, g := w.site(model.Additive), graph(t, "trainer -> key", "trainer -> nothing")
	p := plan(t, s, g, false)
	n := p.Sites[0].Notices
	if len(n) != 1 || n[0].Kind != targets.NoticeUnknown || !strings.Contains(n[0].Detail, "does not exist") {
		t.Errorf("notices: %v", n)
	}
	if out := execute(t, p, s, g); out.Complete() || out.Count(targets.Done) != 1 {
		t.Error(told(out))
	}
}

// Who may not read is told the permission; who may read secrets alone is told what stays unknown.
func TestDenied(t *testing.T) {
	w := newWorld(t, sandbox.Options{}, "key")
	g := graph(t, "trainer -> key")
	_, err := targets.MakePlan(context.Background(), []targets.Site{w.site(model.Additive, as("user:ann@acme.example"))}, g, targets.PlanOptions{At: now})
	if err == nil || !strings.Contains(err.Error(), "secretmanager.secrets.getIamPolicy on projects/acme-prod/secrets/key") {
		t.Errorf("error: %v", err)
	}
	w.bind("key", "roles/secretmanager.admin", "user:ann@acme.example", "")
	p := plan(t, w.site(model.Additive, as("user:ann@acme.example")), g, false)
	var what []string
	for _, u := range p.Sites[0].Unknown {
		what = append(what, u.What)
	}
	equal(t, "unknown", what, []string{"project-policy/projects/acme-prod", "project/projects/acme-prod", "secrets of projects/acme-prod"})
	for _, u := range p.Sites[0].Unknown {
		if !strings.Contains(u.Reason, "the caller needs ") {
			t.Errorf("%s: %s", u.What, u.Reason)
		}
	}
}

// A claim whose grant never came, because a process died between the two, ends with the next write; the grant is made if it is still wanted.
func TestIdleClaims(t *testing.T) {
	w := newWorld(t, sandbox.Options{}, "key")
	k := targets.Key{Kind: "secret-policy", Name: secret("key")}
	for _, who := range []string{"trainer", "scorer"} {
		if err := state.NewLedger(w.store()).Claim(context.Background(), k, reader+" "+member(who)); err != nil {
			t.Fatal(err)
		}
	}
	apply(t, w.site(model.Additive), graph(t, "trainer -> key"))
	equal(t, "grants", w.grants("key"), []string{"secretmanager.secretAccessor serviceAccount:trainer"})
	equal(t, "claims", w.claimed("key"), []string{"secretmanager.secretAccessor serviceAccount:trainer"})
}

// A claim whose item is gone ends under the lock, without a write to the policy: somebody else may grant the same later, and that must not be
// taken for ours.
func TestTidy(t *testing.T) {
	w := newWorld(t, sandbox.Options{}, "key", "left")
	for _, name := range []string{"key", "left", "gone"} {
		k := targets.Key{Kind: "secret-policy", Name: secret(name)}
		if err := state.NewLedger(w.store()).Claim(context.Background(), k, reader+" "+member("scorer")); err != nil {
			t.Fatal(err)
		}
	}
	site := w.site(model.Additive)
	apply(t, site, graph(t, "trainer -> key"))
	conn := site.Conn.(targets.Tidier)
	if !conn.Untidy() {
		t.Fatal("claims without an item went unseen")
	}
	if err := conn.Tidy(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"left", "gone"} {
		equal(t, "claims on "+name, w.claimed(name), []string{})
	}
	equal(t, "claims on key", w.claimed("key"), []string{"secretmanager.secretAccessor serviceAccount:trainer"})
	if conn.Untidy() {
		t.Error("what was tidied is still untidy")
	}
}

// Audit configs and what others know of a policy stay; so do members that Google has marked as deleted.
func TestForeignStays(t *testing.T) {
	w := newWorld(t, sandbox.Options{}, "key")
	w.bind("key", reader, "deleted:user:ann@acme.example?uid=123", "")
	w.bind("key", reader, "principal://iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/subject/Main", "")
	before := w.grants("key")
	apply(t, w.site(model.Additive), graph(t, "trainer -> key"))
	apply(t, w.site(model.Additive), graph(t, "key"))
	equal(t, "grants", w.grants("key"), before)
}
