package state

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"gatehouse/targets"
)

var (
	owner = targets.Owner{Policy: "acme-ml", Environment: "prod"}
	vault = targets.Key{Kind: "secret-policy", Name: "vault"}
	depot = targets.Key{Kind: "secret-policy", Name: "depot"}
	noon  = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
)

// memory is a medium whose document tests put back and take away.
type memory struct {
	mu       sync.Mutex
	document []byte
	version  int
	saves    int
	before   func() error // a save
}

func (m *memory) Load(context.Context) ([]byte, string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.document == nil {
		return nil, "", nil
	}
	return m.document, fmt.Sprint(m.version), nil
}

func (m *memory) Save(_ context.Context, document []byte, version string) error {
	if m.before != nil {
		if err := m.before(); err != nil {
			return err
		}
	}
	_, now, _ := m.Load(context.Background())
	m.mu.Lock()
	defer m.mu.Unlock()
	if now != version {
		return ErrMoved
	}
	m.document, m.version, m.saves = document, m.version+1, m.saves+1
	return nil
}

func (m *memory) Lock(context.Context, Holder, time.Duration) (context.Context, func() error, error) {
	return nil, nil, errors.New("no locks")
}

func (m *memory) String() string { return "memory" }

func (m *memory) put(document []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.document, m.version = document, m.version+1
}

// witness is a witness in memory.
type witness struct{ mark Mark }

func (w *witness) Last(context.Context) (Mark, error) { return w.mark, nil }

func (w *witness) Remember(_ context.Context, m Mark, forebears []Mark) error {
	if overtakes(m, forebears, w.mark) {
		w.mark = m
	}
	return nil
}

func opened(m Medium, w Witness) Store {
	return Open(m, Options{Owner: owner, Who: "ann@desk", Now: func() time.Time { return noon }, Witness: w})
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, s Store) State {
	t.Helper()
	st, err := s.Read(t.Context())
	must(t, err)
	return st
}

func claim(t *testing.T, s Store, k targets.Key, items ...string) {
	t.Helper()
	must(t, NewLedger(s).Claim(t.Context(), k, items...))
}

func forget(t *testing.T, s Store, k targets.Key, items ...string) {
	t.Helper()
	must(t, NewLedger(s).Forget(t.Context(), k, items...))
}

func TestClaimAndForget(t *testing.T) {
	m := &memory{}
	s := opened(m, nil)
	if st := read(t, s); st.Standing != New || st.Mark != (Mark{}) || st.Claims == nil {
		t.Errorf("at first: %+v", st)
	}
	claim(t, s, vault, "b", "a")
	claim(t, s, depot, "a")
	forget(t, s, vault, "b", "never")
	st := read(t, s)
	want := Claims{vault: {"a": {Since: noon, By: "ann@desk", Serial: 1}}, depot: {"a": {Since: noon, By: "ann@desk", Serial: 2}}}
	if diff := cmp.Diff(want, st.Claims); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if st.Standing != Kept || st.Mark.Serial != 3 || st.Saved != noon || st.By != "ann@desk" || st.Owner != owner {
		t.Errorf("%+v", st)
	}
	forget(t, s, vault, "a")
	if st = read(t, s); len(st.Claims) != 1 {
		t.Errorf("an emptied container stays: %v", st.Claims)
	}
}

// What stands already is not saved again: a second apply writes nothing, here as elsewhere.
func TestNoChangeNoSave(t *testing.T) {
	m := &memory{}
	s := opened(m, &witness{})
	claim(t, s, vault, "a")
	claim(t, s, vault, "a")
	forget(t, s, vault, "b")
	must(t, s.Accept(t.Context()), s.Update(t.Context(), func(Claims) error { return nil }))
	if m.saves != 1 {
		t.Errorf("%d saves, want 1", m.saves)
	}
	if err := s.Update(t.Context(), func(Claims) error { return errors.New("no") }); err == nil || !strings.Contains(err.Error(), "state: update memory: no") {
		t.Error(err)
	}
}

func TestIdle(t *testing.T) {
	c := Claims{vault: {"a": {}, "b": {Doubtful: true}, "c": {}}}
	if diff := cmp.Diff([]string{"b", "c"}, c.Idle(vault, []string{"x", "a"})); diff != "" {
		t.Error(diff)
	}
	if c.Ours(vault, "b") || !c.Ours(vault, "a") || c.Ours(depot, "a") {
		t.Error("ours is what is claimed beyond doubt")
	}
	if got := c.Idle(depot, nil); len(got) != 0 {
		t.Errorf("%q", got)
	}
}

