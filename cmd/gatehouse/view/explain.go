package view

import (
	"fmt"
	"io"
	"strings"

	"gatehouse/lang/diag"
)

// Codes lists every code with what it means, under the stages that report them.
func Codes(w io.Writer, stages []diag.Stage, l Look) {
	widest := 0
	for _, s := range stages {
		for _, e := range s.Entries {
			widest = max(widest, len(e.Code))
		}
	}
	for i, s := range stages {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintln(w, l.paint(bold, s.Name))
		for _, e := range s.Entries {
			lines := wrapped(e.Meaning, l.columns()-widest-4)
			fmt.Fprintf(w, "  %s  %s\n", pad(string(e.Code), widest), lines[0])
			for _, line := range lines[1:] {
				fmt.Fprintf(w, "  %s  %s\n", pad("", widest), line)
			}
		}
	}
	fmt.Fprintln(w)
	fmt.Fprintln(w, l.paint(dim, "more about one: gatehouse explain CODE"))
}

// Page writes a page about a code for a terminal: headings stand out, policies are indented, paragraphs are wrapped.
func Page(w io.Writer, markdown string, l Look) {
	var paragraph []string
	code := false
	flush := func() {
		for _, line := range wrapped(strings.Join(paragraph, " "), l.columns()) {
			fmt.Fprintln(w, line)
		}
		paragraph = nil
	}
	for line := range strings.Lines(markdown) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "```"):
			flush()
			code = !code
		case code:
			fmt.Fprintln(w, strings.TrimRight("    "+line, " "))
		case strings.HasPrefix(line, "#"):
			flush()
			fmt.Fprintln(w, l.paint(bold, strings.TrimLeft(line, "# ")))
		case line == "":
			flush()
			fmt.Fprintln(w)
		default:
			paragraph = append(paragraph, line)
		}
	}
	flush()
}

// columns is how wide text for reading is set: as wide as the terminal, and no wider than lines are read with ease.
func (l Look) columns() int {
	const widest, narrowest = 100, 40
	if l.Width == 0 {
		return widest
	}
	return max(narrowest, min(l.Width, widest))
}

// wrapped breaks a text at blanks; an empty one has no lines.
func wrapped(s string, width int) []string {
	var lines []string
	for _, word := range strings.Fields(s) {
		last := len(lines) - 1
		if last < 0 || len([]rune(lines[last]))+1+len([]rune(word)) > max(width, 20) {
			lines = append(lines, word)
			continue
		}
		lines[last] += " " + word
	}
	return lines
}
