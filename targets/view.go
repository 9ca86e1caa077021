package targets

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"gatehouse/compiler/access"
)

// View is one site as it should be and as it is: what Diff, MakePlan and the drift report look at.
type View struct {
	Site  Site
	Owner Owner
	At    time.Time // in UTC, without fractions of a second
	Proof Proof     // holds
	Live  Live
	Edges []access.Edge // what Live means

	environments []string // that the policy declares
}

// Observe compiles and proves a site, reads its remote system and interprets what is there. A policy that can't be compiled or proven is an
// *UnprovenError; an environment that lacks the target has an empty view.
func Observe(ctx context.Context, s Site, g *access.Graph, at time.Time) (View, error) {
	at = moment(at)
	proof, err := Prove(s.Driver, g, s.Environment, at)
	if err != nil {
		return View{}, err
	}
	if !proof.Holds() {
		return View{}, &UnprovenError{proof}
	}
	v := newView(s, g, proof, at)
	return v, v.look(ctx, nil)
}

// look reads a site whole, and containers that a plan speaks of although nobody desires them, and interprets what is there.
func (v *View) look(ctx context.Context, planned []Change) error {
	if v.Proof.Absent {
		return nil
	}
	keys := v.desiredKeys()
	for _, c := range planned {
		keys = append(keys, c.Key)
	}
	slices.SortFunc(keys, CompareKey)
	keys = slices.Compact(keys)
	live, err := v.Site.Conn.Inspect(ctx, Scope{Owner: v.Owner, Keys: keys, Left: v.left(keys)})
	if err != nil {
		return v.failed(fmt.Sprintf("read %q", v.Site.Environment), err)
	}
	if err := v.read(live); err != nil {
		return err
	}
	v.Edges, err = v.interpret(objects(v.Live.Containers), v.surfaces())
	return err
}

func newView(s Site, g *access.Graph, proof Proof, at time.Time) View {
	v := View{Site: s, Owner: Owner{g.Policy, s.Environment}, At: at, Proof: proof}
	for _, e := range g.Environments {
		v.environments = append(v.environments, e.Name)
	}
	return v
}

// siteError is what failed at a site: a path that names the target once, although a driver's own error begins with the target's name too.
type siteError struct {
	target access.Target
	what   string
	err    error
}

func (e *siteError) Error() string {
	prefix := string(e.target) + ": "
	return prefix + e.what + ": " + strings.TrimPrefix(e.err.Error(), prefix)
}

func (e *siteError) Unwrap() error { return e.err }

func (v *View) failed(what string, err error) error { return &siteError{v.Proof.Target, what, err} }

// moment is a time as the language knows it: UTC seconds.
func moment(at time.Time) time.Time { return at.UTC().Truncate(time.Second) }

// read takes in what a connection has read, in normal form.
func (v *View) read(live Live) error {
	live.Containers = slices.Clone(live.Containers)
	slices.SortFunc(live.Containers, func(a, b Container) int { return CompareKey(a.Key, b.Key) })
	if err := checkForm(live.Containers); err != nil {
		return v.failed(fmt.Sprintf("read %q", v.Site.Environment), err)
	}
	v.Live = live
	return nil
}

func (v *View) desiredKeys() []Key {
	keys := make([]Key, 0, len(v.Proof.Desired.Containers))
	for _, c := range v.Proof.Desired.Containers {
		keys = append(keys, c.Key)
	}
	return keys
}

// left returns those of some keys that the policy desires no more.
func (v *View) left(keys []Key) []Key {
	desired := index(v.Proof.Desired.Containers)
	return slices.DeleteFunc(slices.Clone(keys), func(k Key) bool { return desired[k] != nil })
}

// surfaces returns every surface that the policy or a container speaks of: one whose object goes must still be asked about.
func (v *View) surfaces() []access.Surface {
	out := slices.Clone(v.Proof.surfaces)
	for _, list := range [][]Container{v.Proof.Desired.Containers, v.Live.Containers} {
		for _, c := range list {
			out = append(out, c.Governs...)
		}
	}
	return sortedSurfaces(out)
}

// interpret says what a world means that holds these objects beside the live context.
func (v *View) interpret(objs []Object, surfaces []access.Surface) ([]access.Edge, error) {
	facts := Facts{
		Realm:    v.Proof.Realm,
		Objects:  append(slices.Clone(v.Live.Context), objs...),
		Settings: v.Live.Settings,
		Surfaces: surfaces,
	}
	edges, err := v.Site.Driver.Interpret(facts, v.At)
	if err != nil {
		return nil, v.failed(fmt.Sprintf("interpret %q", v.Site.Environment), err)
	}
	return edges, nil
}

// After says what the site would mean once changes that Diff returned are written.
func (v View) After(changes []Change) ([]access.Edge, error) {
	if len(changes) == 0 {
		return slices.Clone(v.Edges), nil
	}
	return v.interpret(changed(v.Live.Containers, changes), v.surfaces())
}

// ours reports whether a live container, or anything in it, is owned by this policy in this environment.
func (v *View) ours(c *Container) bool {
	return c.Owner == v.Owner || c.Shared && slices.ContainsFunc(c.Items, func(i Item) bool { return i.Ours })
}

// owned counts the live items that carry our mark.
func (v *View) owned() int {
	n := 0
	for i := range v.Live.Containers {
		if c := &v.Live.Containers[i]; v.ours(c) {
			n += len(leaving(c))
		}
	}
	return n
}
