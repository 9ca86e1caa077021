package consul

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
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
	steps := []func() error{r.everything, r.proxyDefaults, r.mesh, r.settings, r.exports}
	if scope.Only {
		steps[0] = r.only
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

// UnmarshalJSON keeps the text beside what is decoded of it.
func (e *raw) UnmarshalJSON(text []byte) error {
	e.body = slices.Clone(text)
	return json.Unmarshal(text, &e.parsed)
}

// list reads a whole kind, and makes sure that it is whole.
func (r *reading) list(kind string) ([]raw, error) {
	if err := r.allowed(kind); err != nil {
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
	var entries []raw
	if err := json.Unmarshal(a.body, &entries); err != nil {
		return nil, fmt.Errorf("list %s: decode: %w", kind, err)
	}
	return entries, nil
}

// allowed asks for an entry that does not exist: 404 means that the token may read all names, 403 that it may not.
func (r *reading) allowed(kind string) error {
	if _, err := r.conn.get(r.ctx, entryPath(targets.Key{Kind: kind, Name: probe}), nil); err != nil {
		return fmt.Errorf("list %s: %w", kind, lacking(err, kind))
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

func (r *reading) context(e *raw) {
	key := targets.Key{Kind: e.parsed.Kind, Name: e.parsed.Name}
	r.live.Context = append(r.live.Context, targets.Object{Key: key, Body: e.body})
}

func (r *reading) remember(e *raw) error { r.context(e); return nil }

func (r *reading) proxyDefaults() error {
	return r.one(targets.Key{Kind: ProxyDefaults, Name: "global"}, r.remember)
}

func (r *reading) mesh() error { return r.one(targets.Key{Kind: Mesh, Name: "mesh"}, r.remember) }

// exports reads what peers may see, which matters under a default of allow only: otherwise a peer needs an intention of its own.
func (r *reading) exports() error {
	if r.live.Settings[DefaultSetting] != allow {
		return nil
	}
	key := targets.Key{Kind: ExportedServices, Name: cmp.Or(r.conn.config.Partition, "default")}
	err := r.one(key, r.remember)
	var no *refusal
	if errors.As(err, &no) && no.status == http.StatusForbidden {
		r.live.Unknown = append(r.live.Unknown, targets.Unknown{What: key.String(), Reason: "the token lacks mesh:read"})
		return nil
	}
	return err
}

// settings finds out what decides where no intention matches. The agent's default_intention_policy overrides the ACL default, and only the
// former shows in an answer's header: so Consul is asked about two names that nothing has. Where a "*" destination has a "*" source, that
// answers for every name; then the header has to do, and can only matter to L7 rules.
func (r *reading) settings() error {
	query := url.Values{"source": {probe}, "destination": {probe}}
	a, err := r.conn.get(r.ctx, "/v1/connect/intentions/check", query)
	if err != nil {
		return fmt.Errorf("ask for the default: %w", lacking(err, ServiceDefaults))
	}
	var check struct{ Allowed *bool }
	if err := json.Unmarshal(a.body, &check); err != nil || check.Allowed == nil {
		return fmt.Errorf("ask for the default: the answer is not Consul's")
	}
	decided := *check.Allowed
	if r.covered() {
		decided = a.header.Get("X-Consul-Default-Acl-Policy") != deny
	}
	r.live.Settings = targets.Settings{DefaultSetting: word(decided)}
	return nil
}

// covered reports whether a "*" destination decides about every source.
func (r *reading) covered() bool {
	for _, o := range r.live.Context {
		if o.Key.Kind != Intentions {
			continue
		}
		var e listed
		if json.Unmarshal(o.Body, &e) != nil {
			continue
		}
		if slices.ContainsFunc(e.Sources, func(s listedSource) bool { return s.Name == everybody && s.Peer == "" }) {
			return true
		}
	}
	return false
}
