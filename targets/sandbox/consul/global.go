package consul

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-viper/mapstructure/v2"
)

// proxyDefaults is the proxy-defaults entry, of which there is one, named "global".
type proxyDefaults struct {
	Kind             string
	Name             string
	Config           map[string]any
	Mode             string           `json:",omitempty"`
	TransparentProxy transparentProxy `alias:"transparent_proxy"`
	MutualTLSMode    string           `json:",omitempty" alias:"mutual_tls_mode"`
	MeshGateway      meshGateway      `alias:"mesh_gateway"`
	Expose           expose
	AccessLogs       accessLogs      `alias:"access_logs"`
	EnvoyExtensions  []any           `json:",omitempty" alias:"envoy_extensions"`
	FailoverPolicy   *map[string]any `json:",omitempty" alias:"failover_policy"`
	Locality         *map[string]any `json:"PrioritizeByLocality,omitempty" mapstructure:"PrioritizeByLocality"`

	Meta  map[string]string `json:",omitempty"`
	stamp `mapstructure:"-"`
}

type accessLogs struct {
	Enabled             bool   `json:",omitempty"`
	DisableListenerLogs bool   `json:",omitempty" alias:"disable_listener_logs"`
	Type                string `json:",omitempty"`
	Path                string `json:",omitempty"`
	JSONFormat          string `json:",omitempty" alias:"json_format"`
	TextFormat          string `json:",omitempty" alias:"text_format"`
}

const globalName = "global"

func (e *proxyDefaults) kind() string { return kindProxy }
func (e *proxyDefaults) name() string { return e.Name }

func (e *proxyDefaults) allowed(a access) demand {
	if a == read {
		return demand{} // everybody may read it
	}
	return demand{resourceMesh, a, ""}
}

func (e *proxyDefaults) normalise() error {
	e.Kind = kindProxy
	if e.Name != "" && e.Name != globalName {
		return fmt.Errorf("invalid name (%q), only %q is supported", e.Name, globalName)
	}
	e.Name = globalName
	_, err := e.protocol()
	return err
}

// protocol is the default protocol of all services, which stands in the opaque Config.
func (e *proxyDefaults) protocol() (string, error) {
	var config struct{ Protocol string }
	err := mapstructure.WeakDecode(e.Config, &config)
	return config.Protocol, err
}

func (e *proxyDefaults) validate() error {
	if err := e.AccessLogs.validate(); err != nil {
		return err
	}
	if err := validateMeta(e.Meta); err != nil {
		return err
	}
	const maxSocketDir = 70
	if path, _ := e.Config["envoy_hcp_metrics_bind_socket_dir"].(string); len(path) > maxSocketDir {
		return fmt.Errorf("Config: envoy_hcp_metrics_bind_socket_dir length %d exceeds max %d", len(path), maxSocketDir)
	}
	if len(e.EnvoyExtensions) > 0 || e.FailoverPolicy != nil || e.Locality != nil {
		return refuse(501, "sandbox: EnvoyExtensions, FailoverPolicy and PrioritizeByLocality are not modelled")
	}
	return validateMutualTLS(e.MutualTLSMode)
}

func (l accessLogs) validate() error {
	switch l.Type {
	case "", "stderr", "stdout":
	case "file":
		if l.Path == "" {
			return errors.New("path must be specified when using file type access logs")
		}
	default:
		return fmt.Errorf("invalid access log type: %s", l.Type)
	}
	switch {
	case l.JSONFormat != "" && l.TextFormat != "":
		return errors.New("cannot specify both access log JSONFormat and TextFormat")
	case l.Type != "file" && l.Path != "":
		return errors.New("path is only valid for file type access logs")
	case l.JSONFormat != "":
		var document json.RawMessage
		if err := json.Unmarshal([]byte(l.JSONFormat), &document); err != nil {
			return fmt.Errorf("invalid access log json for JSON format: %w", err)
		}
	}
	return nil
}

// mesh is the mesh entry, of which there is one; it has no Name.
type mesh struct {
	Kind             string
	TransparentProxy struct {
		MeshDestinationsOnly bool `alias:"mesh_destinations_only"`
	} `alias:"transparent_proxy"`
	AllowEnablingPermissiveMutualTLS bool            `json:",omitempty" alias:"allow_enabling_permissive_mutual_tls"`
	ValidateClusters                 bool            `json:",omitempty" alias:"validate_clusters"`
	TLS                              *map[string]any `json:",omitempty"`
	HTTP                             *meshHTTP       `json:",omitempty"`
	Peering                          *meshPeering    `json:",omitempty"`

	Meta  map[string]string `json:",omitempty"`
	stamp `mapstructure:"-"`
}

type meshPeering struct {
	PeerThroughMeshGateways bool `alias:"peer_through_mesh_gateways"`
}

type meshHTTP struct {
	SanitizeXForwardedClientCert bool          `alias:"sanitize_x_forwarded_client_cert"`
	Incoming                     *meshIncoming `json:",omitempty"`
}

type meshIncoming struct {
	RequestNormalization *normalization `json:",omitempty" alias:"request_normalization"`
}

type normalization struct {
	InsecureDisablePathNormalization bool   `alias:"insecure_disable_path_normalization"`
	MergeSlashes                     bool   `alias:"merge_slashes"`
	PathWithEscapedSlashesAction     string `alias:"path_with_escaped_slashes_action"`
	HeadersWithUnderscoresAction     string `alias:"headers_with_underscores_action"`
}

const meshName = "mesh"

func (e *mesh) kind() string { return kindMesh }
func (e *mesh) name() string { return meshName }

func (e *mesh) allowed(a access) demand {
	if a == read {
		return demand{} // everybody may read it
	}
	return demand{resourceMesh, a, ""}
}

func (e *mesh) normalise() error { e.Kind = kindMesh; return nil }

func (e *mesh) validate() error {
	if err := validateMeta(e.Meta); err != nil {
		return err
	}
	if e.TLS != nil {
		return refuse(501, "sandbox: TLS in mesh is not modelled")
	}
	if e.HTTP == nil || e.HTTP.Incoming == nil || e.HTTP.Incoming.RequestNormalization == nil {
		return nil
	}
	if err := e.HTTP.Incoming.RequestNormalization.validate(); err != nil {
		return fmt.Errorf("error in HTTP incoming request normalization configuration: %v", err)
	}
	return nil
}

func (n *normalization) validate() error {
	slashes := []string{
		"IMPLEMENTATION_SPECIFIC_DEFAULT", "KEEP_UNCHANGED", "REJECT_REQUEST", "UNESCAPE_AND_REDIRECT", "UNESCAPE_AND_FORWARD",
	}
	if err := oneOf("PathWithEscapedSlashesAction", n.PathWithEscapedSlashesAction, slashes); err != nil {
		return err
	}
	return oneOf("HeadersWithUnderscoresAction", n.HeadersWithUnderscoresAction, []string{"ALLOW", "REJECT_REQUEST", "DROP_HEADER"})
}

func oneOf(field, value string, allowed []string) error {
	if value == "" || slices.Contains(allowed, value) {
		return nil
	}
	return fmt.Errorf("no matching %s value found for %s, please specify one of [%s]", field, value, strings.Join(allowed, ", "))
}
