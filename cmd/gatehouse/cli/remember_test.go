package cli

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"gatehouse/cmd/gatehouse/recall"
	"gatehouse/compiler"
)

func TestCacheFolder(t *testing.T) {
	home := func() (string, error) { return "/users/ada/cache", nil }
	homeless := func() (string, error) { return "", errors.New("no home") }
	for _, tt := range []struct {
		want string
		env  map[string]string
		user func() (string, error)
	}{
		{"/users/ada/cache/gatehouse/runs", nil, home},
		{"", nil, homeless},
		{"", map[string]string{"CI": "true"}, home},
		{"/runs", map[string]string{"CI": "true", cacheVariable: "/runs"}, home},
		{"", map[string]string{cacheVariable: "off"}, home},
	} {
		if got := cacheFolder(func(name string) string { return tt.env[name] }, tt.user); filepath.ToSlash(got) != tt.want {
			t.Errorf("%v: %q, want %q", tt.env, got, tt.want)
		}
	}
}

func TestHollow(t *testing.T) {
	at := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		said, format, at string
		want             string
		fixed            bool
	}{
		{"ok", "text", "", "ok", false},
		{`{"time": "2026-06-01T12:00:00Z"}`, "json", "", "{\"time\": \"\x00now\x00\"}", false},
		{`{"time": "2026-06-01T12:00:00Z", "detail": "2026-06-01T12:00:00Z"}`, "json", "", `{"time": "2026-06-01T12:00:00Z", "detail": "2026-06-01T12:00:00Z"}`, true},
		{`{"time": "2026-06-01T12:00:00Z"}`, "json", "2026-06-01T12:00:00Z", `{"time": "2026-06-01T12:00:00Z"}`, false},
		{"it ends at 2026-06-01T12:00:00Z", "text", "", "it ends at 2026-06-01T12:00:00Z", true},
		{"\x00now\x00", "text", "", "\x00now\x00", true},
	} {
		got, fixed := hollow([]byte(tt.said), at, tt.format == "json", tt.at != "")
		if string(got) != tt.want || fixed != tt.fixed {
			t.Errorf("%q: %q, %t", tt.said, got, fixed)
		}
	}
}

// The moment of a document is that of its own run, remembered or not; and no run of a later day is told what an earlier one found.
func TestAMemoryKnowsItsMoment(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "p.gate.hcl"), []byte("gatehouse {\n  policy = \"p\"\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cache := filepath.Join(t.TempDir(), "runs")
	check := func(at time.Time, cache string) string {
		var stdout, stderr bytes.Buffer
		w := world{stdin: strings.NewReader(""), stdout: &stdout, stderr: &stderr, getenv: func(string) string { return "" }, now: func() time.Time { return at }, cache: cache}
		if code := run(t.Context(), []string{"check", "--format", "json", dir}, w); code != 0 || stderr.Len() > 0 {
			t.Fatal(code, stderr.String())
		}
		return stdout.String()
	}
	noon := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	for _, at := range []time.Time{noon, noon.Add(time.Hour), noon.AddDate(0, 0, 1), noon} {
		if want, got := check(at, ""), check(at, cache); got != want || !strings.Contains(got, at.Format(time.RFC3339)) {
			t.Errorf("at %s: %s\nwithout a memory: %s", at, got, want)
		}
	}
	if runs, err := os.ReadDir(cache); err != nil || len(runs) != 1 {
		t.Errorf("%d runs are remembered, %v", len(runs), err)
	}
}

// A memory that holds is what is said: nothing is worked out beside it. With other flags, and with --no-cache, it is not.
func TestARunIsRecalled(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "p.gate.hcl"), []byte("gatehouse {\n  policy = \"p\"\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var stdout bytes.Buffer
	w := world{stdin: strings.NewReader(""), stdout: &stdout, stderr: &stdout, getenv: func(string) string { return "" }, now: time.Now, cache: filepath.Join(t.TempDir(), "runs")}
	store, err := recall.Open(w.cache)
	if err != nil {
		t.Fatal(err)
	}
	_, root, _, err := compiler.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Save(runKey(w, checkVerb(w), dir, root), recall.NewTrace(), recall.Memory{Stdout: []byte("as before\n"), Code: 3}); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		recalled bool
		args     []string
	}{
		{true, []string{"check", dir}},
		{false, []string{"check", "--no-cache", dir}},
		{false, []string{"check", "--format", "json", dir}},
		{false, []string{"check", "--at", "2026-06-01T12:00:00Z", dir}},
		{false, []string{"check", "--var", "a=b", dir}},
		{false, []string{"compile", dir}},
	} {
		stdout.Reset()
		code := run(t.Context(), tt.args, w)
		if recalled := stdout.String() == "as before\n" && code == 3; recalled != tt.recalled {
			t.Errorf("%v: recalled %t: exit %d, %s", tt.args, recalled, code, stdout.String())
		}
	}
	key := runKey(w, checkVerb(w), dir, root)
	if w.environ = []string{"PATH=/bin"}; runKey(w, checkVerb(w), dir, root) != key {
		t.Error("a variable of the machine makes another run")
	}
	if w.environ = []string{"GATEHOUSE_VAR_a=b"}; runKey(w, checkVerb(w), dir, root) == key {
		t.Error("a variable of the policy makes no other run")
	}
}
