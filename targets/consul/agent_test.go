package consul_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"gatehouse/targets"
	"gatehouse/targets/consul"
)

const secret = "3f1c9a52-0000-4000-8000-5ec7e7000001"

var key = targets.Key{Kind: consul.Intentions, Name: "db"}

// agent is a server that answers by a script, one function a request, and remembers what was asked. It models nothing: how Consul behaves is
// tested against Consul.
type agent struct {
	*httptest.Server
	mutex   sync.Mutex
	asked   []string
	headers []http.Header
}

func serve(t *testing.T, answers ...http.HandlerFunc) *agent {
	t.Helper()
	a := &agent{}
	a.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.mutex.Lock()
		n := len(a.asked)
		a.asked = append(a.asked, r.Method+" "+r.URL.RequestURI())
		a.headers = append(a.headers, r.Header)
		a.mutex.Unlock()
		_, _ = io.Copy(io.Discard, r.Body)
		answers[min(n, len(answers)-1)](w, r)
	}))
	t.Cleanup(a.Close)
	return a
}

func says(status int, body string) http.HandlerFunc { return saysIn("application/json", status, body) }

func saysIn(contentType string, status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		fmt.Fprint(w, body)
	}
}

// hangUp cuts the connection without an answer.
func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func connect(t *testing.T, c consul.Config) *consul.Conn {
	t.Helper()
	c.Realm = realm
	if c.Patience == 0 {
		c.Patience = 2 * time.Second
	}
	conn, err := consul.Connect(c)
	if err != nil {
		t.Fatal(err)
	}
	return conn
}
