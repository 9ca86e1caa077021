package targets

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"gatehouse/compiler/access"
)

// Phase says which side of a write a record stands on.
type Phase string

// The phases. A begin without its done is a write whose end nobody saw: the process was killed. The next plan shows what became of it.
const (
	PhaseBegin Phase = "begin"
	PhaseDone  Phase = "done"
	PhaseEmpty Phase = "empty" // no write: an apply found that a retired environment holds nothing of ours any more
)

// Record is a line of the journal. A write has two, with the same ID: begin is on the disk before the write starts, done follows it. A
// record of the phase empty has neither an ID nor a container.
type Record struct {
	Phase       Phase           `json:"phase"`
	ID          string          `json:"id"` // unique in the journal for each write: DIGEST-NANOSECONDS-NUMBER
	Time        time.Time       `json:"time"`
	Who         string          `json:"who"` // user@host
	Policy      string          `json:"policy"`
	Environment string          `json:"environment"`
	Target      access.Target   `json:"target"`
	Container   Key             `json:"object"`
	Op          Op              `json:"op"`
	TokenBefore Token           `json:"token_before"`
	TokenAfter  Token           `json:"token_after,omitempty"` // done
	Before      json.RawMessage `json:"before,omitempty"`      // begin
	After       json.RawMessage `json:"after,omitempty"`       // begin; left out: the container is deleted
	Items       []ItemChange    `json:"items,omitempty"`       // begin; with the policy lines behind each
	Result      Status          `json:"result,omitempty"`      // done
	Error       string          `json:"error,omitempty"`       // done
}

// Journal keeps a record of every write. Append returns when the record can't be lost any more; writes wait for it, several at a time.
type Journal interface {
	Append(Record) error
}

// FileJournal is a Journal of JSON lines in a file that is only ever appended to.
type FileJournal struct {
	file *os.File

	write   sync.Mutex
	written int // records written
	flush   sync.Mutex
	flushed int // records known to be on the disk
}

// OpenJournal opens a journal, or begins one that its user alone can read. A last line that a crash cut short is closed, and stays.
func OpenJournal(path string) (*FileJournal, error) {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	if err := closeLine(f); err != nil {
		return nil, fmt.Errorf("journal: %w", errors.Join(err, f.Close()))
	}
	return &FileJournal{file: f}, nil
}

func closeLine(f *os.File) error {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return err
	}
	last := make([]byte, 1)
	if _, err := f.ReadAt(last, info.Size()-1); err != nil || last[0] == '\n' {
		return err
	}
	_, err = f.Write([]byte("\n"))
	return err
}

// Append writes a record as one line with one call, so that the lines of several processes don't mix, and waits for fsync. Records that
// come at the same time share an fsync.
func (j *FileJournal) Append(r Record) error {
	var line bytes.Buffer
	e := json.NewEncoder(&line)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	j.write.Lock()
	_, err := j.file.Write(line.Bytes())
	j.written++
	mine := j.written
	j.write.Unlock()
	if err == nil {
		err = j.sync(mine)
	}
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}

func (j *FileJournal) sync(mine int) error {
	j.flush.Lock()
	defer j.flush.Unlock()
	if j.flushed >= mine {
		return nil
	}
	j.write.Lock()
	all := j.written
	j.write.Unlock()
	if err := j.file.Sync(); err != nil {
		return err
	}
	j.flushed = all
	return nil
}

// Close closes the file.
func (j *FileJournal) Close() error { return j.file.Close() }

// ReadJournal reads records in their order. Lines that a crash cut short are counted in torn and left out.
func ReadJournal(r io.Reader) (records []Record, torn int, err error) {
	in := bufio.NewReader(r)
	for {
		line, err := in.ReadBytes('\n')
		if line = bytes.TrimSpace(line); len(line) > 0 {
			var rec Record
			if json.Unmarshal(line, &rec) == nil {
				records = append(records, rec)
			} else {
				torn++
			}
		}
		if errors.Is(err, io.EOF) {
			return records, torn, nil
		}
		if err != nil {
			return records, torn, fmt.Errorf("journal: %w", err)
		}
	}
}

// unrecorded is the journal of who wants none.
type unrecorded struct{}

func (unrecorded) Append(Record) error { return nil }
