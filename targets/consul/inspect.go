package consul

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"gatehouse/compiler/access"
	"gatehouse/targets"
)

// Inspect reads the entries that carry a mark of the policy or that the scope names, and what else decides access: "*" entries,
// proxy-defaults, mesh, the service-defaults of the destinations read, and the mesh's default.
//
// An error names the address that was asked. Inspect fails, naming the permission, where the token sees only part of a list: Consul leaves out silently what a token may not read, for the
// anonymous token even without the header that says so.
func (c *Conn) Inspect(ctx context.Context, scope targets.Scope) (targets.Live, error) {
	r := &reading{conn: c, ctx: ctx, scope: scope, wanted: wanted(scope.Keys)}
	steps := []func() error{r.ask, r.everything, r.defaults, r.settle, r.exports, r.groups}
	if scope.Only {
		steps[1] = r.only
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return targets.Live{}, fmt.Errorf("consul: %s: %w", c.config.Address, err)
		}
	}
	slices.SortFunc(r.live.Containers, byKey)
	slices.SortFunc(r.live.Context, func(a, b targets.Object) int { return compareKeys(a.Key, b.Key) })
	return r.live, nil
}

// reading is one Inspect under way.
type reading struct {
	conn   *Conn
	ctx    context.Context
	scope  targets.Scope
	wanted map[targets.Key]targets.Key // by folded name
	live   targets.Live

	allows  bool   // what Consul answers about two names that nothing has
	acl     string // the ACL default
	covered bool   // a "*" destination decides about every source
	grouped bool   // some source is of a sameness group
}

func wanted(keys []targets.Key) map[targets.Key]targets.Key {
	out := make(map[targets.Key]targets.Key, len(keys))
	for _, k := range keys {
		out[folded(k)] = k
	}
	return out
}

func folded(k targets.Key) targets.Key {
	return targets.Key{Kind: k.Kind, Name: strings.ToLower(k.Name)}
}

// everything reads both kinds whole.
func (r *reading) everything() error {
	entries, err := r.list(Intentions)
	if err != nil {
		return err
	}
	destinations := map[string]bool{}
	for i := range entries {
		e := &entries[i]
		if e.parsed.Name == everybody || e.parsed.Namespace == everybody {
			r.context(e)
			continue
		}
		if r.concerns(e) {
			destinations[strings.ToLower(e.parsed.Name)] = true
			if err := r.container(e); err != nil {
				return err
			}
		}
	}
	for k := range r.wanted {
		destinations[k.Name] = true
	}
	if entries, err = r.list(ServiceDefaults); err != nil {
		return err
	}
	return r.serviceDefaults(entries, destinations)
}

func (r *reading) serviceDefaults(entries []raw, destinations map[string]bool) error {
	for i := range entries {
		e := &entries[i]
		switch {
		case r.concerns(e):
			if err := r.container(e); err != nil {
				return err
			}
		case destinations[strings.ToLower(e.parsed.Name)]:
			r.context(e)
		}
	}
	return nil
}

// only reads the containers that the scope names, and what decides beside them.
func (r *reading) only() error {
	read := map[targets.Key]bool{}
	keys := slices.SortedFunc(slices.Values(r.scope.Keys), compareKeys)
	for _, key := range keys {
		if err := r.one(key, r.container); err != nil {
			return err
		}
		read[folded(key)] = true
	}
	for _, key := range keys {
		beside := targets.Key{Kind: ServiceDefaults, Name: key.Name}
		if read[folded(beside)] {
			continue
		}
		read[folded(beside)] = true
		if err := r.one(beside, r.remember); err != nil {
			return err
		}
	}
	return r.one(targets.Key{Kind: Intentions, Name: everybody}, r.remember)
}

