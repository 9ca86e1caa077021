package recall

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"slices"
	"sync"
)

// read is one thing that a run asked of the world, and a hash of the answer.
type read struct {
	Kind   kind
	System string // whose file system; empty for variables
	Name   string
	Size   int64 // of a file: how many bytes were read
	Whole  bool  // of a file: it ended there
	Hash   [sha256.Size]byte
}

type kind uint8

const (
	variable kind = iota
	stat
	listing
	content
)

// id is what was asked.
type id struct {
	kind         kind
	system, name string
}

// Trace notes what a run reads. It is safe for use by several goroutines.
type Trace struct {
	mu      sync.Mutex
	reads   map[id]read
	untrue  bool // one question had two answers, or something was read that can't be traced
	reading int  // files that are open
}

// NewTrace returns an empty trace.
func NewTrace() *Trace { return &Trace{reads: map[id]read{}} }

func (t *Trace) note(r read) {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := id{r.Kind, r.System, r.Name}
	before, known := t.reads[key]
	if known && r.Kind == content && (before.Size != r.Size || before.Whole != r.Whole) {
		t.untrue = true // or only read to another length: too rare to tell apart
	}
	if known && before.Hash != r.Hash {
		t.untrue = true
	}
	t.reads[key] = r
}

func (t *Trace) giveUp() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.untrue = true
}

// finish returns what was read, in order; false where it can't be relied on.
func (t *Trace) finish() ([]read, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := make([]read, 0, len(t.reads))
	for _, r := range t.reads {
		out = append(out, r)
	}
	slices.SortFunc(out, compareReads)
	return out, !t.untrue && t.reading == 0
}

// Getenv returns a look-up of variables whose answers are noted.
func (t *Trace) Getenv(getenv func(string) string) func(string) string {
	return func(name string) string {
		value := getenv(name)
		t.note(read{Kind: variable, Name: name, Hash: hashText(value)})
		return value
	}
}

// FS returns a file system whose answers are noted under a name, which World knows it by.
func (t *Trace) FS(system string, fsys fs.FS) fs.FS { return traced{t, system, fsys} }

type traced struct {
	t      *Trace
	system string
	fsys   fs.FS
}

func (f traced) Stat(name string) (fs.FileInfo, error) {
	info, err := fs.Stat(f.fsys, name)
	f.t.note(read{Kind: stat, System: f.system, Name: name, Hash: hashInfo(info, err)})
	return info, err
}

func (f traced) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(f.fsys, name)
	f.t.note(read{Kind: listing, System: f.system, Name: name, Hash: hashEntries(entries, err)})
	return entries, err
}

func (f traced) Open(name string) (fs.File, error) {
	file, err := f.fsys.Open(name)
	if err != nil {
		f.t.note(read{Kind: content, System: f.system, Name: name, Hash: hashText("error: " + err.Error())})
		return nil, err
	}
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		f.t.giveUp()
		return file, nil
	}
	f.t.mu.Lock()
	f.t.reading++
	f.t.mu.Unlock()
	return &tracedFile{File: file, of: f, name: name, hash: sha256.New()}, nil
}

// tracedFile hashes what is read of a file.
type tracedFile struct {
	fs.File
	of    traced
	name  string
	hash  hash.Hash
	size  int64
	whole bool
	shut  bool
}

func (f *tracedFile) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	f.hash.Write(p[:n])
	f.size += int64(n)
	switch err {
	case nil:
	case io.EOF:
		f.whole = true
	default:
		f.of.t.giveUp()
	}
	return n, err
}

func (f *tracedFile) Close() error {
	if !f.shut {
		f.shut = true
		f.of.t.note(read{Kind: content, System: f.of.system, Name: f.name, Size: f.size, Whole: f.whole, Hash: sum(f.hash)})
		f.of.t.mu.Lock()
		f.of.t.reading--
		f.of.t.mu.Unlock()
	}
	return f.File.Close()
}

func hashText(s string) [sha256.Size]byte { return sha256.Sum256([]byte(s)) }

// hashInfo is of what a run can see of a file without reading it, but for its times: they change without anything else.
func hashInfo(info fs.FileInfo, err error) [sha256.Size]byte {
	if err != nil {
		return hashText("error: " + err.Error())
	}
	size := info.Size()
	if info.IsDir() {
		size = 0 // means something else on every file system
	}
	return hashText(fmt.Sprintf("%s %d", info.Mode(), size))
}

func hashEntries(entries []fs.DirEntry, err error) [sha256.Size]byte {
	h := sha256.New()
	for _, e := range entries {
		fmt.Fprintf(h, "%q %s\n", e.Name(), e.Type())
	}
	if err != nil {
		fmt.Fprintf(h, "error: %v", err)
	}
	return sum(h)
}
