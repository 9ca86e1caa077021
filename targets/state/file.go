package state

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"gatehouse/targets"
)

// File keeps a document in a local file, in a folder that its user alone can read. Beside PATH there are PATH.guard, which is locked while
// the document is replaced, and PATH.lock, which an apply holds. All locks are the kernel's: they end with their process. It protects
// what runs on one machine; a folder on a network is only as good as its locks.
type File struct {
	path string
	step func(string) // told before each step of a save, so that tests can die there; nil: nobody
}

// FilePath returns where the state of an environment lies below a policy's root.
func FilePath(root string, owner targets.Owner) string {
	return filepath.Join(root, ".gatehouse", "state", owner.Environment+".json")
}

// WitnessPath returns where the witness for an environment's state lies below a policy's root.
func WitnessPath(root string, owner targets.Owner) string {
	return filepath.Join(root, ".gatehouse", "state", owner.Environment+".seen")
}

// NewFile returns the medium of a path; its folder is made when something is saved.
func NewFile(path string) *File { return &File{path: path} }

func (f *File) String() string { return f.path }

// Load reads the file; its digest is the version. A file that is there and empty is a damaged one.
func (f *File) Load(context.Context) ([]byte, string, error) {
	document, err := os.ReadFile(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", pathless(err)
	}
	sum := sha256.Sum256(document)
	return document, hex.EncodeToString(sum[:]), nil
}

// Save puts a new file in the place of the old one.
func (f *File) Save(ctx context.Context, document []byte, version string) error {
	unlock, err := guard(ctx, f.path)
	if err != nil {
		return err
	}
	defer unlock()
	_, now, err := f.Load(ctx)
	if err != nil {
		return err
	}
	if now != version {
		return ErrMoved
	}
	return replaceFile(f.path, document, f.step)
}

// Lock takes PATH.lock, and writes into it who holds it. It can't be lost but with the process.
func (f *File) Lock(ctx context.Context, h Holder, wait time.Duration) (context.Context, func() error, error) {
	waiting, stop := context.WithTimeoutCause(ctx, wait, errBusy)
	file, err := lockPath(waiting, f.path+".lock")
	stop()
	if errors.Is(err, errBusy) {
		return nil, nil, &LockedError{f.path, holderOf(f.path + ".lock")}
	}
	if err != nil {
		return nil, nil, err
	}
	text, err := json.Marshal(h)
	if err == nil {
		err = errors.Join(file.Truncate(0), writeAt(file, append(text, '\n')))
	}
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("lock: %w", err), file.Close())
	}
	held, end := context.WithCancel(ctx)
	return held, func() error {
		end()
		return errors.Join(file.Truncate(0), file.Close())
	}, nil
}

func writeAt(file *os.File, text []byte) error {
	_, err := file.WriteAt(text, 0)
	return err
}

// holderOf reads who holds a lock; the holder may be just about to write it, or gone.
func holderOf(path string) Holder {
	var h Holder
	if text, err := os.ReadFile(path); err != nil || json.Unmarshal(text, &h) != nil {
		return Holder{}
	}
	return h
}

// guard locks PATH.guard for as long as a file takes to be replaced.
func guard(ctx context.Context, path string) (unlock func() error, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	file, err := lockPath(ctx, path+".guard")
	if err != nil {
		return nil, err
	}
	return file.Close, nil
}

// errBusy says that a lock was held by somebody else for as long as one was to wait.
var errBusy = errors.New("locked by somebody else")

// lookAgain is how often a lock that somebody else holds is tried again: the kernel's waiting could not be interrupted.
const lookAgain = 5 * time.Millisecond

// lockPath opens a file and locks it. Closing it unlocks it.
func lockPath(ctx context.Context, path string) (*os.File, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		free, err := tryLock(file)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), file.Close())
		}
		if free {
			return file, nil
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(context.Cause(ctx), file.Close())
		case <-time.After(lookAgain):
		}
	}
}

// replaceFile writes a file beside the old one and renames it over it, each step on the disk before the next, so that neither a kill nor
// a power cut leaves less than one of the two. The caller holds the guard; what a killed one left behind is overwritten.
func replaceFile(path string, text []byte, step func(string)) error {
	if step == nil {
		step = func(string) {}
	}
	fresh := path + ".new"
	step("create")
	file, err := os.OpenFile(fresh, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	step("write")
	_, err = file.Write(text)
	if err == nil {
		step("sync")
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return err
	}
	step("rename")
	if err := os.Rename(fresh, path); err != nil {
		return err
	}
	step("sync folder")
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes a rename last.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

// pathless drops the path from an error where the caller names it.
func pathless(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
