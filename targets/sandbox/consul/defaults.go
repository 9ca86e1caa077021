package consul

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"time"
)

// serviceDefaults is a service-defaults entry: how one service speaks.
type serviceDefaults struct {
	Kind                      string
	Name                      string
	Protocol                  string
	Mode                      string           `json:",omitempty"`
	TransparentProxy          transparentProxy `alias:"transparent_proxy"`
	MutualTLSMode             string           `json:",omitempty" alias:"mutual_tls_mode"`
	MeshGateway               meshGateway      `alias:"mesh_gateway"`
	Expose                    expose
	ExternalSNI               string          `json:",omitempty" alias:"external_sni"`
	UpstreamConfig            *upstreams      `json:",omitempty" alias:"upstream_config"`
	Destination               *destination    `json:",omitempty"`
	MaxInboundConnections     int             `json:",omitempty" alias:"max_inbound_connections"`
	LocalConnectTimeoutMs     int             `json:",omitempty" alias:"local_connect_timeout_ms"`
	LocalRequestTimeoutMs     int             `json:",omitempty" alias:"local_request_timeout_ms"`
	BalanceInboundConnections string          `json:",omitempty" alias:"balance_inbound_connections"`
	RateLimits                *map[string]any `json:",omitempty" alias:"rate_limits"`
	EnvoyExtensions           []any           `json:",omitempty" alias:"envoy_extensions"`

	Meta                map[string]string `json:",omitempty"`
	stamp               `mapstructure:"-"`
	MaxRequestHeadersKB *uint32 `json:",omitempty"`
}

type transparentProxy struct {
	OutboundListenerPort int  `json:",omitempty" alias:"outbound_listener_port"`
	DialedDirectly       bool `json:",omitempty" alias:"dialed_directly"`
}

type meshGateway struct {
	Mode string `json:",omitempty"`
}

type expose struct {
	Checks bool         `json:",omitempty"`
	Paths  []exposePath `json:",omitempty"`
}

type exposePath struct {
	ListenerPort  int    `json:",omitempty" alias:"listener_port"`
	Path          string `json:",omitempty"`
	LocalPathPort int    `json:",omitempty" alias:"local_path_port"`
	Protocol      string `json:",omitempty"`
}

type destination struct {
	Addresses []string `json:",omitempty"`
	Port      int      `json:",omitempty"`
}

type upstreams struct {
	Overrides []*upstream `json:",omitempty"`
	Defaults  *upstream   `json:",omitempty"`
}

type upstream struct {
	Name                       string              `json:",omitempty"`
	Peer                       string              // always shown
	EnvoyListenerJSON          string              `json:",omitempty" alias:"envoy_listener_json"`
	EnvoyClusterJSON           string              `json:",omitempty" alias:"envoy_cluster_json"`
	Protocol                   string              `json:",omitempty"`
	ConnectTimeoutMs           int                 `json:",omitempty" alias:"connect_timeout_ms"`
	Limits                     *upstreamLimits     `json:",omitempty"`
	PassiveHealthCheck         *passiveHealthCheck `json:",omitempty" alias:"passive_health_check"`
	MeshGateway                meshGateway         `alias:"mesh_gateway"`
	BalanceOutboundConnections string              `json:",omitempty" alias:"balance_outbound_connections"`
}

type upstreamLimits struct {
	MaxConnections        *int `json:",omitempty" alias:"max_connections"`
	MaxPendingRequests    *int `json:",omitempty" alias:"max_pending_requests"`
	MaxConcurrentRequests *int `json:",omitempty" alias:"max_concurrent_requests"`
}

type passiveHealthCheck struct {
	Interval                time.Duration  `json:",omitempty"`
	MaxFailures             uint32         `json:",omitempty" alias:"max_failures"`
	EnforcingConsecutive5xx *uint32        `json:",omitempty" alias:"enforcing_consecutive_5xx"`
	MaxEjectionPercent      *uint32        `json:",omitempty" alias:"max_ejection_percent"`
	BaseEjectionTime        *time.Duration `json:",omitempty" alias:"base_ejection_time"`
}

func (e *serviceDefaults) kind() string { return kindDefaults }
func (e *serviceDefaults) name() string { return e.Name }

func (e *serviceDefaults) allowed(a access) demand { return demand{resourceService, a, e.Name} }

func (e *serviceDefaults) normalise() error {
	e.Kind = kindDefaults
	e.Protocol = strings.ToLower(e.Protocol)
	if e.UpstreamConfig == nil {
		return nil
	}
	if slices.Contains(e.UpstreamConfig.Overrides, nil) {
		return errNull
	}
	for _, u := range append(slices.Clone(e.UpstreamConfig.Overrides), e.UpstreamConfig.Defaults) {
		if u != nil {
			u.Protocol = strings.ToLower(u.Protocol)
			u.ConnectTimeoutMs = max(u.ConnectTimeoutMs, 0)
		}
	}
	return nil
}

