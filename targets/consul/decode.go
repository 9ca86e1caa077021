package consul

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
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
	var r rules
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

// index makes sources findable by pattern.
func (r *rules) index() error {
	r.byPattern = make(map[pattern]*sourceRule, len(r.Sources))
	for i := range r.Sources {
		s := &r.Sources[i]
		if err := s.check(); err != nil {
			return fmt.Errorf("source %q: %w", s.Name, err)
		}
		p := s.pattern(r)
		if r.byPattern[p] != nil {
			return fmt.Errorf("source %q stands there twice", s.Name)
		}
		r.byPattern[p] = s
		r.hasGroups = r.hasGroups || p.group != ""
	}
	return nil
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
