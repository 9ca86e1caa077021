package compiler

import (
	"io/fs"
	"strings"
	"time"
)

// over is a file system with some files of another text. It adds none: a text without a file is never opened.
type over struct {
	fs.FS
	texts map[string]string
}

// Open opens a file of the other text, or what there was.
func (o over) Open(name string) (fs.File, error) {
	f, err := o.FS.Open(name)
	text, ok := o.texts[name]
	if err != nil || !ok {
		return f, err
	}
	info, err := f.Stat()
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return &overFile{Reader: strings.NewReader(text), File: f, info: overInfo{info, int64(len(text))}}, nil
}

// Stat follows links, as the file system below does.
func (o over) Stat(name string) (fs.FileInfo, error) {
	info, err := fs.Stat(o.FS, name)
	if text, ok := o.texts[name]; ok && err == nil {
		return overInfo{info, int64(len(text))}, nil
	}
	return info, err
}

// overFile reads a text, and is in all else the file below.
type overFile struct {
	*strings.Reader
	fs.File
	info fs.FileInfo
}

func (f *overFile) Read(p []byte) (int, error) { return f.Reader.Read(p) }
func (f *overFile) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f *overFile) Close() error               { return f.File.Close() }

// overInfo has the size of the other text.
type overInfo struct {
	fs.FileInfo
	size int64
}

// Size is the length of the text in bytes.
func (i overInfo) Size() int64 { return i.size }

// ModTime is not the file's own: the text is of this moment, which nobody knows here.
func (i overInfo) ModTime() time.Time { return time.Time{} }
