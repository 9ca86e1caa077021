package consul

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"gatehouse/targets/sandbox"
)

// The bounds of a session's times. A session ends some time after its TTL, never before: the server waits twice as long.
const (
	minTTL        = 10 * time.Second
	maxTTL        = 24 * time.Hour
	maxDelay      = time.Minute
	defaultDelay  = 15 * time.Second
	ttlMultiplier = 2
)

// serf is the check that a session has where its maker says nothing of checks, and the only one that the double's node has.
const serf = "serfHealth"

// What becomes of the keys that a session holds when it ends.
const (
	releaseKeys = "release"
	deleteKeys  = "delete"
)

// liveSession is a session as it is on the wire.
type liveSession struct {
	ID            string
	Name          string
	Node          string
	LockDelay     time.Duration
	Behavior      string
	TTL           string
	NodeChecks    []string
	ServiceChecks []struct{ ID, Namespace string }
	CreateIndex   uint64
	ModifyIndex   uint64
}

// keptSession is a session as it is stored.
type keptSession struct {
	Session liveSession
	Ends    time.Time // zero: never
}

// createSession is PUT /v1/session/create.
func (c *Consul) createSession(_ http.ResponseWriter, r *http.Request) ([]byte, error) {
	_, token, err := c.query(r)
	if err != nil {
		return nil, err
	}
	s, err := decodeSession(r)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "Request decode failed: %v", err)
	}
	if err := token.need(demand{resourceSession, write, s.Node}); err != nil {
		return nil, err
	}
	ttl, err := s.check()
	if err != nil {
		return nil, err
	}
	s.ID = newID()
	err = c.store.Update(func(tx *sandbox.Tx) error {
		s.CreateIndex, s.ModifyIndex = tx.Next(), tx.Next()
		touch(tx, sessionTable)
		return keepSession(tx, s, c.now(), ttl)
	})
	if err != nil {
		return nil, err
	}
	return json.Marshal(struct{ ID string }{s.ID})
}

// decodeSession reads a session as Consul does: without a body it has all defaults; a LockDelay is a duration, or a number of seconds.
func decodeSession(r *http.Request) (liveSession, error) {
	body := struct {
		Name, Node, Behavior, TTL string
		NodeChecks, Checks        []string
		ServiceChecks             []struct{ ID, Namespace string }
		LockDelay                 any
	}{Node: nodeName, Behavior: releaseKeys, NodeChecks: []string{serf}, Checks: []string{serf}}
	if r.ContentLength > 0 {
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			return liveSession{}, err
		}
	}
	delay := defaultDelay
	if body.LockDelay != nil {
		var err error
		if delay, err = lockDelay(body.LockDelay); err != nil {
			return liveSession{}, err
		}
	}
	checks := body.NodeChecks
	switch { // Checks is the old name: where it was given, it counts
	case len(body.Checks) == 0:
		checks = []string{}
	case !slices.Equal(body.Checks, []string{serf}):
		checks = append(slices.Clone(body.Checks), checks...)
	}
	return liveSession{Name: body.Name, Node: body.Node, LockDelay: delay, Behavior: body.Behavior, TTL: body.TTL,
		NodeChecks: checks, ServiceChecks: body.ServiceChecks}, nil
}

func lockDelay(v any) (time.Duration, error) {
	var d time.Duration
	switch v := v.(type) {
	case string:
		var err error
		if d, err = time.ParseDuration(v); err != nil {
			return 0, err
		}
	case float64:
		d = time.Duration(v)
	}
	if d < 1000 {
		d *= time.Second
	}
	return d, nil
}

// check refuses what Consul refuses of a session, and returns its TTL; 0: it has none.
func (s *liveSession) check() (ttl time.Duration, err error) {
	switch s.Behavior {
	case "":
		s.Behavior = releaseKeys
	case releaseKeys, deleteKeys:
	default:
		return 0, fmt.Errorf("Invalid Behavior setting '%s'", s.Behavior)
	}
	if s.TTL != "" {
		if ttl, err = time.ParseDuration(s.TTL); err != nil {
			return 0, fmt.Errorf("Session TTL '%s' invalid: %v", s.TTL, err)
		}
		if ttl != 0 && (ttl < minTTL || ttl > maxTTL) {
			return 0, fmt.Errorf("Invalid Session TTL '%d', must be between [%v=%v]", ttl, minTTL, maxTTL)
		}
	}
	if !strings.EqualFold(s.Node, nodeName) {
		return 0, errors.New("apply failed: Missing node registration")
	}
	checks := slices.Clone(s.NodeChecks)
	for _, service := range s.ServiceChecks {
		checks = append(checks, service.ID)
	}
	for _, id := range checks {
		if id != serf {
			return 0, fmt.Errorf("apply failed: Missing check '%s' registration", id)
		}
	}
	return ttl, nil
}

