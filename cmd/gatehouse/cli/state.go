package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/targets"
	"gatehouse/targets/consul"
	"gatehouse/targets/state"
)

// state returns the store of an environment's claims: in its Consul where it has one, so that everybody who applies shares it, else in a
// local file.
func (s *session) state(env *access.Environment) (state.Store, error) {
	if store, ok := s.stores[env.Name]; ok {
		return store, nil
	}
	owner := targets.Owner{Policy: s.name(), Environment: env.Name}
	medium, err := s.medium(env, owner)
	if err != nil {
		return nil, err
	}
	store := state.Open(medium, state.Options{
		Owner: owner, Who: who(), Now: s.w.now,
		Witness: state.NewFileWitness(s.local(state.WitnessPath(s.root, owner))),
	})
	s.stores[env.Name] = store
	return store, nil
}

func (s *session) medium(env *access.Environment, owner targets.Owner) (state.Medium, error) {
	if env.Consul == nil {
		return state.NewFile(s.local(state.FilePath(s.root, owner))), nil
	}
	conn, err := s.consul(env)
	if err != nil {
		return nil, err
	}
	return consul.NewKV(conn, owner), nil
}

// local returns where a file about a state lies. What the sandbox is about lies apart: a grant that was claimed there is not ours out there, and
// a state that was seen there is not lost.
func (s *session) local(path string) string {
	if s.flags.sandbox {
		return filepath.Join(s.sandboxDir(), "state", filepath.Base(path))
	}
	return path
}

// lockWait is how long an apply waits for another one: longer than a session of one that was killed takes to end.
const lockWait = 45 * time.Second

// lock takes the lock of every state that the sites keep claims in. The context ends when a lock is lost.
func (s *session) lock(ctx context.Context) (context.Context, func() error, error) {
	var unlocks []func() error
	unlock := func() error {
		var errs []error
		for _, u := range unlocks {
			errs = append(errs, u())
		}
		return errors.Join(errs...)
	}
	for _, env := range s.result.Graph.Environments {
		store, ok := s.stores[env.Name]
		if !ok {
			continue
		}
		locked, u, err := s.wait(ctx, store)
		if err != nil {
			return nil, nil, errors.Join(err, unlock())
		}
		ctx, unlocks = locked, append(unlocks, u)
	}
	return ctx, unlock, nil
}

// wait takes one lock, and says for whom it waits if it must.
func (s *session) wait(ctx context.Context, store state.Store) (context.Context, func() error, error) {
	held, unlock, err := store.Lock(ctx, "apply", 0)
	var busy *state.LockedError
	if !errors.As(err, &busy) {
		return held, unlock, err
	}
	fmt.Fprintf(s.w.stderr, "gatehouse: apply: %v; waiting for at most %s\n", busy, lockWait)
	return store.Lock(ctx, "apply", lockWait)
}
