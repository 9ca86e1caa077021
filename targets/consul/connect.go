package consul

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"gatehouse/targets"
)

// Config says how to talk to one environment's Consul. What is empty stays unset: no CONSUL_* variable is read here, so that what the
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
	HTTPClient *http.Client  // nil: made from TLS
}

// TLS holds file names and settings for https addresses.
type TLS struct {
	CAFile, CAPath     string // empty: the system's roots
	CertFile, KeyFile  string // a client certificate: both or neither
	ServerName         string // empty: the address's host
	InsecureSkipVerify bool
}

// Conn is a connection to one Consul. It is safe for concurrent use.
type Conn struct {
	config Config
	base   *url.URL
	http   *http.Client
}

var _ targets.Conn = (*Conn)(nil)

// Connect prepares a connection and reads the TLS files; nothing is sent yet.
func Connect(c Config) (*Conn, error) {
	if c.Timeout == 0 {
		c.Timeout = 30 * time.Second
	}
	if c.Patience == 0 {
		c.Patience = 15 * time.Second
	}
	base, socket, err := parseAddress(c.Address)
	if err != nil {
		return nil, fmt.Errorf("consul: address %q: %w", c.Address, err)
	}
	client := c.HTTPClient
	if client == nil {
		if client, err = newHTTPClient(c.TLS, socket); err != nil {
			return nil, fmt.Errorf("consul: %w", err)
		}
	}
	return &Conn{config: c, base: base, http: client}, nil
}

// parseAddress returns the base of all URLs, and the socket where the address is one.
func parseAddress(address string) (base *url.URL, socket string, err error) {
	if address == "" {
		return nil, "", errors.New("none was given")
	}
	if path, ok := strings.CutPrefix(address, "unix://"); ok {
		return &url.URL{Scheme: "http", Host: "unix"}, path, nil
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

// newHTTPClient follows no redirect: a token must not go anywhere but to the address that was given.
func newHTTPClient(t TLS, socket string) (*http.Client, error) {
	config, err := t.config()
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}
	transport := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         dialer.DialContext,
		TLSClientConfig:     config,
		TLSHandshakeTimeout: 10 * time.Second,
		MaxIdleConnsPerHost: 64,
		IdleConnTimeout:     90 * time.Second,
		ForceAttemptHTTP2:   true,
	}
	if socket != "" {
		transport.Proxy = nil
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dialer.DialContext(ctx, "unix", socket)
		}
	}
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}, nil
}

func (t TLS) config() (*tls.Config, error) {
	config := &tls.Config{ServerName: t.ServerName, InsecureSkipVerify: t.InsecureSkipVerify, MinVersion: tls.VersionTLS12}
	if (t.CertFile == "") != (t.KeyFile == "") {
		return nil, errors.New("a client certificate needs both its file and its key's")
	}
	if t.CertFile != "" {
		pair, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
		if err != nil {
			return nil, fmt.Errorf("read the client certificate: %w", err)
		}
		config.Certificates = []tls.Certificate{pair}
	}
	roots, err := t.roots()
	config.RootCAs = roots
	return config, err
}

// roots returns the certificate authorities of CAFile and of every file in CAPath; nil, the system's, where neither is set.
func (t TLS) roots() (*x509.CertPool, error) {
	var files []string
	if t.CAFile != "" {
		files = append(files, t.CAFile)
	}
	if t.CAPath != "" {
		entries, err := os.ReadDir(t.CAPath)
		if err != nil {
			return nil, fmt.Errorf("read certificate authorities: %w", err)
		}
		for _, e := range entries {
			if !e.IsDir() {
				files = append(files, filepath.Join(t.CAPath, e.Name()))
			}
		}
	}
	if len(files) == 0 {
		return nil, nil
	}
	pool := x509.NewCertPool()
	for _, file := range files {
		pem, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read certificate authorities: %w", err)
		}
		if !pool.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("read certificate authorities: %s holds no PEM certificate", file)
		}
	}
	return pool, nil
}
