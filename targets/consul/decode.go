package consul

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gatehouse/targets"
)

// part is what one object says. At most one field is set.
type part struct {
	rules   *rules
	service *serviceFacts
	proxies *serviceFacts
	exports []export
	group   *group
}

// decodeAll decodes every object. One that is not understood is an error: to pass it over would be to guess.
func decodeAll(objects []targets.Object) ([]part, error) {
	parts := make([]part, len(objects))
	at, err := inParallel(len(objects), func(i int) (err error) {
		parts[i], err = decode(objects[i])
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", objects[at].Key, err)
	}
	return parts, nil
}

func decode(object targets.Object) (part, error) {
	switch object.Key.Kind {
	case Intentions:
		return decodeIntentions(object.Body)
	case ServiceDefaults:
		return decodeServiceDefaults(object.Body)
	case ProxyDefaults:
		return decodeProxyDefaults(object.Body)
	case ExportedServices:
		return decodeExports(object.Body)
	case SamenessGroup:
		return decodeGroup(object.Body)
	case Mesh:
		var anything map[string]any
		return part{}, json.Unmarshal(object.Body, &anything)
	}
	return part{}, errors.New("a kind of object that Gatehouse can't interpret")
}

// decodeIntentions is strict about fields: one that is not known here may well change who is let in.
func decodeIntentions(body json.RawMessage) (part, error) {
	r := rules{Sources: make([]sourceRule, 0, sourcesIn(body))}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r); err != nil {
		return part{}, err
	}
	if r.Kind != Intentions || r.Name == "" {
		return part{}, fmt.Errorf("the body is of %s/%s", r.Kind, r.Name)
	}
	return part{rules: &r}, r.index()
}

// sourcesIn is about how many sources a body has, and never more than it has room for.
func sourcesIn(body json.RawMessage) int {
	return min(bytes.Count(body, []byte(`"Name"`)), len(body)/len(`{"Name":"a","Action":"deny"}`))
}

// index makes sources findable by pattern.
func (r *rules) index() error {
	again := r.arrange()
	for i := range r.Sources {
		s := &r.Sources[i]
		if err := s.check(); err != nil {
			return fmt.Errorf("source %q: %w", s.Name, err)
		}
		if i == again {
			return fmt.Errorf("source %q stands there twice", s.Name)
		}
		r.hasGroups = r.hasGroups || s.SamenessGroup != ""
	}
	return nil
}

// arrange puts sources in order, and returns the first one that has the pattern of one before it; otherwise how many there are.
func (r *rules) arrange() int {
	r.order = make([]int32, len(r.Sources))
	for i := range r.order {
		r.order[i] = int32(i)
	}
	slices.SortFunc(r.order, func(a, b int32) int { return cmp.Or(r.comparePattern(a, &r.Sources[b]), cmp.Compare(a, b)) })
	again := len(r.Sources)
	for i := 1; i < len(r.order); i++ {
		if r.comparePattern(r.order[i-1], &r.Sources[r.order[i]]) == 0 {
			again = min(again, int(r.order[i]))
		}
	}
	return again
}

func (r *rules) comparePattern(a int32, b *sourceRule) int {
	if c := strings.Compare(r.Sources[a].Name, b.Name); c != 0 { // nearly always, and cheaper
		return c
	}
	return comparePatterns(r.Sources[a].pattern(r), b.pattern(r))
}

// find returns the source of a pattern, and nil where there is none.
func (r *rules) find(p pattern) *sourceRule {
	i, found := slices.BinarySearchFunc(r.order, p, func(at int32, p pattern) int {
		if c := strings.Compare(r.Sources[at].Name, p.name); c != 0 {
			return c
		}
		return comparePatterns(r.Sources[at].pattern(r), p)
	})
	if !found {
		return nil
	}
	return &r.Sources[r.order[i]]
}

func (s *sourceRule) check() error {
	switch {
	case s.Name == "":
		return fmt.Errorf("no name")
	case s.Type != "" && s.Type != "consul":
		return fmt.Errorf("type %q is not known", s.Type)
	case len(s.Permissions) == 0 && s.Action != allow && s.Action != deny:
		return fmt.Errorf("action %q is not known", s.Action)
	case len(s.Permissions) > 0 && s.Action != "":
		return fmt.Errorf("both an action and permissions")
	}
	for i := range s.Permissions {
		if a := s.Permissions[i].Action; a != allow && a != deny {
			return fmt.Errorf("permission %d: action %q is not known", i+1, a)
		}
	}
	return nil
}

func decodeServiceDefaults(body json.RawMessage) (part, error) {
	var s serviceFacts
	if err := json.Unmarshal(body, &s); err != nil {
		return part{}, err
	}
	if s.Name == "" {
		return part{}, errors.New("no name")
	}
	return part{service: &s}, nil
}

func decodeProxyDefaults(body json.RawMessage) (part, error) {
	var p struct {
		serviceFacts
		Protocol string // none of the kind has one: it stands in Config
		Config   map[string]any
	}
	if err := json.Unmarshal(body, &p); err != nil {
		return part{}, err
	}
	p.serviceFacts.Protocol, _ = p.Config["protocol"].(string)
	_, p.ownListener = p.Config["envoy_public_listener_json"]
	return part{proxies: &p.serviceFacts}, nil
}

func decodeGroup(body json.RawMessage) (part, error) {
	var g group
	if err := json.Unmarshal(body, &g); err != nil {
		return part{}, err
	}
	if g.Name == "" {
		return part{}, errors.New("no name")
	}
	return part{group: &g}, nil
}

func decodeExports(body json.RawMessage) (part, error) {
	var e struct {
		Services []struct {
			Name      string
			Consumers []struct{ Peer, Partition, SamenessGroup string }
		}
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return part{}, err
	}
	var out part
	for _, service := range e.Services {
		for _, consumer := range service.Consumers {
			to := pattern{peer: consumer.Peer, group: consumer.SamenessGroup, namespace: "default", name: everybody}
			if to.peer == "" && to.group == "" {
				to.partition, to.namespace = orDefault(consumer.Partition), everybody
			}
			out.exports = append(out.exports, export{strings.ToLower(service.Name), to})
		}
	}
	return out, nil
}
