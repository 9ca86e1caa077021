package google

import (
	"testing"

	"cloud.google.com/go/iam/apiv1/iampb"
	"google.golang.org/genproto/googleapis/type/expr"
	"google.golang.org/protobuf/proto"

	"gatehouse/targets/sandbox"
)

// FuzzPolicy puts policies to the test: none makes it panic, and one that it takes it takes again, unchanged.
func FuzzPolicy(f *testing.F) {
	f.Add("roles/secretmanager.secretAccessor", "user:Ann@acme.example", "user:zoe@acme.example", "until noon", `request.time < timestamp("2026-11-23T12:00:00Z")`, int32(3))
	f.Add("roles/owner", "allUsers", "group:a@b.cc", "", "", int32(1))
	f.Add("projects/acme-prod/roles/reader", "deleted:user:a@b.cc?uid=1", "domain:b.cc", "t", "true && !(1 in [1])", int32(0))
	g, err := Open("", Options{})
	if err != nil {
		f.Fatal(err)
	}
	if err := g.Seed(Seed{Project: "acme-prod", Secrets: []string{"s"}}); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, role, one, two, title, expression string, version int32) {
		p := &iampb.Policy{Version: version, Bindings: []*iampb.Binding{{Role: role, Members: []string{one, two}}, {Role: role, Members: []string{two}}}}
		if title+expression != "" {
			p.Bindings[0].Condition = &expr.Expr{Title: title, Expression: expression}
		}
		err := g.store.View(func(v *sandbox.View) error {
			at, err := find(v, name{kind: kindSecret, project: "acme-prod", name: "s"})
			if err != nil {
				return err
			}
			if g.checkPolicy(v, at, p, mask{bindings: true}) != nil {
				return nil
			}
			again := proto.CloneOf(p)
			if err := g.checkPolicy(v, at, again, mask{bindings: true}); err != nil {
				t.Errorf("taken, then refused: %v", err)
			}
			if !proto.Equal(p, again) {
				t.Errorf("taken as %v, then as %v", p, again)
			}
			for _, b := range p.Bindings {
				g.conditions.holds(b.Condition, g.request(at))
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
