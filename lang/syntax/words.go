package syntax

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"gatehouse/lang/schema"
)

// article names a block type in a sentence: "a workload", "an environment".
func article(blockType string) string {
	if strings.ContainsRune("aeiou", rune(blockType[0])) {
		return "an " + blockType
	}
	return "a " + blockType
}

// title names one block: workload "x", or gatehouse.
func title(b *Block) string {
	if len(b.Labels) == 0 {
		return b.Type
	}
	return b.Type + " " + quote(b.Labels[0].Value)
}

// example is a block's header as it should be written.
func example(s *schema.Block) string {
	if s.Label == "" {
		return s.Type
	}
	return s.Type + " " + quote(strings.ToUpper(s.Label))
}

// quote prints a text from the policy inside a message; a long one is cut.
func quote(s string) string {
	const most = 60
	if len(s) > most {
		cut := most
		for cut > 0 && !utf8.RuneStart(s[cut]) {
			cut--
		}
		return strconv.Quote(s[:cut] + "…")
	}
	return strconv.Quote(s)
}

// listed joins words as a sentence does, in the order of the table.
func listed(words []string) string {
	switch len(words) {
	case 0:
		return "nothing"
	case 1:
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

func blockTypes(s *schema.Block) []string {
	var out []string
	for _, b := range s.Blocks {
		out = append(out, b.Type)
	}
	return out
}

func attrNames(s *schema.Block) []string {
	var out []string
	for _, a := range s.Attrs {
		if a.Refused == "" {
			out = append(out, a.Name)
		}
	}
	return out
}

// contents says what a block holds.
func contents(s *schema.Block) string {
	out := upperFirst(article(s.Type)) + " has the attributes " + listed(attrNames(s))
	if len(s.Blocks) > 0 {
		out += ", and the blocks " + listed(blockTypes(s))
	}
	return out + "."
}

// suggestion is a sentence that names the nearest of the known words, or nothing where none is near.
func suggestion(word string, known []string) string {
	if near := nearest(word, known); near != "" {
		return "Did you mean " + near + "? "
	}
	return ""
}

// nearest returns the known word with the fewest typing mistakes, if there are few enough for the length of the word.
func nearest(word string, known []string) string {
	best, most := "", 1+min(len(word), 60)/4
	if len(word) > 60 {
		return ""
	}
	for _, k := range known {
		if strings.EqualFold(k, word) || strings.ReplaceAll(word, "-", "_") == k || word+"s" == k || word == k+"s" {
			return k
		}
		if d := distance(word, k); d <= most && (best == "" || d < distance(word, best)) {
			best = k
		}
	}
	return best
}

// distance counts the letters to insert, delete, replace or swap with a neighbour.
func distance(a, b string) int {
	var before, last []int
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row = last, row, make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(b)]
}

// upperFirst begins a sentence with a word of the table, which is ASCII.
func upperFirst(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
