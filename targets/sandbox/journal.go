package sandbox

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// journal is the file of a Store: a header line, then one change a line. It is rewritten (a new file, renamed over the old one) when
// most of its lines are overtaken, so that n writes cost O(n) in all.
type journal struct {
	path   string
	format string
	lock   *os.File // its own file, since the journal's is replaced
	file   *os.File // kept open: as long as it is, no other file can have its identity
	read   int64    // how far the file has been read: always the end of a line
	lines  int
}

// header is the first line of a journal.
type header struct {
	Sandbox string `json:"sandbox"`
	Version int    `json:"version"`
}

const journalVersion = 1

func openJournal(path, format string) (*journal, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return nil, err
	}
	lock, err := os.OpenFile(path+".lock", os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	j := &journal{path: path, format: format, lock: lock}
	unlock, err := j.exclusive()
	if err != nil {
		lock.Close()
		return nil, err
	}
	defer unlock()
	if info, err := os.Stat(path); err == nil && info.Size() > 0 {
		return j, nil
	}
	if err := j.rewrite(0, nil); err != nil {
		lock.Close()
		return nil, err
	}
	return j, nil
}

func (j *journal) close() error {
	err := j.lock.Close()
	if j.file != nil {
		err = errors.Join(err, j.file.Close())
	}
	return err
}

// stale reports whether the file holds what was not read yet.
func (j *journal) stale() (bool, error) {
	at, err := os.Stat(j.path)
	if err != nil {
		return false, err
	}
	if j.file == nil {
		return true, nil
	}
	open, err := j.file.Stat()
	return err == nil && (!os.SameFile(at, open) || at.Size() != j.read), err
}

// next gives the lines that were not read yet; fresh is called first where the file is another one than before.
func (j *journal) next(fresh func(), line func(change) error) error {
	if err := j.reopen(fresh); err != nil {
		return err
	}
	if _, err := j.file.Seek(j.read, io.SeekStart); err != nil {
		return err
	}
	in := bufio.NewReaderSize(j.file, 1<<16)
	for {
		text, err := in.ReadBytes('\n')
		if err == io.EOF {
			return nil // a line without its end was never written, as far as anybody knows
		}
		if err != nil {
			return err
		}
		if err := j.parse(text, line); err != nil {
			return fmt.Errorf("line %d: %w", j.lines+1, err)
		}
		j.read += int64(len(text))
		j.lines++
	}
}

func (j *journal) parse(text []byte, line func(change) error) error {
	if j.lines == 0 {
		var h header
		if err := json.Unmarshal(text, &h); err != nil {
			return err
		}
		if h != (header{j.format, journalVersion}) {
			return fmt.Errorf("holds %q version %d, want %q version %d", h.Sandbox, h.Version, j.format, journalVersion)
		}
		return nil
	}
	var c change
	if err := json.Unmarshal(text, &c); err != nil {
		return err
	}
	return line(c)
}

// reopen follows the path to the file that is there now.
func (j *journal) reopen(fresh func()) error {
	at, err := os.Stat(j.path)
	if err != nil {
		return err
	}
	if j.file != nil {
		if open, err := j.file.Stat(); err == nil && os.SameFile(at, open) && at.Size() >= j.read {
			return nil
		}
		j.file.Close()
		j.file = nil
	}
	file, err := os.OpenFile(j.path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	j.file, j.read, j.lines = file, 0, 0
	fresh()
	return nil
}

// append adds a change, over whatever a killed writer left behind the last whole line. The caller holds the lock and has read all.
func (j *journal) append(c change) error {
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	text = append(text, '\n')
	if at, err := j.file.Stat(); err != nil {
		return err
	} else if at.Size() != j.read {
		if err := j.file.Truncate(j.read); err != nil {
			return err
		}
	}
	if _, err := j.file.WriteAt(text, j.read); err != nil {
		return errors.Join(err, j.file.Truncate(j.read))
	}
	j.read += int64(len(text))
	j.lines++
	return nil
}

// wasteful reports whether a rewrite would save more than half of the lines.
func (j *journal) wasteful(live int) bool { return j.lines > 2*live+1000 }

// rewrite replaces the file by one that holds the records alone. The caller holds the lock. The new file is on the disk before it
// takes the old one's name, so that not even a power cut leaves less than one of the two.
func (j *journal) rewrite(index uint64, live []Record) error {
	var text bytes.Buffer
	out := json.NewEncoder(&text)
	out.SetEscapeHTML(false)
	err := out.Encode(header{j.format, journalVersion})
	if index > 0 {
		err = errors.Join(err, out.Encode(change{Index: index}))
	}
	lines := 1 + min(int(index), 1)
	for _, r := range live {
		err = errors.Join(err, out.Encode(change{Index: r.Modified, Put: []Record{r}}))
		lines++
	}
	if err != nil {
		return err
	}
	file, err := replaceFile(j.path, text.Bytes())
	if err != nil {
		return err
	}
	if j.file != nil {
		j.file.Close()
	}
	j.file, j.read, j.lines = file, int64(text.Len()), lines
	return nil
}

func replaceFile(path string, text []byte) (*os.File, error) {
	file, err := os.OpenFile(path+".new", os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o666)
	if err != nil {
		return nil, err
	}
	_, err = file.Write(text)
	if err == nil {
		err = file.Sync()
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}

// refresh reads what other processes wrote.
func (s *Store) refresh() error {
	if s.journal == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if stale, err := s.journal.stale(); err != nil || !stale {
		return err
	}
	unlock, err := s.journal.shared()
	if err != nil {
		return err
	}
	defer unlock()
	return s.load()
}

// load reads what is new; the caller holds the lock of the file.
func (s *Store) load() error {
	if stale, err := s.journal.stale(); err != nil || !stale {
		return err
	}
	before := s.index
	fresh := func() { s.records, s.keys = map[string]Record{}, nil }
	err := s.journal.next(fresh, func(c change) error { s.apply(c); return nil })
	if s.index != before {
		s.announce()
	}
	return err
}
