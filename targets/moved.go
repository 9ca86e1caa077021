package targets

import (
	"bytes"
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
	keys := v.peers(planned.Key)
	live, err := v.Site.Conn.Inspect(ctx, Scope{Owner: v.Owner, Keys: keys, Left: v.left(keys), Only: true})
	if err != nil {
		return nil, Result{}, v.failed(fmt.Sprintf("read %s in %q again", planned.Key, v.Site.Environment), err)
	}
	if err := look.read(live); err != nil {
		return nil, Result{}, err
	}
	d, err := newDiffer(&look, o)
	if err != nil {
		return nil, Result{}, err
	}
	now, notices, err := d.container(planned.Key)
	if err != nil {
		return nil, Result{}, err
	}
	if now != nil {
		if now.Delta, err = newScale(&look, []Change{*now}).alone(now.Key); err != nil {
			return nil, Result{}, err
		}
		now.Class, now.Requires = planned.Class, planned.Requires // they say how a change stands among others
	}
	change, verdict := look.agree(planned, now, notices)
	return change, verdict, nil
}

// agree compares what a plan says of a container with what is to be done about it now: nothing is written but what both say. It returns the
// change to write, or the verdict that nothing is to be written.
func (v *View) agree(planned Change, now *Change, notices []Notice) (*Change, Result) {
	for _, n := range notices {
		if n.Blocking {
			return nil, refused("somebody changed it since the plan: " + n.Detail)
		}
	}
	if now == nil {
		return nil, v.nothing(planned)
	}
	because := "somebody changed it since the plan"
	if now.Token == planned.Token {
		because = "the plan is not what the policy makes of it"
	}
	switch {
	case now.Op != planned.Op || !slices.EqualFunc(now.Items, planned.Items, sameItem):
		return nil, refused(fmt.Sprintf("%s: the plan says %s, and now it would take %s: plan again", because, summary(planned), summary(*now)))
	case !access.Equal(now.Delta.Gained, planned.Delta.Gained), !access.Equal(now.Delta.Lost, planned.Delta.Lost), now.Class != planned.Class:
		return nil, refused(because + ": the same write would now have another effect on access: plan again")
	case now.Token == planned.Token && !bytes.Equal(now.After, planned.After):
		return nil, refused(because + ": the plan holds another body: plan again")
	}
	return now, Result{}
}

func refused(reason string) Result { return Result{Status: Refused, Reason: reason} }

// nothing is the verdict on a container that there is nothing to do about: it is as the plan wants it, unless what was to go is there
// still, or what was to come isn't. Then somebody has taken our mark off it, or it must stay as a tombstone, or the policy never made
// such a change.
func (v *View) nothing(planned Change) Result {
	have, there := findContainer(v.Live.Containers, planned.Key)
	_, wanted := findContainer(v.Proof.Desired.Containers, planned.Key)
	goes := planned.Op == Delete || planned.Op == Retire
	if goes == wanted || goes && there && len(planned.Items) == 0 {
		return refused(fmt.Sprintf("the policy makes no such change: %s: plan again", summary(planned)))
	}
	for _, i := range planned.Items {
		live, found := find(have.Items, i.Key)
		switch {
		case i.Op == Delete && found:
			return refused(fmt.Sprintf(
				"somebody changed it since the plan: %s was to go and is there still, and is not to be taken away now: plan again", i.Key))
		case i.Op != Delete && live.Value != i.To && there:
			return refused(fmt.Sprintf("the policy makes no such change: %s: plan again", summary(planned)))
		}
	}
	return Result{Status: Already}
}

func findContainer(containers []Container, k Key) (Container, bool) {
	i, ok := slices.BinarySearchFunc(containers, k, func(c Container, k Key) int { return CompareKey(c.Key, k) })
	if !ok {
		return Container{}, false
	}
	return containers[i], true
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
