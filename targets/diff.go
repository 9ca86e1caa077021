package targets

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"gatehouse/compiler/access"
)

// DiffOptions say how bold a diff is.
type DiffOptions struct {
	Adopt   bool // take over what nobody marked
	Release bool // leave no tombstones
}

// Diff says what makes live what is desired, and what is left alone: container by container, item by item, sorted by key. It is the one
// algorithm for every target; drivers only normalise. The changes are not yet weighed or ordered: their Class and Delta are MakePlan's.
//
//	live container          desired                              not desired
//	absent                  create                               -
//	marked ours             update where items differ            retire to a tombstone, or delete
//	marked by others        notice other-owner                   notice orphan where the environment is declared no more
//	unmarked                notice foreign; adopt if told to     -
//	unmarked, not Whole     nothing where wanted items hold      -
//	Shared                  update; others' items stay           delete our items
//
// The notices foreign, other-owner, orphan and unknown are blocking: the policy is not in force until somebody acts.
func Diff(v View, o DiffOptions) ([]Change, []Notice, error) {
	d, err := newDiffer(&v, o)
	if err != nil {
		return nil, nil, err
	}
	var changes []Change
	var notices []Notice
	for _, k := range d.keys() {
		c, n, err := d.container(k)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: diff %s in %q: %w", v.Proof.Target, k, v.Site.Environment, err)
		}
		if c != nil {
			changes = append(changes, *c)
		}
		notices = append(notices, n...)
	}
	return changes, notices, nil
}

// differ compares the two sides of a view.
type differ struct {
	v       *View
	o       DiffOptions
	want    map[Key]*Container
	have    map[Key]*Container
	unknown map[string]Unknown
	open    map[access.Surface]bool // surfaces that somebody reaches once every container that leaves is gone
}

func newDiffer(v *View, o DiffOptions) (*differ, error) {
	d := &differ{v: v, o: o, want: index(v.Proof.Desired.Containers), have: index(v.Live.Containers), unknown: map[string]Unknown{}}
	for _, u := range v.Live.Unknown {
		d.unknown[u.What] = u
	}
	var err error
	d.open, err = d.openWithoutLeavers()
	return d, err
}

func index(containers []Container) map[Key]*Container {
	out := make(map[Key]*Container, len(containers))
	for i := range containers {
		out[containers[i].Key] = &containers[i]
	}
	return out
}

func (d *differ) keys() []Key {
	keys := d.v.desiredKeys()
	for _, c := range d.v.Live.Containers {
		keys = append(keys, c.Key)
	}
	slices.SortFunc(keys, CompareKey)
	return slices.Compact(keys)
}

// container decides about one container.
func (d *differ) container(k Key) (*Change, []Notice, error) {
	want, have := d.want[k], d.have[k]
	if u, ok := d.unknown[k.String()]; ok {
		return nil, []Notice{{Kind: NoticeUnknown, Key: k, Detail: "it could not be read: " + u.Reason, Blocking: true}}, nil
	}
	switch {
	case want == nil && d.v.ours(have):
		return d.leave(have)
	case want == nil:
		return nil, d.orphan(have), nil
	case have == nil:
		c, err := d.change(Create, want, nil, created(want))
		return c, nil, err
	case have.Owner != Owner{} && have.Owner != d.v.Owner:
		return nil, []Notice{d.otherOwner(have)}, nil
	}
	return d.compare(want, have)
}

// compare diffs a container that exists on both sides and is nobody else's.
func (d *differ) compare(want, have *Container) (*Change, []Notice, error) {
	mine := have.Owner == d.v.Owner && !want.Shared
	items, extra := diffItems(want, have, mine, d.o.Adopt)
	op := Update
	if !mine && !want.Shared {
		if !want.Whole && len(items) == 0 {
			return nil, nil, nil // a merged container that holds what we want already: nothing to own
		}
		if !d.o.Adopt {
			return nil, []Notice{foreign(have, "it carries no mark of this policy")}, nil
		}
		op = Adopt
	}
	if blocked := takeovers(want, have, d.o.Adopt); blocked != "" {
		return nil, []Notice{foreign(have, "somebody else put "+blocked+" there")}, nil
	}
	notices := extraNotices(have, extra)
	if op == Update && len(items) == 0 {
		return nil, notices, nil
	}
	c, err := d.change(op, want, have, items)
	return c, notices, err
}

