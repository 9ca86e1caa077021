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
