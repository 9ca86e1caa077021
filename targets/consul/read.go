package consul

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/hashicorp/consul/api"

	"gatehouse/targets"
)

// probe is a name that nothing has: for questions whose answer is to be the mesh's default, or the token's permission on everything.
const probe = "gatehouse-probe-of-nothing"

// raw is one entry as read. The client's own types would lose what they don't know, and decoding a large list into them takes three times
// as long.
type raw struct {
	body   json.RawMessage
	parsed listed
}

// token is the index that a write is conditional on, empty where there is no entry.
func (e *raw) token() targets.Token {
	if e == nil || e.parsed.ModifyIndex == 0 {
		return ""
	}
	return targets.Token(strconv.FormatUint(e.parsed.ModifyIndex, 10))
}

// entry reads one entry; nil where it does not exist.
func (c *Conn) entry(ctx context.Context, key targets.Key) (*raw, error) {
	e := &raw{}
	err := c.read(ctx, func(q *api.QueryOptions) error {
		q.RequireConsistent = true
		_, err := c.client.Raw().Query("/v1/config/"+key.Kind+"/"+key.Name, &e.body, q)
		return err
	})
	switch {
	case refused(err).Code == http.StatusNotFound:
		return nil, nil
	case err != nil:
		return nil, err
	}
	if err := json.Unmarshal(e.body, &e.parsed); err != nil {
		return nil, fmt.Errorf("decode: %w", err)
	}
	return e, nil
}

// list reads a whole kind, and makes sure that it is whole.
func (r *reading) list(kind string) ([]raw, error) {
	if err := r.anonymous(kind); err != nil {
		return nil, err
	}
	var bodies []json.RawMessage
	var meta *api.QueryMeta
	err := r.conn.read(r.ctx, func(q *api.QueryOptions) (err error) {
		meta, err = r.conn.client.Raw().Query("/v1/config/"+kind, &bodies, q)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", kind, explain(err, kind))
	}
	if meta.ResultsFilteredByACLs {
		return nil, fmt.Errorf("list %s: the token sees only a part of it: %s", kind, needs(kind))
	}
	entries := make([]raw, len(bodies))
	_, err = inParallel(len(bodies), func(i int) error {
		entries[i].body = bodies[i]
		return json.Unmarshal(bodies[i], &entries[i].parsed)
	})
	if err != nil {
		return nil, fmt.Errorf("list %s: decode: %w", kind, err)
	}
	return entries, nil
}

// anonymous makes sure that no token is needed where none is sent: Consul does not mark a list that it has filtered for the anonymous token. An
// entry that does not exist is asked for by name: 404 means that all names may be read, 403 that they may not. It is asked for only where
// it matters, since Consul logs every such question as an error.
func (r *reading) anonymous(kind string) error {
	if r.conn.config.Token != "" || r.acl != deny {
		return nil
	}
	if _, err := r.conn.entry(r.ctx, targets.Key{Kind: kind, Name: probe}); err != nil {
		return fmt.Errorf("list %s: no token was given: %w", kind, explain(err, kind))
	}
	return nil
}

// explain adds to a refusal what is to be done about it: what the token lacks, or that the address is wrong.
func explain(err error, kind string) error {
	switch refused(err).Code {
	case http.StatusForbidden:
		return fmt.Errorf("%w: %s", err, needs(kind))
	case http.StatusNotFound:
		return fmt.Errorf("%w: %s", err, noAgent)
	}
	return err
}

func needs(kind string) string {
	switch kind {
	case Intentions:
		return `the token needs intention:read on every service: service_prefix "" { policy = "read", intentions = "read" }`
	case ServiceDefaults:
		return `the token needs service:read on every service: service_prefix "" { policy = "read" }`
	}
	return "the token needs mesh:read"
}
