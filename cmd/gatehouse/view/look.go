// Package view writes answers: text and Markdown for people, JSON documents, and the reports that pipelines read. It decides nothing; what it
// is given is what a library function answered.
package view

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"gatehouse/lang/diag"
)

// Look says how text is shown.
type Look struct {
	Colour bool
	Width  int    // columns of the reader's terminal; 0: unknown
	Prefix string // put before every file name: the way from the reader's folder to the policy's root, such as "../", or a revision, such as "main:"
	Source func(file string) []byte

	// Mends counts what gatehouse fix takes away of a policy's diagnostics; it isn't sure where that takes fix itself to find out. It may take as
	// long as reading the policy, and is asked where there are errors alone. Nil: all that has a fix.
	Mends func() (n int, sure bool)
}

// Diagnostics writes findings about the policy's text and, below them, where to read more.
func Diagnostics(w io.Writer, list diag.List, l Look) {
	rendered(w, list, l)
	hints(w, list, l)
}

func rendered(w io.Writer, list diag.List, l Look) {
	o := diag.Options{Colour: l.Colour, Prefix: l.Prefix, Width: l.Width}
	_ = diag.Render(w, list[:min(len(list), shownDiagnostics)], l.Source, o)
	if more := len(list) - shownDiagnostics; more > 0 {
		fmt.Fprintf(w, "and %d more: mend these first, or ask for --format json\n", more)
	}
}

// shownDiagnostics bounds how many findings a person is shown at once.
const shownDiagnostics = 100

// file shows a file of the policy as the reader would open it.
func (l Look) file(name string) string {
	return l.Prefix + name
}

// at shows a line of the policy as FILE:LINE.
func (l Look) at(r hcl.Range) string { return fmt.Sprintf("%s:%d", l.file(r.Filename), r.Start.Line) }

const (
	red    = "31"
	green  = "32"
	yellow = "33"
	bold   = "1"
	dim    = "2"
)

func (l Look) paint(colour, s string) string {
	if !l.Colour || s == "" {
		return s
	}
	return "\x1b[" + colour + "m" + s + "\x1b[0m"
}

// JSON writes a document for machines: indented, with a final newline.
func JSON(w io.Writer, document any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(document)
}

// count writes a number with its noun.
func count(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "y"):
		return fmt.Sprintf("%d %sies", n, strings.TrimSuffix(noun, "y"))
	default:
		return fmt.Sprintf("%d %ss", n, noun)
	}
}

// moment writes a time as a policy does.
func moment(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// pad fills s with blanks up to n characters.
func pad(s string, n int) string {
	return s + strings.Repeat(" ", max(0, n-len([]rune(s))))
}
