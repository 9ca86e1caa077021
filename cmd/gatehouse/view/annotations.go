package view

import (
	"fmt"
	"io"
	"strings"

	"gatehouse/lang/diag"
)

// GitHub writes a check as workflow commands, which GitHub Actions shows at the lines of a merge request, and the verdict. The syntax is that of
// https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands.
func GitHub(w io.Writer, f Findings) {
	for _, r := range reportedOf(f) {
		switch text := strings.TrimSpace(sentence(r.message) + "\n" + r.remedy); {
		case r.waiver != nil:
			annotation(w, "notice", f.annotationPlace(r), "waived: "+r.rule, sentence(r.message)+"\nWaived by "+waiverText(r.waiver))
		case r.level == diag.Error:
			annotation(w, "error", f.annotationPlace(r), r.rule, text)
		default:
			annotation(w, "warning", f.annotationPlace(r), r.rule, text)
		}
	}
	if f.Failure != "" {
		annotation(w, "error", nil, "gatehouse", f.verdict())
		return
	}
	fmt.Fprintln(w, printable(f.verdict()))
}

// annotationPlace gives the properties that say where. Columns count only on one line.
func (f Findings) annotationPlace(r reported) []string {
	if r.place.Filename == "" {
		return nil
	}
	out := []string{"file=" + annotationProperty(f.file(r.place.Filename))}
	if start, end := r.place.Start, r.place.End; start.Line > 0 {
		out = append(out, fmt.Sprintf("line=%d", start.Line), fmt.Sprintf("endLine=%d", end.Line))
		if start.Line == end.Line {
			out = append(out, fmt.Sprintf("col=%d", start.Column), fmt.Sprintf("endColumn=%d", end.Column))
		}
	}
	return out
}

func annotation(w io.Writer, command string, place []string, title, text string) {
	properties := strings.Join(append(place, "title="+annotationProperty(title)), ",")
	fmt.Fprintf(w, "::%s %s::%s\n", command, properties, annotationData(text))
}

// annotationData escapes a message: a line's end would end the command and could begin another one.
func annotationData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// annotationProperty escapes the value of a property.
func annotationProperty(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(annotationData(s))
}
