// Package state holds the state in Consul's key-value store to what it promises, on the double and on a real Consul alike: nothing is lost
// by many writers, nothing is torn by whoever dies, and a lock says who has it. It is tests alone.
package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/conformance/realconsul"
	"gatehouse/targets"
	"gatehouse/targets/consul"
	"gatehouse/targets/sandbox"
	double "gatehouse/targets/sandbox/consul"
	"gatehouse/targets/state"
)

var noon = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

// clock is the double's: as fast as ours, and ahead by what a test says.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// server is a Consul, real or not. Requests go through a proxy, which knows of each write.
type server struct {
	address string
	advance func(time.Duration) // the server's clock; a real one can't be hurried
	owner   targets.Owner       // of a state that nobody else in the tests has

	mu     sync.Mutex
	writes int
	before func(n int) // the nth write reaches the server
	after  func(n int) // it was carried out, and the answer is on its way
	cut    bool        // nothing gets through
}

// onEach runs a test against the double and, unless -short, against a real Consul that all tests share.
func onEach(t *testing.T, test func(*testing.T, *server)) {
	t.Run("double", func(t *testing.T) {
		t.Parallel()
		c := &clock{}
		d, err := double.Open("", "dc1", double.Options{Now: c.now})
		must(t, err)
		address, stop, err := d.Start()
		must(t, err)
		t.Cleanup(stop)
		test(t, proxied(t, address, c.advance))
	})
	t.Run("real", func(t *testing.T) {
		agent := realconsul.Start(t, realconsul.Options{})
		test(t, proxied(t, agent.Address, func(time.Duration) {}))
	})
}

func proxied(t *testing.T, address string, advance func(time.Duration)) *server {
	t.Helper()
	to, err := url.Parse(address)
	must(t, err)
	s := &server{advance: advance, owner: targets.Owner{Policy: "acme-ml", Environment: "prod"}}
	proxy := httputil.NewSingleHostReverseProxy(to)
	proxy.ErrorHandler = func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }
	front := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		write := r.Method != http.MethodGet
		if write {
			s.writes++
		}
		n, before, after, cut := s.writes, s.before, s.after, s.cut
		s.mu.Unlock()
		if cut {
			panic(http.ErrAbortHandler)
		}
		if write && before != nil {
			before(n)
		}
		proxy.ServeHTTP(w, r)
		if write && after != nil {
			after(n)
		}
	})
	var stop func()
	s.address, stop, err = sandbox.Start(front)
	must(t, err)
	t.Cleanup(stop)
	return s
}

// hook sets what happens around the nth write from now.
func (s *server) hook(before, after func(n int)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.writes, s.before, s.after = 0, before, after
}

func (s *server) sever() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut = true
}

// medium returns a medium of its own connection.
func (s *server) medium(t *testing.T, limit int) *consul.KV {
	t.Helper()
	kv, err := connect(s.address, s.owner, limit)
	must(t, err)
	return kv
}

func connect(address string, owner targets.Owner, limit int) (*consul.KV, error) {
	conn, err := consul.Connect(consul.Config{Address: address})
	if err != nil {
		return nil, err
	}
	kv := consul.NewKV(conn, owner)
	kv.Limit = limit
	return kv, nil
}

func (s *server) store(t *testing.T, limit int, w state.Witness) state.Store {
	t.Helper()
	return opened(s.medium(t, limit), s.owner, w)
}

func opened(m state.Medium, owner targets.Owner, w state.Witness) state.Store {
	return state.Open(m, state.Options{Owner: owner, Who: "ann@desk", Now: func() time.Time { return noon }, Witness: w})
}

// ask sends a request of the test's own, past the proxy's count.
func (s *server) ask(t *testing.T, method, path, body string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, s.address+path, strings.NewReader(body))
	must(t, err)
	response, err := http.DefaultClient.Do(request)
	must(t, err)
	defer response.Body.Close()
	var text strings.Builder
	_, err = fmt.Fprint(&text, response.Status)
	must(t, err)
	buffer := make([]byte, 1<<20)
	for {
		n, err := response.Body.Read(buffer)
		text.Write(buffer[:n])
		if err != nil {
			return strings.TrimPrefix(text.String(), response.Status)
		}
	}
}

// pieces returns the keys of the pieces that are there.
func (s *server) pieces(t *testing.T) (keys []string) {
	t.Helper()
	if text := s.ask(t, "GET", "/v1/kv/gatehouse/acme-ml/prod/pieces/?keys", ""); text != "" {
		must(t, json.Unmarshal([]byte(text), &keys))
	}
	return keys
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

// order is what a child process, which is this test binary again, is to do.
type order struct {
	Address string
	Owner   targets.Owner
	Limit   int
	Do      string // claim, lock
	Items   []string
}

const orderVariable = "STATE_TEST_ORDER"

func child(t *testing.T, o order) *exec.Cmd {
	t.Helper()
	text, err := json.Marshal(o)
	must(t, err)
	cmd := exec.Command(os.Args[0], "-test.run=^TestChild$", "-test.v=false")
	cmd.Env = append(os.Environ(), orderVariable+"="+string(text))
	cmd.Stderr = os.Stderr
	return cmd
}

// TestChild is the child's work; on its own it has none.
func TestChild(t *testing.T) {
	text := os.Getenv(orderVariable)
	if text == "" {
		return
	}
	var o order
	must(t, json.Unmarshal([]byte(text), &o))
	kv, err := connect(o.Address, o.Owner, o.Limit)
	must(t, err)
	s := opened(kv, o.Owner, nil)
	if o.Do == "lock" {
		_, _, err := s.Lock(context.Background(), "apply", 0)
		must(t, err)
		fmt.Println("locked")
		<-time.After(time.Minute) // it is killed before
	}
	must(t, state.NewLedger(s).Claim(context.Background(), key(99), o.Items...))
}

func key(n int) targets.Key {
	return targets.Key{Kind: "secret-policy", Name: fmt.Sprint("secret-", n)}
}
