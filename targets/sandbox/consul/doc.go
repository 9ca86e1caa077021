// Package consul is a strict local double of the part of Consul's HTTP API that Gatehouse uses, community edition 1.22. It speaks the
// real wire protocol and answers with the real status codes, headers and texts: each behaviour was learnt from a running server, and
// scripts that run the same requests against the double and a real Consul keep it so (conformance/testdata/consul).
//
// It models
//   - PUT /v1/config[?cas=N], GET /v1/config/KIND, GET and DELETE /v1/config/KIND/NAME[?cas=N], GET /v1/config/ for the kinds
//     service-intentions, service-defaults, proxy-defaults and mesh, with validation, normalisation, modify indices, no-op detection
//     and the rules between entries (layer 7 sources need an HTTP-like protocol; permissive mutual TLS needs mesh's consent);
//   - blocking queries (?index=N&wait=D) on those reads;
//   - GET, PUT and DELETE /v1/kv/KEY with cas, acquire, release, flags, raw, recurse, keys, separator, index and wait, and the limit of
//     512 KiB;
//   - PUT /v1/session/create, destroy and renew, GET /v1/session/info, list and node: TTLs that end by the clock (Options.Now), lock delays,
//     and what becomes of the keys that a session held;
//   - GET /v1/connect/intentions/check;
//   - GET /v1/status/leader, and of GET /v1/agent/self the datacenter, the version, and what decides by default;
//   - ACL tokens: management, service and service_prefix rules with intentions, key and key_prefix, session_prefix "", mesh, operator and
//     agent; anonymous and unknown tokens; filtered lists.
//
// It does not model, and answers 501 to, or refuses with a text that begins with "sandbox:",
//   - every other endpoint and every other kind of config entry (jwt-provider, service-resolver, …), so that a protocol is decided by
//     service-defaults and proxy-defaults alone;
//   - EnvoyExtensions that are not empty, FailoverPolicy, PrioritizeByLocality, and TLS in mesh;
//   - ?filter, which Consul supports on service-defaults alone;
//   - transactions (/v1/txn); sessions of other nodes, and checks but serfHealth, which never fails;
//   - peers and other datacenters, Enterprise's namespaces and partitions (refused as the community edition refuses them), HTTPS.
//
// Where it differs on purpose: the indices of deleted keys are never forgotten (Consul forgets them after some 15 minutes); keys and
// sessions, renewals included, raise the index that readers of config entries are told; Hash is another function of the content;
// responses are never indented (a dev agent's are); an element null in a list of objects, or null alone in a list where a single value
// belongs, on which a real server drops the connection, is refused.
package consul
