package toy

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"gatehouse/compiler/access"
	"gatehouse/targets"
)

// World is a remote system in memory, and a targets.Conn to it. Its zero value is not usable: see NewWorld.
type World struct {
	Driver  Driver
	Realm   string
	Rest    string // "open" or "shut": doors without "*"
	Context []targets.Object
	Unknown []targets.Unknown

	BeforeWrite func(targets.Change) error // may fail, or meddle; called without the lock
	AfterWrite  func(targets.Change)

	mu      sync.Mutex
	objects map[targets.Key]object
	version int
	writes  int
}

type object struct {
	body    json.RawMessage
	version int
	claims  map[string]targets.Owner // on the names of a shared door
}

// NewWorld returns an empty world.
func NewWorld(realm, rest string) *World {
	return &World{Realm: realm, Rest: rest, objects: map[targets.Key]object{}}
}

// Writes returns how many writes came, accepted or not.
func (w *World) Writes() int { w.mu.Lock(); defer w.mu.Unlock(); return w.writes }

// Put is what somebody else does to an object. A nil list deletes it.
func (w *World) Put(kind, name string, b Body) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.version++
	k := targets.Key{Kind: kind, Name: name}
	if b.List == nil {
		delete(w.objects, k)
		return
	}
	raw, _ := json.Marshal(b)
	w.objects[k] = object{raw, w.version, w.objects[k].claims}
}

// Get returns an object as it is.
func (w *World) Get(kind, name string) (b Body, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	o, ok := w.objects[targets.Key{Kind: kind, Name: name}]
	if ok {
		_ = json.Unmarshal(o.body, &b)
	}
	return b, ok
}

// Inspect reads.
func (w *World) Inspect(ctx context.Context, s targets.Scope) (targets.Live, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	live := targets.Live{Context: w.Context, Settings: targets.Settings{"rest": w.Rest}, Unknown: w.Unknown}
	named := map[targets.Key]bool{}
	for _, k := range s.Keys {
		named[k] = true
	}
	for k, o := range w.objects {
		if s.Only && !named[k] {
			continue
		}
		c, err := w.container(k, o, s.Owner)
		if err != nil {
			return live, err
		}
		claimed := slices.ContainsFunc(c.Items, func(i targets.Item) bool { return i.Ours })
		if named[k] || claimed || c.Owner.Policy == s.Owner.Policy {
			live.Containers = append(live.Containers, c)
		}
	}
	slices.SortFunc(live.Containers, func(a, b targets.Container) int { return targets.CompareKey(a.Key, b.Key) })
	return live, ctx.Err()
}

func (w *World) container(k targets.Key, o object, owner targets.Owner) (targets.Container, error) {
	var b Body
	if err := json.Unmarshal(o.body, &b); err != nil {
		return targets.Container{}, fmt.Errorf("toy: read %s: %w", k, err)
	}
	c := targets.Container{Key: k, Body: o.body, Token: targets.Token(strconv.Itoa(o.version)), Owner: b.Owner, Residual: b.Residual,
		Governs: []access.Surface{Door(w.Realm, k.Name)}, Whole: k.Kind == "door" && !w.Driver.Shared, Shared: k.Kind == "door" && w.Driver.Shared}
	for name, value := range b.List {
		c.Items = append(c.Items, targets.Item{Key: name, Value: value, Ours: o.claims[name] == owner})
	}
	slices.SortFunc(c.Items, func(a, b targets.Item) int {
		return targets.CompareKey(targets.Key{Name: a.Key}, targets.Key{Name: b.Key})
	})
	return c, nil
}

// Write replaces an object if its version is the token's.
func (w *World) Write(_ context.Context, c targets.Change) (targets.Token, error) {
	if w.BeforeWrite != nil {
		if err := w.BeforeWrite(c); err != nil {
			return "", err
		}
	}
	token, err := w.swap(c)
	if err == nil && w.AfterWrite != nil {
		w.AfterWrite(c)
	}
	return token, err
}

func (w *World) swap(c targets.Change) (targets.Token, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.writes++
	now := targets.Token("")
	old, ok := w.objects[c.Key]
	if ok {
		now = targets.Token(strconv.Itoa(old.version))
	}
	if now != c.Token {
		return "", fmt.Errorf("toy: write %s: %w", c.Key, targets.ErrMoved)
	}
	w.version++
	if len(c.After) == 0 {
		delete(w.objects, c.Key)
		return "", nil
	}
	o := object{c.After, w.version, map[string]targets.Owner{}}
	for name, owner := range old.claims {
		o.claims[name] = owner
	}
	for _, i := range c.Items {
		if i.Op == targets.Delete {
			delete(o.claims, i.Key)
		} else {
			o.claims[i.Key] = w.Driver.Owner
		}
	}
	w.objects[c.Key] = o
	return targets.Token(strconv.Itoa(w.version)), nil
}
