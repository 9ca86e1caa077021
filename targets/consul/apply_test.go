package consul_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/targets"
	"gatehouse/targets/consul"
)

// write sends one change and returns what it was told, with the requests that it took.
func write(t *testing.T, a *agent, change targets.Change) (targets.Token, error) {
	t.Helper()
	return connect(t, consul.Config{Address: a.URL, Token: secret}).Write(context.Background(), change)
}

// TestBodyIsSentAsItStands writes fields and numbers that the client's own types do not have.
func TestBodyIsSentAsItStands(t *testing.T) {
	const body = `{"Kind":"service-defaults","Name":"db","Invented":{"Deeply":[18446744073709551615]},"Protocol":"grpc"}`
	var got string
	a := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPut {
			sent, _ := io.ReadAll(r.Body)
			got = strings.TrimSpace(string(sent))
			says(200, "true")(w, r)
			return
		}
		says(200, body)(w, r)
	}))
	t.Cleanup(a.Close)
	change := targets.Change{Key: targets.Key{Kind: consul.ServiceDefaults, Name: "db"}, After: []byte(body)}
	if _, err := connect(t, consul.Config{Address: a.URL}).Write(context.Background(), change); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(body, got); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

// TestWriteSettles loses answers, and finds out by reading back what became of the write.
func TestWriteSettles(t *testing.T) {
	mine := `{"Kind":"service-intentions","Name":"db","Sources":[{"Name":"a","Action":"allow"}],"ModifyIndex":8}`
	before := `{"Kind":"service-intentions","Name":"db","Sources":[{"Name":"b","Action":"allow"}],"ModifyIndex":7}`
	theirs := `{"Kind":"service-intentions","Name":"db","Sources":[{"Name":"c","Action":"allow"}],"ModifyIndex":9}`
	put := targets.Change{Key: key, Token: "7", After: []byte(mine)}
	remove := targets.Change{Key: key, Token: "7"}
	for _, test := range []struct {
		name     string
		change   targets.Change
		answers  []http.HandlerFunc
		token    targets.Token
		moved    bool
		requests int
	}{
		{"written, the answer lost", put, []http.HandlerFunc{hangUp, says(200, mine)}, "8", false, 3},
		{"not written, sent again", put, []http.HandlerFunc{hangUp, says(200, before), says(200, "true"), says(200, mine)}, "8", false, 4},
		{"sent again, and the first had got through", put, []http.HandlerFunc{hangUp, says(200, before), says(200, "false"), says(200, mine)}, "8", false, 5},
		{"lost to somebody else", put, []http.HandlerFunc{hangUp, says(200, theirs)}, "", true, 2},
		{"moved", put, []http.HandlerFunc{says(200, "false")}, "", true, 1},
		{"written, then overwritten", put, []http.HandlerFunc{says(200, "true"), says(200, theirs)}, "", true, 2},
		{"a gateway gave up", put, []http.HandlerFunc{says(504, ""), says(200, mine)}, "8", false, 3},
		{"deleted, the answer lost", remove, []http.HandlerFunc{hangUp, says(404, "")}, "", false, 2},
		{"not deleted, sent again", remove, []http.HandlerFunc{hangUp, says(200, before), says(200, "true")}, "", false, 3},
		{"busy, then written", put, []http.HandlerFunc{says(429, "rate limit"), says(503, "retry later"), says(500, "No cluster leader"),
			says(500, "Intentions are read only while being upgraded to config entries"), says(200, "true"), says(200, mine)}, "8", false, 6},
	} {
		a := serve(t, test.answers...)
		token, err := write(t, a, test.change)
		if token != test.token || errors.Is(err, targets.ErrMoved) != test.moved || (err != nil) != test.moved || len(a.asked) != test.requests {
			t.Errorf("%s: token %q, error %v, after %q", test.name, token, err, a.asked)
		}
	}
}

func TestWriteErrors(t *testing.T) {
	put := targets.Change{Key: key, Token: "7", After: []byte(entry("db", "*=deny"))}
	for _, test := range []struct {
		want     string
		change   targets.Change
		answers  []http.HandlerFunc
		requests int
	}{
		{`consul: write service-intentions/db: HTTP 500: At least one source is required`, put, []http.HandlerFunc{says(500, "At least one source is required")}, 1},
		{`consul: write service-intentions/db: HTTP 403: Permission denied`, put, []http.HandlerFunc{says(403, "Permission denied")}, 1},
		{`consul: write service-intentions/db: HTTP 200: what answers there is no Consul agent (Content-Type "text/html")`, put,
			[]http.HandlerFunc{saysIn("text/html", 200, "<html>true")}, 1},
		{`consul: write mesh-of-theirs/x: invalid config entry kind: mesh-of-theirs`,
			targets.Change{Key: targets.Key{Kind: "mesh-of-theirs", Name: "x"}, Token: "7"}, []http.HandlerFunc{says(200, "true")}, 0},
		{`consul: write service-intentions/db: token "seven" is no index of Consul's`, targets.Change{Key: key, Token: "seven"}, []http.HandlerFunc{says(200, "true")}, 0},
		{`consul: write service-intentions/db: written, but not read back: HTTP 403`, put, []http.HandlerFunc{says(200, "true"), says(403, "")}, 2},
		{`consul: write service-intentions/db: a delete of what does not exist`, targets.Change{Key: key}, []http.HandlerFunc{says(200, "true")}, 0},
	} {
		a := serve(t, test.answers...)
		if _, err := write(t, a, test.change); err == nil || err.Error() != test.want || len(a.asked) != test.requests {
			t.Errorf("%v after %q, want %s", err, a.asked, test.want)
		}
	}
}

// TestPatience gives up on a closed port quickly, and on a cancelled context at once.
func TestPatience(t *testing.T) {
	a := serve(t, says(429, "rate limit"))
	conn := connect(t, consul.Config{Address: a.URL, Patience: time.Minute})
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := conn.Write(ctx, targets.Change{Key: key, Token: "7"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want the context's error", err)
	}
	closed := httptest.NewServer(nil)
	closed.Close()
	conn = connect(t, consul.Config{Address: closed.URL, Patience: time.Minute})
	_, err := conn.Inspect(context.Background(), targets.Scope{Owner: owner})
	if err == nil || !strings.HasPrefix(err.Error(), "consul: "+closed.URL+": dial tcp") || !strings.HasSuffix(err.Error(), "connection refused") {
		t.Errorf("%v", err)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestSpeaksToTheWrongPort(t *testing.T) {
	a := serve(t, says(200, `{}`))
	address := strings.Replace(a.URL, "http://", "https://", 1)
	_, err := connect(t, consul.Config{Address: address}).Inspect(context.Background(), targets.Scope{Owner: owner})
	if want := "consul: " + address + ": the address says https, and what answers there does not speak TLS"; err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
}
