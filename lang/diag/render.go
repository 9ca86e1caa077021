package diag

import "io"

// Options says how Render writes.
type Options struct {
	Colour bool   // ANSI colours; the caller knows whether it writes to a terminal
	Prefix string // put before every file name: the path from the user's folder to the policy's root, such as "../"
	Width  int    // columns that a line of source may take before it is cut; 0: 100
}

// Render writes diagnostics for people. sources gives a file's text, nil where there is none.
func Render(w io.Writer, l List, sources func(file string) []byte, o Options) error { return nil }
