package consul

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"gatehouse/compiler/access"
	"gatehouse/targets"
)

// probe is a name that nothing has: for questions whose answer is to be the mesh's default, or the token's permission on everything.
const probe = "gatehouse-probe-of-nothing"

// Inspect reads the entries that carry a mark of the policy or that the scope names, and what else decides access: "*" entries,
// proxy-defaults, mesh, the service-defaults of the destinations read, and the mesh's default.
//
// It fails, naming the permission, where the token sees only part of a list: Consul leaves out silently what a token may not read, for the
// anonymous token even without the header that says so.
func (c *Conn) Inspect(ctx context.Context, scope targets.Scope) (targets.Live, error) {
	r := &reading{conn: c, ctx: ctx, scope: scope, wanted: wanted(scope.Keys)}
	steps := []func() error{r.ask, r.everything, r.defaults, r.settle, r.exports}
	if scope.Only {
		steps[1] = r.only
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return targets.Live{}, fmt.Errorf("consul: %w", err)
		}
	}
	slices.SortFunc(r.live.Containers, byKey)
	slices.SortFunc(r.live.Context, func(a, b targets.Object) int {
		return cmp.Or(cmp.Compare(a.Key.Kind, b.Key.Kind), cmp.Compare(a.Key.Name, b.Key.Name))
	})
	return r.live, nil
}

// reading is one Inspect under way.
type reading struct {
	conn   *Conn
	ctx    context.Context
	scope  targets.Scope
	wanted map[targets.Key]targets.Key // by folded name
	live   targets.Live

	allows bool   // what Consul answers about two names that nothing has
	header string // the ACL default
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
	for _, key := range slices.SortedFunc(slices.Values(r.scope.Keys), compareKeys) {
		if err := r.one(key, r.container); err != nil {
			return err
		}
		read[folded(key)] = true
	}
	for _, key := range slices.SortedFunc(slices.Values(r.scope.Keys), compareKeys) {
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

func compareKeys(a, b targets.Key) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
}

// one reads an entry by name, which no filter hides: a token that may not is refused.
func (r *reading) one(key targets.Key, keep func(*raw) error) error {
	body, _, err := r.conn.entry(r.ctx, key)
	if err != nil {
		return fmt.Errorf("read %s: %w", key, lacking(err, key.Kind))
	}
	if body == nil {
		return nil
	}
	e := &raw{body: body}
	if err := json.Unmarshal(body, &e.parsed); err != nil {
		return fmt.Errorf("read %s: decode: %w", key, err)
	}
	return keep(e)
}

// raw is one entry as read.
type raw struct {
	body   json.RawMessage
	parsed listed
}

// list reads a whole kind, and makes sure that it is whole.
func (r *reading) list(kind string) ([]raw, error) {
	if err := r.anonymous(kind); err != nil {
		return nil, err
	}
	a, err := r.conn.get(r.ctx, configPath+"/"+kind, nil)
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", kind, lacking(err, kind))
	}
	if !a.found {
		return nil, fmt.Errorf("list %s: HTTP 404: the address does not answer as a Consul agent does", kind)
	}
	if a.header.Get("X-Consul-Results-Filtered-By-ACLs") == "true" {
		return nil, fmt.Errorf("list %s: the token sees only a part of it: %s", kind, needs(kind))
	}
	entries, err := decodeList(a.body)
	if err != nil {
		return nil, fmt.Errorf("list %s: decode: %w", kind, err)
	}
	return entries, nil
}

func decodeList(body []byte) ([]raw, error) {
	var bodies []json.RawMessage
	if err := json.Unmarshal(body, &bodies); err != nil {
		return nil, err
	}
	entries := make([]raw, len(bodies))
	_, err := inParallel(len(bodies), func(i int) error {
		entries[i].body = bodies[i]
		return json.Unmarshal(bodies[i], &entries[i].parsed)
	})
	return entries, err
}

// anonymous makes sure that no token is needed where none is sent: Consul does not mark a list that it has filtered for the anonymous token. An
// entry that does not exist is asked for by name: 404 means that all names may be read, 403 that they may not. It is asked for only where
// it matters, since Consul logs every such question as an error.
func (r *reading) anonymous(kind string) error {
	if r.conn.config.Token != "" || r.header != deny {
		return nil
	}
	if _, err := r.conn.get(r.ctx, entryPath(targets.Key{Kind: kind, Name: probe}), nil); err != nil {
		return fmt.Errorf("list %s: no token was given: %w", kind, lacking(err, kind))
	}
	return nil
}

// lacking adds to a refusal what the token lacks.
func lacking(err error, kind string) error {
	var no *refusal
	if errors.As(err, &no) && no.status == http.StatusForbidden {
		return fmt.Errorf("%w: %s", err, needs(kind))
	}
	return err
}

func needs(kind string) string {
	switch kind {
	case Intentions:
		return `the token needs intention:read on every service: service_prefix "" { policy = "read", intentions = "read" }`
	case ServiceDefaults:
		return `the token needs service:read on every service: service_prefix "" { policy = "read" }`
	}
	return "the token needs mesh:read"
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
	c, err := normal(&e.parsed, e.body, r.conn.config.Realm)
	if err != nil {
		return fmt.Errorf("read %s/%s: %w", e.parsed.Kind, e.parsed.Name, err)
	}
	if key, ok := r.wanted[folded(c.Key)]; ok {
		c.Key = key
		c.Governs = []access.Surface{{Target: access.Consul, Realm: r.conn.config.Realm, Kind: Service, Name: key.Name}}
	}
	r.live.Containers = append(r.live.Containers, c)
	return nil
}

// context keeps an entry that is only taken into account. The entry of mesh has no name in its body.
func (r *reading) context(e *raw) {
	key := targets.Key{Kind: e.parsed.Kind, Name: cmp.Or(e.parsed.Name, e.parsed.Kind)}
	r.live.Context = append(r.live.Context, targets.Object{Key: key, Body: e.body})
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
	var no *refusal
	switch {
	case errors.As(err, &no) && (no.status == http.StatusNotImplemented || strings.Contains(no.text, "invalid config entry kind")):
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
