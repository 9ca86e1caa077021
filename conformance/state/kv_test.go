package state

import (
	"bytes"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"gatehouse/targets/consul"
	"gatehouse/targets/state"
)

// Documents of all sizes around what a key holds come back as they were saved, and nothing is left of those that were there before.
func TestSizes(t *testing.T) {
	onEach(t, func(t *testing.T, s *server) {
		m := s.medium(t, consul.MaxValue)
		version := ""
		for _, c := range []struct {
			name   string
			size   int
			line   int // every so many bytes a line ends; 0: never
			pieces int // 0: it fits a key; -1: whatever
		}{
			{"small", 100, 10, 0},
			{"one byte less", consul.MaxValue - 1, 100, 0},
			{"just fits", consul.MaxValue, 100, 0},
			{"one byte more", consul.MaxValue + 1, 100, -1},
			{"two keys and a bit", 2*consul.MaxValue + 17, 300, -1},
			{"one endless line", 2*consul.MaxValue + 1, 0, 3},
			{"a line as long as a key", 2 * consul.MaxValue, consul.MaxValue, 2},
			{"small again", 10, 5, 0},
		} {
			document := text(c.size, c.line)
			must(t, m.Save(t.Context(), document, version))
			other := s.medium(t, consul.MaxValue)
			got, now, err := other.Load(t.Context())
			must(t, err)
			if !bytes.Equal(got, document) {
				t.Errorf("%s: %d bytes came back as %d others", c.name, len(document), len(got))
			}
			if n := len(s.pieces(t)); c.pieces >= 0 && n != c.pieces || c.pieces < 0 && n < 2 {
				t.Errorf("%s: %d pieces", c.name, n)
			}
			if err := other.Save(t.Context(), []byte("x"), version); !errors.Is(err, state.ErrMoved) {
				t.Errorf("%s: saved over a version that it had not seen: %v", c.name, err)
			}
			if err := other.Save(t.Context(), text(consul.MaxValue+9, 10), "1"); !errors.Is(err, state.ErrMoved) {
				t.Errorf("%s: pieces saved over a version that it had not seen: %v", c.name, err)
			}
			_, version, err = m.Load(t.Context())
			must(t, err)
			if version != now {
				t.Errorf("%s: a failed save raised the version", c.name)
			}
		}
	})
}

// text is made of lines that differ.
func text(size, line int) []byte {
	out := make([]byte, size)
	for i := range out {
		out[i] = byte('a' + i*i/7%23)
		if line > 0 && i%line == line-1 {
			out[i] = '\n'
		}
	}
	return out
}

// A claim among many rewrites the pieces that it concerns and no others.
func TestFewPiecesChange(t *testing.T) {
	onEach(t, func(t *testing.T, s *server) {
		const limit = 16 << 10
		store := s.store(t, limit, nil)
		must(t, store.Update(t.Context(), func(c state.Claims) error {
			for n := range 1500 {
				c[key(n)] = map[string]state.Claim{"roles/secretmanager.secretAccessor serviceAccount:somebody@acme": {}}
			}
			return nil
		}))
		before := s.pieces(t)
		s.hook(nil, nil)
		must(t, state.NewLedger(store).Claim(t.Context(), key(700), "another"))
		after := s.pieces(t)
		same := len(slices.DeleteFunc(slices.Clone(after), func(k string) bool { return !slices.Contains(before, k) }))
		if len(before) < 15 || len(after)-same > 4 {
			t.Errorf("of %d pieces %d are new", len(after), len(after)-same)
		}
	})
}

// Many writers at the same time, with documents of many pieces, while others read: no claim is lost, and nobody reads a torn state.
func TestManyWriters(t *testing.T) {
	onEach(t, func(t *testing.T, s *server) {
		const writers, times, limit = 4, 6, 1 << 10
		var writing, reading sync.WaitGroup
		done := make(chan struct{})
		for w := range writers {
			store := s.store(t, limit, nil)
			writing.Go(func() {
				l := state.NewLedger(store)
				for n := range times {
					if err := l.Claim(t.Context(), key(w), fmt.Sprint("item-", n)); err != nil {
						t.Error(err)
					}
				}
			})
		}
		for range 2 {
			store := s.store(t, limit, nil)
			reading.Go(func() {
				for seen := 0; ; {
					st, err := store.Read(t.Context())
					if err != nil || st.Claims.Len() < seen {
						t.Errorf("%d claims after %d: %v", st.Claims.Len(), seen, err)
						return
					}
					seen = st.Claims.Len()
					select {
					case <-done:
						return
					default:
					}
				}
			})
		}
		writing.Wait()
		close(done)
		reading.Wait()
		st, err := s.store(t, limit, nil).Read(t.Context())
		must(t, err)
		if st.Claims.Len() != writers*times || st.Mark.Serial != writers*times {
			t.Errorf("%d claims in %d saves, want %d", st.Claims.Len(), st.Mark.Serial, writers*times)
		}
	})
}

