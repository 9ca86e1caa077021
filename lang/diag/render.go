package diag

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// Options says how Render writes.
type Options struct {
	Colour bool   // ANSI colours; the caller knows whether it writes to a terminal
	Prefix string // put before every file name: the path from the user's folder to the policy's root, such as "../"
	Width  int    // columns of a terminal, at which lines of source are cut and sentences wrapped; 0: 100
}

const defaultWidth = 100

// Render writes diagnostics for people, in the order of the list:
//
//	error[wrong-type]: from is the reference group.training, not a list of references
//	  --> teams/fraud/access.gate.hcl:43:13
//	   |
//	43 |   from    = group.training
//	   |             ^^^^^^^^^^^^^^
//	   = Write it in brackets: from = [group.training]
//
// sources gives a file's text, nil where there is none; without a text there is no snippet. The error is w's.
func Render(w io.Writer, l List, sources func(file string) []byte, o Options) error {
	if o.Width <= 0 {
		o.Width = defaultWidth
	}
	p := &printer{w: bufio.NewWriter(w), sources: sources, o: o, texts: map[string]*text{}}
	for i, d := range l {
		if i > 0 {
			p.line("")
		}
		p.diagnostic(d)
	}
	return p.w.Flush()
}

// printer holds what one Render writes with. A bufio.Writer keeps its first error until Flush.
type printer struct {
	w       *bufio.Writer
	sources func(string) []byte
	o       Options
	texts   map[string]*text
}

func (p *printer) diagnostic(d Diagnostic) {
	p.line(p.paint(severityColour(d.Severity), fmt.Sprintf("%s[%s]", d.Severity, d.Code)) + p.paint(bold, ": "+oneLine(d.Summary)))
	margin := p.margin(d)
	p.place(margin, "-->", d.Subject, '^', severityColour(d.Severity), "")
	for _, related := range d.Related {
		p.place(margin, ":::", related.Range, '-', blue, related.Message)
	}
	p.remedy(margin, d)
}

// margin is the width of the largest line number that will be shown.
func (p *printer) margin(d Diagnostic) int {
	last := d.Subject.End.Line
	for _, related := range d.Related {
		last = max(last, related.Range.End.Line)
	}
	return len(fmt.Sprint(max(last, 1)))
}

// place prints one range with its snippet, and the label behind the first underline.
func (p *printer) place(margin int, arrow string, r hcl.Range, sign rune, colour, label string) {
	pad := strings.Repeat(" ", margin)
	if r.Filename == "" {
		if label != "" {
			p.line(pad + " " + p.paint(blue, "=") + " " + oneLine(label))
		}
		return
	}
	at := p.o.Prefix + r.Filename
	if r.Start.Line > 0 {
		at += fmt.Sprintf(":%d:%d", r.Start.Line, r.Start.Column)
	}
	p.line(pad + p.paint(blue, arrow) + " " + at)
	if !p.snippet(margin, r, sign, colour, label) && label != "" {
		p.line(pad + " " + p.paint(blue, "=") + " " + oneLine(label))
	}
}

// remedy prints the detail, wrapped, behind a sign that sets it off.
func (p *printer) remedy(margin int, d Diagnostic) {
	pad := strings.Repeat(" ", margin)
	sign := " " + p.paint(blue, "=") + " "
	for _, paragraph := range strings.Split(d.Detail, "\n") {
		for _, line := range wrap(paragraph, p.o.Width-margin-3) {
			p.line(pad + sign + line)
			sign = "   "
		}
	}
}

// wrap breaks a paragraph at spaces. A word longer than the width keeps a line of its own, so that it can be copied.
func wrap(s string, width int) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(s) {
		switch {
		case line == "":
			line = word
		case columns(line)+1+columns(word) > max(width, 20):
			lines = append(lines, line)
			line = word
		default:
			line += " " + word
		}
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

func (p *printer) line(s string) {
	p.w.WriteString(printable(s, p.o.Colour))
	p.w.WriteByte('\n')
}

// The colours, as ANSI asks for them.
const (
	bold   = "1"
	red    = "1;31"
	yellow = "1;33"
	blue   = "1;34"
)

func severityColour(s Severity) string {
	if s == Warning {
		return yellow
	}
	return red
}

func (p *printer) paint(colour, s string) string {
	if !p.o.Colour {
		return s
	}
	return "\x1b[" + colour + "m" + s + "\x1b[0m"
}