// one reads an entry by name, which no filter hides: a token that may not is refused.
func (r *reading) one(key targets.Key, keep func(*raw) error) error {
	e, err := r.conn.entry(r.ctx, key)
	if err != nil {
		return fmt.Errorf("read %s: %w", key, explain(err, key.Kind))
	}
	if e == nil {
		return nil
	}
	return keep(e)
}

// concerns reports whether an entry is a container of this policy's.
func (r *reading) concerns(e *raw) bool {
	if _, ok := r.wanted[folded(targets.Key{Kind: e.parsed.Kind, Name: e.parsed.Name})]; ok {
		return true
	}
	policy := e.parsed.Meta[metaPolicy]
	return policy != "" && policy == r.scope.Owner.Policy
}

// container adds an entry under the name that the scope has for it, where it differs in case.
func (r *reading) container(e *raw) error {
	if f := e.parsed.Meta[metaFormat]; f != "" && f != format {
		return fmt.Errorf("read %s/%s: its mark has format %q: a later version of Gatehouse wrote it, and has to be used", e.parsed.Kind, e.parsed.Name, f)
	}
	c, err := normal(e, r.conn.config.Realm)
	if err != nil {
		return fmt.Errorf("read %s/%s: %w", e.parsed.Kind, e.parsed.Name, err)
	}
	if key, ok := r.wanted[folded(c.Key)]; ok {
		c.Key = key
		c.Governs = []access.Surface{{Target: access.Consul, Realm: r.conn.config.Realm, Kind: Service, Name: key.Name}}
	}
	r.live.Containers = append(r.live.Containers, c)
	r.noteGroups(e)
	return nil
}

func (r *reading) noteGroups(e *raw) {
	r.grouped = r.grouped || slices.ContainsFunc(e.parsed.Sources, func(s listedSource) bool { return s.SamenessGroup != "" })
}

// context keeps an entry that is only taken into account. The entry of mesh has no name in its body.
func (r *reading) context(e *raw) {
	key := targets.Key{Kind: e.parsed.Kind, Name: cmp.Or(e.parsed.Name, e.parsed.Kind)}
	r.live.Context = append(r.live.Context, targets.Object{Key: key, Body: e.body})
	r.noteGroups(e)
	if key.Kind == Intentions {
		r.covered = r.covered || slices.ContainsFunc(e.parsed.Sources, func(s listedSource) bool { return s.Name == everybody && s.Peer == "" })
	}
}

func (r *reading) remember(e *raw) error { r.context(e); return nil }

// defaults reads what holds for all services. Lists are asked for, though each kind has one entry at most: Consul logs a question for an entry
// that does not exist as an error.
func (r *reading) defaults() error {
	for _, kind := range []string{ProxyDefaults, Mesh} {
		entries, err := r.list(kind)
		if err != nil {
			return err
		}
		for i := range entries {
			r.context(&entries[i])
		}
	}
	return nil
}

// exports reads what peers may see, which matters under a default of allow only: otherwise a peer needs an intention of its own. A server too
// old to know peers has no such kind.
func (r *reading) exports() error {
	if r.live.Settings[DefaultSetting] != allow {
		return nil
	}
	entries, err := r.list(ExportedServices)
	no := refused(err)
	switch {
	case no.Code == http.StatusNotImplemented, strings.Contains(no.Body, "invalid config entry kind"):
		return nil
	case err != nil:
		r.live.Unknown = append(r.live.Unknown, targets.Unknown{What: ExportedServices, Reason: err.Error()})
		return r.ctx.Err()
	}
	for i := range entries {
		r.context(&entries[i])
	}
	return nil
}

// groups reads what sameness groups hold, where a source names one (Consul Enterprise).
func (r *reading) groups() error {
	if !r.grouped {
		return nil
	}
	entries, err := r.list(SamenessGroup)
	if err != nil {
		r.live.Unknown = append(r.live.Unknown, targets.Unknown{What: SamenessGroup, Reason: err.Error()})
		return r.ctx.Err()
	}
	for i := range entries {
		r.context(&entries[i])
	}
	return nil
}
