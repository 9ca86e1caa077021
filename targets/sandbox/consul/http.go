package consul

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"gatehouse/targets/sandbox"
)

// refusal is an error with the status that Consul answers it with.
type refusal struct {
	status int
	text   string
}

func (r *refusal) Error() string { return r.text }

func refuse(status int, format string, args ...any) error {
	return &refusal{status, fmt.Sprintf(format, args...)}
}

// statusOf is 500 for everything that has no status of its own: Consul answers so even where the request is to blame.
func statusOf(err error) int {
	var r *refusal
	if errors.As(err, &r) {
		return r.status
	}
	return http.StatusInternalServerError
}

// endpoint answers a request with a body, or an error; headers go to the response directly.
type endpoint func(http.ResponseWriter, *http.Request) ([]byte, error)

// answer is a response kept back until faults have had their say.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (a *answer) Header() http.Header         { return a.header }
func (a *answer) WriteHeader(status int)      { a.status = status }
func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }

// serve wraps the routes with the record of calls and the faults.
func (c *Consul) serve(w http.ResponseWriter, r *http.Request) {
	write := r.Method != http.MethodGet && r.Method != http.MethodHead && r.Method != http.MethodOptions
	call := sandbox.Call{Route: route(r), Method: r.Method, Path: r.URL.RequestURI(), Write: write}
	fault, done := c.Begin(write)
	if fault.Delay > 0 {
		select {
		case <-time.After(fault.Delay):
		case <-r.Context().Done():
		}
	}
	a := &answer{header: w.Header(), status: http.StatusOK}
	if fault.Status != 0 {
		a.status = fault.Status
		a.body.WriteString(fault.Body)
	} else {
		c.routes.ServeHTTP(a, r)
		done()
	}
	if fault.Drop {
		c.Add(call)
		panic(http.ErrAbortHandler) // the documented way to cut a connection off
	}
	call.Status = a.status
	c.Add(call)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes())
}

// route names what a request asks, without the names of things.
func route(r *http.Request) string {
	path := r.URL.Path
	if rest, ok := strings.CutPrefix(path, "/v1/config/"); ok && rest != "" {
		path = "/v1/config/KIND"
		if strings.Contains(rest, "/") {
			path += "/NAME"
		}
	}
	for before, name := range map[string]string{
		"/v1/kv/": "KEY", "/v1/session/destroy/": "ID", "/v1/session/renew/": "ID", "/v1/session/info/": "ID", "/v1/session/node/": "NODE",
	} {
		if strings.HasPrefix(path, before) {
			path = before + name
		}
	}
	return r.Method + " " + path
}

func (c *Consul) mux() http.Handler {
	m := http.NewServeMux()
	m.Handle("/v1/config", c.handle(c.putConfig, "PUT"))
	m.Handle("/v1/config/", c.handle(c.config, "GET", "DELETE"))
	m.Handle("/v1/kv/", c.handle(c.expiring(c.kv), "GET", "PUT", "DELETE"))
	m.Handle("/v1/session/create", c.handle(c.createSession, "PUT"))
	m.Handle("/v1/session/destroy/", c.handle(c.expiring(c.destroySession), "PUT"))
	m.Handle("/v1/session/renew/", c.handle(c.expiring(c.renewSession), "PUT"))
	m.Handle("/v1/session/info/", c.handle(c.expiring(c.readSessions), "GET"))
	m.Handle("/v1/session/node/", c.handle(c.expiring(c.readSessions), "GET"))
	m.Handle("/v1/session/list", c.handle(c.expiring(c.readSessions), "GET"))
	m.Handle("/v1/connect/intentions/check", c.handle(c.check, "GET"))
	m.Handle("/v1/status/leader", c.handle(c.statusLeader, "GET"))
	m.Handle("/v1/agent/self", c.handle(c.agentSelf, "GET"))
	m.HandleFunc("/", unmodelled)
	return m
}

// unmodelled says loudly that a request went beyond the double.
func unmodelled(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if !strings.Contains(r.URL.Path, "/v1/") {
		w.WriteHeader(http.StatusNotFound)
		fmt.Fprintln(w, "Invalid URL path: if attempting to use the HTTP API, ensure the path starts with '/v1/'")
		return
	}
	w.WriteHeader(http.StatusNotImplemented)
	fmt.Fprintf(w, "sandbox: %s %s is not modelled", r.Method, r.URL.Path)
}

// handle makes an endpoint of a handler for some methods.
func (c *Consul) handle(e endpoint, methods ...string) http.Handler {
	allow := "OPTIONS," + strings.Join(methods, ",")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Vary", "Accept-Encoding")
		w.Header().Set("X-Consul-Default-Acl-Policy", c.opts.DefaultPolicy)
		switch {
		case r.Method == http.MethodOptions:
			w.Header().Set("Allow", allow)
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
		case !slices.Contains(methods, r.Method):
			w.Header().Set("Allow", allow)
			fail(w, refuse(http.StatusMethodNotAllowed, "method %s not allowed", r.Method))
		default:
			body, err := e(w, r)
			if err != nil {
				fail(w, err)
				return
			}
			if w.Header().Get("Content-Type") == "" {
				w.Header().Set("Content-Type", "application/json")
			}
			_, _ = w.Write(body)
		}
	})
}

func fail(w http.ResponseWriter, err error) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(statusOf(err))
	_, _ = io.WriteString(w, err.Error())
}

// setMeta sets the headers of a read.
func setMeta(w http.ResponseWriter, index uint64, filtered bool) {
	h := w.Header()
	h.Set("X-Consul-Index", strconv.FormatUint(index, 10))
	h.Set("X-Consul-Knownleader", "true")
	h.Set("X-Consul-Lastcontact", "0")
	h.Set("X-Consul-Query-Backend", "blocking-query")
	if filtered {
		h.Set("X-Consul-Results-Filtered-By-Acls", "true")
	}
}

// enterpriseOnly refuses the query parameters of Consul Enterprise.
func enterpriseOnly(r *http.Request) error {
	q := r.URL.Query()
	if q.Get("ns") != "" || r.Header.Get("X-Consul-Namespace") != "" {
		return refuse(http.StatusBadRequest, `Invalid query parameter: "ns" - Namespaces are a Consul Enterprise feature`)
	}
	if q.Get("partition") != "" {
		return refuse(http.StatusBadRequest, `Invalid query parameter: "partition" - Partitions are a Consul Enterprise feature`)
	}
	return nil
}
