// Package recall remembers what a run said, so that the same run on the same files need not work it out again. A memory is what the run
// printed, beside a trace of everything that it read: each file, each folder's listing, each variable, by a hash of what was found. It is
// given back only where reading the same things again finds the same, for a program, a command line and a moment for which it holds. A run may
// have several memories, one for each state of the world that it saw: an edit that is undone, or a branch that is come back to, costs nothing.
//
// It is never the source of an answer that the run itself would not give. Hence it stores nothing about a run whose files changed
// meanwhile; it takes what is damaged, cut short, of another program or of another version for nothing; and where it can't read, write or
// understand, the run is made as if there were no memory. It knows nothing of policies: what a run says, and how long that stays true, is
// told by whoever runs it.
//
// Whole runs are remembered, and nothing finer. To read a policy's text is a fifth of what a check of 100,000 allows takes, and what was read would
// have to be read again from the store; all else (names, the graph, guardrails, warnings, proofs) looks at the policy as a whole. To remember parts
// of that, every guardrail and every warning would have to say what else in the policy may change it, and one that says too little would be a wrong
// answer. A check after an edit therefore costs what a first one does, which is less than parsing the same files with the HCL library.
//
// Who can write to the store can forge what is remembered. A store is therefore a folder that others can't write to (Open refuses one that
// they can), and no place for what comes from elsewhere.
package recall

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The bounds of a store: what is larger is not remembered, and what was not used for longest is forgotten first.
const (
	maxMemory = 16 << 20  // bytes of one memory
	maxStore  = 128 << 20 // bytes of all
	maxCount  = 64
	maxStates = 8 // memories of one run
)

// Memory is what a run printed and how it ended. It holds for the moments from Since, and before Until; zero times bound nothing.
type Memory struct {
	Stdout, Stderr []byte
	Code           int
	Since, Until   time.Time
}

func (m Memory) holds(at time.Time) bool {
	return (m.Since.IsZero() || !at.Before(m.Since)) && (m.Until.IsZero() || at.Before(m.Until))
}

// Key names a run by everything that is known of it before it reads anything: the program, the command line, where it stands.
type Key [sha256.Size]byte

// KeyOf makes a key of texts. Their order and their bounds count.
func KeyOf(parts ...string) Key {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d:", len(part))
		h.Write([]byte(part))
	}
	return sum(h)
}

func sum(h hash.Hash) (out [sha256.Size]byte) {
	h.Sum(out[:0])
	return out
}

// Store is a folder of memories. Any number of processes may use it at the same time.
type Store struct{ dir string }

var errShared = errors.New("others can write to it")

// Open returns the store in a folder, which is made where it is missing.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("recall: %w", err)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return nil, fmt.Errorf("recall: %w", err)
	}
	if shared(info) {
		return nil, fmt.Errorf("recall: %s: %w", dir, errShared)
	}
	return &Store{dir}, nil
}

const suffix = ".run"

// name is a run's part of the names of its memories; what follows the dash tells the states of the world apart.
func (k Key) name() string { return hex.EncodeToString(k[:]) }

func (s *Store) path(k Key, reads []read) string {
	h := sha256.New()
	for _, r := range reads {
		fmt.Fprintf(h, "%d %q %q %d %t %x\n", r.Kind, r.System, r.Name, r.Size, r.Whole, r.Hash)
	}
	state := sum(h)
	return filepath.Join(s.dir, k.name()+"-"+hex.EncodeToString(state[:8])+suffix)
}

// Load returns what is remembered of a run, if it still holds at a moment in the world as it is.
func (s *Store) Load(k Key, at time.Time, w World) (Memory, bool) {
	files, err := s.files()
	if err != nil {
		return Memory{}, false
	}
	seen := newGlance(w)
	for _, info := range files {
		if run, _, _ := strings.Cut(info.Name(), "-"); run != k.name() {
			continue
		}
		path := filepath.Join(s.dir, info.Name())
		data, err := readBounded(path)
		if err != nil {
			continue
		}
		e, ok := decode(data, k)
		if !ok || !e.memory.holds(at) || !seen.agrees(e.reads) {
			continue
		}
		now := time.Now()
		_ = os.Chtimes(path, now, now) // what was used is kept longer; where that fails, it is only forgotten earlier
		return e.memory, true
	}
	return Memory{}, false
}

func readBounded(path string) ([]byte, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > 2*maxMemory {
		return nil, fs.ErrInvalid
	}
	return os.ReadFile(path)
}

// Save remembers a run. A run that can't be remembered (its files changed meanwhile, it read what can't be traced, it printed too much)
// is none, and no error.
func (s *Store) Save(k Key, t *Trace, m Memory) error {
	reads, ok := t.finish()
	if !ok || len(m.Stdout)+len(m.Stderr) > maxMemory {
		return nil
	}
	f, err := os.CreateTemp(s.dir, "new-*")
	if err != nil {
		return fmt.Errorf("recall: %w", err)
	}
	_, err = f.Write(encode(entry{m, reads}, k))
	if err := errors.Join(err, f.Close()); err != nil {
		return errors.Join(fmt.Errorf("recall: %w", err), os.Remove(f.Name()))
	}
	if err := os.Rename(f.Name(), s.path(k, reads)); err != nil {
		return errors.Join(fmt.Errorf("recall: %w", err), os.Remove(f.Name()))
	}
	return s.forget()
}

// files returns the store's, the one that was used last first.
func (s *Store) files() ([]fs.FileInfo, error) {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return nil, fmt.Errorf("recall: %w", err)
	}
	var files []fs.FileInfo
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() { // else another process was faster
			files = append(files, info)
		}
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return b.ModTime().Compare(a.ModTime()) })
	return files, nil
}

// forget removes what is too much, and what a run that was killed left behind.
func (s *Store) forget() error {
	files, err := s.files()
	if err != nil {
		return err
	}
	states := map[string]int{}
	var kept, size int64
	for _, info := range files {
		leftover := filepath.Ext(info.Name()) != suffix
		if leftover && time.Since(info.ModTime()) < time.Hour {
			continue // somebody may be writing it
		}
		run, _, _ := strings.Cut(info.Name(), "-")
		states[run]++
		if leftover || states[run] > maxStates || kept == maxCount || size+info.Size() > maxStore {
			_ = os.Remove(filepath.Join(s.dir, info.Name())) // another process may have been faster
			continue
		}
		kept, size = kept+1, size+info.Size()
	}
	return nil
}
