// Package consul is the driver for Consul's service mesh: feature stores' online surfaces are destinations, workloads are sources, and
// access is a service-intentions config entry per destination. It compiles, interprets, reads and writes; what to do about a
// difference is the spine's business (package targets), and nothing here knows of HCL.
//
// What is settled here, each from Consul's source (1.22) or a run against the real server:
//
//   - Every declared surface has an entry, even one that nobody may reach, and every entry ends in a "*" deny. So the mesh's default
//     never decides about a declared surface, and the proof holds under both.
//   - The mark of an owner is Meta on the entry: policy, environment and format; no line or name of a grant, so that moving text
//     writes nothing. Meta keys that others put beside ours stay.
//   - Destinations compare without regard to case, because that is how proxies are given their intentions; intentions/check alone
//     compares them exactly. Sources compare exactly.
//   - A request that matches none of a source's Permissions is decided by the mesh's default, and so is one that lacks a required
//     token: under a default of allow, Permissions and JWT requirements that only allow are no barrier at all. Consul derives its
//     Envoy rules so (agent/xds/rbac.go), and its documentation says it.
//   - Envoy does not go by the documented precedence in one case, and takes names for regular expressions: see disputed and spelled. Both were
//     found by comparing with what a real server tells proxies; where they matter the interpreter says unknown.
//   - Paths are compared as Envoy has normalised them, which the mesh may turn off: then posture tells, since no rule on paths is a barrier.
//   - What is narrowed to requests becomes permissions: denies first, then allows, then a deny of everything, since what no permission
//     matches has the mesh's default.
//   - Consul is spoken to through its own client, except for what entries hold: bodies are read and written as they stand. The client fills
//     every empty field from CONSUL_* variables; what a connection uses is what it was given, and that is tested on the wire.
package consul

import (
	"github.com/hashicorp/consul/api"

	"gatehouse/compiler/access"
	"gatehouse/lang/model"
	"gatehouse/targets"
)

// The kinds of config entry that the driver writes, reads or takes into account.
const (
	Intentions       = api.ServiceIntentions // who may connect to a destination
	ServiceDefaults  = api.ServiceDefaults   // a service's protocol and, for Interpret, its mutual TLS mode
	ProxyDefaults    = api.ProxyDefaults     // the same for all services
	Mesh             = api.MeshConfig        // the mesh's own settings
	ExportedServices = api.ExportedServices  // what peers may see
	SamenessGroup    = api.SamenessGroup     // partitions and peers that a source may name together (Enterprise)
)

// Service is the kind of surface that the driver guards.
const Service = "service"

// The limits on the sources of one entry, the closing "*" included. Consul itself has none, and an entry of half a million
// sources made a server panic when it restarted; 20,000 take 0.4 s a write.
const (
	MaxSources  = 20_000
	WarnSources = MaxSources * 8 / 10
)

// DefaultSetting is the name of the one setting: what decides where no intention matches, "allow" or "deny".
const DefaultSetting = "default"

// Driver is Consul as a target. The zero value is ready to use.
type Driver struct{}

var (
	_ targets.Driver  = Driver{}
	_ targets.Auditor = Driver{}
)

// Capabilities says what an intention can express: services and requests to them, no clock, and one verb for reading and writing.
func (Driver) Capabilities() access.Capabilities {
	return access.Capabilities{
		Target: access.Consul,
		Kinds:  []string{Service},
		Verbs:  map[model.Action]access.Verb{model.Read: access.Connect, model.Write: access.Connect},

		Requests: true,
	}
}

// Realm returns where the service names of an environment are unique, and false for an environment without a Consul.
func (Driver) Realm(e access.Environment) (string, bool) { return access.RealmOf(e), e.Consul != nil }

// Defaults returns both defaults that a mesh may have: an apply can't rely on either.
func (Driver) Defaults() []targets.Settings {
	return []targets.Settings{{DefaultSetting: allow}, {DefaultSetting: deny}}
}

// The words of Consul's actions and defaults.
const (
	allow = "allow"
	deny  = "deny"
)
