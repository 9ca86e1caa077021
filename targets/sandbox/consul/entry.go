package consul

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
)

// The kinds of config entries that are modelled.
const (
	kindIntentions = "service-intentions"
	kindDefaults   = "service-defaults"
	kindProxy      = "proxy-defaults"
	kindMesh       = "mesh"
)

// unmodelledKinds are the other kinds that Consul knows.
var unmodelledKinds = []string{
	"service-router", "service-splitter", "service-resolver", "ingress-gateway", "terminating-gateway", "exported-services",
	"sameness-group", "api-gateway", "bound-api-gateway", "http-route", "tcp-route", "file-system-certificate", "inline-certificate",
	"control-plane-request-limit", "jwt-provider",
}

// entry is a config entry in the shape that it has on the wire.
type entry interface {
	kind() string
	name() string
	normalise() error      // makes equal what Consul makes equal; runs before validate
	validate() error       // refuses what Consul refuses, looking at the entry alone
	allowed(access) demand // what an ACL token must be allowed
	stamped() *stamp       // the fields that the server sets
}

// stamp is what the server sets on every entry; what a client sends in its place counts for nothing.
type stamp struct {
	Hash        uint64 `json:",omitempty"`
	CreateIndex uint64
	ModifyIndex uint64
}

func (s *stamp) stamped() *stamp { return s }

// newEntry returns an empty entry of a kind.
func newEntry(kind, name string) (entry, error) {
	switch kind {
	case kindIntentions:
		return &intentions{Name: name}, nil
	case kindDefaults:
		return &serviceDefaults{Name: name}, nil
	case kindProxy:
		return &proxyDefaults{Name: name}, nil
	case kindMesh:
		return &mesh{}, nil
	}
	if slices.Contains(unmodelledKinds, kind) {
		return nil, refuse(501, "sandbox: config entries of kind %s are not modelled", kind)
	}
	return nil, fmt.Errorf("invalid config entry kind: %s", kind)
}

// key is where an entry is kept: without regard to case, as Consul's own index has none.
func key(kind, name string) string { return kind + "/" + strings.ToLower(name) }

// render gives an entry the indices of a write and returns its text.
func render(e entry, created, modified uint64) ([]byte, error) {
	s := e.stamped()
	*s = stamp{}
	content, err := json.Marshal(e)
	if err != nil {
		return nil, err
	}
	h := fnv.New64a()
	_, _ = h.Write(content)
	*s = stamp{Hash: h.Sum64() | 1, CreateIndex: created, ModifyIndex: modified}
	return json.Marshal(e)
}

// parse reads back what render wrote.
func parse(kind string, text []byte) (entry, error) {
	e, err := newEntry(kind, "")
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, e); err != nil {
		return nil, fmt.Errorf("stored %s entry: %w", kind, err)
	}
	return e, nil
}
