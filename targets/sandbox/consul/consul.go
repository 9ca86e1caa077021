package consul

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"time"

	"gatehouse/targets/sandbox"
)

// Options are the settings of the double's agent. The zero Options is a new agent as it comes: ACLs off, everything allowed.
type Options struct {
	Datacenter    string  // "dc1" where empty
	DefaultPolicy string  // of ACLs: "allow" (the default) or "deny"
	Tokens        []Token // any token, or a DefaultPolicy of deny, turns ACLs on

	// DefaultIntentionPolicy is the agent's default_intention_policy. Proxies follow it; of the API that is modelled here, only
	// /v1/agent/self shows it, and intentions/check answers as if it weren't there.
	DefaultIntentionPolicy string

	Now func() time.Time `json:"-"` // the clock of sessions and lock delays; nil: time.Now
}

// Consul is one double: one datacenter.
type Consul struct {
	sandbox.Recorder
	sandbox.Faults
	store  *sandbox.Store
	opts   Options
	leader string
	acls   *authority // nil: ACLs are off
	routes http.Handler
}

// Open opens the double whose state lies below dir, in a file of its own for each realm; it is made where it doesn't exist. Several
// processes may open the same one. With an empty dir it lives in memory and starts empty.
func Open(dir, realm string, o Options) (*Consul, error) {
	store := sandbox.NewStore()
	if dir != "" {
		var err error
		if store, err = sandbox.OpenStore(Path(dir, realm), "consul"); err != nil {
			return nil, err
		}
	}
	if o.Datacenter == "" {
		o.Datacenter = "dc1"
	}
	if o.DefaultPolicy == "" {
		o.DefaultPolicy = "allow"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	c := &Consul{store: store, opts: o, leader: "127.0.0.1:8300"}
	if o.DefaultPolicy == "deny" || len(o.Tokens) > 0 {
		c.acls = newAuthority(o)
	}
	c.routes = c.mux()
	return c, nil
}

// Path returns the file that holds a realm's state below dir.
func Path(dir, realm string) string {
	return filepath.Join(dir, "consul-"+url.PathEscape(realm)+".jsonl")
}

func (c *Consul) now() time.Time { return c.opts.Now() }

// Close releases the files of the state; none of it is lost without.
func (c *Consul) Close() error { return c.store.Close() }

// Handler answers requests as a Consul agent does.
func (c *Consul) Handler() http.Handler { return http.HandlerFunc(c.serve) }

// Serve answers on the listener until the context ends.
func (c *Consul) Serve(ctx context.Context, listener net.Listener) error {
	return sandbox.Serve(ctx, listener, c.Handler())
}

// Start serves on a free port of the loopback interface. It returns the address, such as http://127.0.0.1:40123, as CONSUL_HTTP_ADDR
// and the policy take it, and a function that stops serving.
func (c *Consul) Start() (address string, stop func(), err error) { return sandbox.Start(c.Handler()) }
