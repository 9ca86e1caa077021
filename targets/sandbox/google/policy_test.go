package google_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cloud.google.com/go/iam"
	"cloud.google.com/go/iam/apiv1/iampb"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/genproto/googleapis/type/expr"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"

	"gatehouse/targets/sandbox/google"
)

func TestPolicyRefused(t *testing.T) {
	w := open(t, "", google.Options{})
	if err := w.EnsureRole(acme+"/roles/reader", "secretmanager.versions.access"); err != nil {
		t.Fatal(err)
	}
	if err := w.EnsureRole(acme+"/roles/roleReader", "iam.roles.get"); err != nil {
		t.Fatal(err)
	}
	c := w.secrets(t)
	later := until(noon.Add(time.Hour))
	v := func(version int32, bindings ...*iampb.Binding) *iampb.Policy {
		return &iampb.Policy{Version: version, Bindings: bindings}
	}
	many := func(n int, form string) (out []string) {
		for i := range n {
			out = append(out, fmt.Sprintf(form, i))
		}
		return out
	}
	ands := func(n int) string { return "true" + strings.Repeat(" && true", n) }
	conditions := func(n int) (out []*iampb.Binding) {
		for i := range n {
			out = append(out, bindIf(accessor, fmt.Sprint("until ", i), until(noon.Add(time.Duration(i)*time.Hour)), ann))
		}
		return out
	}
	ok, bad := codes.OK, codes.InvalidArgument
	tests := []struct {
		want codes.Code
		name string
		p    *iampb.Policy
	}{
		{ok, "version 0", v(0, bind(accessor, ann))},
		{ok, "version 1", v(1, bind(accessor, ann))},
		{bad, "version 2", v(2, bind(accessor, ann))},
		{ok, "version 3", v(3, bind(accessor, ann))},
		{bad, "version 4", v(4)},
		{bad, "no policy", nil},
		{ok, "nothing", v(0)},
		{ok, "condition, version 3", v(3, bindIf(accessor, "t", later, ann))},
		{bad, "condition, version 1", v(1, bindIf(accessor, "t", later, ann))},
		{bad, "condition, version 0", v(0, bindIf(accessor, "t", later, ann))},
		{bad, "condition on owner", v(3, bindIf("roles/owner", "t", later, ann))},
		{bad, "condition on editor", v(3, bindIf("roles/editor", "t", later, ann))},
		{bad, "condition on viewer", v(3, bindIf("roles/viewer", "t", later, ann))},
		{bad, "condition on all users", v(3, bindIf(accessor, "t", later, "allUsers"))},
		{bad, "condition on all authenticated", v(3, bindIf(accessor, "t", later, "allAuthenticatedUsers"))},
		{ok, "all users", v(1, bind(accessor, "allUsers"))},
		{bad, "condition without title", v(3, bindIf(accessor, "", later, ann))},
		{bad, "condition without expression", v(3, bindIf(accessor, "t", "", ann))},
		{bad, "condition that is no CEL", v(3, bindIf(accessor, "t", "request.time <", ann))},
		{bad, "condition on what isn't", v(3, bindIf(accessor, "t", "request.tyme < 3", ann))},
		{bad, "condition that is no bool", v(3, bindIf(accessor, "t", "resource.name", ann))},
		{bad, "condition with a macro", v(3, bindIf(accessor, "t", "[1].exists(x, x == 1)", ann))},
		{codes.Unimplemented, "condition on tags", v(3, bindIf(accessor, "t", "resource.matchTag('1/env', 'prod')", ann))},
		{codes.Unimplemented, "condition on API attributes", v(3, bindIf(accessor, "t", "api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly(['roles/a'])", ann))},
		{ok, "extract", v(3, bindIf(accessor, "t", "resource.name.extract('secrets/{s}') == 'a'", ann))},
		{ok, "12 operators", v(3, bindIf(accessor, "t", ands(12), ann))},
		{bad, "13 operators", v(3, bindIf(accessor, "t", ands(13), ann))},
		{bad, "no members", v(1, bind(accessor))},
		{bad, "no role", v(1, bind("", ann))},
		{bad, "unknown role", v(1, bind("roles/secretmanager.secretReader", ann))},
		{bad, "role in other case", v(1, bind("roles/secretmanager.secretaccessor", ann))},
		{bad, "role of another service", v(1, bind("roles/logging.logWriter", ann))},
		{bad, "withheld condition written back", v(1, bind(accessor+"_withcond_2b17cc25d2cd9e2c54d8", ann))},
		{ok, "custom role", v(1, bind(acme+"/roles/reader", ann))},
		{bad, "custom role that isn't", v(1, bind(acme+"/roles/writer", ann))},
		{bad, "custom role without a permission here", v(1, bind(acme+"/roles/roleReader", ann))},
		{codes.Unimplemented, "role of an organization", v(1, bind("organizations/1/roles/reader", ann))},
		{bad, "member without type", v(1, bind(accessor, "ann@acme.example"))},
		{bad, "service account that isn't", v(1, bind(accessor, "serviceAccount:nobody@acme-prod.iam.gserviceaccount.com"))},
		{ok, "service account elsewhere", v(1, bind(accessor, "serviceAccount:somebody@other-prod.iam.gserviceaccount.com"))},
		{ok, "1500 principals", v(1, bind(accessor, many(1500, "user:u%d@acme.example")...))},
		{bad, "1501 principals", v(1, bind(accessor, many(1501, "user:u%d@acme.example")...))},
		{bad, "751 principals twice", v(1, bind(accessor, many(751, "user:u%d@acme.example")...), bind("roles/secretmanager.viewer", many(751, "user:u%d@acme.example")...))},
		{ok, "250 groups", v(1, bind(accessor, many(250, "group:g%d@acme.example")...))},
		{bad, "250 groups and a domain", v(1, bind(accessor, append(many(250, "group:g%d@acme.example"), "domain:acme.example")...))},
		{ok, "20 conditions", v(3, conditions(20)...)},
		{bad, "21 conditions", v(3, conditions(21)...)},
		{bad, "audit configs of a secret", &iampb.Policy{AuditConfigs: audit()}},
	}
	for _, tt := range tests {
		mask := []string{"bindings", "etag", "audit_configs"}
		_, err := c.SetIamPolicy(t.Context(), &iampb.SetIamPolicyRequest{Resource: password, Policy: tt.p, UpdateMask: maskOf(mask)})
		if got := status.Code(err); got != tt.want {
			t.Errorf("%s: got %v (%v), want %v", tt.name, got, err, tt.want)
		}
	}
}

