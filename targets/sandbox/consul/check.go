package consul

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"gatehouse/targets/sandbox"
)

// check is GET /v1/connect/intentions/check: may source connect to destination? It answers for connections alone: where permissions
// would decide it says no.
func (c *Consul) check(_ http.ResponseWriter, r *http.Request) ([]byte, error) {
	_, token, err := c.query(r)
	if err != nil {
		return nil, err
	}
	values := r.URL.Query()
	for _, p := range []string{"source", "destination"} {
		if len(values[p]) != 1 {
			return nil, fmt.Errorf("required query parameter '%s' not set", p)
		}
	}
	source, err := serviceName("source", values.Get("source"))
	if err != nil {
		return nil, err
	}
	destination, err := serviceName("destination", values.Get("destination"))
	if err != nil {
		return nil, err
	}
	if t := values.Get("source-type"); values.Has("source-type") && t != "consul" {
		return nil, fmt.Errorf("unsupported SourceType: %q", t)
	}
	if err := token.need(demand{resourceService, read, destination}); err != nil {
		return nil, err
	}
	var allowed bool
	err = c.store.View(func(v *sandbox.View) error {
		allowed, err = c.decide(v, source, destination)
		return err
	})
	return fmt.Appendf(nil, `{"Allowed":%t}`, allowed), err
}

// serviceName takes the name out of NAME, NAMESPACE/NAME or PARTITION/NAMESPACE/NAME; the rest means nothing in this edition.
func serviceName(parameter, text string) (string, error) {
	var err error
	parts := strings.Split(text, "/")
	switch {
	case strings.HasPrefix(text, "peer:"):
		err = errors.New("cannot specify a peer here")
	case len(parts) > 3:
		err = errors.New("input can contain at most two '/'")
	}
	if err != nil {
		return "", fmt.Errorf("%s %q is invalid: %s", parameter, text, err)
	}
	return parts[len(parts)-1], nil
}

// decide finds the intention of the highest precedence: that of the destination's own entry before the wildcard entry's, and in each
// the exact source before the wildcard. Unlike the index of entries, names here are compared with regard to case.
func (c *Consul) decide(v *sandbox.View, source, destination string) (bool, error) {
	for _, name := range []string{destination, wildcard} {
		record, ok := v.Get(key(kindIntentions, name))
		if !ok {
			continue
		}
		e, err := parse(kindIntentions, record.Value)
		if err != nil {
			return false, err
		}
		if e.name() != name {
			continue
		}
		if s := e.(*intentions).match(source); s != nil {
			return s.Action == "allow" && len(s.Permissions) == 0, nil
		}
	}
	return c.opts.DefaultPolicy == "allow", nil // DefaultIntentionPolicy does not reach this endpoint in a real Consul either
}

// match returns the source that speaks for a service of the own datacenter; sources are sorted by precedence.
func (e *intentions) match(name string) *source {
	for _, s := range e.Sources {
		if s.Peer == "" && (s.Name == name || s.Name == wildcard) {
			return s
		}
	}
	return nil
}
