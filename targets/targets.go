// Package targets takes declared access to remote systems and back: compile, prove, diff, plan, apply. It is generic and pure but for
// the calls that a driver's connection makes. It knows no remote system; each has a driver in a folder of its own, and the drivers
// stand in one literal slice in the command.
//
// A Container is the unit of compare-and-swap (one intention entry, one secret's policy). Its Items are the unit of diff, of
// ownership and of explanation (one source; one role, member and condition).
package targets

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/lang/diag"
)

// Driver is what a remote system is to Gatehouse, apart from talking to it: pure, without state, the same for every environment.
type Driver interface {
	// Capabilities names the target and says what it can express; access.Lower needs nothing else.
	Capabilities() access.Capabilities

	// Realm returns where the names of an environment are unique, and false where the environment lacks this target.
	Realm(access.Environment) (string, bool)

	// Compile returns the objects that give exactly the declared access of one environment at one moment.
	Compile(g *access.Graph, environment string, at time.Time) (Desired, diag.List)

	// Interpret says who reaches what by the remote system's own rules, from its raw JSON. It shares no code with Compile.
	Interpret(Facts, time.Time) ([]access.Edge, error)

	// Defaults returns every setting that a remote system may have and an apply can't see beforehand: the proof holds under each. A
	// system without such settings returns one empty Settings: no world at all would prove everything.
	Defaults() []Settings

	// Merge returns the body to write so that the container holds the wanted items, and what others put there stays. live is nil
	// where the container doesn't exist; remove names live items to drop. want is nil where a container leaves the policy, and a
	// tombstone's where one must stay. A nil body means: delete the container.
	Merge(want *Container, live *Container, remove []string, owner Owner) (json.RawMessage, error)

	// Tombstone returns what must stay of a container that leaves the policy, so that leaving does not widen access; false where
	// nothing need stay.
	Tombstone(live Container) (Container, bool)
}

// Conn is a connection to one environment's remote system.
type Conn interface {
	// Inspect reads. It fails rather than return a list that the remote system has filtered.
	Inspect(context.Context, Scope) (Live, error)

	// Write replaces or deletes one container, if its token is still Change.Token. It returns ErrMoved where somebody else has written
	// instead, or right after, before what was written could be read back: either way the caller looks again.
	Write(context.Context, Change) (Token, error)
}

// Tidier is what a Conn may implement beside: it ends claims that an interrupted apply left behind. Untidy speaks of what the last Inspect saw;
// Tidy is called by whoever holds the locks under which claims are made, before anything is written.
type Tidier interface {
	Untidy() bool
	Tidy(context.Context) error
}

// ErrMoved says that a container was changed by somebody else since it was read.
var ErrMoved = errors.New("changed since it was read")

// Key names a container within its target and environment.
type Key struct {
	Kind string `json:"kind"` // the vendor's word, such as service-intentions
	Name string `json:"name"`
}

// String prints a key as KIND/NAME.
func (k Key) String() string { return k.Kind + "/" + k.Name }

// Token is the remote system's version of a container: a modify index, an etag. Empty: the container does not exist.
type Token string

// Owner is the mark that says whose a container is. The zero Owner marks nobody's.
type Owner struct {
	Policy      string `json:"policy"`
	Environment string `json:"environment"`
}

// Item is one entry of a container, in normal form: two items are the same access if and only if they are equal. Where a key is
// made of several words (a role, a member, a condition), blanks divide them; a principal's remote name is a word of its own, bare or
// in double quotes.
type Item struct {
	Key   string          `json:"key"`   // unique in its container: source "web"
	Value string          `json:"value"` // canonical text: allow
	Why   []access.Source `json:"-"`     // the policy lines behind a desired item
	// Ours says of a live item that a claim of ours stands on it, so that it is ours to change and to remove. It counts only where
	// the container is not Whole: all items of a Whole container that carries our mark are ours.
	Ours bool `json:"-"`
}

// Container is a remote object in normal form.
type Container struct {
	Key     Key
	Body    json.RawMessage // the vendor's raw JSON: as read, or as compiled
	Token   Token           // of what was read; empty on a desired container
	Owner   Owner           // by the object's own mark; zero on what nobody marked
	Items   []Item          // sorted by key. Only what Gatehouse may own: others' fields of a merged container are in Body alone
	Governs []access.Surface
	// Requires names containers that must be written before this one where both change. On a live container it names those that
	// must not go before this one has changed or gone.
	Requires []Key
	// Whole says that the container, once ours, has no item but ours: an extra one is removed. Otherwise extra items are reported,
	// but for those that are Ours.
	Whole bool
	// Shared says that marks stand on items alone (Item.Ours): what others put into the container lies beside what we put there, and
	// adding an item takes nothing over. Without it an unmarked container is foreign, unless it is not Whole and holds every wanted
	// item already.
	Shared bool
	// Residual marks a tombstone: what is left of a container that has left the policy.
	Residual bool
}

// Desired is what a target should hold in one environment; Containers are sorted by key.
type Desired struct {
	Containers []Container
}

// Scope says what Inspect should read.
type Scope struct {
	Owner Owner
	Keys  []Key // what the policy desires; these are read even where a list would leave them out
	Left  []Key // those of Keys that the policy desires no more, and a plan speaks of
	Only  bool  // read no other containers than Keys, with Context and Settings: for a second look
}

// Live is what a remote system holds.
type Live struct {
	Containers []Container // sorted by key: those with a mark of Scope.Owner.Policy, of whatever environment, and those that Scope named
	Context    []Object    // what else decides access: wildcard entries, defaults, inherited policies. Read, never written
	Settings   Settings
	Unknown    []Unknown
}

// Settings are the remote system's own defaults, by name, such as {"default": "deny"}.
type Settings map[string]string

// Object is one raw object of a remote system.
type Object struct {
	Key  Key             `json:"key"`
	Body json.RawMessage `json:"body"`
}

// Unknown is something that could not be read: neither equal nor absent. A container that could not be read is left alone.
type Unknown struct {
	What   string `json:"what"` // a container's key as KIND/NAME, or whatever names the thing
	Reason string `json:"reason"`
}

// Facts is a world to interpret: raw objects and settings, with the surfaces to ask about.
type Facts struct {
	Realm    string
	Objects  []Object
	Settings Settings
	Surfaces []access.Surface // beside those that objects name
}
