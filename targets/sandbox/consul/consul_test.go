package consul

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/consul/api"

	"gatehouse/targets/sandbox"
)

// start opens a double below dir, or in memory, and serves it until the test ends.
func start(t testing.TB, dir string, o Options) (*Consul, string) {
	t.Helper()
	c, err := Open(dir, "test", o)
	if err != nil {
		t.Fatal(err)
	}
	address, stop, err := c.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		stop()
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c, address
}

// call sends a request and returns status and body, or the error where none was answered.
func call(method, url, body string) (int, string, error) {
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

// reply is call for a request that is expected to be answered.
func reply(t testing.TB, method, url, body string) string {
	t.Helper()
	status, text, err := call(method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%d %s", status, text)
}

func intention(name, source string) string {
	return fmt.Sprintf(`{"Kind":"service-intentions","Name":%q,"Sources":[{"Name":%q,"Action":"allow"}]}`, name, source)
}

func TestStateOutlivesTheProcess(t *testing.T) {
	dir := t.TempDir()
	_, one := start(t, dir, Options{})
	_, two := start(t, dir, Options{})
	reply(t, "PUT", one+"/v1/config", intention("web", "a"))
	reply(t, "PUT", two+"/v1/config", `{"Kind":"proxy-defaults","Config":{"protocol":"http","n":[1,{"x":null}]}}`)
	reply(t, "PUT", two+"/v1/config", `{"Kind":"mesh","HTTP":{}}`)
	_, three := start(t, dir, Options{})
	for _, path := range []string{"/v1/config/", "/v1/config/service-intentions/WEB"} {
		if diff := cmp.Diff(reply(t, "GET", one+path, ""), reply(t, "GET", three+path, "")); diff != "" {
			t.Errorf("%s: -before +after:\n%s", path, diff)
		}
	}
	before := reply(t, "GET", one+"/v1/config/", "")
	reply(t, "PUT", three+"/v1/config", `{"Kind":"proxy-defaults","Config":{"protocol":"http","n":[1,{"x":null}]}}`)
	if diff := cmp.Diff(before, reply(t, "GET", one+"/v1/config/", "")); diff != "" {
		t.Errorf("an unchanged write: -before +after:\n%s", diff)
	}
}

func TestRealmsAreApart(t *testing.T) {
	dir := t.TempDir()
	paths := map[string]bool{}
	for _, realm := range []string{"prod", "https://consul.prod:8501/dc1", "../prod", "a/b", "a%2Fb", "..", ""} {
		path := Path(dir, realm)
		if paths[path] || strings.Count(strings.TrimPrefix(path, dir+"/"), "/") > 0 {
			t.Errorf("realm %q is kept in %s", realm, path)
		}
		paths[path] = true
	}
}

// TestRacingWriters has clients of two doubles on one state add a source each by compare and swap: no source is lost.
func TestRacingWriters(t *testing.T) {
	dir := t.TempDir()
	_, one := start(t, dir, Options{})
	_, two := start(t, dir, Options{})
	const writers, each = 6, 8
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			client, err := api.NewClient(&api.Config{Address: []string{one, two}[w%2]})
			if err != nil {
				t.Error(err)
				return
			}
			for i := range each {
				for !addSource(t, client, fmt.Sprintf("s-%d-%d", w, i)) {
				}
			}
		})
	}
	wg.Wait()
	var entry api.ServiceIntentionsConfigEntry
	_, text, _ := call("GET", one+"/v1/config/service-intentions/web", "")
	if err := json.Unmarshal([]byte(text), &entry); err != nil {
		t.Fatal(err)
	}
	if got := len(entry.Sources); got != writers*each {
		t.Errorf("%d sources are left of %d", got, writers*each)
	}
}

// addSource reads, adds and writes with the index that was read, through Consul's own client.
func addSource(t *testing.T, client *api.Client, name string) bool {
	entry := &api.ServiceIntentionsConfigEntry{Kind: api.ServiceIntentions, Name: "web"}
	found, _, err := client.ConfigEntries().Get(api.ServiceIntentions, "web", nil)
	if err == nil {
		entry = found.(*api.ServiceIntentionsConfigEntry)
	}
	entry.Sources = append(entry.Sources, &api.SourceIntention{Name: name, Action: api.IntentionActionAllow})
	done, _, err := client.ConfigEntries().CAS(entry, entry.ModifyIndex, nil)
	if err != nil {
		t.Error(err)
		return true
	}
	return done
}

