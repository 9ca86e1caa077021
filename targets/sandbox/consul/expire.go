package consul

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"gatehouse/targets/sandbox"
)

func getSession(v *sandbox.View, id string) (kept keptSession, ok bool, err error) {
	record, ok := v.Get(sessionTable + id)
	if ok {
		if err := json.Unmarshal(record.Value, &kept); err != nil {
			return kept, false, fmt.Errorf("stored session %s: %w", id, err)
		}
	}
	return kept, ok, nil
}

// endSession takes a session away, and the locks that it held: nobody may take them again before its delay is over.
func endSession(tx *sandbox.Tx, s liveSession, now time.Time) error {
	tx.Delete(sessionTable + s.ID)
	touch(tx, sessionTable)
	for _, record := range tx.List(keyTable) {
		var p pair
		if err := json.Unmarshal(record.Value, &p); err != nil {
			return fmt.Errorf("stored key: %w", err)
		}
		if p.Session != s.ID {
			continue
		}
		if err := loosen(tx, s, p); err != nil {
			return err
		}
		if delay := min(s.LockDelay, maxDelay); delay > 0 {
			text, err := json.Marshal(now.Add(delay))
			if err != nil {
				return err
			}
			tx.Put(sandbox.Record{Key: delayTable + p.Key, Value: text, Modified: tx.Next()})
		}
	}
	return nil
}

func loosen(tx *sandbox.Tx, s liveSession, p pair) error {
	if s.Behavior == deleteKeys {
		_, err := deletePair(tx, p.Key, cas{})
		return err
	}
	freed := p
	freed.Session = ""
	return setPair(tx, freed, p, true)
}

func delayed(v *sandbox.View, name string, now time.Time) bool {
	record, ok := v.Get(delayTable + name)
	var until time.Time
	return ok && json.Unmarshal(record.Value, &until) == nil && until.After(now)
}

// expire ends the sessions whose time is over. Nobody's timer runs here, since several processes may share the state: who looks, ends
// them first.
func (c *Consul) expire() error {
	now := c.now()
	over := func(v *sandbox.View) (ended []liveSession, err error) {
		for _, record := range v.List(sessionTable) {
			var kept keptSession
			if err := json.Unmarshal(record.Value, &kept); err != nil {
				return nil, fmt.Errorf("stored session: %w", err)
			}
			if !kept.Ends.IsZero() && !kept.Ends.After(now) {
				ended = append(ended, kept.Session)
			}
		}
		return ended, nil
	}
	var ended []liveSession
	err := c.store.View(func(v *sandbox.View) (err error) {
		ended, err = over(v)
		return err
	})
	if err != nil || len(ended) == 0 {
		return err
	}
	return c.store.Update(func(tx *sandbox.Tx) error {
		ended, err := over(&tx.View) // some may have been renewed meanwhile
		for _, s := range ended {
			if err == nil {
				err = endSession(tx, s, now)
			}
		}
		return err
	})
}

// lookForEnds is how often somebody who waits for a change looks for sessions that end.
const lookForEnds = 50 * time.Millisecond

// expiring ends sessions before an endpoint is asked, and as long as it waits.
func (c *Consul) expiring(e endpoint) endpoint {
	return func(w http.ResponseWriter, r *http.Request) ([]byte, error) {
		if err := c.expire(); err != nil {
			return nil, err
		}
		if r.URL.Query().Has("index") {
			ctx, stop := context.WithCancel(r.Context())
			defer stop()
			go c.watchForEnds(ctx)
		}
		return e(w, r)
	}
}

func (c *Consul) watchForEnds(ctx context.Context) {
	ticker := time.NewTicker(lookForEnds)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if c.expire() != nil {
				return
			}
		}
	}
}
