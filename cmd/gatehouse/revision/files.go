package revision

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"path"
	"time"
)

// Files is the tree of one commit: an fs.FS whose files never change.
type Files struct {
	repository *Repository
	entries    map[string]*entry // by path
}

// entry is a file, a folder or a link.
type entry struct {
	mode     fs.FileMode
	hash     string
	size     int64
	content  []byte   // nil where it was not asked for; a link's is where it leads
	children []string // of a folder, sorted
}

// errNotFetched says that nobody asked for a file's content.
var errNotFetched = errors.New("its content was not fetched")

// maxLinks is how many links one path may lead through.
const maxLinks = 40

// Open opens a file or a folder by its path from the top of the tree.
func (f *Files) Open(name string) (fs.File, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	own, e, err := f.follow(name)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	info := stat{path.Base(name), e}
	switch {
	case e.mode.IsDir():
		return &openFolder{info: info, files: f, own: own}, nil
	case e.content == nil:
		return nil, &fs.PathError{Op: "open", Path: name, Err: errNotFetched}
	}
	return &openFile{info, bytes.NewReader(e.content)}, nil
}

// Stat tells of a file or folder, and of what a link leads to.
func (f *Files) Stat(name string) (fs.FileInfo, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: fs.ErrInvalid}
	}
	_, e, err := f.follow(name)
	if err != nil {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: err}
	}
	return stat{path.Base(name), e}, nil
}

// follow finds an entry and its own path, through links. With errNotFetched comes the link that isn't known yet.
func (f *Files) follow(name string) (string, *entry, error) {
	for range maxLinks {
		if !fs.ValidPath(name) {
			return "", nil, fs.ErrNotExist // it leads out of the tree
		}
		at, e := f.nearest(name)
		switch {
		case e.mode&fs.ModeSymlink != 0 && e.content == nil:
			return at, e, errNotFetched
		case e.mode&fs.ModeSymlink != 0:
			name = path.Join(target(at, e), name[len(at):])
		case at != name:
			return "", nil, fs.ErrNotExist
		default:
			return at, e, nil
		}
	}
	return "", nil, errors.New("too many links")
}

// nearest returns the entry of a path or, where there is none, of the nearest folder or link above it.
func (f *Files) nearest(name string) (string, *entry) {
	for {
		if e, there := f.entries[name]; there {
			return name, e
		}
		name = path.Dir(name)
	}
}

func target(name string, e *entry) string {
	if path.IsAbs(string(e.content)) {
		return string(e.content) // no valid path: the caller refuses it
	}
	return path.Join(path.Dir(name), string(e.content))
}

// stat describes an entry under the name that it was asked for by.
type stat struct {
	name  string
	entry *entry
}

func (s stat) Name() string               { return s.name }
func (s stat) Size() int64                { return s.entry.size }
func (s stat) Mode() fs.FileMode          { return s.entry.mode }
func (s stat) ModTime() time.Time         { return time.Time{} }
func (s stat) IsDir() bool                { return s.entry.mode.IsDir() }
func (s stat) Sys() any                   { return nil }
func (s stat) Type() fs.FileMode          { return s.entry.mode.Type() }
func (s stat) Info() (fs.FileInfo, error) { return s, nil }

// openFile is a file that is being read.
type openFile struct {
	stat
	*bytes.Reader
}

func (f *openFile) Stat() (fs.FileInfo, error) { return f.stat, nil }
func (f *openFile) Close() error               { return nil }
func (f *openFile) Size() int64                { return f.stat.Size() }

// openFolder is a folder that is being listed.
type openFolder struct {
	info  stat
	files *Files
	own   string // its own path: links are followed already
	next  int
}

func (d *openFolder) Stat() (fs.FileInfo, error) { return d.info, nil }
func (d *openFolder) Close() error               { return nil }

func (d *openFolder) Read([]byte) (int, error) {
	return 0, &fs.PathError{Op: "read", Path: d.own, Err: errors.New("is a folder")}
}

// ReadDir lists entries as they are: links are not followed.
func (d *openFolder) ReadDir(n int) ([]fs.DirEntry, error) {
	rest := d.info.entry.children[d.next:]
	if n > 0 && len(rest) == 0 {
		return nil, io.EOF
	}
	if n > 0 && len(rest) > n {
		rest = rest[:n]
	}
	d.next += len(rest)
	out := make([]fs.DirEntry, 0, len(rest))
	for _, name := range rest {
		out = append(out, stat{name, d.files.entries[path.Join(d.own, name)]})
	}
	return out, nil
}