func audit() []*iampb.AuditConfig {
	return []*iampb.AuditConfig{{Service: "secretmanager.googleapis.com", AuditLogConfigs: []*iampb.AuditLogConfig{{LogType: iampb.AuditLogConfig_DATA_READ}}}}
}

func TestPolicyNormalForm(t *testing.T) {
	w := open(t, "", google.Options{})
	c := w.secrets(t)
	later, pool := until(noon.Add(time.Hour)), "principalSet://iam.googleapis.com/projects/123456789012/locations/global/workloadIdentityPools/ci/attribute.repo/Acme/Features"
	write(t, c, password, &iampb.Policy{Version: 3, Bindings: []*iampb.Binding{
		bind("roles/secretmanager.viewer", "group:Ops@Acme.example", "user:ZOE@acme.example"),
		bindIf(accessor, "until one", later, ann),
		bind(accessor, "user:Ann@ACME.example", pool, ann),
		bind("roles/secretmanager.viewer", "user:zoe@acme.example", ann),
		bindIf(accessor, "until two", later, ann),
	}})
	want := &iampb.Policy{Version: 3, Bindings: []*iampb.Binding{
		bind(accessor, pool, ann),
		bindIf(accessor, "until one", later, ann),
		bindIf(accessor, "until two", later, ann),
		bind("roles/secretmanager.viewer", "group:ops@acme.example", ann, "user:zoe@acme.example"),
	}}
	got := read(t, c, password, 3)
	if diff := cmp.Diff(want, got, protocmp.Transform(), protocmp.IgnoreFields(&iampb.Policy{}, "etag")); diff != "" {
		t.Error(diff)
	}
}

func TestPolicyVersions(t *testing.T) {
	w := open(t, "", google.Options{})
	c := w.secrets(t)
	if p := read(t, c, password, 3); p.Version != 0 || string(p.Etag) != "\x00\x20\x01" {
		t.Errorf("a policy never set: %v", p)
	}
	if p := write(t, c, password, &iampb.Policy{Version: 3, Bindings: []*iampb.Binding{bind(accessor, ann)}}); p.Version != 1 {
		t.Errorf("without conditions: version %d, want 1", p.Version)
	}
	write(t, c, password, &iampb.Policy{Version: 3, Bindings: []*iampb.Binding{bind(accessor, ann), bindIf(accessor, "t", until(noon), ann)}})
	for _, version := range []int32{0, 1} {
		p := read(t, c, password, version)
		if p.Version != 1 || p.Bindings[1].Condition != nil || !strings.HasPrefix(p.Bindings[1].Role, accessor+"_withcond_") {
			t.Errorf("read at version %d: %v", version, p)
		}
		p.Bindings = p.Bindings[:1]
		refused(t, c, password, p, codes.InvalidArgument) // with its etag
	}
	_, err := c.GetIamPolicy(t.Context(), &iampb.GetIamPolicyRequest{Resource: password, Options: &iampb.GetPolicyOptions{RequestedPolicyVersion: 2}})
	wantCode(t, err, codes.InvalidArgument)

	// The trap that the protocol's comments warn of: without an etag, version 1 loses the conditions.
	write(t, c, password, &iampb.Policy{Version: 1, Bindings: []*iampb.Binding{bind(accessor, ann)}})
	if p := read(t, c, password, 3); p.Version != 1 || len(p.Bindings) != 1 {
		t.Errorf("after a write without etag: %v", p)
	}
}