// A state from a backup claims what was forgotten since. Nothing in it counts, for whoever has seen a later one; and once it is saved
// again, for nobody.
func TestOldState(t *testing.T) {
	m, w := &memory{}, &witness{}
	s, stranger := opened(m, w), opened(m, nil)
	claim(t, s, vault, "a", "b")
	backup := m.document
	forget(t, s, vault, "a")
	m.put(backup)

	st := read(t, s)
	if st.Standing != Old || st.Claims.Ours(vault, "a") || st.Claims.Ours(vault, "b") || st.Doubtful() != 2 {
		t.Fatalf("restored: %+v", st)
	}
	if !strings.Contains(st.Reason, "@1, saved 2026-07-01T12:00:00Z, and ") {
		t.Errorf("reason: %s", st.Reason)
	}
	if got := read(t, stranger); got.Standing != Kept || !got.Claims.Ours(vault, "a") {
		t.Errorf("who has seen nothing can't tell: %+v", got)
	}

	claim(t, s, depot, "c")
	for name, reader := range map[string]Store{"the witness's": s, "a stranger's": stranger} {
		st = read(t, reader)
		if st.Standing != Old || st.Claims.Ours(vault, "a") || st.Claims.Ours(vault, "b") || !st.Claims.Ours(depot, "c") || st.Mark.Serial != 1 {
			t.Errorf("saved again, in %s eyes: %+v", name, st)
		}
	}
	claim(t, stranger, vault, "b")
	if st = read(t, s); !st.Claims.Ours(vault, "b") || st.Claims.Ours(vault, "a") || st.Standing != Old {
		t.Errorf("claimed anew: %+v", st)
	}
	must(t, s.Accept(t.Context()))
	for name, reader := range map[string]Store{"the witness's": s, "a stranger's": stranger} {
		if st = read(t, reader); st.Standing != Kept || !st.Claims.Ours(vault, "a") || st.Reason != "" {
			t.Errorf("accepted, in %s eyes: %+v", name, st)
		}
	}
	if since := st.Claims[vault]["a"]; since != (Claim{Since: noon, By: "ann@desk", Serial: 1}) {
		t.Errorf("accepting made the claim another: %+v", since)
	}
}

// A state of another lineage is Old too: it is another one's copy, or was begun anew by somebody who knew of none.
func TestOtherLineage(t *testing.T) {
	m, w, other := &memory{}, &witness{}, &memory{}
	claim(t, opened(other, nil), vault, "x")
	s := opened(m, w)
	claim(t, s, vault, "a")
	m.put(other.document)
	if st := read(t, s); st.Standing != Old || st.Claims.Ours(vault, "x") {
		t.Errorf("%+v", st)
	}
	m.put(nil)
	claim(t, opened(m, nil), vault, "y")
	if st := read(t, s); st.Standing != Old || st.Claims.Ours(vault, "y") {
		t.Errorf("%+v", st)
	}
}

func TestLostState(t *testing.T) {
	m, w := &memory{}, &witness{}
	s := opened(m, w)
	claim(t, s, vault, "a")
	m.put(nil)
	if st := read(t, s); st.Standing != Lost || len(st.Claims) != 0 || st.Reason == "" {
		t.Errorf("%+v", st)
	}
	if st := read(t, opened(m, nil)); st.Standing != New {
		t.Errorf("who has seen nothing can't tell: %+v", st)
	}
	claim(t, s, depot, "b")
	for _, reader := range []Store{s, opened(m, nil)} {
		if st := read(t, reader); st.Standing != Lost || !st.Claims.Ours(depot, "b") || st.Claims.Ours(vault, "a") || len(st.Forebears) != 1 {
			t.Errorf("the loss is forgotten: %+v", st)
		}
	}
	must(t, s.Accept(t.Context()))
	if st := read(t, opened(m, nil)); st.Standing != Kept {
		t.Errorf("%+v", st)
	}
	m.put(nil)
	must(t, s.Accept(t.Context()))
	if st := read(t, s); st.Standing != Kept || len(st.Claims) != 0 {
		t.Errorf("an accepted loss: %+v", st)
	}
}

// Of two machines, each with a witness, one accepts. The other believes it if it had not seen more.
func TestWitnessesOfTwoMachines(t *testing.T) {
	m, here, there := &memory{}, &witness{}, &witness{}
	s, far := opened(m, here), opened(m, there)
	claim(t, s, vault, "a")
	backup := m.document
	claim(t, s, vault, "b")
	read(t, far)
	m.put(backup)
	must(t, s.Accept(t.Context()))
	if st := read(t, far); st.Standing != Kept || !st.Claims.Ours(vault, "a") {
		t.Errorf("accepted by one who had seen as much: %+v", st)
	}
	claim(t, far, vault, "c")
	backup = m.document
	claim(t, far, vault, "d")
	m.put(backup)
	must(t, s.Accept(t.Context()))
	if st := read(t, far); st.Standing != Old || st.Doubtful() != 2 {
		t.Errorf("accepted by one who had seen less: %+v", st)
	}
}

