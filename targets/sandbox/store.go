package sandbox

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Record is one stored object.
type Record struct {
	Key      string          `json:"key"`
	Value    json.RawMessage `json:"value"`         // what the double answers with, verbatim
	Sum      uint64          `json:"sum,omitempty"` // of the content alone: equal sums mean that a write changes nothing
	Created  uint64          `json:"created"`       // index of the write that made it
	Modified uint64          `json:"modified"`      // index of the latest write
}

// change is one write: a line of the journal.
type change struct {
	Index  uint64   `json:"index"`
	Put    []Record `json:"put,omitempty"`
	Delete []string `json:"delete,omitempty"`
}

// emptyIndex is what readers of an empty store are told (a blocking query on 0 would not block), so that the first change has another.
const emptyIndex = 1

// Store holds records by key, and an index that every change raises. With a path it is a journal file below it that several
// processes may share: each change is one line, appended under a lock, and every read sees the newest line. Killing a process at
// any instant loses nothing that was answered and leaves a readable file: a line without its end never happened. A power cut may lose
// the latest changes, since a line is not waited for until it is on the disk (a whole rewritten file is).
type Store struct {
	mu      sync.RWMutex
	journal *journal // nil: memory only
	records map[string]Record
	keys    []string // sorted; nil when records changed since
	index   uint64
	changed chan struct{} // closed at the next change
}

// NewStore returns an empty store in memory.
func NewStore() *Store {
	return &Store{records: map[string]Record{}, changed: make(chan struct{})}
}

// OpenStore opens or creates the store kept in the file at path. Format is what the file holds, such as "consul": a file of another
// format is refused.
func OpenStore(path, format string) (*Store, error) {
	s := NewStore()
	j, err := openJournal(path, format)
	if err != nil {
		return nil, fmt.Errorf("sandbox: open %s: %w", path, err)
	}
	s.journal = j
	if err := s.refresh(); err != nil {
		j.close()
		return nil, fmt.Errorf("sandbox: open %s: %w", path, err)
	}
	return s, nil
}

// Close releases the files. Nothing is lost without it.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.journal == nil {
		return nil
	}
	return s.journal.close()
}

// View calls read with the newest state. The view is valid until read returns.
func (s *Store) View(read func(*View) error) error {
	if err := s.refresh(); err != nil {
		return fmt.Errorf("sandbox: read state: %w", err)
	}
	s.mu.Lock()
	if s.keys == nil {
		s.keys = slices.Sorted(maps.Keys(s.records))
	}
	s.mu.Unlock()
	s.mu.RLock()
	defer s.mu.RUnlock()
	return read(&View{s})
}

// Update calls write with the newest state and commits what it asks for, all or nothing; an error from write commits nothing. Nobody
// else, in this process or another, changes the state meanwhile.
func (s *Store) Update(write func(*Tx) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.journal != nil {
		unlock, err := s.journal.exclusive()
		if err != nil {
			return fmt.Errorf("sandbox: lock state: %w", err)
		}
		defer unlock()
		if err := s.load(); err != nil {
			return fmt.Errorf("sandbox: read state: %w", err)
		}
	}
	tx := &Tx{View: View{s}, change: change{Index: max(s.index, emptyIndex) + 1}}
	if err := write(tx); err != nil {
		return err
	}
	if len(tx.change.Put) == 0 && len(tx.change.Delete) == 0 {
		return nil
	}
	return s.commit(tx.change)
}

func (s *Store) commit(c change) error {
	if s.journal != nil {
		if err := s.journal.append(c); err != nil {
			return fmt.Errorf("sandbox: write state: %w", err)
		}
	}
	s.apply(c)
	s.announce()
	if s.journal != nil && s.journal.wasteful(len(s.records)) {
		_ = s.journal.rewrite(s.index, s.sorted()) // the change is in the file already: to report a failure would deny it. The next write tries again
	}
	return nil
}

func (s *Store) apply(c change) {
	for _, r := range c.Put {
		if _, known := s.records[r.Key]; !known {
			s.keys = nil
		}
		s.records[r.Key] = r
	}
	for _, k := range c.Delete {
		delete(s.records, k)
		s.keys = nil
	}
	s.index = max(s.index, c.Index)
}

func (s *Store) announce() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *Store) sorted() []Record {
	out := make([]Record, 0, len(s.records))
	for _, k := range slices.Sorted(maps.Keys(s.records)) {
		out = append(out, s.records[k])
	}
	return out
}

// View is a consistent look at the state.
type View struct{ s *Store }

// Index is the index of the latest change; 1 where there was none.
func (v *View) Index() uint64 { return max(v.s.index, emptyIndex) }

// Get returns the record of a key.
func (v *View) Get(key string) (Record, bool) {
	r, ok := v.s.records[key]
	return r, ok
}

// List returns the records whose keys begin with prefix, sorted by key.
func (v *View) List(prefix string) []Record {
	keys := v.s.keys
	if keys == nil {
		keys = slices.Sorted(maps.Keys(v.s.records))
	}
	from, _ := slices.BinarySearch(keys, prefix)
	var out []Record
	for _, k := range keys[from:] {
		if !strings.HasPrefix(k, prefix) {
			break
		}
		out = append(out, v.s.records[k])
	}
	return out
}

// Tx is a View that can be changed.
type Tx struct {
	View
	change change
}

// Next is the index that the change will have.
func (t *Tx) Next() uint64 { return t.change.Index }

// Put stores a record; Created and Modified are set by the caller.
func (t *Tx) Put(r Record) { t.change.Put = append(t.change.Put, r) }

// Delete removes a key.
func (t *Tx) Delete(key string) { t.change.Delete = append(t.change.Delete, key) }
