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

// agentSelf is what GET /v1/agent/self answers, of which Config alone is modelled.
func (c *Consul) agentSelf(_ http.ResponseWriter, r *http.Request) ([]byte, error) {
	token, err := c.resolve(r)
	if err != nil {
		return nil, err
	}
	if err := token.need(demand{resourceAgent, read, nodeName}); err != nil {
		return nil, err
	}
	type config struct {
		Datacenter        string
		PrimaryDatacenter string
		NodeName          string
		Server            bool
		Version           string
	}
	dc := c.opts.Datacenter
	return json.Marshal(map[string]config{"Config": {dc, dc, nodeName, true, version}})
}
