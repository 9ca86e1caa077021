package state

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"syscall"
)

// Witness remembers the latest save that was seen of a state, in another place than the state.
type Witness interface {
	// Last returns what is remembered; the zero Mark where nothing is.
	Last(context.Context) (Mark, error)

	// Remember takes note of a state's mark and of what it was made from. What follows is not forgotten for what came before.
	Remember(ctx context.Context, m Mark, forebears []Mark) error
}

// FileWitness is a Witness in a file of its own.
type FileWitness struct{ path string }

// NewFileWitness returns the witness whose file has a path; it is made when there is something to remember.
func NewFileWitness(path string) *FileWitness { return &FileWitness{path} }

// testimony is the file's content.
type testimony struct {
	Format int `json:"format"`
	Mark
}

// Last reads the file. One that can't be read is an error: a witness who can't speak is not one who saw nothing.
func (w *FileWitness) Last(context.Context) (Mark, error) {
	text, err := os.ReadFile(w.path)
	if errors.Is(err, fs.ErrNotExist) {
		return Mark{}, nil
	}
	if err != nil {
		return Mark{}, fmt.Errorf("witness: %w", err)
	}
	var t testimony
	if err := json.Unmarshal(text, &t); err != nil {
		return Mark{}, fmt.Errorf("witness: %s: %w", w.path, err)
	}
	if t.Format > Format {
		return Mark{}, fmt.Errorf("witness: %s: %w", w.path, &FormatError{t.Format})
	}
	return t.Mark, nil
}

// Remember writes the file, unless it holds that mark or a later one.
func (w *FileWitness) Remember(ctx context.Context, m Mark, forebears []Mark) error {
	if last, err := w.Last(ctx); err != nil || last == m {
		return err
	}
	unlock, err := guard(ctx, w.path)
	if err != nil {
		return fmt.Errorf("witness: %w", err)
	}
	defer unlock()
	last, err := w.Last(ctx)
	if err != nil || !overtakes(m, forebears, last) {
		return err
	}
	text, err := json.Marshal(testimony{Format, m})
	if err != nil {
		return fmt.Errorf("witness: %w", err)
	}
	if err := replaceFile(w.path, append(text, '\n'), nil); err != nil {
		return fmt.Errorf("witness: %w", err)
	}
	return nil
}

// overtakes says whether a save came after another, as far as can be told. Of two lineages that don't know each other neither did, and the
// one that was seen first stays.
func overtakes(m Mark, forebears []Mark, last Mark) bool {
	if m.Lineage == last.Lineage {
		return m.Serial > last.Serial
	}
	return State{Mark: m, Forebears: forebears}.follows(last) || last == Mark{}
}

// unwritable says that a file system lets nobody write, or not us.
func unwritable(err error) bool {
	return slices.ContainsFunc([]error{fs.ErrPermission, syscall.EROFS}, func(e error) bool { return errors.Is(err, e) })
}