// A process that is killed before or after any write of a save leaves the old state or the new one, whole; the next save succeeds and
// takes away what the killed one left.
func TestKilledAtEveryWrite(t *testing.T) {
	onEach(t, func(t *testing.T, s *server) {
		const limit = 1 << 10
		items := strings.Fields(strings.Repeat("x ", 30))
		for i := range items {
			items[i] = fmt.Sprintf("item-%d", i)
		}
		for _, late := range []bool{false, true} {
			for n, lived := 1, false; !lived; n++ {
				s.hook(nil, nil)
				store := s.store(t, limit, nil)
				must(t, store.Update(t.Context(), func(c state.Claims) error { clear(c); c[key(1)] = map[string]state.Claim{"before": {}}; return nil }))
				cmd := child(t, order{Address: s.address, Owner: s.owner, Limit: limit, Do: "claim", Items: items})
				started, ended := make(chan struct{}), make(chan struct{})
				kill := func(at int) {
					if at == n {
						<-started
						_ = cmd.Process.Kill()
						<-ended
					}
				}
				if late {
					s.hook(nil, kill)
				} else {
					s.hook(kill, nil)
				}
				must(t, cmd.Start())
				close(started)
				lived = cmd.Wait() == nil
				close(ended)
				s.hook(nil, nil)
				st, err := s.store(t, limit, nil).Read(t.Context())
				if err != nil {
					t.Fatalf("killed at write %d (late %v): %v", n, late, err)
				}
				if got := len(st.Claims[key(99)]); got != 0 && got != len(items) || !st.Claims.Ours(key(1), "before") {
					t.Errorf("killed at write %d (late %v): %d of %d claims", n, late, got, len(items))
				}
				must(t, state.NewLedger(store).Claim(t.Context(), key(2), items...))
				if st, err = s.store(t, limit, nil).Read(t.Context()); err != nil || len(st.Claims[key(2)]) != len(items) {
					t.Errorf("after a kill at write %d (late %v): %v", n, late, err)
				}
				if n > 50 {
					t.Fatal("the child never lives")
				}
			}
		}
		store := s.store(t, limit, nil)
		must(t, store.Update(t.Context(), func(c state.Claims) error { clear(c); return nil }))
		if left := s.pieces(t); len(left) > 0 {
			t.Errorf("%d pieces are left of killed saves: %v", len(left), left)
		}
	})
}

// A save whose answer is lost was made, once.
func TestLostAnswers(t *testing.T) {
	onEach(t, func(t *testing.T, s *server) {
		store := s.store(t, 1<<10, nil)
		for n := 1; n <= 12; n++ {
			once := true
			s.hook(nil, func(at int) {
				if at == n && once {
					once = false
					panic(abort)
				}
			})
			items := []string{}
			for i := range 20 {
				items = append(items, fmt.Sprintf("item-%d", i))
			}
			must(t, state.NewLedger(store).Claim(t.Context(), key(n), items...))
			s.hook(nil, nil)
			st, err := store.Read(t.Context())
			must(t, err)
			if len(st.Claims) != n || st.Mark.Serial != uint64(n) {
				t.Errorf("answer %d lost: %d containers, save %d", n, len(st.Claims), st.Mark.Serial)
			}
		}
	})
}

// A state that is taken away is Lost, one that is put back is Old, and a damaged one is neither: all through Consul's own API.
func TestRestored(t *testing.T) {
	onEach(t, func(t *testing.T, s *server) {
		const path = "/v1/kv/gatehouse/acme-ml/prod/state"
		store := s.store(t, consul.MaxValue, state.NewFileWitness(filepath.Join(t.TempDir(), "seen")))
		l := state.NewLedger(store)
		must(t, l.Claim(t.Context(), key(1), "a"))
		backup := s.ask(t, "GET", path+"?raw", "")
		must(t, l.Forget(t.Context(), key(1), "a"))
		standing := func(want state.Standing) {
			t.Helper()
			st, err := store.Read(t.Context())
			must(t, err)
			if st.Standing != want || st.Claims.Ours(key(1), "a") {
				t.Errorf("%s, want %s: %v", st.Standing, want, st.Claims)
			}
		}
		standing(state.Kept)
		s.ask(t, "DELETE", path, "")
		standing(state.Lost)
		s.ask(t, "PUT", path, backup)
		standing(state.Old)
		for value, want := range map[string]string{
			"":                         "it is damaged",
			`{"list":1,"pieces":[{`:    "the list of its pieces is damaged",
			`{"list":2,"pieces":[]}`:   "format 2 is newer",
			`{"list":1,"pieces":[]}`:   "it is damaged",
			`{"format":2,"claims":{}}`: "format 2 is newer",
			`{"list":1,"pieces":[{"key":"gone","size":1,"sha256":"x"}]}`: "piece gone is not there as it was written",
		} {
			s.ask(t, "PUT", path, value)
			_, err := store.Read(t.Context())
			again := l.Claim(t.Context(), key(2), "b")
			for _, err := range []error{err, again} {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("%s: %v, want %s", value, err, want)
				}
			}
			if now := s.ask(t, "GET", path+"?raw", ""); now != value {
				t.Errorf("%s: overwritten by %s", value, now)
			}
		}
	})
}