func TestFaults(t *testing.T) {
	const gone = "EOF"
	tests := []struct {
		want  string // of the first, second and third write
		names string // of what is there afterwards
		fault sandbox.Fault
	}{
		{"200 200 200", "a b c", sandbox.Fault{Reads: true, Nth: 99, Status: 500}},
		{"200 500 200", "a c", sandbox.Fault{Nth: 2, Status: 500, Body: "rpc error"}},
		{"429 429 429", "", sandbox.Fault{Status: 429}},
		{"200 EOF 200", "a b c", sandbox.Fault{Nth: 2, Drop: true}},
		{"200 200 200", "a b c", sandbox.Fault{Nth: 1, Delay: time.Millisecond}},
	}
	for _, tt := range tests {
		c, address := start(t, "", Options{})
		c.Inject(tt.fault)
		var got []string
		for _, name := range []string{"a", "b", "c"} {
			status, _, err := call("PUT", address+"/v1/config", intention(name, "x"))
			if err != nil {
				got = append(got, gone)
				continue
			}
			got = append(got, fmt.Sprint(status))
		}
		if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%+v: -want +got:\n%s", tt.fault, diff)
		}
		if diff := cmp.Diff(tt.names, names(t, address)); diff != "" {
			t.Errorf("%+v: -want +got:\n%s", tt.fault, diff)
		}
	}
}

func names(t *testing.T, address string) string {
	t.Helper()
	var entries []struct{ Name string }
	_, text, err := call("GET", address+"/v1/config/service-intentions", "")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(text), &entries); err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name)
	}
	return strings.Join(out, " ")
}

