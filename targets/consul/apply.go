package consul

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"gatehouse/targets"
)

// configPath is where all config entries are written.
const configPath = "/v1/config"

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
	lost := false // an attempt may have been carried out
	_, err := c.patiently(ctx, true, func() (answer, error) {
		err := c.attempt(ctx, change)
		if err == nil {
			return answer{}, nil
		}
		moved := errors.Is(err, targets.ErrMoved)
		if !moved && !doubtful(err) || moved && !lost {
			return answer{}, err
		}
		lost = true
		return answer{}, c.settle(ctx, change, err)
	})
	if err != nil || len(change.After) == 0 {
		return "", err
	}
	return c.written(ctx, change)
}

// attempt sends the change once.
func (c *Conn) attempt(ctx context.Context, change targets.Change) error {
	query := url.Values{"cas": {cmp.Or(string(change.Token), "0")}}
	method, path := http.MethodPut, configPath
	if len(change.After) == 0 {
		method, path = http.MethodDelete, entryPath(change.Key)
	}
	a, err := c.request(ctx, method, path, query, change.After)
	if err != nil {
		return err
	}
	switch string(bytes.TrimSpace(a.body)) {
	case "true":
		return nil
	case "false":
		return targets.ErrMoved
	}
	return &refusal{http.StatusOK, fmt.Sprintf("not an answer of Consul's: %.40q", c.discreet(a.body))}
}

// doubtful reports whether a write that failed may have been carried out.
func doubtful(err error) bool {
	var no *refusal
	if errors.As(err, &no) {
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
	body, index, err := c.entry(ctx, change.Key)
	switch {
	case err != nil:
		return fmt.Errorf("%w (whether it was carried out is not known: %v)", attempt, err)
	case len(change.After) == 0 && body == nil:
		return nil
	case body != nil && len(change.After) > 0 && sameStored(change.After, body):
		return nil
	case index != change.Token:
		return targets.ErrMoved
	}
	return attempt
}

// written returns the index of what was written. Consul's answer to a write doesn't tell it.
func (c *Conn) written(ctx context.Context, change targets.Change) (targets.Token, error) {
	body, index, err := c.entry(ctx, change.Key)
	if err != nil {
		return "", fmt.Errorf("written, but not read back: %w", err)
	}
	if body == nil || !sameStored(change.After, body) {
		return "", fmt.Errorf("written, and then %w", targets.ErrMoved)
	}
	return index, nil
}

// entry reads one entry with its index; no body where it does not exist.
func (c *Conn) entry(ctx context.Context, key targets.Key) (json.RawMessage, targets.Token, error) {
	a, err := c.get(ctx, entryPath(key), url.Values{"consistent": {""}})
	if err != nil || !a.found {
		return nil, "", err
	}
	var e struct{ ModifyIndex json.Number }
	if err := json.Unmarshal(a.body, &e); err != nil {
		return nil, "", fmt.Errorf("decode: %w", err)
	}
	return a.body, targets.Token(e.ModifyIndex), nil
}

func entryPath(key targets.Key) string { return configPath + "/" + key.Kind + "/" + key.Name }

// sameStored reports whether the server holds what was sent, whatever it has computed or filled in.
func sameStored(sent, stored json.RawMessage) bool {
	a, errA := Normal(sent, "")
	b, errB := Normal(stored, "")
	if errA != nil || errB != nil || !strings.EqualFold(a.Key.Name, b.Key.Name) || len(a.Items) != len(b.Items) {
		return false
	}
	for i := range a.Items {
		if a.Items[i].Key != b.Items[i].Key || a.Items[i].Value != b.Items[i].Value {
			return false
		}
	}
	if a.Key.Kind == Intentions {
		return a.Owner == b.Owner && a.Residual == b.Residual
	}
	return sameFields(sent, stored)
}
