package targets

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"gatehouse/compiler/access"
)

// again looks a second time at a container that somebody has changed since the plan. It returns the change to write now, or the verdict
// that nothing is to be written.
func (v *View) again(ctx context.Context, planned Change, o DiffOptions) (*Change, Result, error) {
	look := *v
	live, err := v.Site.Conn.Inspect(ctx, Scope{Owner: v.Owner, Keys: v.peers(planned.Key), Only: true})
	if err != nil {
		return nil, Result{}, fmt.Errorf("%s: read %s in %q again: %w", v.Proof.Target, planned.Key, v.Site.Environment, err)
	}
	if err := look.read(live); err != nil {
		return nil, Result{}, err
	}
	d, err := newDiffer(&look, o)
	if err != nil {
		return nil, Result{}, err
	}
	if d.want[planned.Key] == nil && d.have[planned.Key] == nil {
		return nil, Result{Status: Already}, nil // it was to go, and is gone
	}
	now, notices, err := d.container(planned.Key)
	if err != nil {
		return nil, Result{}, err
	}
	for _, n := range notices {
		if n.Blocking {
			return nil, Result{Status: Refused, Reason: "somebody changed it since the plan: " + n.Detail}, nil
		}
	}
	if now == nil {
		return nil, d.nothing(planned), nil
	}
	return look.agree(planned, now)
}

// nothing is the verdict on a container that there is nothing to do about any more: it holds what is wanted, unless what was to go is there
// still. Then somebody has taken our mark off it, or it must stay as a tombstone.
func (d *differ) nothing(planned Change) Result {
	for _, i := range planned.Items {
		if i.Op != Delete {
			continue
		}
		if _, there := find(d.have[planned.Key].Items, i.Key); there {
			return Result{Status: Refused, Reason: fmt.Sprintf(
				"somebody changed it since the plan: %s was to go and is there still, and is not to be taken away now: plan again", i.Key)}
		}
	}
	return Result{Status: Already}
}

// agree compares what is to be done now with what the plan showed.
func (v *View) agree(planned Change, now *Change) (*Change, Result, error) {
	if now.Op != planned.Op || !slices.EqualFunc(now.Items, planned.Items, sameItem) {
		return nil, Result{Status: Refused, Reason: fmt.Sprintf(
			"somebody changed it since the plan: the plan says %s, and now it would take %s: plan again", summary(planned), summary(*now))}, nil
	}
	s := newScale(v, []Change{*now})
	delta, err := s.alone(now.Key)
	if err != nil {
		return nil, Result{}, err
	}
	if !access.Equal(delta.Gained, planned.Delta.Gained) || !access.Equal(delta.Lost, planned.Delta.Lost) {
		reason := "somebody changed it since the plan: the same write would now have another effect on access: plan again"
		return nil, Result{Status: Refused, Reason: reason}, nil
	}
	now.Class, now.Delta, now.Requires = planned.Class, delta, planned.Requires
	return now, Result{}, nil
}

func sameItem(a, b ItemChange) bool {
	return a.Op == b.Op && a.Key == b.Key && a.From == b.From && a.To == b.To
}

// summary says what a change does, in a few words.
func summary(c Change) string {
	var parts []string
	for i, item := range c.Items {
		if i == shown {
			parts = append(parts, fmt.Sprintf("and %d more", len(c.Items)-shown))
			break
		}
		parts = append(parts, fmt.Sprintf("%s %s", item.Op, item.Key))
	}
	if len(parts) == 0 {
		return string(c.Op) + " without a change of items"
	}
	return string(c.Op) + " (" + strings.Join(parts, ", ") + ")"
}

// peers returns a key with those of the desired containers that govern a common surface: what decides beside the live context what a
// write means.
func (v *View) peers(k Key) []Key {
	keys := []Key{k}
	at := slices.IndexFunc(v.Proof.Desired.Containers, func(c Container) bool { return c.Key == k })
	if at < 0 {
		return keys
	}
	for _, c := range v.Proof.Desired.Containers {
		if c.Key != k && slices.ContainsFunc(c.Governs, func(s access.Surface) bool {
			return slices.Contains(v.Proof.Desired.Containers[at].Governs, s)
		}) {
			keys = append(keys, c.Key)
		}
	}
	slices.SortFunc(keys, CompareKey)
	return keys
}
