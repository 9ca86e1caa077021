package state

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"gatehouse/targets/consul"
	double "gatehouse/targets/sandbox/consul"
	"gatehouse/targets/state"
)

// abort cuts a connection off.
var abort = http.ErrAbortHandler

// Of two, one has the lock and the other is told who.
func TestLock(t *testing.T) {
	onEach(t, func(t *testing.T, s *server) {
		one, two := s.store(t, consul.MaxValue, nil), s.store(t, consul.MaxValue, nil)
		held, unlock, err := one.Lock(t.Context(), "apply", 0)
		must(t, err)
		_, _, err = two.Lock(t.Context(), "apply", 0)
		var locked *state.LockedError
		if !errors.As(err, &locked) || locked.Holder != (state.Holder{Who: "ann@desk", Since: noon, For: "apply"}) {
			t.Fatalf("%v", err)
		}
		if want := "is locked by ann@desk since 2026-07-01T12:00:00Z for apply"; !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
		must(t, state.NewLedger(two).Claim(t.Context(), key(1), "a")) // the lock keeps applies apart, not claims

		got := make(chan error)
		go func() { // who waits gets it as soon as it is free, without a delay
			_, unlock, err := two.Lock(t.Context(), "apply", time.Minute)
			if err == nil {
				err = unlock()
			}
			got <- err
		}()
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if _, _, err := two.Lock(gone, "apply", time.Minute); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if held.Err() != nil {
			t.Error("lost for no reason")
		}
		must(t, unlock(), <-got)
		if !errors.Is(held.Err(), context.Canceled) || errors.Is(context.Cause(held), state.ErrLockLost) {
			t.Errorf("unlocked: %v", context.Cause(held))
		}
		if left := sessions(t, s); len(left) > 0 {
			t.Errorf("sessions are left: %v", left)
		}
	})
}

func sessions(t *testing.T, s *server) (ids []string) {
	t.Helper()
	var list []struct{ ID string }
	must(t, json.Unmarshal([]byte(s.ask(t, "GET", "/v1/session/list", "")), &list))
	for _, l := range list {
		ids = append(ids, l.ID)
	}
	return ids
}

// An operator can free a lock; its holder stops at once.
func TestLockTakenAway(t *testing.T) {
	onEach(t, func(t *testing.T, s *server) {
		for _, take := range []func(){
			func() { s.ask(t, "PUT", "/v1/session/destroy/"+sessions(t, s)[0], "") },
			func() { s.ask(t, "DELETE", "/v1/kv/gatehouse/acme-ml/prod/lock", "") },
		} {
			held, unlock, err := s.store(t, consul.MaxValue, nil).Lock(t.Context(), "apply", 5*time.Second)
			must(t, err)
			take()
			<-held.Done()
			if !errors.Is(context.Cause(held), state.ErrLockLost) {
				t.Errorf("%v", context.Cause(held))
			}
			if err := unlock(); !errors.Is(err, state.ErrLockLost) {
				t.Errorf("unlock: %v", err)
			}
		}
	})
}

// After kill -9 the lock is free when its session has ended and its delay is over, and not for longer.
func TestLockAfterKill(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, s *server) {
		cmd := child(t, order{Address: s.address, Owner: s.owner, Limit: consul.MaxValue, Do: "lock"})
		out, err := cmd.StdoutPipe()
		must(t, err, cmd.Start())
		if line := bufio.NewScanner(out); !line.Scan() || line.Text() != "locked" {
			t.Fatal("the child did not lock")
		}
		must(t, cmd.Process.Kill())
		_ = cmd.Wait()
		store := s.store(t, consul.MaxValue, nil)
		var locked *state.LockedError
		if _, _, err = store.Lock(t.Context(), "apply", 0); !errors.As(err, &locked) || locked.Holder.Who != "ann@desk" {
			t.Fatalf("at once: %v", err)
		}
		s.advance(20 * time.Second)
		_, unlock, err := store.Lock(t.Context(), "apply", 30*time.Second)
		must(t, err, unlock())
	})
}

// A holder who is cut off takes the lock for lost before Consul gives it to anybody else.
func TestLockCutOff(t *testing.T) {
	if testing.Short() {
		t.Skip("takes as long as a session lives")
	}
	t.Parallel()
	onEach(t, func(t *testing.T, s *server) {
		held, unlock, err := s.store(t, consul.MaxValue, nil).Lock(t.Context(), "apply", 0)
		must(t, err)
		s.sever()
		<-held.Done()
		if !errors.Is(context.Cause(held), state.ErrLockLost) {
			t.Errorf("%v", context.Cause(held))
		}
		if err := unlock(); err == nil {
			t.Error("unlocked what is out of reach")
		}
	})
}

// A token that may not is told what it lacks.
func TestTokens(t *testing.T) {
	d, err := double.Open("", "dc1", double.Options{DefaultPolicy: "deny", Tokens: []double.Token{
		{Secret: "reads", Accessor: "r", Keys: []double.KeyRule{{Name: "gatehouse/", Prefix: true, Policy: "read"}}},
		{Secret: "writes", Accessor: "w", Keys: []double.KeyRule{{Name: "gatehouse/acme-ml/prod/", Prefix: true, Policy: "write"}}, Session: "write"},
	}})
	must(t, err)
	address, stop, err := d.Start()
	must(t, err)
	t.Cleanup(stop)
	s := &server{address: address}
	s.owner.Policy, s.owner.Environment = "acme-ml", "prod"
	with := func(token string) state.Store {
		conn, err := consul.Connect(consul.Config{Address: address, Token: token})
		must(t, err)
		return opened(consul.NewKV(conn, s.owner), s.owner, nil)
	}
	const needs = `the token needs key_prefix "gatehouse/acme-ml/prod/" { policy = "write" }, and session:write on the agent's node`
	writes := with("writes")
	must(t, state.NewLedger(writes).Claim(t.Context(), key(1), "a"))
	_, unlock, err := writes.Lock(t.Context(), "apply", 0)
	must(t, err, unlock())
	_, anonymous := with("").Read(t.Context())
	reads := with("reads")
	claimed := state.NewLedger(reads).Claim(t.Context(), key(1), "b")
	_, _, lock := reads.Lock(t.Context(), "apply", 0)
	for _, err := range []error{anonymous, claimed, lock} {
		if err == nil || !strings.Contains(err.Error(), needs) || !strings.Contains(err.Error(), "HTTP 403: Permission denied") {
			t.Errorf("%v, want %s", err, needs)
		}
	}
	if st, err := reads.Read(t.Context()); err != nil || !st.Claims.Ours(key(1), "a") {
		t.Errorf("%v", err)
	}
}