func keepSession(tx *sandbox.Tx, s liveSession, now time.Time, ttl time.Duration) error {
	kept := keptSession{Session: s}
	if ttl > 0 {
		kept.Ends = now.Add(ttl * ttlMultiplier)
	}
	text, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	tx.Put(sandbox.Record{Key: sessionTable + s.ID, Value: text, Created: s.CreateIndex, Modified: s.ModifyIndex})
	return nil
}

func newID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// sessionID takes the ID from the end of a path.
func sessionID(r *http.Request, before string) (string, error) {
	id := strings.TrimPrefix(r.URL.Path, before)
	if id == "" {
		return "", refuse(http.StatusBadRequest, "Missing session")
	}
	return strings.ToLower(id), nil
}

// destroySession is PUT /v1/session/destroy/ID. It answers true whether or not there was such a session.
func (c *Consul) destroySession(_ http.ResponseWriter, r *http.Request) ([]byte, error) {
	_, token, err := c.query(r)
	if err != nil {
		return nil, err
	}
	id, err := sessionID(r, "/v1/session/destroy/")
	if err != nil {
		return nil, err
	}
	err = c.store.Update(func(tx *sandbox.Tx) error {
		kept, ok, err := getSession(&tx.View, id)
		if err != nil || !ok {
			return err
		}
		if err := token.need(demand{resourceSession, write, kept.Session.Node}); err != nil {
			return err
		}
		return endSession(tx, kept.Session, c.now())
	})
	return []byte("true"), err
}

// renewSession is PUT /v1/session/renew/ID.
func (c *Consul) renewSession(_ http.ResponseWriter, r *http.Request) ([]byte, error) {
	_, token, err := c.query(r)
	if err != nil {
		return nil, err
	}
	id, err := sessionID(r, "/v1/session/renew/")
	if err != nil {
		return nil, err
	}
	var kept keptSession
	err = c.store.Update(func(tx *sandbox.Tx) error {
		var ok bool
		if kept, ok, err = getSession(&tx.View, id); err != nil {
			return err
		}
		if !ok {
			return refuse(http.StatusNotFound, "Session id '%s' not found", strings.TrimPrefix(r.URL.Path, "/v1/session/renew/"))
		}
		if err := token.need(demand{resourceSession, write, kept.Session.Node}); err != nil {
			return err
		}
		ttl, _ := time.ParseDuration(kept.Session.TTL)
		return keepSession(tx, kept.Session, c.now(), ttl)
	})
	if err != nil {
		return nil, err
	}
	return json.Marshal([]liveSession{kept.Session})
}

// readSessions is GET /v1/session/info/ID, /v1/session/list and /v1/session/node/NODE.
func (c *Consul) readSessions(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	q, token, err := c.query(r)
	if err != nil {
		if statusOf(err) == http.StatusForbidden {
			setMeta(w, 1, false) // as Consul does here, and not elsewhere
		}
		return nil, err
	}
	wanted := func(liveSession) bool { return true }
	if id, ok := strings.CutPrefix(r.URL.Path, "/v1/session/info/"); ok {
		if id == "" {
			return nil, refuse(http.StatusBadRequest, "Missing session")
		}
		wanted = func(s liveSession) bool { return strings.EqualFold(s.ID, id) }
	} else if node, ok := strings.CutPrefix(r.URL.Path, "/v1/session/node/"); ok {
		if node == "" {
			return nil, refuse(http.StatusBadRequest, "Missing node name")
		}
		wanted = func(s liveSession) bool { return strings.EqualFold(s.Node, node) }
	}
	page, err := c.await(r.Context(), q, func(v *sandbox.View) (page, error) { return listSessions(v, wanted, token) })
	if err != nil {
		return nil, err
	}
	setMeta(w, page.index, page.filtered && !token.anonymous())
	return page.body, nil
}

func listSessions(v *sandbox.View, wanted func(liveSession) bool, token *holder) (page, error) {
	p := page{index: tableIndex(v, sessionTable)}
	sessions := []liveSession{}
	for _, record := range v.List(sessionTable) {
		var kept keptSession
		if err := json.Unmarshal(record.Value, &kept); err != nil {
			return p, fmt.Errorf("stored session: %w", err)
		}
		switch s := kept.Session; {
		case !wanted(s):
		case token.need(demand{resourceSession, read, s.Node}) != nil:
			p.filtered = true
		default:
			sessions = append(sessions, s)
		}
	}
	var err error
	p.body, err = json.Marshal(sessions)
	return p, err
}
