package consul

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/hashicorp/consul/api"

	"gatehouse/targets"
)

// Config says how to talk to one environment's Consul. What is empty stays unset: no CONSUL_* variable is heeded here, so that what the
// command resolved, and checked against the policy, is what is used.
type Config struct {
	Address    string // http://HOST:PORT, https://HOST:PORT/PREFIX, unix:///PATH; HOST:PORT means http
	Datacenter string // empty: the agent's own
	Partition  string // Consul Enterprise
	Namespace  string // Consul Enterprise
	Token      string // empty: anonymous
	TLS        TLS
	Realm      string        // where service names are unique: Driver.Realm of the environment
	Timeout    time.Duration // of one request; 0: 30 s
	Patience   time.Duration // how long a request that may be repeated is repeated; 0: 15 s
}

// TLS holds file names and settings for https addresses. They mean what they mean to Consul's own command.
type TLS struct {
	CAFile, CAPath     string // the file comes first; both empty: the system's roots
	CertFile, KeyFile  string // a client certificate: both or neither
	ServerName         string // empty: the address's host
	InsecureSkipVerify bool
}

// Conn is a connection to one Consul. It is safe for concurrent use.
type Conn struct {
	config Config
	client *api.Client
}

var _ targets.Conn = (*Conn)(nil)

// Connect prepares a connection and reads the TLS files; nothing is sent yet.
func Connect(c Config) (*Conn, error) {
	c.Timeout = cmp.Or(c.Timeout, 30*time.Second)
	c.Patience = cmp.Or(c.Patience, 15*time.Second)
	base, socket, err := parseAddress(c.Address)
	if err != nil {
		return nil, fmt.Errorf("consul: address %q: %w", c.Address, err)
	}
	settings, err := c.TLS.settings()
	if err != nil {
		return nil, fmt.Errorf("consul: TLS: %w", err)
	}
	transport := newTransport(settings, socket)
	client, err := newClient(c, base, transport)
	if err != nil {
		return nil, fmt.Errorf("consul: %w", err)
	}
	conn := &Conn{config: c, client: client}
	// Nobody closes a Conn. What it keeps open goes with it, since an agent refuses the 201st connection of one address.
	runtime.AddCleanup(conn, (*http.Transport).CloseIdleConnections, transport)
	return conn, nil
}

// newClient makes Consul's client of what stands in Config and of nothing else. The client fills what is empty from CONSUL_* variables, so
// that every field which it looks for there is set, and what can't be set to nothing is taken out again by wire. An empty token is the
// empty file's: without a file of ours, the client would read the one that CONSUL_HTTP_TOKEN_FILE names.
//
// No redirect is followed: a token must not go anywhere but to the address that was given.
func newClient(c Config, base *url.URL, transport http.RoundTripper) (*api.Client, error) {
	return api.NewClient(&api.Config{
		Address:    base.Host,
		Scheme:     base.Scheme,
		PathPrefix: base.Path,
		Datacenter: c.Datacenter,
		Partition:  c.Partition,
		Namespace:  c.Namespace,
		Token:      c.Token,
		TokenFile:  os.DevNull,
		HttpClient: &http.Client{
			Transport:     wire{transport, c.Partition, c.Namespace},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	})
}

// parseAddress returns the base of all URLs, and the socket where the address is one.
func parseAddress(address string) (base *url.URL, socket string, err error) {
	if address == "" {
		return nil, "", errors.New("none was given")
	}
	if path, ok := strings.CutPrefix(address, "unix://"); ok {
		return &url.URL{Scheme: "http", Host: "localhost"}, path, nil
	}
	if !strings.Contains(address, "://") {
		address = "http://" + address
	}
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return nil, "", errors.New("not a URL")
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, "", fmt.Errorf("scheme %q: want http, https or unix", u.Scheme)
	case u.Host == "":
		return nil, "", errors.New("no host")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, "", errors.New("only a host, a port and a path may stand there")
	}
	u.Path = strings.TrimRight(u.Path, "/")
	return u, "", nil
}

func (t TLS) settings() (*tls.Config, error) {
	return api.SetupTLSConfig(&api.TLSConfig{
		Address:            t.ServerName,
		CAFile:             t.CAFile,
		CAPath:             t.CAPath,
		CertFile:           t.CertFile,
		KeyFile:            t.KeyFile,
		InsecureSkipVerify: t.InsecureSkipVerify,
	})
}

// newTransport returns the client's own transport, a new one each time, that keeps as many connections as an apply has writers: by itself, it
// keeps one for each processor or so.
func newTransport(settings *tls.Config, socket string) *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	transport := api.DefaultConfig().Transport
	transport.TLSClientConfig = settings
	transport.MaxIdleConnsPerHost = 64
	transport.DialContext = dialer.DialContext
	if socket != "" {
		transport.Proxy = nil
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", socket)
		}
	}
	return transport
}
