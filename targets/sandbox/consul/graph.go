package consul

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gatehouse/targets/sandbox"
)

// permissive is the mode of mutual TLS that lets plain text in.
const permissive = "permissive"

// state is what the rules between entries look at: the stored entries, and on top of them one that is about to be written or deleted.
type state struct {
	view *sandbox.View
	key  string
	next entry // nil: deleted
}

// get returns an entry, or nil.
func (s *state) get(kind, name string) (entry, error) {
	k := key(kind, name)
	if k == s.key {
		return s.next, nil
	}
	record, ok := s.view.Get(k)
	if !ok {
		return nil, nil
	}
	return parse(kind, record.Value)
}

// check applies the rules between entries to a write (or a deletion, where next is nil). previous is what it replaces.
func (s *state) check(kind, name string, previous entry) error {
	switch kind {
	case kindIntentions:
		e, _ := s.next.(*intentions)
		if e == nil {
			return nil
		}
		if err := unknownProviders(e); err != nil {
			return err
		}
		return s.checkProtocol(e)
	case kindDefaults:
		if err := s.checkMutualTLS(previous); err != nil {
			return err
		}
		return s.checkDestination(name)
	case kindProxy:
		if err := s.checkMutualTLS(previous); err != nil {
			return err
		}
		return s.checkAllProtocols()
	}
	return nil
}

// unknownProviders refuses every JWT provider, since entries of kind jwt-provider can't be written here.
func unknownProviders(e *intentions) error {
	var all problems
	for _, name := range e.providers() {
		all.add("Referenced JWT Provider does not exist. Provider Name: %s", name)
	}
	return all.err()
}

func (s *state) checkDestination(name string) error {
	e, err := s.get(kindIntentions, name)
	if e == nil || err != nil {
		return err
	}
	return s.checkProtocol(e.(*intentions))
}

func (s *state) checkAllProtocols() error {
	for _, record := range s.view.List(kindIntentions + "/") {
		e, err := parse(kindIntentions, record.Value)
		if err != nil {
			return err
		}
		if err := s.checkProtocol(e.(*intentions)); err != nil {
			return err
		}
	}
	return nil
}

// checkProtocol refuses layer 7 sources on a destination that doesn't speak HTTP.
func (s *state) checkProtocol(e *intentions) error {
	if e.Name == wildcard || !e.layer7() {
		return nil
	}
	protocol, err := s.protocol(e.Name)
	if err != nil || slices.Contains([]string{"http", "http2", "grpc"}, protocol) {
		return err
	}
	return fmt.Errorf("service %q has protocol %q, which is incompatible with L7 intentions permissions", e.Name, protocol)
}

// protocol is what a service speaks. Its own service-defaults decide where they exist, and mean tcp where they name no protocol: the
// global one counts only for services without an entry of their own.
func (s *state) protocol(service string) (string, error) {
	own, err := s.get(kindDefaults, service)
	if err != nil {
		return "", err
	}
	if d, ok := own.(*serviceDefaults); ok {
		return cmp.Or(d.Protocol, "tcp"), nil
	}
	global, err := s.get(kindProxy, globalName)
	if err != nil {
		return "", err
	}
	p, ok := global.(*proxyDefaults)
	if !ok {
		return "tcp", nil
	}
	protocol, err := p.protocol()
	return cmp.Or(strings.ToLower(protocol), "tcp"), err
}

// checkMutualTLS refuses a change to permissive mutual TLS that mesh does not consent to.
func (s *state) checkMutualTLS(previous entry) error {
	if mutualTLS(s.next) != permissive || mutualTLS(previous) == permissive {
		return nil
	}
	e, err := s.get(kindMesh, meshName)
	if err != nil {
		return err
	}
	if m, ok := e.(*mesh); ok && m.AllowEnablingPermissiveMutualTLS {
		return nil
	}
	return errors.New("cannot set MutualTLSMode=permissive because AllowEnablingPermissiveMutualTLS=false in the mesh config entry")
}

func mutualTLS(e entry) string {
	switch e := e.(type) {
	case *serviceDefaults:
		return e.MutualTLSMode
	case *proxyDefaults:
		return e.MutualTLSMode
	}
	return ""
}
