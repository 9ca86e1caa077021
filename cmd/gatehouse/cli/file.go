package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// writeFile writes an answer where --out says. Its user alone can read it: a plan holds the objects' bodies.
func writeFile(path string, write func(io.Writer) error) error {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return fmt.Errorf("--out %s: it is a folder", path)
	}
	if err := replaceFile(path, 0o600, write); err != nil {
		return fmt.Errorf("--out %s: %w", path, cause(err))
	}
	return nil
}

// replaceFile writes beside the file and renames, so that an interrupted run leaves the old text or the new one.
func replaceFile(file string, mode fs.FileMode, write func(io.Writer) error) error {
	temp, err := os.CreateTemp(filepath.Dir(file), ".gatehouse-*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) // fails, and means nothing, once renamed
	if err := firstError(write(temp), temp.Chmod(mode), temp.Sync(), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), file)
}

// errStopped is the end of a wait that the user didn't want to last.
var errStopped = errors.New("interrupted")

// patiently reads what may be a pipe, such as <(command), whose other end keeps one waiting. A read can't be ended, so that it is left behind when
// the user asks to stop.
func patiently[T any](w world, read func() (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		value, err := read()
		done <- answer{value, err}
	}()
	select {
	case a := <-done:
		return a.value, a.err
	case <-w.stopped:
		return *new(T), errStopped
	}
}

// readNamed reads a file that the user names.
func readNamed(w world, name string) ([]byte, error) {
	return patiently(w, func() ([]byte, error) {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, cause(err))
		}
		return text, nil
	})
}

// loadNamed opens a file that the user names, and loads what it holds.
func loadNamed[T any](w world, name string, load func(io.Reader) (T, error)) (T, error) {
	return patiently(w, func() (T, error) {
		f, err := os.Open(name)
		if err != nil {
			return *new(T), cause(err)
		}
		defer f.Close()
		return load(f)
	})
}

// cause is what went wrong, without the temporary names that it went wrong with.
func cause(err error) error {
	var path *os.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	default:
		return err
	}
}
