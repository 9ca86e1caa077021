package consul

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/hashicorp/consul/api"

	"gatehouse/targets"
)

// assumedSetting is set where the default could not be read, and the worse one is assumed.
const assumedSetting = "default-assumed"

// ask finds out what the servers say decides where no intention matches: the ACL default, and the answer about two names that nothing has.
// It needs service:read on every service, and fails without.
func (r *reading) ask() error {
	err := r.conn.read(r.ctx, func(q *api.QueryOptions) error {
		allowed, meta, err := r.conn.client.Connect().IntentionCheck(&api.IntentionCheck{Source: probe, Destination: probe}, q)
		if err != nil {
			return err
		}
		r.allows, r.acl = allowed, meta.DefaultACLPolicy
		return nil
	})
	if err != nil {
		return explain(err, ServiceDefaults)
	}
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
		return err
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
// ACL default has to do.
func (r *reading) servers() string {
	if r.covered {
		return word(r.acl != deny)
	}
	return word(r.allows)
}

// agentPolicy returns the default_intention_policy of the agent that is asked; empty where it has none. It is not known where the token may
// not read it, or where another datacenter than the agent's own is looked at.
func (r *reading) agentPolicy() (policy string, known bool, err error) {
	var self struct {
		Config      struct{ Datacenter string }
		DebugConfig struct{ DefaultIntentionPolicy string }
	}
	err = r.conn.read(r.ctx, func(q *api.QueryOptions) error {
		_, err := r.conn.client.Raw().Query("/v1/agent/self", &self, q) // Agent().Self takes no context
		return err
	})
	switch {
	case refused(err).Code == http.StatusForbidden:
		return "", false, nil
	case err != nil:
		return "", false, err
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
