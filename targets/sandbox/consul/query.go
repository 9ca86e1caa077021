package consul

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"gatehouse/targets/sandbox"
)

// The bounds of a blocking query's wait. Consul adds up to a sixteenth at random, which is nothing to rely on.
const (
	defaultWait = 5 * time.Minute
	maxWait     = 10 * time.Minute
)

// query is what all reads take in their query string.
type query struct {
	index  uint64
	wait   time.Duration
	filter string
}

// query reads the common parameters and the token.
func (c *Consul) query(r *http.Request) (query, *holder, error) {
	values := r.URL.Query()
	q := query{wait: defaultWait, filter: values.Get("filter")}
	if values.Has("stale") && values.Has("consistent") {
		return q, nil, refuse(http.StatusBadRequest, "Cannot specify ?stale with ?consistent, conflicting semantics.")
	}
	if text := values.Get("wait"); text != "" {
		wait, err := time.ParseDuration(text)
		if err != nil {
			return q, nil, refuse(http.StatusBadRequest, "Invalid wait time")
		}
		if wait > 0 {
			q.wait = min(wait, maxWait)
		}
	}
	if text := values.Get("index"); text != "" {
		index, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return q, nil, refuse(http.StatusBadRequest, "Invalid index")
		}
		q.index = index
	}
	if err := enterpriseOnly(r); err != nil {
		return q, nil, err
	}
	if dc := values.Get("dc"); dc != "" && dc != c.opts.Datacenter {
		return q, nil, errors.New("No path to datacenter")
	}
	token, err := c.resolve(r)
	return q, token, err
}

// page is the answer to a read.
type page struct {
	body     []byte
	index    uint64
	missing  bool   // nothing was found
	filtered bool   // something was left out that the token may not see
	exact    bool   // the index is of what was asked for alone: where it is raised, that changed
	at       uint64 // the store's index when it was looked at
}

func (p page) same(o page) bool { return p.missing == o.missing && bytes.Equal(p.body, o.body) }

// await reads once, and where the query blocks on an index that is not passed yet, reads again until the answer differs or the wait is
// over. Like Consul it wakes for changes of what was asked for, not for every raise of the index.
func (c *Consul) await(ctx context.Context, q query, look func(*sandbox.View) (page, error)) (page, error) {
	first, err := c.look(look)
	if err != nil || q.index == 0 || first.index > q.index {
		return first, err
	}
	ctx, cancel := context.WithTimeout(ctx, q.wait)
	defer cancel()
	now := first
	for {
		if err := c.store.Wait(ctx, now.at); err != nil {
			if ctx.Err() == nil {
				return page{}, fmt.Errorf("wait for a change: %w", err)
			}
			return now, nil
		}
		raised := func() bool { return now.exact && !now.missing && now.index > q.index }
		if now, err = c.look(look); err != nil || !now.same(first) || raised() {
			return now, err
		}
	}
}

func (c *Consul) look(look func(*sandbox.View) (page, error)) (p page, err error) {
	err = c.store.View(func(v *sandbox.View) error {
		p, err = look(v)
		p.at = v.Index()
		return err
	})
	return p, err
}
