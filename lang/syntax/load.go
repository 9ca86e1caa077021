package syntax

import (
	"io/fs"

	"gatehouse/lang/diag"
)

// FindRoot walks up from dir to the nearest folder whose own policy files hold a gatehouse block.
func FindRoot(dir string) (root string, found bool, err error) { return "", false, nil }

// Load reads all policy files below the root of fsys, in any folder. The tree is whatever could be read; the diagnostics are in order of
// file and position. An error is a failure to read the file system.
func Load(fsys fs.FS) (Tree, Sources, diag.List, error) { return Tree{}, Sources{}, nil, nil }

// LoadFiles is Load on files in memory: names relative to the root with slashes, and their text.
func LoadFiles(files map[string]string) (Tree, Sources, diag.List) { return Tree{}, Sources{}, nil }

// Sources gives the text of the loaded files back, for snippets.
type Sources struct{ fsys fs.FS }

// Bytes returns a file's text, nil where it can't be read any more. It is the function that diag.Render asks for.
func (s Sources) Bytes(file string) []byte { return nil }
