package state

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"time"

	"gatehouse/targets"
)

// Store is the state of one (policy, environment). Reads don't change it; updates are atomic, and none is lost however many processes make
// them at the same time.
type Store interface {
	// Read returns the state. Where there is none, that is no error: see Standing.
	Read(context.Context) (State, error)

	// Update calls change with the claims and saves what it makes of them; where it changes nothing, nothing is saved. It may be called
	// several times, each time with the newest claims: what others save meanwhile is never lost. After an error the save may have
	// happened. Claims that change adds or replaces get the save's time, author and serial.
	Update(ctx context.Context, change func(Claims) error) error

	// Accept says, for a person who has looked, that the claims are right as they stand: the state is Kept again, no claim is doubtful, and
	// the witness learns it. After an import it does so for a Lost one.
	Accept(context.Context) error

	// Lock takes the lock for a purpose, such as apply, as Medium.Lock does. No update needs it: it is there so that of two applies one
	// waits, or says who holds it. After kill -9 a lock in Consul stays for up to half a minute.
	Lock(ctx context.Context, purpose string, wait time.Duration) (held context.Context, unlock func() error, err error)

	// String names the place for people.
	String() string
}

// Options say whose a store is.
type Options struct {
	Owner   targets.Owner
	Who     string           // user@host, for claims and the lock
	Now     func() time.Time // the clock
	Witness Witness          // nil: nobody remembers
	Floor   Mark             // a mark that the state must not fall behind; zero: none
}

// Open returns the store that a medium holds. Nothing is read yet.
func Open(m Medium, o Options) Store { return &store{medium: m, opts: o} }

type store struct {
	medium Medium
	opts   Options
}

func (s *store) String() string { return s.medium.String() }

func (s *store) Read(ctx context.Context) (State, error) {
	v, err := s.load(ctx)
	if err == nil && v.version != "" && !v.broken && s.opts.Witness != nil {
		if err = s.opts.Witness.Remember(ctx, v.state.Mark, v.state.Forebears); unwritable(err) {
			err = nil // who may only read here goes on without
		}
	}
	if err != nil {
		return State{}, fmt.Errorf("state: read %s: %w", s.medium, err)
	}
	return v.state, nil
}

// view is what one look at the medium gave.
type view struct {
	state   State
	version string // empty: there is no document
	seen    []Mark // what the witness and the floor remember
	broken  bool   // the state does not follow them, so that the next save begins a new lineage
}

func (s *store) load(ctx context.Context) (v view, err error) {
	if v.seen, err = s.seen(ctx); err != nil {
		return v, err
	}
	document, version, err := s.medium.Load(ctx)
	if err != nil {
		return v, err
	}
	v.version = version
	if version == "" {
		v.state = State{Owner: s.opts.Owner, Claims: Claims{}, Standing: New}
		if len(v.seen) > 0 {
			v.broken, v.state.Standing = true, Lost
			v.state.Reason = fmt.Sprintf("there is none, and %s was seen before", v.seen[0])
		}
		return v, nil
	}
	if v.state, err = Decode(document); err != nil {
		return v, err
	}
	if is := v.state.Owner; is != s.opts.Owner {
		return v, fmt.Errorf("it belongs to policy %q in %q, not to %q in %q",
			is.Policy, is.Environment, s.opts.Owner.Policy, s.opts.Owner.Environment)
	}
	for _, mark := range v.seen {
		if !v.state.follows(mark) {
			v.broken = true
			v.state.doubt(fmt.Sprintf("it is %s, saved %s, and %s was seen before", v.state.Mark, v.state.Saved.Format(time.RFC3339), mark))
			break
		}
	}
	return v, nil
}

// seen returns the marks that the state must follow.
func (s *store) seen(ctx context.Context) ([]Mark, error) {
	marks := []Mark{s.opts.Floor}
	if s.opts.Witness != nil {
		last, err := s.opts.Witness.Last(ctx)
		if err != nil {
			return nil, err
		}
		marks = append([]Mark{last}, marks...)
	}
	return slices.DeleteFunc(marks, func(m Mark) bool { return m == Mark{} }), nil
}

