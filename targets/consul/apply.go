package consul

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/hashicorp/consul/api"

	"gatehouse/targets"
)

// Write puts or deletes one entry, if its index is still the token that the change was planned on; otherwise it returns an error that
// is targets.ErrMoved. It returns the index of what it wrote.
//
// An attempt whose answer got lost is settled by reading back: what stands there is either what was wanted, or what was there before (then
// it is sent again, which the index makes safe), or somebody else's. A delete of what is gone already succeeds.
func (c *Conn) Write(ctx context.Context, change targets.Change) (targets.Token, error) {
	token, err := c.write(ctx, change)
	if err != nil {
		return "", fmt.Errorf("consul: write %s: %w", change.Key, err)
	}
	return token, nil
}

func (c *Conn) write(ctx context.Context, change targets.Change) (targets.Token, error) {
	if len(change.After) == 0 && change.Token == "" {
		return "", errors.New("a delete of what does not exist")
	}
	index, err := strconv.ParseUint(cmp.Or(string(change.Token), "0"), 10, 64)
	if err != nil {
		return "", fmt.Errorf("token %q is no index of Consul's", change.Token)
	}
	known, err := api.MakeConfigEntry(change.Key.Kind, change.Key.Name)
	if err != nil {
		return "", err
	}
	lost := false // an attempt may have been carried out
	err = c.patiently(ctx, func() error {
		err := c.attempt(ctx, sent{known, change.After}, index)
		moved := errors.Is(err, targets.ErrMoved)
		if err == nil || !moved && !doubtful(err) || moved && !lost {
			return err
		}
		lost = true
		return c.settle(ctx, change, err)
	})
	if err != nil || len(change.After) == 0 {
		return "", err
	}
	return c.written(ctx, change)
}

// sent is an entry as it is sent, or without a body as it is deleted. The client knows it by kind and name, and writes its body as that stands:
// the client's own types would lose the fields that they don't have.
type sent struct {
	api.ConfigEntry
	body json.RawMessage
}

// MarshalJSON returns the body.
func (s sent) MarshalJSON() ([]byte, error) { return s.body, nil }

// attempt sends an entry once.
func (c *Conn) attempt(ctx context.Context, e sent, index uint64) error {
	var carried bool
	err := c.once(ctx, func(ctx context.Context) (err error) {
		entries, options := c.client.ConfigEntries(), new(api.WriteOptions).WithContext(ctx)
		if len(e.body) > 0 {
			carried, _, err = entries.CAS(e, index, options)
		} else {
			carried, _, err = entries.DeleteCAS(e.GetKind(), e.GetName(), index, options)
		}
		return err
	})
	if err == nil && !carried {
		return targets.ErrMoved
	}
	return err
}

// doubtful reports whether a write that failed may have been carried out.
func doubtful(err error) bool {
	if no := refused(err); no.Code != 0 {
		return no.unclear()
	}
	return !errors.Is(err, syscall.ECONNREFUSED)
}

// settle reads back after an attempt whose outcome is not known. It returns nil where the change stands, ErrMoved where somebody else's does,
// and the attempt's own error where nothing has happened.
func (c *Conn) settle(ctx context.Context, change targets.Change, attempt error) error {
	if ctx.Err() != nil {
		return attempt
	}
	stored, err := c.entry(ctx, change.Key)
	switch {
	case err != nil:
		return fmt.Errorf("%w (whether it was carried out is not known: %v)", attempt, err)
	case stands(change, stored):
		return nil
	case stored.token() != change.Token:
		return targets.ErrMoved
	}
	return attempt
}

// written returns the index of what was written. Consul's answer to a write doesn't tell it.
func (c *Conn) written(ctx context.Context, change targets.Change) (targets.Token, error) {
	stored, err := c.entry(ctx, change.Key)
	if err != nil {
		return "", fmt.Errorf("written, but not read back: %w", err)
	}
	if !stands(change, stored) {
		return "", fmt.Errorf("written, and then %w", targets.ErrMoved)
	}
	return stored.token(), nil
}

// stands reports whether the server has what a change wants; stored is nil where it has no such entry.
func stands(change targets.Change, stored *raw) bool {
	if stored == nil || len(change.After) == 0 {
		return stored == nil && len(change.After) == 0
	}
	return sameStored(change.After, stored)
}

// sameStored reports whether the server holds what was sent, whatever it has computed or filled in.
func sameStored(sent json.RawMessage, stored *raw) bool {
	a, errA := Normal(sent, "")
	b, errB := normal(stored, "")
	if errA != nil || errB != nil || !strings.EqualFold(a.Key.Name, b.Key.Name) {
		return false
	}
	same := func(a, b targets.Item) bool { return a.Key == b.Key && a.Value == b.Value }
	if !slices.EqualFunc(a.Items, b.Items, same) {
		return false
	}
	if a.Key.Kind == Intentions {
		return a.Owner == b.Owner && a.Residual == b.Residual
	}
	return sameFields(sent, stored.body)
}
