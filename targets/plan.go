package targets

import (
	"encoding/json"
	"time"

	"gatehouse/compiler/access"
)

// Site is one target in one environment: the unit of proof, of plan and of apply.
type Site struct {
	Environment string
	Realm       string
	Driver      Driver
	Conn        Conn // nil when nothing is to be read or written
}

// PlanFormat names a plan's JSON form and its version.
const PlanFormat = "gatehouse.dev/plan/v1"

// Plan is what apply would do: all of it, and nothing else. Its JSON form is the plan file.
type Plan struct {
	Format  string     `json:"format"`
	Policy  string     `json:"policy"`
	Digest  string     `json:"digest"` // of what the policy compiles to at Time; apply recomputes it
	Time    time.Time  `json:"time"`
	Adopt   bool       `json:"adopt,omitempty"`   // planned with --adopt: a second look at a container decides alike
	Release bool       `json:"release,omitempty"` // planned with --release
	Sites   []SitePlan `json:"sites"`             // by environment, then target
}

// SitePlan is the part of a plan that concerns one site.
type SitePlan struct {
	Environment string        `json:"environment"`
	Target      access.Target `json:"target"`
	Realm       string        `json:"realm"`
	Delta       Delta         `json:"delta"`
	Changes     []Change      `json:"changes"` // in the order in which they are written
	Notices     []Notice      `json:"notices"` // what is left alone, and why
	Owned       int           `json:"owned"`   // live items that carry our mark, for the brake
	Unknown     []Unknown     `json:"unknown"`
}

// Delta is how effective access changes.
type Delta struct {
	Gained []access.Edge `json:"gained"`
	Lost   []access.Edge `json:"lost"`
}

// Op is what happens to a container or an item.
type Op string

// The operations.
const (
	Create Op = "create"
	Update Op = "update"
	Delete Op = "delete"
	Retire Op = "retire" // containers only: all but a tombstone is removed
	Adopt  Op = "adopt"  // containers only: an update that takes over what nobody marked
)

// Class says what a change does to effective access. Narrowings are written first, widenings last.
type Class string

// The classes, in the order in which they are written.
const (
	Narrowing Class = "narrowing"
	Neutral   Class = "neutral"
	Mixed     Class = "mixed"
	Widening  Class = "widening"
)

// Change is one write: a whole container, atomically.
type Change struct {
	Key      Key             `json:"object"`
	Op       Op              `json:"op"`
	Class    Class           `json:"class"`
	Token    Token           `json:"token"` // of what was read
	Before   json.RawMessage `json:"before,omitempty"`
	After    json.RawMessage `json:"after,omitempty"` // empty: delete
	Items    []ItemChange    `json:"items"`
	Delta    Delta           `json:"delta"`
	Requires []Key           `json:"requires,omitempty"` // changes of this plan that must have been written before
}

// ItemChange is a change of one item; From is empty for a creation, To for a deletion.
type ItemChange struct {
	Op   Op     `json:"op"`
	Key  string `json:"key"`
	From string `json:"from,omitempty"`
	To   string `json:"to,omitempty"`
	Why  []Line `json:"lines,omitempty"`
}

// Line is a place in the policy.
type Line struct {
	Addr string `json:"address"`
	File string `json:"file"`
	Line int    `json:"line"`
}

// NoticeKind says why something was left alone.
type NoticeKind string

// The notices.
const (
	NoticeForeign    NoticeKind = "foreign"     // the container exists without our mark: --adopt takes it over
	NoticeOtherOwner NoticeKind = "other-owner" // the container carries another policy's mark
	NoticeExtra      NoticeKind = "extra"       // an item that is not ours, in a container that is shared
	NoticeTombstone  NoticeKind = "tombstone"   // a container that left the policy still closes its destination
	NoticeOrphan     NoticeKind = "orphan"      // a container of ours, of an environment that is declared no more
	NoticeUnknown    NoticeKind = "unknown"     // the container could not be read
	NoticeRefused    NoticeKind = "refused"     // what a saved plan says of the container doesn't hold: it will not be written
)

// Notice is something a plan leaves alone. Blocking ones make the policy untrue until somebody acts.
type Notice struct {
	Kind     NoticeKind `json:"kind"`
	Key      Key        `json:"object"`
	Item     string     `json:"item,omitempty"` // NoticeExtra: the item's key
	Detail   string     `json:"detail"`
	Blocking bool       `json:"blocking"`
}