// A plan's mark is a witness as well.
func TestFloor(t *testing.T) {
	m := &memory{}
	s := opened(m, nil)
	claim(t, s, vault, "a")
	backup := m.document
	claim(t, s, vault, "b")
	opts := Options{Owner: owner, Who: "ci", Now: func() time.Time { return noon }, Floor: read(t, s).Mark}
	if st := read(t, Open(m, opts)); st.Standing != Kept {
		t.Errorf("%+v", st)
	}
	m.put(backup)
	if st := read(t, Open(m, opts)); st.Standing != Old {
		t.Errorf("%+v", st)
	}
	m.put(nil)
	if st := read(t, Open(m, opts)); st.Standing != Lost {
		t.Errorf("%+v", st)
	}
}

// What can't be read is refused, and never overwritten.
func TestUnreadable(t *testing.T) {
	whole := &memory{}
	claim(t, opened(whole, nil), vault, "a")
	good := string(whole.document)
	for _, c := range []struct{ name, document, want string }{
		{"newer", strings.Replace(good, `"format":1`, `"format":2,"shape":"new"`, 1), "format 2 is newer than this program, which knows 1"},
		{"no format", `{}`, "it is no state"},
		{"empty", "", "it is damaged (restore it from a backup, or move it away"},
		{"cut", good[:len(good)/2], "it is damaged"},
		{"twice", good + good, "it is damaged"},
		{"unknown field", strings.Replace(good, `"serial":1`, `"serial":1,"x":1`, 1), `unknown field "x"`},
		{"same claim twice", strings.Replace(good, "\n]}", ",\n"+strings.Split(good, "\n")[1]+"\n]}", 1), "claimed twice"},
		{"no lineage", strings.Replace(good, `"lineage":"`, `"lineage":"","by":"`, 1), "no lineage"},
		{"standing", strings.Replace(good, `"claims"`, `"standing":"odd","claims"`, 1), `standing "odd"`},
		{"other environment", strings.Replace(good, `"environment":"prod"`, `"environment":"dev"`, 1), `it belongs to policy "acme-ml" in "dev", not to "acme-ml" in "prod"`},
	} {
		m := &memory{document: []byte(c.document)}
		s := opened(m, nil)
		_, err := s.Read(t.Context())
		update := NewLedger(s).Claim(t.Context(), vault, "z")
		for _, err := range []error{err, update, s.Accept(t.Context())} {
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: %v, want %s", c.name, err, c.want)
			}
		}
		if string(m.document) != c.document {
			t.Errorf("%s: overwritten", c.name)
		}
	}
	var newer *FormatError
	if _, err := Decode([]byte(`{"format":9}`)); !errors.As(err, &newer) || newer.Format != 9 {
		t.Error(err)
	}
}

func TestFileWitness(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "seen")
	w := NewFileWitness(path)
	at := func(want Mark) {
		t.Helper()
		if got, err := w.Last(t.Context()); err != nil || got != want {
			t.Errorf("%v %v, want %v", got, err, want)
		}
	}
	remember := func(m Mark, forebears ...Mark) { t.Helper(); must(t, w.Remember(t.Context(), m, forebears)) }
	at(Mark{})
	remember(Mark{"l", 2})
	remember(Mark{"l", 1})
	at(Mark{"l", 2})
	remember(Mark{"other", 9})
	remember(Mark{"other", 9}, Mark{"l", 1})
	at(Mark{"l", 2})
	remember(Mark{"other", 9}, Mark{"l", 2})
	at(Mark{"other", 9})
	for text, want := range map[string]string{"": "unexpected end", `{"format":2}`: "newer"} {
		must(t, os.WriteFile(path, []byte(text), 0o600))
		if _, err := w.Last(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
		if _, err := opened(&memory{}, w).Read(t.Context()); err == nil {
			t.Error("a witness who can't speak is taken for one who saw nothing")
		}
	}
}

func FuzzDecode(f *testing.F) {
	m := &memory{}
	s := opened(m, nil)
	if err := NewLedger(s).Claim(context.Background(), vault, "roles/x a <b> & \"c\"", "\xff\u2028"); err != nil {
		f.Fatal(err)
	}
	f.Add(m.document)
	f.Add([]byte(`{"format":1,"lineage":"l","serial":1,"standing":"old","reason":"r","forebears":[{"lineage":"k","serial":7}],"claims":[{"kind":"k","item":"i","doubtful":true}]}`))
	f.Fuzz(func(t *testing.T, document []byte) {
		once, err := Decode(document)
		if err != nil {
			return
		}
		text, err := Encode(once)
		must(t, err)
		twice, err := Decode(text)
		must(t, err)
		if diff := cmp.Diff(once, twice); diff != "" {
			t.Errorf("-once +twice:\n%s", diff)
		}
	})
}
