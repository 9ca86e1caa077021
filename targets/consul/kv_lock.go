package consul

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/consul/api"

	"gatehouse/targets/state"
)

// The times of a lock's session. Consul ends one that was not renewed for 10 s, the least that it takes, some time within the next 10;
// its holder takes it for lost after 10. So when somebody else gets the lock, a holder that is cut off has stopped already: the delay, 15 s
// unless set, is there for holders who notice nothing, and needs to cover only what is on its way. That is harmless besides, since every
// write of an apply is conditional on what was read. All in all an apply after kill -9 waits 10 to 21 s.
const (
	sessionTTL = 10 * time.Second
	lockDelay  = time.Second
	renewEvery = sessionTTL / 4
	lookAgain  = 250 * time.Millisecond // after the lock, while its delay keeps it from everybody
)

// Lock takes the lock under a session of its own, which lives as long as it is renewed.
func (k *KV) Lock(ctx context.Context, h state.Holder, wait time.Duration) (context.Context, func() error, error) {
	value, err := json.Marshal(h)
	if err != nil {
		return nil, nil, err
	}
	id, err := k.newSession(ctx)
	if err != nil {
		return nil, nil, k.explain(err)
	}
	held, lose := context.WithCancelCause(ctx)
	s := &session{kv: k, id: id, value: value, held: held, lose: lose, done: make(chan struct{})}
	go s.keep()
	if err := s.acquire(wait); err != nil {
		lose(context.Canceled)
		<-s.done
		return nil, nil, errors.Join(k.explain(err), s.destroy())
	}
	go s.watch()
	return held, s.unlock, nil
}

// newSession makes a session that depends on nothing but being renewed: with Consul's default it would end with the agent's own health.
func (k *KV) newSession(ctx context.Context) (id string, err error) {
	err = k.conn.patiently(ctx, func() error {
		return k.conn.once(ctx, func(ctx context.Context) (err error) {
			id, _, err = k.conn.client.Session().CreateNoChecks(&api.SessionEntry{
				Name: k.prefix + "lock", TTL: sessionTTL.String(), LockDelay: lockDelay, Behavior: api.SessionBehaviorRelease,
			}, new(api.WriteOptions).WithContext(ctx))
			return err
		})
	})
	return id, err
}

// session is a lock that is held, or waited for.
type session struct {
	kv    *KV
	id    string
	value []byte // who holds the lock
	held  context.Context
	lose  context.CancelCauseFunc
	done  chan struct{} // closed when keep has ended
}

// keep renews the session until held ends, and ends held where it can't.
func (s *session) keep() {
	defer close(s.done)
	ticker := time.NewTicker(renewEvery)
	defer ticker.Stop()
	late := time.AfterFunc(sessionTTL, func() { s.lose(state.ErrLockLost) })
	defer late.Stop()
	for {
		select {
		case <-s.held.Done():
			return
		case <-ticker.C:
		}
		ends := time.AfterFunc(sessionTTL, func() { s.lose(state.ErrLockLost) }) // counted from before the renewal is sent
		alive, err := s.renew()
		switch {
		case err != nil:
			ends.Stop()
		case !alive:
			ends.Stop()
			s.lose(state.ErrLockLost)
		default:
			late.Stop()
			late = ends
		}
	}
}

func (s *session) renew() (alive bool, err error) {
	ctx, cancel := context.WithTimeout(s.held, renewEvery)
	defer cancel()
	entry, _, err := s.kv.conn.client.Session().Renew(s.id, new(api.WriteOptions).WithContext(ctx))
	return entry != nil, err
}

// acquire takes the lock, or returns a *state.LockedError after a wait.
func (s *session) acquire(wait time.Duration) error {
	waiting, stop := context.WithTimeout(s.held, wait)
	defer stop()
	index := uint64(0)
	for {
		got, err := s.try()
		if err != nil || got {
			return err
		}
		pair, err := s.read(s.held, 0)
		if err != nil {
			return err
		}
		var h state.Holder
		if pair != nil {
			_ = json.Unmarshal(pair.Value, &h) // somebody who writes something else is somebody
			index = pair.ModifyIndex
		}
		if waiting.Err() == nil {
			s.await(waiting, index, pair == nil || pair.Session == "")
		}
		switch {
		case s.held.Err() != nil:
			return context.Cause(s.held)
		case waiting.Err() != nil:
			return &state.LockedError{Place: s.kv.String(), Holder: h}
		}
	}
}

// await returns when the lock may be free: after its key changed, or where nobody holds it (then its delay keeps everybody off), a moment
// later.
func (s *session) await(ctx context.Context, index uint64, free bool) {
	if !free {
		if _, err := s.read(ctx, index); err == nil {
			return
		}
	}
	select {
	case <-ctx.Done():
	case <-time.After(lookAgain):
	}
}

func (s *session) try() (got bool, err error) {
	err = s.kv.conn.patiently(s.held, func() error {
		return s.kv.conn.once(s.held, func(ctx context.Context) (err error) {
			got, _, err = s.kv.conn.client.KV().Acquire(s.pair(s.value), new(api.WriteOptions).WithContext(ctx))
			return err
		})
	})
	return got, err
}

func (s *session) pair(value []byte) *api.KVPair {
	return &api.KVPair{Key: s.kv.prefix + "lock", Value: value, Session: s.id}
}

// read reads the lock's key, and with an index waits until it has changed, for half of what a request may take.
func (s *session) read(ctx context.Context, index uint64) (pair *api.KVPair, err error) {
	err = s.kv.conn.once(ctx, func(ctx context.Context) (err error) {
		q := &api.QueryOptions{RequireConsistent: true, WaitIndex: index, WaitTime: s.kv.conn.config.Timeout / 2}
		pair, _, err = s.kv.conn.client.KV().Get(s.kv.prefix+"lock", q.WithContext(ctx))
		return err
	})
	return pair, err
}

// watch ends held as soon as somebody else has the lock, or nobody, because an operator destroyed the session or deleted the key.
func (s *session) watch() {
	index := uint64(0)
	for s.held.Err() == nil {
		switch pair, err := s.read(s.held, index); {
		case err != nil:
			select { // whether it is too late is for keep to say
			case <-s.held.Done():
			case <-time.After(lookAgain):
			}
		case pair == nil || pair.Session != s.id:
			s.lose(state.ErrLockLost)
		default:
			index = pair.ModifyIndex
		}
	}
}

// unlock lets go of the lock, even when the context that it was taken with has ended.
func (s *session) unlock() error {
	lost := errors.Is(context.Cause(s.held), state.ErrLockLost)
	s.lose(context.Canceled)
	<-s.done
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.held), patience)
	defer cancel()
	var released bool
	err := s.kv.conn.once(ctx, func(ctx context.Context) (err error) {
		released, _, err = s.kv.conn.client.KV().Release(s.pair(nil), new(api.WriteOptions).WithContext(ctx))
		return err
	})
	if err == nil && (lost || !released) {
		err = state.ErrLockLost
	}
	if err = errors.Join(err, s.destroy()); err != nil {
		return fmt.Errorf("unlock %s: %w", s.kv, err)
	}
	return nil
}

// destroy ends the session. Released before, the lock has no delay.
func (s *session) destroy() error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.held), patience)
	defer cancel()
	return s.kv.conn.once(ctx, func(ctx context.Context) error {
		_, err := s.kv.conn.client.Session().Destroy(s.id, new(api.WriteOptions).WithContext(ctx))
		return err
	})
}