func (e *serviceDefaults) validate() error {
	switch e.Name {
	case "":
		return errors.New("Name is required")
	case wildcard:
		return errors.New("service-defaults name must be the name of a service, and not a wildcard")
	}
	var all problems
	all.addErr(validateMeta(e.Meta))
	if !balanced(e.BalanceInboundConnections) {
		all.add("invalid value for balance_inbound_connections: %v", e.BalanceInboundConnections)
	}
	if !slices.Contains([]string{"", "http", "http2", "grpc", "tcp"}, e.Protocol) {
		all.add("invalid value for protocol: %v", e.Protocol)
	}
	if e.UpstreamConfig != nil && e.Destination != nil {
		all.add("UpstreamConfig and Destination are mutually exclusive for service defaults")
		return all.err()
	}
	e.UpstreamConfig.validate(&all)
	e.Destination.validate(&all)
	if e.RateLimits != nil {
		all.add("invalid rate_limits config. Rate limiting is a consul enterprise feature")
	}
	if len(e.EnvoyExtensions) > 0 {
		return refuse(501, "sandbox: EnvoyExtensions are not modelled")
	}
	if err := validateMutualTLS(e.MutualTLSMode); err != nil {
		return err
	}
	return all.err()
}

func balanced(mode string) bool { return mode == "" || mode == "exact_balance" }

func validateMutualTLS(mode string) error {
	if mode == "" || mode == "strict" || mode == permissive {
		return nil
	}
	return fmt.Errorf(`Invalid MutualTLSMode %q. Must be one of "", "strict", or "permissive".`, mode)
}

func (u *upstreams) validate(all *problems) {
	if u == nil {
		return
	}
	for _, o := range u.Overrides {
		err := o.validate()
		switch o.Name {
		case "":
			err = errors.New("Name is required")
		case wildcard:
			err = errors.New("Wildcard name is not supported")
		}
		if err != nil {
			all.add("error in upstream override for %s: %v", o.label(), err)
		}
	}
	if u.Defaults == nil {
		return
	}
	err := u.Defaults.validate()
	if u.Defaults.Name != "" {
		err = errors.New("Name must be empty")
	}
	if err != nil {
		all.add("error in upstream defaults: %v", err)
	}
}

// label names an override in an error, with its peer, as Consul does.
func (u *upstream) label() string { return u.Name + ":" + u.Peer }

func (u *upstream) validate() error {
	var all problems
	u.PassiveHealthCheck.validate(&all)
	u.Limits.validate(&all)
	if !balanced(u.BalanceOutboundConnections) {
		all.add("invalid value for balance_outbound_connections: %v", u.BalanceOutboundConnections)
	}
	return all.err()
}

func (c *passiveHealthCheck) validate(all *problems) {
	switch {
	case c == nil:
	case c.Interval < 0:
		all.add("passive health check interval cannot be negative")
	case c.EnforcingConsecutive5xx != nil && *c.EnforcingConsecutive5xx > 100:
		all.add("passive health check enforcing_consecutive_5xx must be a percentage between 0 and 100")
	case c.MaxEjectionPercent != nil && *c.MaxEjectionPercent > 100:
		all.add("passive health check max_ejection_percent must be a percentage between 0 and 100")
	case c.BaseEjectionTime != nil && *c.BaseEjectionTime < 0:
		all.add("passive health check base_ejection_time cannot be negative")
	}
}

func (l *upstreamLimits) validate(all *problems) {
	negative := func(n *int) bool { return n != nil && *n < 0 }
	switch {
	case l == nil:
	case negative(l.MaxConnections):
		all.add("max connections cannot be negative")
	case negative(l.MaxPendingRequests):
		all.add("max pending requests cannot be negative")
	case negative(l.MaxConcurrentRequests):
		all.add("max concurrent requests cannot be negative")
	}
}

func (d *destination) validate(all *problems) {
	if d == nil {
		return
	}
	if len(d.Addresses) == 0 {
		all.add("Destination must contain at least one valid address")
	}
	for i, a := range d.Addresses {
		if slices.Contains(d.Addresses[:i], a) {
			all.add("Duplicate address '%s' is not allowed", a)
		} else if net.ParseIP(a) == nil && (strings.Contains(a, "*") || !domainName(a)) {
			all.add("Destination address '%s' is invalid Could not validate address %s as an IP or Hostname", a, a)
		}
	}
	if d.Port < 1 || d.Port > 65535 {
		all.add("Invalid Port number %d", d.Port)
	}
}

// domainName holds names to the lengths of the domain name system, which is all that Consul asks for.
func domainName(s string) bool {
	if s == "" || len(s) > 254 || strings.Contains(s, "..") || s[0] == '.' && len(s) > 1 {
		return false
	}
	return !slices.ContainsFunc(strings.Split(s, "."), func(label string) bool { return len(label) > 63 })
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
