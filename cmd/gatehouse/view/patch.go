package view

import (
	"bytes"
	"io"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
)

// Patch writes how a file changes, as a unified diff that patch -p1 and git apply take. The name is as the reader would open the file.
// Equal texts give nothing.
func Patch(w io.Writer, name string, before, after []byte, l Look) {
	name = filepath.ToSlash(name)
	text := diff.Diff("a/"+name, before, "b/"+name, after)
	if _, rest, ok := bytes.Cut(text, []byte("\n")); ok {
		text = rest // the line above the names is of no use here
	}
	for line := range strings.Lines(string(text)) {
		_, _ = io.WriteString(w, l.paintLine(line))
	}
}

// paintLine colours a line of a diff, and makes what it holds safe to print where it is coloured: where it is not, it may be piped into a
// program, and stays as it is.
func (l Look) paintLine(line string) string {
	if !l.Colour {
		return line
	}
	text := strings.Map(func(c rune) rune {
		if c < ' ' && c != '\t' || c == 0x7f {
			return '\uFFFD'
		}
		return c
	}, strings.TrimRight(line, "\r\n"))
	switch {
	case strings.HasPrefix(text, "+++"), strings.HasPrefix(text, "---"):
		return l.paint(bold, text) + "\n"
	case strings.HasPrefix(text, "+"):
		return l.paint(green, text) + "\n"
	case strings.HasPrefix(text, "-"):
		return l.paint(red, text) + "\n"
	case strings.HasPrefix(text, "@@"):
		return l.paint(dim, text) + "\n"
	}
	return text + "\n"
}
