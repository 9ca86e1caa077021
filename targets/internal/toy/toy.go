// Package toy is the smallest driver that is worth the name: a house of doors, each with a list of who may pass. It is for tests, and it is the
// guard of the drivers' shape: in less than 200 lines it gets proof, plan, apply and drift for nothing. It is no example of a remote
// system's care: its world is a map in memory (see World).
//
// A door lists names as open or shut, "*" for everybody else; without "*" the setting "rest" decides. A hall is a merged object: its light,
// once "out", keeps everybody from the door of its name. A key, which is read and never written, lets one principal act as another.
package toy

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"gatehouse/compiler/access"
	"gatehouse/lang/diag"
	"gatehouse/lang/model"
	"gatehouse/targets"
)

// Target is the toy's name.
const Target access.Target = "toy"

// Driver is the toy. With Shared, doors are shared with foreigners: marks stand on single names, and nothing closes a door's list.
type Driver struct {
	Shared bool
	Owner  targets.Owner                                 // whose claims a World records
	Bend   func([]targets.Container) []targets.Container // spoils what was compiled, to test the proof; nil: nothing
}

// Body is the raw form of a door or a hall. Paint is a field that is nobody's business.
type Body struct {
	Owner    targets.Owner     `json:"owner,omitzero"`
	Residual bool              `json:"residual,omitempty"`
	List     map[string]string `json:"list"`
	Paint    string            `json:"paint,omitempty"`
}

// Pass is the raw form of a key.
type Pass struct{ From, As string }

// Capabilities says that the toy guards doors, and has no clock.
func (d Driver) Capabilities() access.Capabilities {
	return access.Capabilities{Target: Target, Kinds: []string{"door"},
		Verbs: map[model.Action]access.Verb{model.Read: access.Connect, model.Write: access.Connect}}
}

// Realm is the environment's name.
func (d Driver) Realm(e access.Environment) (string, bool) { return e.Name, true }

// Defaults returns both ways in which a door without "*" may stand; a shared door can only be proven where it is shut.
func (d Driver) Defaults() []targets.Settings {
	if d.Shared {
		return []targets.Settings{{"rest": "shut"}}
	}
	return []targets.Settings{{"rest": "open"}, {"rest": "shut"}}
}

// Compile makes a door for each surface, and a hall where the policy names a protocol: the light.
func (d Driver) Compile(g *access.Graph, environment string, at time.Time) (targets.Desired, diag.List) {
	owner := targets.Owner{Policy: g.Policy, Environment: environment}
	var doors, halls []targets.Container
	for _, r := range g.Resources {
		s, ok := r.Surface(environment)
		if !ok {
			continue
		}
		door := targets.Container{Key: targets.Key{Kind: "door", Name: s.Name}, Governs: []access.Surface{s}, Whole: !d.Shared, Shared: d.Shared}
		for _, grant := range g.Grants {
			if grant.Environment == environment && grant.Resource == r.Addr && grant.Spans.Contains(at) {
				door.Items = append(door.Items, targets.Item{Key: principal(g, grant), Value: "open", Why: grant.Sources})
			}
		}
		if !d.Shared {
			door.Items = append(door.Items, targets.Item{Key: access.Anyone, Value: "shut"})
		}
		if r.Protocol != "" {
			hall := targets.Container{Key: targets.Key{Kind: "hall", Name: s.Name}, Governs: door.Governs,
				Items: []targets.Item{{Key: "light", Value: r.Protocol}}}
			door.Requires = []targets.Key{hall.Key}
			halls = append(halls, finish(hall, owner))
		}
		doors = append(doors, finish(door, owner))
	}
	all := slices.Concat(doors, halls)
	slices.SortFunc(all, func(a, b targets.Container) int { return targets.CompareKey(a.Key, b.Key) })
	if d.Bend != nil {
		all = d.Bend(all)
	}
	return targets.Desired{Containers: all}, nil
}

func principal(g *access.Graph, grant access.Grant) string {
	w, _ := g.Workload(grant.Workload)
	place, _ := w.Place(grant.Environment)
	p, _ := place.Principal(Target)
	return p.Name
}

