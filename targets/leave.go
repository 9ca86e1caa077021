package targets

import (
	"cmp"
	"fmt"
	"slices"

	"gatehouse/compiler/access"
)

// leave decides what becomes of a container of ours that is desired no more. Deleting it may widen access: then its tombstone stays.
func (d *differ) leave(have *Container) (*Change, []Notice, error) {
	if !d.o.Release && slices.ContainsFunc(have.Governs, func(s access.Surface) bool { return d.open[s] }) {
		if stone, ok := d.v.Site.Driver.Tombstone(*have); ok {
			return d.retire(&stone, have)
		}
	}
	items := deleted(leaving(have))
	if have.Shared && len(items) == 0 {
		return nil, nil, nil
	}
	c, err := d.change(Delete, nil, have, items)
	return c, nil, err
}

func (d *differ) retire(stone, have *Container) (*Change, []Notice, error) {
	items, extra := diffItems(stone, have, true, false)
	if !have.Shared {
		items = append(items, deleted(extra)...)
		slices.SortFunc(items, func(a, b ItemChange) int { return cmp.Compare(a.Key, b.Key) })
	}
	if len(items) == 0 {
		detail := "it has left the policy, and still closes what it guards: --release deletes it"
		return nil, []Notice{{Kind: NoticeTombstone, Key: have.Key, Detail: detail}}, nil
	}
	c, err := d.change(Retire, stone, have, items)
	return c, nil, err
}

// leaving returns the items of a live container of ours that are ours: all of them, where the mark stands on the container.
func leaving(have *Container) []Item {
	if !have.Shared {
		return have.Items
	}
	var out []Item
	for _, i := range have.Items {
		if i.Ours {
			out = append(out, i)
		}
	}
	return out
}

func deleted(items []Item) []ItemChange {
	var out []ItemChange
	for _, i := range items {
		out = append(out, ItemChange{Op: Delete, Key: i.Key, From: i.Value})
	}
	return out
}

// openWithoutLeavers asks the interpreter once about the world without any container that leaves: which surfaces would somebody
// reach? It looks at what is live now, not at what this plan makes of it, so that no moment of an apply lets anybody in.
func (d *differ) openWithoutLeavers() (map[access.Surface]bool, error) {
	var rest []Object
	left := false
	for i := range d.v.Live.Containers {
		c := &d.v.Live.Containers[i]
		body := c.Body
		if d.want[c.Key] == nil && d.v.ours(c) {
			left = true
			var err error
			if body, err = d.v.Site.Driver.Merge(nil, c, keysOf(leaving(c)), d.v.Owner); err != nil {
				return nil, fmt.Errorf("%s: diff %s in %q: merge: %w", d.v.Proof.Target, c.Key, d.v.Site.Environment, err)
			}
		}
		if body != nil {
			rest = append(rest, Object{c.Key, body})
		}
	}
	if !left || d.o.Release {
		return nil, nil
	}
	edges, err := d.v.interpret(rest, d.v.surfaces())
	open := map[access.Surface]bool{}
	for _, e := range edges {
		open[e.To] = true
	}
	return open, err
}

func keysOf(items []Item) []string {
	var out []string
	for _, i := range items {
		out = append(out, i.Key)
	}
	return out
}

// orphan notes a container of this policy whose environment is declared no more; those of environments that are declared are another
// site's business.
func (d *differ) orphan(have *Container) []Notice {
	o := have.Owner
	if o.Policy != d.v.Owner.Policy || o.Environment == "" || slices.Contains(d.v.environments, o.Environment) {
		return nil
	}
	return []Notice{{Kind: NoticeOrphan, Key: have.Key, Blocking: true, Detail: fmt.Sprintf(
		"it belongs to environment %q, which the policy declares no more: declare it again with retired = true and apply, then delete the block", o.Environment)}}
}

// otherOwner notes a container that carries another mark. It may be our own under a former name: marks are never taken over all the same,
// since nobody can tell a renamed policy from a copied one.
func (d *differ) otherOwner(have *Container) Notice {
	o := have.Owner
	detail := fmt.Sprintf("it belongs to policy %q, environment %q, and is never taken over from here. If this policy had that name, give it back; or, "+
		"under that name, retire the environment and apply --release before you rename (until the next apply the remote system's default decides). "+
		"If it is another policy, declare this in one of the two", o.Policy, o.Environment)
	if o.Policy == d.v.Owner.Policy {
		detail = fmt.Sprintf("it belongs to environment %q of this policy. If %q had that name, give it back; or declare %q beside it with "+
			"retired = true and apply --release, then apply again (in between the remote system's default decides). "+
			"If both are meant, declare this in one of the two", o.Environment, d.v.Owner.Environment, o.Environment)
	}
	return Notice{Kind: NoticeOtherOwner, Key: have.Key, Blocking: true, Detail: detail}
}

func foreign(have *Container, because string) Notice {
	return Notice{Kind: NoticeForeign, Key: have.Key, Detail: because + ": --adopt takes it over", Blocking: true}
}

func extraNotices(have *Container, extra []Item) []Notice {
	var out []Notice
	for _, i := range extra {
		detail := fmt.Sprintf("somebody else put %s there (%s): it is left alone", i.Key, i.Value)
		out = append(out, Notice{Kind: NoticeExtra, Key: have.Key, Item: i.Key, Detail: detail})
	}
	return out
}
