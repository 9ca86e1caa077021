package diag

import "strings"

// Article puts a or an before a noun.
func Article(noun string) string {
	if noun != "" && strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}

// Listed joins words as a sentence does: a, b and c, where the last word is "and" or "or". No words are "nothing".
func Listed(words []string, last string) string {
	switch len(words) {
	case 0:
		return "nothing"
	case 1:
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " " + last + " " + words[len(words)-1]
}

// longestMisspelt bounds the words that Nearest looks at, in bytes: comparing takes the product of two lengths.
const longestMisspelt = 100

// Nearest returns the known word that a misspelt one most likely means, or "". It is the one with the fewest letters to insert, delete,
// replace or swap with a neighbour, the first in order of text among equals, if these are at most 3 and a third of the longer word; where
// none is, the only word that the misspelt one abbreviates (prod: production). Case doesn't count.
func Nearest(word string, known []string) string {
	if len(word) > longestMisspelt {
		return ""
	}
	word = strings.ToLower(word)
	best, least := "", 4
	for _, k := range known {
		longer := max(len(word), len(k))
		most := min(3, max(1, longer/3), longer-1)
		if len(k) > len(word)+most || len(word) > len(k)+most {
			continue
		}
		if d := distance(word, strings.ToLower(k)); d <= most && (d < least || d == least && k < best) {
			best, least = k, d
		}
	}
	if best == "" {
		return abbreviated(word, known)
	}
	return best
}

// Sure is Nearest where nobody can doubt it: two letters at most are wrong, and no other known word is as near.
func Sure(word string, known []string) string {
	best := Nearest(word, known)
	if best == "" || strings.HasPrefix(best, strings.ToLower(word)) {
		return best
	}
	word = strings.ToLower(word)
	least := distance(word, strings.ToLower(best))
	for _, k := range known {
		if least > 2 || k != best && distance(word, strings.ToLower(k)) <= least {
			return ""
		}
	}
	return best
}

// SureName is Sure for names. Those of one policy are often near each other on purpose (trainer-1 and trainer-2, clicks-eu and clicks-us), so
// that only one word of the name may differ, by no digit, and short words are taken as they stand.
func SureName(name string, known []string) string {
	best := Sure(name, known)
	written, declared := nameWords(name), nameWords(best)
	if len(written) != len(declared) {
		return ""
	}
	differ := 0
	for i := range written {
		if written[i] == declared[i] {
			continue
		}
		differ++
		if min(len(written[i]), len(declared[i])) < 3 || digits(written[i]) != digits(declared[i]) {
			return ""
		}
	}
	if differ > 1 {
		return ""
	}
	return best
}

func nameWords(name string) []string {
	return strings.FieldsFunc(strings.ToLower(name), func(c rune) bool { return c == '-' || c == '_' })
}

func digits(s string) string {
	return strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, s)
}

// abbreviated returns the only known word that begins with a shorter one.
func abbreviated(word string, known []string) string {
	found := ""
	for _, k := range known {
		if len(word) < 3 || len(k) <= len(word) || !strings.EqualFold(k[:len(word)], word) {
			continue
		}
		if found != "" {
			return ""
		}
		found = k
	}
	return found
}

// distance is the optimal string alignment distance in bytes.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			substitute := last[j-1]
			if a[i-1] != b[j-1] {
				substitute++
			}
			row[j] = min(last[j]+1, row[j-1]+1, substitute)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