func TestPolicyEtag(t *testing.T) {
	w := open(t, "", google.Options{})
	c := w.secrets(t)
	first := read(t, c, password, 3)
	p := proto.CloneOf(first)
	p.Bindings = []*iampb.Binding{bind(accessor, ann)}
	second := write(t, c, password, p)
	refused(t, c, password, p, codes.Aborted)                                // stale
	refused(t, c, password, p, codes.Aborted, "bindings", "etag")            // stale
	p = write(t, c, password, p, "bindings")                                 // the mask asks for no comparison
	refused(t, c, password, second, codes.Aborted)                           // the same content, another etag
	write(t, c, password, &iampb.Policy{Bindings: p.Bindings})               // no etag, no comparison
	refused(t, c, password, &iampb.Policy{}, codes.InvalidArgument, "roles") // no such field
	if got := read(t, c, password, 3); !slices.Equal(got.Bindings[0].Members, []string{ann}) {
		t.Errorf("got %v", got)
	}
}

func TestAuditConfigs(t *testing.T) {
	w := open(t, "", google.Options{})
	c := w.projects(t)
	p := &iampb.Policy{AuditConfigs: audit(), Bindings: []*iampb.Binding{bind("roles/viewer", ann)}}
	if got := write(t, c, acme, p); len(got.AuditConfigs) != 0 {
		t.Errorf("the default mask took audit configs: %v", got)
	}
	got := write(t, c, acme, p, "bindings", "etag", "audit_configs")
	got.Bindings = []*iampb.Binding{bind("roles/editor", ann)}
	got.AuditConfigs = nil
	write(t, c, acme, got) // what a client does that knows nothing of them
	want := &iampb.Policy{Version: 1, AuditConfigs: audit(), Bindings: []*iampb.Binding{bind("roles/editor", ann)}}
	if diff := cmp.Diff(want, read(t, c, acme, 3), protocmp.Transform(), protocmp.IgnoreFields(&iampb.Policy{}, "etag")); diff != "" {
		t.Error(diff)
	}
	write(t, c, acme, &iampb.Policy{Version: 3, Bindings: []*iampb.Binding{bindIf("roles/browser", "t", until(noon), ann)}})
	write(t, c, acme, &iampb.Policy{AuditConfigs: audit()}, "audit_configs") // conditions are not its business
	if got := read(t, c, acme, 3); !conditionalOnly(got) {
		t.Errorf("audit configs alone changed the bindings: %v", got)
	}
	refused(t, c, acme, &iampb.Policy{AuditConfigs: []*iampb.AuditConfig{{Service: "secrets"}}}, codes.InvalidArgument, "audit_configs")
	refused(t, c, acme, &iampb.Policy{AuditConfigs: []*iampb.AuditConfig{{Service: "allServices"}}}, codes.InvalidArgument, "audit_configs")
	refused(t, c, acme, &iampb.Policy{Bindings: []*iampb.Binding{bind("roles/viewer", "allUsers")}}, codes.InvalidArgument)
}

func conditionalOnly(p *iampb.Policy) bool {
	return len(p.Bindings) == 1 && p.Bindings[0].Condition != nil
}

// TestHandles meets the double through the handles that most programs use.
func TestHandles(t *testing.T) {
	w := open(t, "", google.Options{})
	h := w.secrets(t).IAM(password)
	p3, err := h.V3().Policy(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	p3.Bindings = []*iampb.Binding{{Role: accessor, Members: []string{ann}, Condition: &expr.Expr{Title: "t", Expression: until(noon)}}}
	if err := h.V3().SetPolicy(t.Context(), p3); err != nil {
		t.Fatal(err)
	}
	wantCode(t, h.V3().SetPolicy(t.Context(), p3), codes.Aborted)

	// The plain handle asks for version 1, adds a binding beside the one that it cannot read, and is refused.
	p, err := h.Policy(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if p.HasRole(ann, iam.RoleName(accessor)) {
		t.Error("version 1 shows a conditional binding as an unconditional one")
	}
	p.Add(trainer, accessor)
	wantCode(t, h.SetPolicy(t.Context(), p), codes.InvalidArgument)
}
