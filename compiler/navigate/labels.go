package navigate

import (
	"maps"
	"slices"
	"strings"
)

// labels proposes keys that something is labelled with, and the values of the key that stands before the place.
func (w *writer) labels() {
	known := w.view.Index.labels()
	c := &w.cursor
	switch f := c.inner(); {
	case f.kind != inObject:
		w.add(Proposal{Kind: ProposeValue, Label: "{ … }", Text: "{ ", Snippet: "{ $1 = \"$2\" }", Rank: 1})
	case !c.atKey:
		for _, value := range known[c.objects] {
			if !w.written(value) {
				w.add(w.quoted(value, ""))
			}
		}
	default:
		for _, key := range slices.Sorted(maps.Keys(known)) {
			if f.has(key, c.word.Start) {
				continue
			}
			p := Proposal{Kind: ProposeValue, Label: key, Detail: strings.Join(some(known[key], 4), ", "), Text: key, Rank: 1}
			if !assigns.MatchString(c.text[c.word.End:]) && !c.quote && !w.json {
				p.Text, p.Snippet = key+" = ", key+` = "$1"`
			}
			w.add(p)
		}
	}
}

// written reports whether a text is what stands at the place already: the file that is being written knows it from there.
func (w *writer) written(text string) bool {
	return text == "" || w.cursor.quote && text == w.cursor.text[w.cursor.word.Start:w.cursor.word.End]
}

func some(words []string, most int) []string {
	if len(words) <= most {
		return words
	}
	return append(slices.Clone(words[:most]), "…")
}
