package consul

import (
	"encoding/json"
	"net/http"
)

// version is the release whose behaviour the double has.
const version = "1.22.6"

// nodeName is what the double's agent is called.
const nodeName = "sandbox"

// statusLeader is GET /v1/status/leader.
func (c *Consul) statusLeader(http.ResponseWriter, *http.Request) ([]byte, error) {
	return json.Marshal(c.leader)
}

// agentSelf is GET /v1/agent/self, with the few fields that anybody here asks for.
func (c *Consul) agentSelf(_ http.ResponseWriter, r *http.Request) ([]byte, error) {
	token, err := c.resolve(r)
	if err != nil {
		return nil, err
	}
	if err := token.need(demand{resourceAgent, read, nodeName}); err != nil {
		return nil, err
	}
	type config struct{ Datacenter, PrimaryDatacenter, NodeName, Version string }
	type debugConfig struct {
		ACLsEnabled            bool
		DefaultIntentionPolicy string
	}
	dc := c.opts.Datacenter
	return json.Marshal(struct {
		Config      config
		DebugConfig debugConfig
	}{
		config{dc, dc, nodeName, version},
		debugConfig{c.acls != nil, c.opts.DefaultIntentionPolicy},
	})
}