// follows says whether a state is a save, or a descendant of one, that came at or after a mark.
func (s State) follows(m Mark) bool {
	after := func(own Mark) bool { return own.Lineage == m.Lineage && own.Serial >= m.Serial }
	return after(s.Mark) || slices.ContainsFunc(s.Forebears, after)
}

// doubt makes a state Old.
func (s *State) doubt(reason string) {
	s.Standing, s.Reason = Old, reason
	for _, items := range s.Claims {
		for item, c := range items {
			c.Doubtful = true
			items[item] = c
		}
	}
}

func (s *store) Update(ctx context.Context, change func(Claims) error) error {
	if err := s.update(ctx, change, false); err != nil {
		return fmt.Errorf("state: update %s: %w", s.medium, err)
	}
	return nil
}

func (s *store) Accept(ctx context.Context) error {
	if err := s.update(ctx, settle, true); err != nil {
		return fmt.Errorf("state: accept %s: %w", s.medium, err)
	}
	return nil
}

// settle ends the doubt of all claims.
func settle(c Claims) error {
	for _, items := range c {
		for item, claim := range items {
			claim.Doubtful = false
			items[item] = claim
		}
	}
	return nil
}

// update saves until nobody else has saved meanwhile. Each round loses to a save that succeeded, so that all get their turn.
func (s *store) update(ctx context.Context, change func(Claims) error, accept bool) error {
	for {
		v, err := s.load(ctx)
		if err != nil {
			return err
		}
		next, err := s.next(v, change, accept)
		if err != nil || next == nil {
			return err
		}
		document, err := Encode(*next)
		if err != nil {
			return err
		}
		switch err := s.medium.Save(ctx, document, v.version); {
		case errors.Is(err, ErrMoved) && ctx.Err() == nil:
			continue
		case err != nil:
			return err
		}
		if s.opts.Witness == nil {
			return nil
		}
		return s.opts.Witness.Remember(ctx, next.Mark, next.Forebears)
	}
}

// next returns the state to save, or nil where there is nothing to save.
func (s *store) next(v view, change func(Claims) error, accept bool) (*State, error) {
	claims := v.state.Claims.Clone()
	if err := change(claims); err != nil {
		return nil, err
	}
	ends := accept && v.state.Standing != Kept && v.state.Standing != New
	if claims.equal(v.state.Claims) && !ends {
		return nil, nil
	}
	next := v.state
	next.Claims, next.Saved, next.By = claims, s.opts.Now().UTC().Truncate(time.Second), s.opts.Who
	if v.version == "" || v.broken || ends {
		next.Forebears = descend(v.state.Forebears, append(v.seen, v.state.Mark)...)
		next.Mark = Mark{Lineage: rand.Text()}
	}
	next.Mark.Serial++
	if ends || v.state.Standing == New {
		next.Standing, next.Reason = Kept, ""
	}
	next.sign(v.state.Claims)
	return &next, nil
}

// sign writes into claims that are new, or claimed anew, when and by whom.
func (s *State) sign(before Claims) {
	for k, items := range s.Claims {
		for item, c := range items {
			if was, ok := before[k][item]; ok && was.made() == c.made() {
				continue
			}
			s.Claims.set(k, item, Claim{Since: s.Saved, By: s.By, Serial: s.Mark.Serial})
		}
	}
}

// made is a claim apart from the doubt about it.
func (c Claim) made() Claim { c.Doubtful = false; return c }

// mostForebears is how many ended lineages a state remembers.
const mostForebears = 32

func descend(forebears []Mark, more ...Mark) []Mark {
	out := slices.Clone(forebears)
	for _, m := range more {
		if m != (Mark{}) && !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out[max(0, len(out)-mostForebears):]
}

func (s *store) Lock(ctx context.Context, purpose string, wait time.Duration) (context.Context, func() error, error) {
	held, unlock, err := s.medium.Lock(ctx, Holder{s.opts.Who, s.opts.Now().UTC().Truncate(time.Second), purpose}, wait)
	if err != nil {
		return nil, nil, fmt.Errorf("state: lock: %w", err)
	}
	return held, unlock, nil
}