// takeovers names the first item of a Shared container that we would have to change although it isn't ours.
func takeovers(want, have *Container, adopt bool) string {
	if !want.Shared || adopt {
		return ""
	}
	for _, w := range want.Items {
		if h, ok := find(have.Items, w.Key); ok && !h.Ours && h.Value != w.Value {
			return fmt.Sprintf("%q = %q", h.Key, h.Value)
		}
	}
	return ""
}

// diffItems returns the changes of items, and the live items that are neither wanted nor ours to remove.
func diffItems(want, have *Container, mine, adopt bool) (changes []ItemChange, extra []Item) {
	for _, w := range want.Items {
		h, ok := find(have.Items, w.Key)
		switch {
		case !ok:
			changes = append(changes, ItemChange{Op: Create, Key: w.Key, To: w.Value, Why: Lines(w.Why)})
		case h.Value != w.Value:
			changes = append(changes, ItemChange{Op: Update, Key: w.Key, From: h.Value, To: w.Value, Why: Lines(w.Why)})
		case want.Shared && adopt && !h.Ours:
			changes = append(changes, ItemChange{Op: Adopt, Key: w.Key, From: h.Value, To: w.Value, Why: Lines(w.Why)})
		}
	}
	for _, h := range have.Items {
		if _, ok := find(want.Items, h.Key); ok {
			continue
		}
		if h.Ours || want.Whole && (mine || adopt) {
			changes = append(changes, ItemChange{Op: Delete, Key: h.Key, From: h.Value})
		} else {
			extra = append(extra, h)
		}
	}
	slices.SortFunc(changes, func(a, b ItemChange) int { return cmp.Compare(a.Key, b.Key) })
	return changes, extra
}

func find(items []Item, key string) (Item, bool) {
	i, ok := slices.BinarySearchFunc(items, key, func(i Item, key string) int { return cmp.Compare(i.Key, key) })
	if !ok {
		return Item{}, false
	}
	return items[i], true
}

func created(want *Container) []ItemChange {
	var out []ItemChange
	for _, w := range want.Items {
		out = append(out, ItemChange{Op: Create, Key: w.Key, To: w.Value, Why: Lines(w.Why)})
	}
	return out
}

// change asks the driver for the body that makes the items so.
func (d *differ) change(op Op, want, have *Container, items []ItemChange) (*Change, error) {
	c := &Change{Op: op, Items: items, Delta: emptyDelta()}
	if want != nil {
		c.Key = want.Key
	}
	if have != nil {
		c.Key, c.Token, c.Before = have.Key, have.Token, compact(have.Body)
	}
	var remove []string
	for _, i := range items {
		if i.Op == Delete {
			remove = append(remove, i.Key)
		}
	}
	body, err := d.v.Site.Driver.Merge(want, have, remove, d.v.Owner)
	if err != nil {
		return nil, fmt.Errorf("merge: %w", err)
	}
	if c.After = compact(body); c.Items == nil {
		c.Items = []ItemChange{}
	}
	return c, nil
}

func emptyDelta() Delta { return Delta{Gained: []access.Edge{}, Lost: []access.Edge{}} }

// compact takes the blanks out of a body, so that it survives the indentation of a plan file. What isn't JSON stays as it is: the
// driver will say so when it reads it.
func compact(body json.RawMessage) json.RawMessage {
	if body == nil {
		return nil
	}
	var b bytes.Buffer
	if json.Compact(&b, body) != nil {
		return body
	}
	return b.Bytes()
}

// Lines returns the places in the policy behind an item, sorted, each once.
func Lines(sources []access.Source) []Line {
	var out []Line
	for _, s := range sources {
		out = append(out, Line{s.Allow.String(), s.Decl.Filename, s.Decl.Start.Line})
	}
	slices.SortFunc(out, CompareLine)
	return slices.Compact(out)
}

// CompareLine orders lines by file, line and address.
func CompareLine(a, b Line) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Addr, b.Addr))
}
