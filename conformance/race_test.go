package conformance

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
)

// Two writers race on one entry: the program, and somebody else who counts in the entry's Meta. Every write is a compare-and-swap, so that
// a count that was lost, or a source that was, is somebody's write over what it never read.

func TestRaceOnSandbox(t *testing.T) { race(t, newSandbox(t, false)) }

func TestRaceOnConsul(t *testing.T) { race(t, newPool(t, false).take(t)) }

func race(t *testing.T, m mesh) {
	dir := t.TempDir()
	write(t, dir, shop(map[string][]string{"features": {"a"}}, "tcp"))
	gatehouse(t, 0, m.address(), dir, "apply", "--auto-approve")
	count := 0
	for between := range patience + 2 {
		who := string("ba"[between%2])
		write(t, dir, shop(map[string][]string{"features": {who}}, "tcp"))
		r := &rival{t: t, m: m, left: between}
		if err := r.race(dir); (err != nil) != (between > patience) {
			t.Errorf("%d writes of another came between: %v", between, err)
		}
		gatehouse(t, 0, m.address(), dir, "apply", "--auto-approve") // what was refused, or nothing
		count += between - r.left
		if got, sources := standing(t, m); got != count || sources != who {
			t.Errorf("%d writes of another came between: he counted to %d, and %d is left; %q is let in, want %q", between, count, got, sources, who)
		}
	}
	slower(t, m, dir, count)
}

// patience is how many writes of others an apply of one container outlives; after one more it says so and leaves the container alone.
const patience = 3

// slower is the other way round: the program is first, and the other, who has read before, must not get through.
func slower(t *testing.T, m mesh, dir string, count int) {
	t.Helper()
	read := fetch(t, m)
	write(t, dir, shop(map[string][]string{"features": {"a", "b"}}, "tcp"))
	gatehouse(t, 0, m.address(), dir, "apply", "--auto-approve")
	if swap(t, m, read) {
		t.Error("the other wrote over what he had not read")
	}
	if got, sources := standing(t, m); got != count || sources != "ab" {
		t.Errorf("the count is %d and %q is let in, want %d and ab", got, sources, count)
	}
}

// rival writes to the entry whenever the program is about to, and has read it already.
type rival struct {
	t    *testing.T
	m    mesh
	left int
}

// race applies, with the rival in between.
func (r *rival) race(dir string) error {
	r.t.Helper()
	target, err := url.Parse(r.m.address())
	if err != nil {
		r.t.Fatal(err)
	}
	through := httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if q.Method == http.MethodPut && r.left > 0 {
			r.left--
			if !swap(r.t, r.m, fetch(r.t, r.m)) {
				r.t.Error("the other was overtaken")
			}
		}
		through.ServeHTTP(w, q)
	}))
	defer server.Close()
	out, err := program(server.URL, dir, "apply", "--auto-approve").CombinedOutput()
	if err != nil && !strings.Contains(string(out), "refused prod · consul  service-intentions/features: somebody keeps changing it") {
		r.t.Errorf("apply: %v\n%s", err, out)
	}
	return err
}

// swap adds one to the count of an entry that was read, and reports whether nobody had written since.
func swap(t *testing.T, m mesh, entry map[string]any) bool {
	meta := entry["Meta"].(map[string]any)
	meta["count"] = fmt.Sprint(number(meta["count"]) + 1)
	body, err := json.Marshal(entry)
	if err != nil {
		t.Error(err)
	}
	status, text, err := m.do(http.MethodPut, fmt.Sprintf("/v1/config?cas=%.0f", entry["ModifyIndex"]), string(body))
	if err != nil || status != http.StatusOK {
		t.Errorf("the other: %d %s %v", status, text, err)
	}
	return strings.TrimSpace(text) == "true"
}

func fetch(t *testing.T, m mesh) map[string]any {
	status, text, err := m.do(http.MethodGet, "/v1/config/service-intentions/features", "")
	var entry map[string]any
	if err == nil {
		err = json.Unmarshal([]byte(text), &entry)
	}
	if err != nil || status != http.StatusOK {
		t.Errorf("read: %d %s %v", status, text, err)
		return map[string]any{"Meta": map[string]any{}, "Sources": []any{}}
	}
	delete(entry, "Hash") // too large a number to be read and written again
	return entry
}

func number(v any) int {
	n := 0
	if s, ok := v.(string); ok {
		_, _ = fmt.Sscan(s, &n)
	}
	return n
}

// standing returns the count in the entry, and the names of those it lets in.
func standing(t *testing.T, m mesh) (count int, sources string) {
	t.Helper()
	entry := fetch(t, m)
	for _, s := range entry["Sources"].([]any) {
		if s := s.(map[string]any); s["Action"] == "allow" {
			sources += s["Name"].(string)
		}
	}
	return number(entry["Meta"].(map[string]any)["count"]), sources
}
