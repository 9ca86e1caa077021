package google

import (
	"context"
	"fmt"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"gatehouse/targets"
	"gatehouse/targets/state"
)

var _ targets.Tidier = (*Conn)(nil)

// Untidy reports whether Inspect saw claims without an item: an apply died between a claim and its grant, or between a revocation and the
// end of its claim.
func (c *Conn) Untidy() bool { return len(c.claims.untidy()) > 0 }

// Tidy ends claims without an item. What somebody else grants later would be taken for ours by them, and revoked. The caller holds the
// state's lock, so that no claim is another apply's that has not granted yet; each policy is read again all the same, since somebody may
// have granted the item since.
func (c *Conn) Tidy(ctx context.Context) error {
	s, err := c.claims.read(ctx)
	if err != nil {
		return fmt.Errorf("google: tidy: %w", err)
	}
	if s.Standing != state.Kept {
		return nil // nobody can tell which claims are true: that is for an import to say
	}
	containers := c.claims.untidy()
	return c.inParallel(ctx, len(containers), func(ctx context.Context, i int) error {
		if err := c.tidy(ctx, containers[i], s.Claims); err != nil {
			return fmt.Errorf("google: tidy %s: %w", containers[i], err)
		}
		return nil
	})
}

func (c *Conn) tidy(ctx context.Context, k targets.Key, claims state.Claims) error {
	held, err := c.held(ctx, k)
	if err != nil {
		return err
	}
	if err := c.claims.forget(ctx, k, claims.Idle(k, held)); err != nil {
		return err
	}
	c.claims.tidied(k)
	return nil
}

// held returns the keys of the items that a secret's policy holds: none, where the secret is gone.
func (c *Conn) held(ctx context.Context, k targets.Key) ([]string, error) {
	p, err := c.secretPolicy(ctx, k.Name)
	if status.Code(err) == codes.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	body, err := bodyOf(p)
	if err != nil {
		return nil, err
	}
	container, err := Normal(k.Name, body, func(string) bool { return false })
	if err != nil {
		return nil, err
	}
	keys := make([]string, len(container.Items))
	for i, item := range container.Items {
		keys[i] = item.Key
	}
	return keys, nil
}
