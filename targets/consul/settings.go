package consul

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"gatehouse/targets"
)

// assumedSetting is set where the default could not be read, and the worse one is assumed.
const assumedSetting = "default-assumed"

// ask finds out what the servers say decides where no intention matches: the ACL default, from a header, and the answer about two names
// that nothing has. It needs service:read on every service, and fails without.
func (r *reading) ask() error {
	query := url.Values{"source": {probe}, "destination": {probe}}
	a, err := r.conn.get(r.ctx, "/v1/connect/intentions/check", query)
	if err != nil {
		return fmt.Errorf("ask for the default: %w", lacking(err, ServiceDefaults))
	}
	var check struct{ Allowed *bool }
	if err := json.Unmarshal(a.body, &check); err != nil || check.Allowed == nil {
		return errors.New("ask for the default: the address does not answer as a Consul agent does")
	}
	r.allows, r.header = *check.Allowed, a.header.Get("X-Consul-Default-Acl-Policy")
	return nil
}

// settle decides what the mesh's default is.
//
// default_intention_policy overrides the ACL default, and it is the agents that enforce it: in Consul 1.22 servers never learn of it, so
// that intentions/check answers by the ACL default whatever it says. The agent that is asked tells its own, to a token with agent:read;
// others are taken to be configured alike. Where it can't be read, the default is taken to be allow, so that nothing is ever
// deleted in the belief that something else still closes what it closed.
func (r *reading) settle() error {
	policy, known, err := r.agentPolicy()
	switch {
	case err != nil:
		return fmt.Errorf("ask for the default: %w", err)
	case policy != "":
		r.live.Settings = targets.Settings{DefaultSetting: policy}
	case known || r.servers() == allow:
		r.live.Settings = targets.Settings{DefaultSetting: r.servers()}
	default:
		r.live.Settings = targets.Settings{DefaultSetting: allow, assumedSetting: "yes"}
		r.live.Unknown = append(r.live.Unknown, targets.Unknown{
			What:   "default_intention_policy",
			Reason: `the token needs agent:read (agent_prefix "" { policy = "read" }): the mesh's default is taken to be allow`,
		})
	}
	return nil
}

// servers returns the default that the servers know. Where a "*" destination has a "*" source, the answer of check was about that, and the
// header has to do.
func (r *reading) servers() string {
	if r.covered() {
		return word(r.header != deny)
	}
	return word(r.allows)
}

// agentPolicy returns the default_intention_policy of the agent that is asked; empty where it has none. It is not known where the token may
// not read it, or where another datacenter than the agent's own is looked at.
func (r *reading) agentPolicy() (policy string, known bool, err error) {
	a, err := r.conn.get(r.ctx, "/v1/agent/self", nil)
	var no *refusal
	switch {
	case errors.As(err, &no) && no.status == http.StatusForbidden:
		return "", false, nil
	case err != nil:
		return "", false, err
	}
	var self struct {
		Config      struct{ Datacenter string }
		DebugConfig struct{ DefaultIntentionPolicy string }
	}
	if err := json.Unmarshal(a.body, &self); err != nil {
		return "", false, errors.New("the address does not answer as a Consul agent does")
	}
	if dc := r.conn.config.Datacenter; dc != "" && !strings.EqualFold(dc, self.Config.Datacenter) {
		return "", false, nil
	}
	switch p := self.DebugConfig.DefaultIntentionPolicy; p {
	case "", allow, deny:
		return p, true, nil
	default:
		return "", false, fmt.Errorf("default_intention_policy is %q", p)
	}
}

// covered reports whether a "*" destination decides about every source.
func (r *reading) covered() bool {
	for _, o := range r.live.Context {
		if o.Key.Kind != Intentions {
			continue
		}
		var e listed
		if json.Unmarshal(o.Body, &e) != nil {
			continue
		}
		if slices.ContainsFunc(e.Sources, func(s listedSource) bool { return s.Name == everybody && s.Peer == "" }) {
			return true
		}
	}
	return false
}
