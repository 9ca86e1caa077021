package google

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"cloud.google.com/go/iam/apiv1/iampb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	"gatehouse/targets"
)

// Write replaces the policy of one secret, with one call whatever changes in it, if its etag is still the token that the change was planned
// on; otherwise it returns an error that is targets.ErrMoved. What is granted is claimed before, and what is revoked is forgotten
// after. It returns the etag of what it wrote.
//
// An attempt whose answer got lost is settled by reading back: what stands there is either what was wanted, or what was there before (then
// it is sent again, which the etag makes safe), or somebody else's, written over ours perhaps: what was to be granted and stands there is taken
// for ours. Claims of a write that certainly has not happened end with it: somebody else may grant the same, and that would not be ours.
func (c *Conn) Write(ctx context.Context, change targets.Change) (targets.Token, error) {
	token, err := c.write(ctx, change)
	if err != nil {
		return token, fmt.Errorf("google: write %s: %w", change.Key, err)
	}
	return token, nil
}

func (c *Conn) write(ctx context.Context, change targets.Change) (targets.Token, error) {
	switch {
	case change.Key.Kind != SecretPolicy:
		return "", errors.New("a kind that the driver does not own")
	case change.Token == "" || len(change.After) == 0:
		return "", errors.New("a policy is neither created nor deleted: it lives and dies with its secret")
	}
	p := &iampb.Policy{}
	if err := protojson.Unmarshal(change.After, p); err != nil {
		return "", fmt.Errorf("decode: %w", err)
	}
	var err error
	if p.Etag, err = base64.StdEncoding.DecodeString(string(change.Token)); err != nil {
		return "", fmt.Errorf("decode the token: %w", err)
	}
	var granted, revoked []string
	for _, i := range change.Items {
		if i.Op == targets.Delete {
			revoked = append(revoked, i.Key)
		} else {
			granted = append(granted, i.Key)
		}
	}
	fresh, err := c.claims.make(ctx, change.Key, granted)
	if err != nil {
		return "", err
	}
	token, err := c.swap(ctx, change, p)
	switch {
	case err == nil:
		if err := c.claims.end(ctx, change.Key, revoked, granted); err != nil {
			return token, fmt.Errorf("written, but not all was forgotten that is gone: %w", err)
		}
		return token, nil
	case errors.Is(err, errUnclear):
		return "", err
	}
	var over *overtaken
	if errors.As(err, &over) {
		fresh = slices.DeleteFunc(fresh, func(item string) bool { return slices.Contains(over.stands, item) })
	}
	return "", errors.Join(err, c.claims.forget(ctx, change.Key, fresh))
}

// errUnclear marks the error of a write of which nobody knows whether it happened.
var errUnclear = errors.New("whether it was carried out is not known")

// overtaken is ErrMoved after an attempt whose answer got lost, which may have been carried out before somebody else wrote.
type overtaken struct {
	stands []string // items that came with the attempt, as far as anybody can tell: the policy did not hold them before, and does now
}

func (*overtaken) Error() string { return targets.ErrMoved.Error() }
func (*overtaken) Unwrap() error { return targets.ErrMoved }

// swap sends the policy until it is written or refused.
func (c *Conn) swap(ctx context.Context, change targets.Change, p *iampb.Policy) (targets.Token, error) {
	lost := false // an attempt may have been carried out
	token, err := patiently(ctx, c.config.Patience, func() (targets.Token, error) {
		if err := c.pace.write(ctx, projectOf(change.Key.Name)); err != nil {
			return "", err
		}
		written, err := c.api.setSecretPolicy(ctx, change.Key.Name, p)
		code := status.Code(err)
		switch {
		case err == nil:
			return tokenOf(written), nil
		case code == codes.Aborted && !lost:
			return "", targets.ErrMoved
		case code == codes.Aborted, doubtful(code):
			lost = true
			return c.settle(ctx, change, err)
		}
		return "", err
	})
	switch {
	case err == nil, errors.Is(err, targets.ErrMoved), errors.Is(err, errUnclear):
		return token, err
	case doubtful(status.Code(err)):
		return "", fmt.Errorf("%w: %w", errUnclear, plain(err)) // it may yet arrive
	}
	return "", denied(err, setSecretPolicy, change.Key.Name)
}

// doubtful reports whether a write that failed so may have been carried out.
func doubtful(code codes.Code) bool {
	switch code {
	case codes.Unavailable, codes.DeadlineExceeded, codes.Canceled, codes.Internal, codes.Unknown:
		return true
	default:
		return false
	}
}

// settle reads back after an attempt whose outcome is not known. It returns the etag where the change stands, ErrMoved where somebody else's
// does, and the attempt's own error where nothing has happened.
func (c *Conn) settle(ctx context.Context, change targets.Change, attempt error) (targets.Token, error) {
	live, err := c.secretPolicy(context.WithoutCancel(ctx), change.Key.Name)
	if err != nil {
		return "", fmt.Errorf("%w: %w (%v)", errUnclear, plain(attempt), plain(err))
	}
	body, err := bodyOf(live)
	switch {
	case err != nil:
		return "", fmt.Errorf("%w: %w (%v)", errUnclear, plain(attempt), err)
	case sameBindings(change.After, body):
		return tokenOf(live), nil
	case tokenOf(live) != change.Token:
		stands, err := standing(change, body)
		if err != nil {
			return "", fmt.Errorf("%w: %w (%v)", errUnclear, plain(attempt), err)
		}
		return "", &overtaken{stands}
	}
	return "", attempt
}

// standing returns the items that a change creates and a policy holds.
func standing(change targets.Change, body json.RawMessage) ([]string, error) {
	p, err := parsePolicy(body)
	var out []string
	for _, g := range p.grants {
		key := g.key()
		if slices.ContainsFunc(change.Items, func(i targets.ItemChange) bool { return i.Op == targets.Create && i.Key == key }) {
			out = append(out, key)
		}
	}
	return out, err
}

// secretPolicy reads one policy, in its turn, and again where that may help.
func (c *Conn) secretPolicy(ctx context.Context, secret string) (*iampb.Policy, error) {
	return patiently(ctx, c.config.Patience, func() (*iampb.Policy, error) {
		if err := c.pace.read(ctx, projectOf(secret)); err != nil {
			return nil, err
		}
		return c.api.secretPolicy(ctx, secret)
	})
}

func tokenOf(p *iampb.Policy) targets.Token {
	return targets.Token(base64.StdEncoding.EncodeToString(p.GetEtag()))
}

// projectOf returns the ID in projects/ID/secrets/NAME.
func projectOf(name string) string {
	project, _, _ := strings.Cut(strings.TrimPrefix(name, "projects/"), "/")
	return project
}
