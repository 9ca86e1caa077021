package google

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"

	"cloud.google.com/go/iam/apiv1/iampb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"gatehouse/targets/sandbox"
)

// The rules of reading and writing a policy are those that stand with the fields of google.iam.v1.Policy, SetIamPolicyRequest and
// GetPolicyOptions, and, on conditions withheld, https://cloud.google.com/iam/docs/troubleshooting-withcond. Where they are silent:
//   - an etag is compared only where the mask has it, so that a mask which forgets it loses updates, as it says it will;
//   - writing what is there already gives the policy a new etag.

// unset is the etag of a policy that nobody ever set: "ACAB" in JSON.
var unset = []byte{0x00, 0x20, 0x01}

// etagOf is the etag of a policy's record.
func etagOf(r sandbox.Record) []byte {
	tag := binary.BigEndian.AppendUint64(nil, r.Modified)
	tag[0] = 0x07
	return tag
}

// storedPolicy returns the policy of a resource in full, with its etag.
func storedPolicy(v *sandbox.View, at place) (*iampb.Policy, error) {
	record, ok := v.Get(policyKey(at.key))
	if !ok {
		return &iampb.Policy{Etag: unset}, nil
	}
	p, err := parsePolicy(record)
	if err != nil {
		return nil, err
	}
	p.Etag = etagOf(record)
	return p, nil
}

// getPolicy answers GetIamPolicy of every service.
func (g *Google) getPolicy(ctx context.Context, req *iampb.GetIamPolicyRequest, want kind, permission string) (*iampb.Policy, error) {
	n, err := parseKind(req.GetResource(), want)
	if err != nil {
		return nil, err
	}
	version := req.GetOptions().GetRequestedPolicyVersion()
	if !validVersion(version) {
		return nil, invalid("Invalid requested policy version %d: valid versions are 0, 1 and 3.", version)
	}
	var p *iampb.Policy
	err = g.store.View(func(v *sandbox.View) error {
		at, err := g.allow(ctx, v, permission, n)
		if err != nil {
			return err
		}
		p, err = storedPolicy(v, at)
		return err
	})
	if err != nil {
		return nil, err
	}
	return present(p, version), nil
}

// present gives a stored policy the form of a version: one that knows no conditions has roles with odd names in their place.
func present(p *iampb.Policy, version int32) *iampb.Policy {
	switch {
	case len(p.Bindings) == 0 && len(p.AuditConfigs) == 0:
		p.Version = 0
	case !conditional(p):
		p.Version = 1
	case version == 3:
		p.Version = 3
	default:
		p.Version = 1
		for _, b := range p.Bindings {
			if b.Condition != nil {
				b.Role += "_withcond_" + conditionHash(b)
				b.Condition = nil
			}
		}
	}
	return p
}

func conditionHash(b *iampb.Binding) string {
	sum := sha256.Sum256([]byte(conditionKey(b.Condition)))
	return hex.EncodeToString(sum[:10])
}

func validVersion(version int32) bool { return version == 0 || version == 1 || version == 3 }

func conditional(p *iampb.Policy) bool {
	return slices.ContainsFunc(p.GetBindings(), func(b *iampb.Binding) bool { return b.Condition != nil })
}

// setPolicy answers SetIamPolicy of every service.
func (g *Google) setPolicy(ctx context.Context, req *iampb.SetIamPolicyRequest, want kind, permission string) (*iampb.Policy, error) {
	n, err := parseKind(req.GetResource(), want)
	if err != nil {
		return nil, err
	}
	mask, err := parseMask(req.GetUpdateMask().GetPaths())
	if err != nil {
		return nil, err
	}
	if req.GetPolicy() == nil {
		return nil, invalid("Policy is required.")
	}
	asked := proto.CloneOf(req.GetPolicy())
	var out *iampb.Policy
	err = g.store.Update(func(tx *sandbox.Tx) error {
		at, err := g.allow(ctx, &tx.View, permission, n)
		if err != nil {
			return err
		}
		out, err = g.writePolicy(tx, at, asked, mask)
		return err
	})
	if err != nil {
		return nil, err
	}
	return present(out, out.Version), nil
}

// writePolicy stores what the mask takes of a policy, over what is there.
func (g *Google) writePolicy(tx *sandbox.Tx, at place, asked *iampb.Policy, mask mask) (*iampb.Policy, error) {
	stored, err := storedPolicy(&tx.View, at)
	if err != nil {
		return nil, err
	}
	next := &iampb.Policy{Version: asked.Version, Bindings: stored.Bindings, AuditConfigs: stored.AuditConfigs}
	if err := g.checkPolicy(&tx.View, at, asked, mask); err != nil {
		return nil, err
	}
	if mask.bindings {
		next.Bindings = asked.Bindings
	}
	if mask.audit {
		next.AuditConfigs = asked.AuditConfigs
	}
	if err := checkLimits(next); err != nil {
		return nil, err
	}
	if err := checkEtag(asked, stored, mask); err != nil {
		return nil, err
	}
	key := policyKey(at.key)
	if err := putMessage(tx, key, &iampb.Policy{Bindings: next.Bindings, AuditConfigs: next.AuditConfigs}); err != nil {
		return nil, err
	}
	next.Etag = etagOf(sandbox.Record{Modified: tx.Next()})
	return next, nil
}

// checkEtag refuses a policy that was made from another one than the stored. Who sends no etag is not asked about conditions either.
func checkEtag(asked, stored *iampb.Policy, mask mask) error {
	if !mask.etag || len(asked.Etag) == 0 {
		return nil
	}
	if !slices.Equal(asked.Etag, stored.Etag) {
		return status.Errorf(codes.Aborted, "There were concurrent policy changes. Please retry the whole read-modify-write with exponential backoff. The request's ETag '%x' did not match the current policy's ETag '%x'.", asked.Etag, stored.Etag)
	}
	if mask.bindings && conditional(stored) && asked.Version != 3 {
		return invalid("The policy has conditional role bindings: specify policy version 3 to change it.")
	}
	return nil
}

// mask is what a SetIamPolicy takes of the policy that it carries.
type mask struct{ bindings, etag, audit bool }

func parseMask(paths []string) (mask, error) {
	if len(paths) == 0 {
		return mask{bindings: true, etag: true}, nil
	}
	var m mask
	for _, p := range paths {
		switch p {
		case "bindings":
			m.bindings = true
		case "etag":
			m.etag = true
		case "audit_configs":
			m.audit = true
		case "version":
		default:
			return m, invalid("Invalid update_mask path %q: want bindings, etag, audit_configs or version.", p)
		}
	}
	return m, nil
}
