// Package state keeps claims: which items of which containers of one (policy, environment) are ours, where a remote system gives us no
// place for a mark of our own (a Google binding has none). Who grants claims first, who revokes forgets afterwards, and what is
// not claimed is somebody else's. It is not a copy of the world, holds no bodies and no secrets, and decides nothing: a target sets
// Item.Ours by it, and the spine revokes nothing that is not.
//
// What is settled here:
//
//   - A claim too many may revoke what is somebody else's; a claim too few only leaves something to be reported. So wherever there is doubt,
//     a claim does not count.
//   - No state, no claims: nothing is ours, nothing is revoked, whatever became of the state.
//   - An old state (one restored from a backup) lists claims that were forgotten since, on items that may be somebody else's by now. Nothing
//     within it tells, so something outside must: a state has a lineage (a random name, born with it) and a serial (raised by each save),
//     and a Witness remembers the latest that it met, in another place than the state. A state with a smaller serial than the witness
//     remembers, or of another lineage, is Old: all its claims are doubtful.
//   - Doubt is written down. The next save of an old state begins a new lineage in which the old claims stand as doubtful, so that
//     those who have no witness are warned as well. Store.Accept, a person's decision, ends the doubt; so does claiming anew.
//   - What this does not catch: a state restored together with its witness, or before the eyes of somebody who has none (a fresh machine).
//     What is left then is that a plan shows every revocation, that claims and states have dates (Claim.Since,
//     State.Saved), Options.Floor where somebody else remembers a Mark, and the brake.
//   - A process that dies between claim and grant leaves a claim without an item, and one that dies between revoking and forgetting leaves
//     the same. The next apply grants, or forgets (Claims.Idle). Until then, who grants the very same item by hand shares it with us.
//   - A state of a newer format is refused, and never overwritten; so is one that can't be read, or that is another owner's.
package state

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"gatehouse/targets"
)

// Claim says that an item is ours.
type Claim struct {
	Since    time.Time // when it was made, in UTC, to the second
	By       string    // who made it: user@host
	Serial   uint64    // of the save that first held it
	Doubtful bool      // it comes from an old state, and does not count until it is claimed anew or the state is accepted
}

// Claims holds claims by container and by the key of the item. Item keys are opaque here.
type Claims map[targets.Key]map[string]Claim

// Ours says whether an item is ours beyond doubt.
func (c Claims) Ours(container targets.Key, item string) bool {
	claim, ok := c[container][item]
	return ok && !claim.Doubtful
}

// Containers returns the containers with claims, doubtful ones included, sorted.
func (c Claims) Containers() []targets.Key { return slices.SortedFunc(maps.Keys(c), compareKeys) }

// Items returns the claimed items of a container, doubtful ones included, sorted.
func (c Claims) Items(container targets.Key) []string { return slices.Sorted(maps.Keys(c[container])) }

// Len returns the number of claims.
func (c Claims) Len() int {
	n := 0
	for _, items := range c {
		n += len(items)
	}
	return n
}

// Idle returns the claimed items of a container that it does not hold, given the keys of those that it holds, sorted. Those that the
// policy does not want either can be forgotten.
func (c Claims) Idle(container targets.Key, held []string) []string {
	have := map[string]bool{}
	for _, item := range held {
		have[item] = true
	}
	return slices.DeleteFunc(c.Items(container), func(item string) bool { return have[item] })
}

// Clone returns a copy that shares nothing.
func (c Claims) Clone() Claims {
	out := make(Claims, len(c))
	for k, items := range c {
		out[k] = maps.Clone(items)
	}
	return out
}

func (c Claims) equal(o Claims) bool { return maps.EqualFunc(c, o, maps.Equal) }

func (c Claims) set(container targets.Key, item string, claim Claim) {
	if c[container] == nil {
		c[container] = map[string]Claim{}
	}
	c[container][item] = claim
}

func (c Claims) drop(container targets.Key, item string) {
	delete(c[container], item)
	if len(c[container]) == 0 {
		delete(c, container)
	}
}

func compareKeys(a, b targets.Key) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
}

// Mark names one save of one state. The zero Mark names none.
type Mark struct {
	Lineage string `json:"lineage"`
	Serial  uint64 `json:"serial"`
}

// String prints LINEAGE@SERIAL.
func (m Mark) String() string { return fmt.Sprintf("%s@%d", m.Lineage, m.Serial) }

// Standing says what can be relied upon.
type Standing string

// The standings of a state. Lost and Old stay, whatever is claimed and forgotten meanwhile, until somebody accepts the state.
const (
	New  Standing = "new"  // there is none, and nobody remembers one: nothing is ours yet
	Kept Standing = "kept" // it follows what was last seen of it
	Lost Standing = "lost" // there was one, and it is gone: what was claimed in it is ours no longer. Claims made since do count
	Old  Standing = "old"  // it was older than what had been seen before, or another one: what was claimed in it is doubtful
)

// State is what a store holds.
type State struct {
	Owner     targets.Owner
	Mark      Mark      // zero where there is no state
	Forebears []Mark    // what it was made from, oldest first: lineages that ended in doubt, loss or Accept
	Saved     time.Time // when, in UTC, to the second
	By        string    // who saved it last
	Claims    Claims    // never nil
	Standing  Standing
	Reason    string // why it is Lost or Old, for a person
}

// Doubtful returns the number of claims that don't count.
func (s State) Doubtful() int {
	n := 0
	for _, items := range s.Claims {
		for _, c := range items {
			if c.Doubtful {
				n++
			}
		}
	}
	return n
}

// Medium is where a document is kept: a file (OpenFile), Consul's KV (package targets/consul). It knows nothing of its meaning.
type Medium interface {
	// Load returns the document and its version; nil and "" where there is none. A document that is there and can't be had whole is an
	// error, never absent.
	Load(context.Context) (document []byte, version string, err error)

	// Save replaces the document if its version is still the given one ("": there is none); otherwise it returns ErrMoved and nothing has
	// happened. After any other error it may have happened. Whenever the process dies, the old document or the new one is there, whole.
	Save(ctx context.Context, document []byte, version string) error

	// Lock takes the lock that keeps two applies out of each other's way. Where somebody has it, it waits as long as is said, and returns a
	// *LockedError that names the holder then. The context that it returns is ctx, and ends when the lock is lost (ErrLockLost is the
	// cause then). Load and Save work without it.
	Lock(ctx context.Context, h Holder, wait time.Duration) (held context.Context, unlock func() error, err error)

	// String names the place for people.
	String() string
}

// Errors of a Medium.
var (
	ErrMoved    = errors.New("saved by somebody else meanwhile")
	ErrLockLost = errors.New("the lock was lost") // the cause of the end of a held context
)

// Holder says who holds a lock.
type Holder struct {
	Who   string    `json:"who"` // user@host
	Since time.Time `json:"since"`
	For   string    `json:"for"` // what for, such as apply
}

// String prints a holder as people read it; a holder of whom nothing is known is somebody.
func (h Holder) String() string {
	if h == (Holder{}) {
		return "somebody who did not say who"
	}
	return fmt.Sprintf("%s since %s for %s", h.Who, h.Since.UTC().Format(time.RFC3339), h.For)
}

// LockedError says that somebody else holds the lock.
type LockedError struct {
	Place  string
	Holder Holder
}

func (e *LockedError) Error() string { return fmt.Sprintf("%s is locked by %s", e.Place, e.Holder) }
