package sandbox

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func open(t testing.TB, path string) *Store {
	t.Helper()
	s, err := OpenStore(path, "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// set writes a number under a key.
func set(s *Store, key string, n int) error {
	return s.Update(func(tx *Tx) error {
		tx.Put(Record{Key: key, Value: fmt.Appendf(nil, "%d", n), Modified: tx.Next()})
		return nil
	})
}

// increment reads and writes in one step.
func increment(s *Store, key string) error {
	return s.Update(func(tx *Tx) error {
		r, _ := tx.Get(key)
		tx.Put(Record{Key: key, Value: fmt.Appendf(nil, "%d", number(r)+1), Modified: tx.Next()})
		return nil
	})
}

func number(r Record) (n int) {
	_ = json.Unmarshal(r.Value, &n)
	return n
}

// dump shows all records and the index.
func dump(t testing.TB, s *Store) string {
	t.Helper()
	var out strings.Builder
	err := s.View(func(v *View) error {
		for _, r := range v.List("") {
			fmt.Fprintf(&out, "%s=%s@%d ", r.Key, r.Value, r.Modified)
		}
		fmt.Fprintf(&out, "#%d", v.Index())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestStoreInMemory(t *testing.T) {
	s := NewStore()
	want(t, s, "#1")
	must(t, set(s, "b", 1), set(s, "a", 2), set(s, "b", 3))
	want(t, s, "a=2@3 b=3@4 #4")
	must(t, s.Update(func(tx *Tx) error { tx.Delete("a"); return nil }))
	want(t, s, "b=3@4 #5")
	must(t, s.Update(func(*Tx) error { return nil }))
	want(t, s, "b=3@4 #5")
}

func want(t testing.TB, s *Store, state string) {
	t.Helper()
	if diff := cmp.Diff(state, dump(t, s)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func must(t testing.TB, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestRefusedUpdateWritesNothing(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "state"))
	err := s.Update(func(tx *Tx) error { tx.Put(Record{Key: "a"}); return fmt.Errorf("no") })
	if err == nil || err.Error() != "no" {
		t.Errorf("got %v, want no", err)
	}
	want(t, s, "#1")
}

func TestListTakesAPrefix(t *testing.T) {
	s := NewStore()
	must(t, set(s, "a/1", 1), set(s, "b/2", 2), set(s, "b/1", 3), set(s, "b0", 4))
	must(t, s.View(func(v *View) error {
		var keys []string
		for _, r := range v.List("b/") {
			keys = append(keys, r.Key)
		}
		if diff := cmp.Diff([]string{"b/1", "b/2"}, keys); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		return nil
	}))
}

func TestStoresOfOneFileSeeEachOther(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "state")
	a, b := open(t, path), open(t, path)
	must(t, set(a, "x", 1))
	want(t, b, "x=1@2 #2")
	must(t, set(b, "y", 2))
	want(t, a, "x=1@2 y=2@3 #3")
	want(t, open(t, path), "x=1@2 y=2@3 #3")
}

// TestRewriteKeepsAll writes one key so often that the file is rewritten many times under an open reader.
func TestRewriteKeepsAll(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	a, b := open(t, path), open(t, path)
	must(t, set(a, "kept", 7), set(a, "gone", 8), a.Update(func(tx *Tx) error { tx.Delete("gone"); return nil }))
	for n := range 5000 {
		must(t, set(a, "x", n))
		if n%999 == 0 {
			want(t, b, fmt.Sprintf("kept=7@2 x=%d@%d #%d", n, n+5, n+5))
		}
	}
	text, err := os.ReadFile(path)
	must(t, err)
	if lines := strings.Count(string(text), "\n"); lines > 1010 {
		t.Errorf("the file has %d lines for 2 records", lines)
	}
	want(t, open(t, path), "kept=7@2 x=4999@5004 #5004")
}

// A file that can't be rewritten just now is as good as before: the write that was due to make it shorter has happened all the same.
func TestARewriteThatFailsFailsNoWrite(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	a := open(t, path)
	must(t, os.MkdirAll(path+".new", 0o700))
	for n := range 1200 {
		must(t, set(a, "x", n))
	}
	want(t, open(t, path), "x=1199@1201 #1201")
	must(t, os.Remove(path+".new"))
	must(t, set(a, "x", 1200))
	text, err := os.ReadFile(path)
	must(t, err)
	if lines := strings.Count(string(text), "\n"); lines > 3 {
		t.Errorf("the file has %d lines for 1 record", lines)
	}
}

func TestWhatAFileMayHold(t *testing.T) {
	const head = `{"sandbox":"test","version":1}` + "\n"
	const one = `{"index":2,"put":[{"key":"a","value":1,"created":2,"modified":2}]}` + "\n"
	tests := []struct{ want, name, text string }{
		{"#1", "empty", ""},
		{"#1", "header", head},
		{"a=1@2 #2", "one change", head + one},
		{"a=1@2 #2", "a line cut off", head + one + `{"index":3,"delete":["a`},
		{"a=1@2 #2", "a line without its end", head + one + `{"index":3,"delete":["a"]}`},
		{"#3", "a deletion", head + one + `{"index":3,"delete":["a"]}` + "\n"},
		{`line 1: holds "other" version 1, want "test" version 1`, "another format", `{"sandbox":"other","version":1}` + "\n"},
		{`line 1: holds "test" version 2, want "test" version 1`, "a later version", `{"sandbox":"test","version":2}` + "\n"},
		{"line 2: invalid character 'x' looking for beginning of value", "not ours", head + "x\n" + one},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "state")
			must(t, os.WriteFile(path, []byte(tt.text), 0o600))
			s, err := OpenStore(path, "test")
			if err != nil {
				if got := strings.TrimPrefix(err.Error(), "sandbox: open "+path+": "); got != tt.want {
					t.Errorf("got  %s\nwant %s", got, tt.want)
				}
				return
			}
			defer s.Close()
			want(t, s, tt.want)
			must(t, set(s, "b", 5)) // over whatever was cut off
			again, err := OpenStore(path, "test")
			must(t, err)
			defer again.Close()
			if got := dump(t, again); !strings.Contains(got, "b=5@") {
				t.Errorf("after a write: %s", got)
			}
		})
	}
}
