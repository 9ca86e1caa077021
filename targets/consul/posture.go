package consul

import (
	"encoding/json"

	"gatehouse/targets"
)

// Posture reports settings of the mesh itself that weaken what intentions say: a default of allow, services that take plaintext, and paths
// that nobody normalises.
func (Driver) Posture(live targets.Live) []targets.Finding {
	var out []targets.Finding
	if live.Settings[DefaultSetting] == allow && live.Settings[assumedSetting] == "" {
		out = append(out, targets.Finding{
			Object:  targets.Key{Kind: Intentions},
			Detail:  "the mesh lets a connection through where no intention matches",
			Remedy:  `Set default_intention_policy = "deny", or acl.default_policy = "deny", on the servers and agents.`,
			Default: true,
		})
	}
	for _, o := range live.Context {
		out = append(out, objectFindings(o)...)
	}
	for _, c := range live.Containers {
		out = append(out, objectFindings(targets.Object{Key: c.Key, Body: c.Body})...)
	}
	return out
}

func objectFindings(o targets.Object) (out []targets.Finding) {
	var e struct {
		MutualTLSMode                    string
		AllowEnablingPermissiveMutualTLS bool
		HTTP                             struct {
			Incoming struct {
				RequestNormalization struct{ InsecureDisablePathNormalization bool }
			}
		}
	}
	if json.Unmarshal(o.Body, &e) != nil {
		return nil
	}
	if o.Key.Kind == Mesh && e.HTTP.Incoming.RequestNormalization.InsecureDisablePathNormalization {
		out = append(out, targets.Finding{
			Object: o.Key,
			Detail: "InsecureDisablePathNormalization: paths reach intentions as they were sent, so that rules on paths can be circumvented",
			Remedy: "Set it to false.",
		})
	}
	switch {
	case (o.Key.Kind == ServiceDefaults || o.Key.Kind == ProxyDefaults) && e.MutualTLSMode == "permissive":
		out = append(out, targets.Finding{
			Object: o.Key,
			Detail: "MutualTLSMode permissive: transparent proxies let plaintext connections in, whatever intentions say",
			Remedy: `Set MutualTLSMode to "strict" once every client is in the mesh.`,
		})
	case o.Key.Kind == Mesh && e.AllowEnablingPermissiveMutualTLS:
		out = append(out, targets.Finding{
			Object: o.Key,
			Detail: "AllowEnablingPermissiveMutualTLS: a service may be set to take plaintext",
			Remedy: "Set it to false once no service needs it.",
		})
	}
	return out
}
