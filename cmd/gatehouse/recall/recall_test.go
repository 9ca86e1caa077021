package recall

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"
	"time"
)

var noon = time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)

// place is a world that tests change.
type place struct {
	files fstest.MapFS
	vars  map[string]string
}

func (p place) world() World {
	return World{Systems: map[string]fs.FS{"tree": p.files}, Getenv: func(name string) string { return p.vars[name] }}
}

func (p place) clone() place { return place{maps.Clone(p.files), maps.Clone(p.vars)} }

func file(text string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(text), Mode: 0o644} }

func newPlace() place {
	return place{
		files: fstest.MapFS{"a": file("one"), "sub/b": file("two"), "sub/skipped": file("not read")},
		vars:  map[string]string{"READ": "x", "UNREAD": "y"},
	}
}

// look is what a run reads: every file but skipped, a folder's listing, a missing file, a variable.
func look(t *testing.T, trace *Trace, p place) {
	t.Helper()
	fsys := trace.FS("tree", p.files)
	err := fs.WalkDir(fsys, ".", func(name string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && e.Name() != "skipped" {
			_, err = fs.ReadFile(fsys, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fs.Stat(fsys, "missing"); err == nil {
		t.Fatal("not missing")
	}
	if _, err := fsys.Open("absent"); err == nil {
		t.Fatal("not absent")
	}
	if got := trace.Getenv(p.world().Getenv)("READ"); got != p.vars["READ"] {
		t.Fatal(got)
	}
}

func newStore(t *testing.T) *Store {
	t.Helper()
	s, err := Open(filepath.Join(t.TempDir(), "runs"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var said = Memory{Stdout: []byte("ok\n"), Stderr: []byte("warning\n"), Code: 3, Since: noon.Add(-time.Hour), Until: noon.Add(time.Hour)}

func save(t *testing.T, s *Store, k Key, p place, m Memory) {
	t.Helper()
	trace := NewTrace()
	look(t, trace, p)
	if err := s.Save(k, trace, m); err != nil {
		t.Fatal(err)
	}
}

func TestARunIsRecalledWhereNothingChanged(t *testing.T) {
	s, k := newStore(t), KeyOf("check", "p")
	save(t, s, k, newPlace(), said)
	for _, tt := range []struct {
		name   string
		want   bool
		at     time.Time
		key    Key
		change func(place)
	}{
		{"nothing", true, noon, k, func(place) {}},
		{"a variable that was not read", true, noon, k, func(p place) { p.vars["UNREAD"] = "z" }},
		{"a file that was not read", true, noon, k, func(p place) { p.files["sub/skipped"] = file("changed!") }},
		{"its first second", true, said.Since, k, func(place) {}},
		{"before", false, said.Since.Add(-time.Second), k, func(place) {}},
		{"after", false, said.Until, k, func(place) {}},
		{"another run", false, noon, KeyOf("check", "q"), func(place) {}},
		{"the same texts, cut otherwise", false, noon, KeyOf("chec", "kp"), func(place) {}},
		{"a text", false, noon, k, func(p place) { p.files["sub/b"] = file("TWO") }},
		{"a longer file", false, noon, k, func(p place) { p.files["sub/b"] = file("two2") }},
		{"a shorter file", false, noon, k, func(p place) { p.files["sub/b"] = file("tw") }},
		{"an empty file", false, noon, k, func(p place) { p.files["sub/b"] = file("") }},
		{"a file more", false, noon, k, func(p place) { p.files["c"] = file("") }},
		{"a file less", false, noon, k, func(p place) { delete(p.files, "a") }},
		{"a folder for a file", false, noon, k, func(p place) { delete(p.files, "a"); p.files["a/b"] = file("one") }},
		{"a pipe for a file", false, noon, k, func(p place) { p.files["a"] = &fstest.MapFile{Mode: fs.ModeNamedPipe} }},
		{"what was missing", false, noon, k, func(p place) { p.files["missing"] = file("") }},
		{"what was absent", false, noon, k, func(p place) { p.files["absent"] = file("") }},
		{"a variable", false, noon, k, func(p place) { p.vars["READ"] = "" }},
	} {
		p := newPlace().clone()
		tt.change(p)
		m, ok := s.Load(tt.key, tt.at, p.world())
		if ok != tt.want {
			t.Errorf("%s: recalled %t, want %t", tt.name, ok, tt.want)
		}
		if ok && (!bytes.Equal(m.Stdout, said.Stdout) || !bytes.Equal(m.Stderr, said.Stderr) || m.Code != said.Code) {
			t.Errorf("%s: %+v", tt.name, m)
		}
	}
	if _, ok := s.Load(k, noon, World{Getenv: newPlace().world().Getenv}); ok {
		t.Error("recalled without its files")
	}
}

// only returns the file of a run that has one memory.
func only(t *testing.T, s *Store, k Key) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(s.dir, k.name()+"-*"+suffix))
	if err != nil || len(found) != 1 {
		t.Fatal(found, err)
	}
	return found[0]
}

// Who goes back to a state of the world that a run has seen is told what it said there.
func TestEachStateIsRecalled(t *testing.T) {
	s, k, p := newStore(t), KeyOf("check"), newPlace()
	see := func(i int) { p.files["a"] = file(fmt.Sprintf("state %02d", i)) }
	text := func(i int) Memory { return Memory{Stdout: fmt.Append(nil, i)} }
	const more = 3
	for i := range maxStates + more {
		see(i)
		if m, ok := s.Load(k, noon, p.world()); ok {
			t.Errorf("state %d was never seen, and %q is recalled", i, m.Stdout)
		}
		save(t, s, k, p, text(i))
		old := time.Now().Add(time.Duration(i-100) * time.Minute)
		if err := os.Chtimes(s.path(k, stateOf(t, p)), old, old); err != nil {
			t.Fatal(err)
		}
	}
	for i := range maxStates + more {
		see(i)
		m, ok := s.Load(k, noon, p.world())
		if want := i >= more; ok != want || ok && !bytes.Equal(m.Stdout, text(i).Stdout) {
			t.Errorf("state %d: recalled %t, %q", i, ok, m.Stdout)
		}
	}
	save(t, s, k, p, text(99))
	if m, ok := s.Load(k, noon, p.world()); !ok || !bytes.Equal(m.Stdout, text(99).Stdout) {
		t.Errorf("what was said last of a state is not what is recalled: %q", m.Stdout)
	}
}

func stateOf(t *testing.T, p place) []read {
	t.Helper()
	trace := NewTrace()
	look(t, trace, p)
	reads, ok := trace.finish()
	if !ok {
		t.Fatal("untrue")
	}
	return reads
}

// Whatever happens to a store's file, it is right or nothing.
func TestWhatIsDamagedIsNothing(t *testing.T) {
	s, k, p := newStore(t), KeyOf("check"), newPlace()
	save(t, s, k, p, said)
	path := only(t, s, k)
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	try := func(what string, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if m, ok := s.Load(k, noon, p.world()); ok {
			t.Errorf("%s: recalled %+v", what, m)
		}
	}
	for n := range good {
		try(fmt.Sprintf("cut to %d bytes", n), good[:n])
		bad := bytes.Clone(good)
		bad[n] ^= 0x20
		try(fmt.Sprintf("byte %d is another", n), bad)
	}
	try("something behind", append(bytes.Clone(good), 0))
	other := KeyOf("another run")
	save(t, s, other, p, said)
	foreign, err := os.ReadFile(only(t, s, other))
	if err != nil {
		t.Fatal(err)
	}
	try("another run's", foreign)
	try("nothing", nil)
	if err := os.WriteFile(path, good, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Load(k, noon, p.world()); !ok {
		t.Error("the good one is not recalled")
	}
}

// A run whose files change while it reads them saw a state that never was.
func TestAChangeMeanwhileIsNotRemembered(t *testing.T) {
	s, k, p := newStore(t), KeyOf("check"), newPlace()
	trace := NewTrace()
	look(t, trace, p)
	p.files["a"] = file("two")
	look(t, trace, p)
	if err := s.Save(k, trace, said); err != nil {
		t.Fatal(err)
	}
	if _, ok := s.Load(k, noon, p.world()); ok {
		t.Error("recalled")
	}
}

func TestWhatCanNotBeTracedIsNotRemembered(t *testing.T) {
	s, k, p := newStore(t), KeyOf("check"), newPlace()
	for name, read := range map[string]func(fs.FS){
		"a folder by its handle": func(f fs.FS) { open(t, f, "sub").Close() },
		"a file that stays open": func(f fs.FS) { open(t, f, "a") },
	} {
		trace := NewTrace()
		read(trace.FS("tree", p.files))
		if err := s.Save(k, trace, said); err != nil {
			t.Fatal(err)
		}
		if _, ok := s.Load(k, noon, p.world()); ok {
			t.Errorf("%s: recalled", name)
		}
	}
}

func open(t *testing.T, fsys fs.FS, name string) fs.File {
	t.Helper()
	f, err := fsys.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// A file that is read in part is compared in that part.
func TestPartOfAFile(t *testing.T) {
	s, k, p := newStore(t), KeyOf("check"), newPlace()
	trace := NewTrace()
	f := open(t, trace.FS("tree", p.files), "sub/b")
	if _, err := f.Read(make([]byte, 2)); err != nil {
		t.Fatal(err)
	}
	f.Close()
	if err := s.Save(k, trace, said); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]bool{"two": true, "twist": true, "to": false, "t": false} {
		p.files["sub/b"] = file(text)
		if _, ok := s.Load(k, noon, p.world()); ok != want {
			t.Errorf("%s: recalled %t, want %t", text, ok, want)
		}
	}
}

func TestAStoreIsBounded(t *testing.T) {
	s, p := newStore(t), newPlace()
	for i := range maxCount + 5 {
		k := KeyOf(fmt.Sprint(i))
		save(t, s, k, p, said)
		old := noon.Add(time.Duration(i) * time.Second)
		if err := os.Chtimes(only(t, s, k), old, old); err != nil {
			t.Fatal(err)
		}
	}
	save(t, s, KeyOf("last"), p, said)
	entries, err := os.ReadDir(s.dir)
	if err != nil || len(entries) != maxCount {
		t.Errorf("%d memories, %v; want %d", len(entries), err, maxCount)
	}
	if _, ok := s.Load(KeyOf("0"), noon, p.world()); ok {
		t.Error("the oldest is still there")
	}
	if _, ok := s.Load(KeyOf("last"), noon, p.world()); !ok {
		t.Error("the newest is not there")
	}
	large := Memory{Stdout: make([]byte, maxMemory+1)}
	save(t, s, KeyOf("large"), p, large)
	if _, ok := s.Load(KeyOf("large"), noon, p.world()); ok {
		t.Error("too large, and there")
	}
}

// Many runs at once, each on the same key: whoever reads gets a whole memory of somebody's, or none.
func TestConcurrentRuns(t *testing.T) {
	s, k, p := newStore(t), KeyOf("check"), newPlace()
	var runs sync.WaitGroup
	for i := range 8 {
		runs.Go(func() {
			for n := range 20 {
				text := bytes.Repeat([]byte{byte('a' + i)}, 1000+n)
				save(t, s, k, p, Memory{Stdout: text})
				m, ok := s.Load(k, noon, p.world())
				if ok && (len(m.Stdout) < 1000 || bytes.Count(m.Stdout, m.Stdout[:1]) != len(m.Stdout)) {
					t.Errorf("a mixture: %.50q", m.Stdout)
				}
			}
		})
	}
	runs.Wait()
	if _, ok := s.Load(k, noon, p.world()); !ok {
		t.Error("nobody is recalled")
	}
}

func TestASharedFolderIsRefused(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); (err == nil) == shared(info) {
		t.Error(err)
	}
	if _, err := Open(filepath.Join(dir, "own")); err != nil {
		t.Error(err)
	}
}