// finish sorts a container's items and writes its body.
func finish(c targets.Container, owner targets.Owner) targets.Container {
	slices.SortFunc(c.Items, func(a, b targets.Item) int {
		return targets.CompareKey(targets.Key{Name: a.Key}, targets.Key{Name: b.Key})
	})
	c.Items = slices.CompactFunc(c.Items, func(a, b targets.Item) bool { return a.Key == b.Key })
	return WithItems(c, owner)
}

// WithItems returns the container with the body that its items make.
func WithItems(c targets.Container, owner targets.Owner) targets.Container {
	c.Body, _ = Driver{Shared: c.Shared}.Merge(&c, nil, nil, owner)
	return c
}

// Merge keeps the paint, and what else is on the list.
func (d Driver) Merge(want, live *targets.Container, remove []string, owner targets.Owner) (json.RawMessage, error) {
	b := Body{List: map[string]string{}}
	if live != nil {
		if err := json.Unmarshal(live.Body, &b); err != nil {
			return nil, err
		}
	}
	for _, k := range remove {
		delete(b.List, k)
	}
	b.Residual = want != nil && want.Residual
	switch {
	case want != nil:
		for _, i := range want.Items {
			b.List[i.Key] = i.Value
		}
		if !want.Shared {
			b.Owner = owner
		}
	case len(b.List) == 0 && b.Paint == "", live.Whole:
		return nil, nil
	default:
		b.Owner = targets.Owner{}
	}
	return json.Marshal(b)
}

// Tombstone keeps a door shut that was ours.
func (d Driver) Tombstone(live targets.Container) (targets.Container, bool) {
	return targets.Container{Key: live.Key, Governs: live.Governs, Whole: true, Residual: true,
		Items: []targets.Item{{Key: access.Anyone, Value: "shut"}}}, live.Whole
}

// Interpret says who passes which door.
func (d Driver) Interpret(f targets.Facts, _ time.Time) ([]access.Edge, error) {
	bodies, surfaces := map[targets.Key]Body{}, slices.Clone(f.Surfaces)
	var edges []access.Edge
	for _, o := range f.Objects {
		if o.Key.Kind == "key" {
			var p Pass
			if err := json.Unmarshal(o.Body, &p); err != nil {
				return nil, fmt.Errorf("%s: %w", o.Key, err)
			}
			edges = append(edges, access.Edge{From: Name(f.Realm, p.From), ActsAs: Name(f.Realm, p.As), Spans: access.Spans{access.Always},
				Via: []access.Step{{Object: o.Key.String(), Detail: p.From + " holds the key of " + p.As}}})
			continue
		}
		var b Body
		if err := json.Unmarshal(o.Body, &b); err != nil {
			return nil, fmt.Errorf("%s: %w", o.Key, err)
		}
		bodies[o.Key] = b
		surfaces = append(surfaces, Door(f.Realm, o.Key.Name))
	}
	slices.SortFunc(surfaces, access.CompareSurface)
	for _, s := range slices.Compact(surfaces) {
		if bodies[targets.Key{Kind: "hall", Name: s.Name}].List["light"] != "out" {
			edges = append(edges, passes(s, bodies[targets.Key{Kind: "door", Name: s.Name}].List, f.Settings["rest"])...)
		}
	}
	return access.Canonical(edges), nil
}

func passes(s access.Surface, list map[string]string, rest string) []access.Edge {
	var out []access.Edge
	var shut []string
	via := []access.Step{{Object: "door/" + s.Name, Detail: "the list"}}
	for _, name := range slices.Sorted(maps.Keys(list)) {
		switch {
		case name == access.Anyone:
			rest = list[name]
		case list[name] == "shut":
			shut = append(shut, name)
		default:
			out = append(out, access.Edge{From: Name(s.Realm, name), To: s, Verb: access.Connect, Spans: access.Spans{access.Always}, Via: via})
		}
	}
	if rest == "open" {
		out = append(out, access.Edge{From: Name(s.Realm, access.Anyone), Except: shut, To: s, Verb: access.Connect, Spans: access.Spans{access.Always}, Via: via})
	}
	return out
}
