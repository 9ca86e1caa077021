package consul

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"gatehouse/targets"
)

// world is what Interpret has decoded: the config entries that decide access, by destination without regard to case.
type world struct {
	defaultAllow bool
	entries      map[place]*rules         // service-intentions
	services     map[string]*serviceFacts // service-defaults, by folded name
	proxies      serviceFacts             // proxy-defaults
	exports      []export                 // exported-services
}

// place is where an entry's destination lies. Names are folded, since Consul keeps entries by their name in lower case.
type place struct{ partition, namespace, name string }

// rules is one service-intentions entry, ready to be asked.
type rules struct {
	Kind, Name           string
	Namespace, Partition string
	Sources              []sourceRule
	JWT                  *requirement
	Meta                 map[string]string
	Hash                 uint64
	CreateIndex          uint64
	ModifyIndex          uint64

	byPattern map[pattern]*sourceRule
}

// sourceRule is one source of an entry.
type sourceRule struct {
	Name, Namespace, Partition string
	Peer, SamenessGroup        string
	Action                     string
	Permissions                []permission
	Type, Description          string
	Precedence                 int

	LegacyID                           string
	LegacyMeta                         map[string]string
	LegacyCreateTime, LegacyUpdateTime string
}

// serviceFacts is what service-defaults and proxy-defaults say that touches access. They hold much else, which is passed over.
type serviceFacts struct {
	Name          string
	Protocol      string
	MutualTLSMode string
}

// export is one service that a peer may see.
type export struct {
	name, peer string
}

// read decodes every object. An object that it does not understand is an error: to pass it over would be to guess.
func read(f targets.Facts) (*world, error) {
	w := &world{
		entries:  make(map[place]*rules, len(f.Objects)),
		services: map[string]*serviceFacts{},
	}
	switch f.Settings[DefaultSetting] {
	case allow:
		w.defaultAllow = true
	case deny:
	default:
		return nil, fmt.Errorf("setting %q is %q: want %q or %q", DefaultSetting, f.Settings[DefaultSetting], allow, deny)
	}
	for _, object := range f.Objects {
		if err := w.add(object); err != nil {
			return nil, fmt.Errorf("%s: %w", object.Key, err)
		}
	}
	return w, nil
}

func (w *world) add(object targets.Object) error {
	switch object.Key.Kind {
	case Intentions:
		return w.addIntentions(object)
	case ServiceDefaults:
		return w.addServiceDefaults(object.Body)
	case ProxyDefaults:
		return w.addProxyDefaults(object.Body)
	case ExportedServices:
		return w.addExports(object.Body)
	case Mesh:
		var anything map[string]any
		return json.Unmarshal(object.Body, &anything)
	}
	return fmt.Errorf("a kind of object that Gatehouse can't interpret")
}

// addIntentions is strict about fields: one that is not known here may well change who is let in.
func (w *world) addIntentions(object targets.Object) error {
	var r rules
	decoder := json.NewDecoder(bytes.NewReader(object.Body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&r); err != nil {
		return err
	}
	if r.Kind != Intentions || r.Name == "" {
		return fmt.Errorf("the body is of %s/%s", r.Kind, r.Name)
	}
	at := place{orDefault(r.Partition), orDefault(r.Namespace), strings.ToLower(r.Name)}
	if w.entries[at] != nil {
		return fmt.Errorf("the destination has two entries")
	}
	w.entries[at] = &r
	return r.index()
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

func (w *world) addServiceDefaults(body json.RawMessage) error {
	var s serviceFacts
	if err := json.Unmarshal(body, &s); err != nil {
		return err
	}
	if s.Name == "" {
		return fmt.Errorf("no name")
	}
	w.services[strings.ToLower(s.Name)] = &s
	return nil
}

func (w *world) addProxyDefaults(body json.RawMessage) error {
	var p struct {
		Config        map[string]any
		MutualTLSMode string
	}
	if err := json.Unmarshal(body, &p); err != nil {
		return err
	}
	w.proxies.MutualTLSMode = p.MutualTLSMode
	if protocol, ok := p.Config["protocol"].(string); ok {
		w.proxies.Protocol = protocol
	}
	return nil
}

func (w *world) addExports(body json.RawMessage) error {
	var e struct {
		Services []struct {
			Name      string
			Consumers []struct{ Peer string }
		}
	}
	if err := json.Unmarshal(body, &e); err != nil {
		return err
	}
	for _, service := range e.Services {
		for _, consumer := range service.Consumers {
			if consumer.Peer != "" {
				w.exports = append(w.exports, export{name: strings.ToLower(service.Name), peer: consumer.Peer})
			}
		}
	}
	return nil
}

// speaksHTTP reports whether a destination's protocol is one that L7 rules are enforced for.
func (w *world) speaksHTTP(name string) bool {
	protocol := w.proxies.Protocol
	if s := w.services[strings.ToLower(name)]; s != nil && s.Protocol != "" {
		protocol = s.Protocol
	}
	switch strings.ToLower(protocol) {
	case "http", "http2", "grpc":
		return true
	}
	return false
}

// permissive returns the object that lets plaintext in to a destination, if one does.
func (w *world) permissive(name string) (string, bool) {
	if s := w.services[strings.ToLower(name)]; s != nil && s.MutualTLSMode != "" {
		return ServiceDefaults + "/" + s.Name, s.MutualTLSMode == "permissive"
	}
	return ProxyDefaults + "/global", w.proxies.MutualTLSMode == "permissive"
}

func orDefault(name string) string {
	if name == "" {
		return "default"
	}
	return strings.ToLower(name)
}
