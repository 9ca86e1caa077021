package google

import (
	"context"
	"slices"
	"strings"

	"cloud.google.com/go/iam/apiv1/iampb"
)

// Bind plays somebody else at work: it gives a member a role, without a condition, on projects/ID or projects/ID/secrets/NAME. It goes
// through the same checks as a call on the wire.
func (g *Google) Bind(ctx context.Context, resource, role, member string) error {
	return g.edit(ctx, resource, func(p *iampb.Policy) {
		p.Bindings = append(p.Bindings, &iampb.Binding{Role: role, Members: []string{member}})
	})
}

// Unbind takes a role from a member again, under whatever condition it has it.
func (g *Google) Unbind(ctx context.Context, resource, role, member string) error {
	return g.edit(ctx, resource, func(p *iampb.Policy) {
		for _, b := range p.Bindings {
			if b.Role == role {
				b.Members = slices.DeleteFunc(b.Members, func(m string) bool { return m == member })
			}
		}
		p.Bindings = slices.DeleteFunc(p.Bindings, func(b *iampb.Binding) bool { return len(b.Members) == 0 })
	})
}

func (g *Google) edit(ctx context.Context, resource string, change func(*iampb.Policy)) error {
	want, permission := kindProject, "resourcemanager.projects."
	if strings.Contains(resource, "/secrets/") {
		want, permission = kindSecret, "secretmanager.secrets."
	}
	p, err := g.getPolicy(ctx, &iampb.GetIamPolicyRequest{
		Resource: resource, Options: &iampb.GetPolicyOptions{RequestedPolicyVersion: 3},
	}, want, permission+"getIamPolicy")
	if err != nil {
		return err
	}
	change(p)
	p.Version = 3
	_, err = g.setPolicy(ctx, &iampb.SetIamPolicyRequest{Resource: resource, Policy: p}, want, permission+"setIamPolicy")
	return err
}
