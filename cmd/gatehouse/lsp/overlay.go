package lsp

import (
	"context"
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"
	"time"
)

// overlay is the files of a policy with the editor's unsaved texts over them. It remembers what it has given, so that diagnostics are
// counted in the very text that they were found in, whatever happens on the disk meanwhile.
type overlay struct {
	ctx     context.Context // once it has ended, nothing can be opened: that is how reading a large policy is given up
	disk    fs.FS
	unsaved map[string]string // by name relative to the root

	mu    sync.Mutex
	given map[string]string
}

func newOverlay(ctx context.Context, disk fs.FS, unsaved map[string]string) *overlay {
	return &overlay{ctx: ctx, disk: disk, unsaved: unsaved, given: map[string]string{}}
}

// text returns a file's text as it was given; one that nobody asked for yet is read now.
func (o *overlay) text(name string) string {
	o.mu.Lock()
	text, ok := o.given[name]
	o.mu.Unlock()
	if ok {
		return text
	}
	if text, ok := o.unsaved[name]; ok {
		return text
	}
	if info, err := fs.Stat(o.disk, name); err != nil || !info.Mode().IsRegular() || info.Size() > largest {
		return ""
	}
	read, err := fs.ReadFile(o.disk, name)
	if err != nil {
		return ""
	}
	return string(read)
}

// largest bounds what is kept of a file: the language refuses larger ones without reading them whole.
const largest = 16 << 20

// Open implements fs.FS.
func (o *overlay) Open(name string) (fs.File, error) {
	if err := o.ctx.Err(); err != nil {
		return nil, err
	}
	if text, ok := o.unsaved[name]; ok {
		o.remember(name, text)
		return &openText{strings.NewReader(text), textInfo{path.Base(name), int64(len(text))}}, nil
	}
	info, err := fs.Stat(o.disk, name)
	if err != nil || !info.Mode().IsRegular() || info.Size() > largest {
		return o.disk.Open(name)
	}
	read, err := fs.ReadFile(o.disk, name)
	if err != nil {
		return nil, err
	}
	o.remember(name, string(read))
	return &openText{strings.NewReader(string(read)), textInfo{path.Base(name), int64(len(read))}}, nil
}

func (o *overlay) remember(name, text string) {
	o.mu.Lock()
	o.given[name] = text
	o.mu.Unlock()
}

// Stat implements fs.StatFS.
func (o *overlay) Stat(name string) (fs.FileInfo, error) {
	if text, ok := o.unsaved[name]; ok {
		return textInfo{path.Base(name), int64(len(text))}, nil
	}
	if info, err := fs.Stat(o.disk, name); err == nil || !o.isFolder(name) {
		return info, err
	}
	return folderInfo{textInfo{name: path.Base(name)}}, nil
}

// ReadDir implements fs.ReadDirFS: what lies on the disk, and what was never saved.
func (o *overlay) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(o.disk, name)
	if err != nil && !o.isFolder(name) {
		return entries, err
	}
	for unsaved, text := range o.unsaved {
		below, ok := strings.CutPrefix(unsaved, prefix(name))
		if !ok {
			continue
		}
		first, _, deeper := strings.Cut(below, "/")
		if slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == first }) {
			continue
		}
		var info fs.FileInfo = textInfo{first, int64(len(text))}
		if deeper {
			info = folderInfo{textInfo{name: first}}
		}
		entries = append(entries, fs.FileInfoToDirEntry(info))
	}
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, nil
}

// isFolder reports whether a folder exists because an unsaved file lies in it.
func (o *overlay) isFolder(name string) bool {
	for unsaved := range o.unsaved {
		if strings.HasPrefix(unsaved, prefix(name)) {
			return true
		}
	}
	return false
}

func prefix(folder string) string {
	if folder == "." {
		return ""
	}
	return folder + "/"
}

// openText is a text as an open file.
type openText struct {
	*strings.Reader
	info textInfo
}

func (t *openText) Stat() (fs.FileInfo, error) { return t.info, nil }
func (t *openText) Close() error               { return nil }

// textInfo describes a text as a regular file.
type textInfo struct {
	name string
	size int64
}

func (i textInfo) Name() string       { return i.name }
func (i textInfo) Size() int64        { return i.size }
func (i textInfo) Mode() fs.FileMode  { return 0o444 }
func (i textInfo) ModTime() time.Time { return time.Time{} }
func (i textInfo) IsDir() bool        { return false }
func (i textInfo) Sys() any           { return nil }

// folderInfo describes a folder that isn't on the disk yet.
type folderInfo struct{ textInfo }

func (i folderInfo) Mode() fs.FileMode { return fs.ModeDir | 0o555 }
func (i folderInfo) IsDir() bool       { return true }
