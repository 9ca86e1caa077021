package consul

import (
	"errors"
	"fmt"
	"strings"

	"gatehouse/targets"
)

// world is what Interpret has decoded: the config entries that decide access, by destination without regard to case.
type world struct {
	defaultAllow bool                     // what decides where no intention matches
	steps        bool                     // edges tell how they come about
	entries      map[place]*rules         // service-intentions
	services     map[string]*serviceFacts // service-defaults, by folded name
	proxies      serviceFacts             // proxy-defaults
	exports      []export                 // exported-services
	groups       map[string]*group        // sameness-group, by name
	namespaced   bool                     // some entry says its namespace: there may be others (Enterprise)
}

// place is where an entry's destination lies. Names are folded, since Consul keeps entries by their name in lower case.
type place struct{ partition, namespace, name string }

// rules is one service-intentions entry, ready to be asked: see find.
type rules struct {
	Kind, Name           string
	Namespace, Partition string
	Sources              []sourceRule
	JWT                  *requirement

	Meta, Hash, CreateIndex, ModifyIndex immaterial

	order     []int32 // places in Sources by pattern, as comparePatterns has it
	hasGroups bool    // some source is of a sameness group
}

// sourceRule is one source of an entry.
type sourceRule struct {
	Name, Namespace, Partition string
	Peer, SamenessGroup        string
	Action                     string
	Permissions                []permission
	Type                       string

	Precedence, Description                                  immaterial
	LegacyID, LegacyMeta, LegacyCreateTime, LegacyUpdateTime immaterial
}

// immaterial is a field that is known, and decides nothing.
type immaterial struct{}

// UnmarshalJSON takes anything.
func (*immaterial) UnmarshalJSON([]byte) error { return nil }

// serviceFacts is what service-defaults and proxy-defaults say that touches access. They hold much else, which is passed over.
type serviceFacts struct {
	Name            string
	Protocol        string
	MutualTLSMode   string
	Expose          struct{ Paths []exposedPath }
	EnvoyExtensions []struct{ Name string }

	ownListener bool // proxies get a listener that somebody wrote by hand
}

// exposedPath is a path that a proxy serves without mutual TLS, on a listener of its own.
type exposedPath struct{ Path string }

// export is one service that another trust domain may see.
type export struct {
	name string
	to   pattern
}

// group is a sameness group: partitions and peers whose services of one name are the same (Consul Enterprise).
type group struct {
	Name         string
	Partition    string
	IncludeLocal bool
	Members      []struct{ Partition, Peer string }
}

// read decodes every object. An object that it does not understand is an error: to pass it over would be to guess.
func read(objects []targets.Object) (*world, error) {
	w := &world{
		entries:  make(map[place]*rules, len(objects)),
		services: map[string]*serviceFacts{},
		groups:   map[string]*group{},
	}
	parts, err := decodeAll(objects)
	if err != nil {
		return nil, err
	}
	for i, p := range parts {
		if err := w.add(p); err != nil {
			return nil, fmt.Errorf("%s: %w", objects[i].Key, err)
		}
	}
	return w, nil
}

// opens reports whether settings say that who matches no intention is let in.
func opens(s targets.Settings) (bool, error) {
	switch word := s[DefaultSetting]; word {
	case allow, deny:
		return word == allow, nil
	default:
		return false, fmt.Errorf("setting %q is %q: want %q or %q", DefaultSetting, word, allow, deny)
	}
}

// add puts one decoded object into the world.
func (w *world) add(p part) error {
	switch {
	case p.rules != nil:
		at := place{orDefault(p.rules.Partition), orDefault(p.rules.Namespace), strings.ToLower(p.rules.Name)}
		if w.entries[at] != nil {
			return errors.New("the destination has two entries")
		}
		w.entries[at] = p.rules
		w.namespaced = w.namespaced || p.rules.Namespace != ""
	case p.service != nil:
		w.services[strings.ToLower(p.service.Name)] = p.service
	case p.proxies != nil:
		w.proxies = *p.proxies
	case p.group != nil:
		w.groups[p.group.Name] = p.group
	}
	w.exports = append(w.exports, p.exports...)
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

func orDefault(name string) string {
	if name == "" {
		return "default"
	}
	return strings.ToLower(name)
}