func TestHooksStandAroundEachWrite(t *testing.T) {
	c, address := start(t, "", Options{})
	var seen []string
	note := func(when string) func(int) {
		return func(n int) {
			record := "absent"
			_ = c.store.View(func(v *sandbox.View) error {
				if _, ok := v.Get(key(kindIntentions, fmt.Sprintf("n%d", n))); ok {
					record = "there"
				}
				return nil
			})
			seen = append(seen, fmt.Sprint(when, n, " ", record))
		}
	}
	c.OnWrite(note("before"), note("after"))
	for n := range 2 {
		reply(t, "PUT", address+"/v1/config", intention(fmt.Sprintf("n%d", n+1), "x"))
		reply(t, "GET", address+"/v1/config/service-intentions", "")
	}
	if diff := cmp.Diff([]string{"before1 absent", "after1 there", "before2 absent", "after2 there"}, seen); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestCallsAreCounted(t *testing.T) {
	c, address := start(t, "", Options{})
	reply(t, "PUT", address+"/v1/config?cas=0", intention("a/b", "x"))
	reply(t, "PUT", address+"/v1/config", "{")
	reply(t, "GET", address+"/v1/config/service-intentions", "")
	reply(t, "GET", address+"/v1/config/service-intentions/a/b", "")
	reply(t, "DELETE", address+"/v1/config/service-intentions/a/b", "")
	reply(t, "GET", address+"/v1/catalog/services", "")
	want := []sandbox.Count{
		{Route: "DELETE /v1/config/KIND/NAME", Write: true, N: 1},
		{Route: "GET /v1/catalog/services", N: 1},
		{Route: "GET /v1/config/KIND", N: 1},
		{Route: "GET /v1/config/KIND/NAME", N: 1},
		{Route: "PUT /v1/config", Write: true, N: 2},
	}
	if diff := cmp.Diff(want, c.Counts()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	first := sandbox.Call{Route: "PUT /v1/config", Method: "PUT", Path: "/v1/config?cas=0", Write: true, Status: 200}
	if diff := cmp.Diff(first, c.Calls()[0]); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if c.Writes() != 3 || c.Reads() != 3 {
		t.Errorf("%d writes and %d reads, want 3 and 3", c.Writes(), c.Reads())
	}
	c.Reset()
	if got := c.Calls(); len(got) > 0 {
		t.Errorf("after a reset: %v", got)
	}
}

func TestWhatIsNotModelledSaysSo(t *testing.T) {
	_, address := start(t, "", Options{})
	tests := []struct{ want, method, path, body string }{
		{"501 sandbox: GET /v1/catalog/services is not modelled", "GET", "/v1/catalog/services", ""},
		{"501 sandbox: PUT /v1/acl/token is not modelled", "PUT", "/v1/acl/token", ""},
		{"501 sandbox: GET /v1/connect/intentions is not modelled", "GET", "/v1/connect/intentions", ""},
		{"501 sandbox: config entries of kind jwt-provider are not modelled", "GET", "/v1/config/jwt-provider", ""},
		{"501 sandbox: config entries of kind jwt-provider are not modelled", "PUT", "/v1/config", `{"Kind":"jwt-provider","Name":"x"}`},
		{"501 sandbox: config entries of kind service-router are not modelled", "DELETE", "/v1/config/service-router/x", ""},
		{"501 sandbox: filter is not modelled", "GET", "/v1/config/service-defaults?filter=x", ""},
		{"501 sandbox: TLS in mesh is not modelled", "PUT", "/v1/config", `{"Kind":"mesh","TLS":{}}`},
		{"501 sandbox: EnvoyExtensions are not modelled", "PUT", "/v1/config", `{"Kind":"service-defaults","Name":"x","EnvoyExtensions":[{"Name":"y"}]}`},
		{"500 " + errNull.Error(), "PUT", "/v1/config", `{"Kind":"service-intentions","Name":"x","Sources":[null]}`},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, reply(t, tt.method, address+tt.path, tt.body)); diff != "" {
			t.Errorf("%s %s: -want +got:\n%s", tt.method, tt.path, diff)
		}
	}
}

// TestUnrelatedWritesDoNotWake holds a blocking query to what it asked for: a write of something else raises the index and wakes it not.
func TestUnrelatedWritesDoNotWake(t *testing.T) {
	c, err := Open("", "", Options{})
	if err != nil {
		t.Fatal(err)
	}
	write := func(e entry) {
		t.Helper()
		err := c.store.Update(func(tx *sandbox.Tx) error { _, err := put(tx, e, cas{}); return err })
		if err != nil {
			t.Fatal(err)
		}
	}
	write(&intentions{Name: "web"})
	looks := make(chan uint64)
	done := make(chan page)
	go func() {
		p, _ := c.await(context.Background(), query{index: 2, wait: time.Minute}, func(v *sandbox.View) (page, error) {
			looks <- v.Index()
			r, ok := v.Get(key(kindIntentions, "web"))
			return page{body: r.Value, index: v.Index(), missing: !ok}, nil
		})
		done <- p
	}()
	<-looks
	write(&intentions{Name: "db"})
	if got := <-looks; got != 3 {
		t.Fatalf("looked at index %d", got)
	}
	write(&intentions{Name: "web", Meta: map[string]string{"a": "b"}})
	if got := <-looks; got != 4 {
		t.Fatalf("looked at index %d", got)
	}
	if p := <-done; p.index != 4 {
		t.Errorf("woke with index %d, want 4", p.index)
	}
}

// TestStop does not wait for a blocking query.
func TestStop(t *testing.T) {
	c, err := Open("", "", Options{})
	if err != nil {
		t.Fatal(err)
	}
	entered := make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { close(entered); c.Handler().ServeHTTP(w, r) })
	address, stop, err := sandbox.Start(handler)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_, _, _ = call("GET", address+"/v1/config/mesh?index=1", "") // whether it is still answered is chance
		close(ended)
	}()
	<-entered
	stop()
	<-ended
}

func BenchmarkPut(b *testing.B) {
	_, address := start(b, b.TempDir(), Options{})
	for n := 0; b.Loop(); n++ {
		reply(b, "PUT", address+"/v1/config?cas=0", intention(fmt.Sprintf("n%d", n), "x"))
	}
}

func BenchmarkList10000(b *testing.B) {
	c, address := start(b, b.TempDir(), Options{})
	for n := range 10000 {
		e := &intentions{Name: fmt.Sprintf("n%d", n), Sources: []*source{{Name: "a", Action: "allow"}, {Name: "*", Action: "deny"}}}
		_ = e.normalise()
		if err := c.store.Update(func(tx *sandbox.Tx) error { _, err := put(tx, e, cas{}); return err }); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		reply(b, "GET", address+"/v1/config/service-intentions", "")
	}
}
