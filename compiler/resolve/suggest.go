package resolve

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gatehouse/lang/addr"
)

// suggestionBudget bounds what all suggestions of one run may cost, in compared names: a policy with a hundred thousand broken
// references has another problem than spelling.
const suggestionBudget = 2_000_000

// didYouMean returns a sentence with the declared address nearest to an unknown one, or "". The kind that was written comes first;
// then the same name under another kind that may stand there.
func (r *resolver) didYouMean(kind addr.Kind, name string, allowed []addr.Kind) string {
	if slices.Contains(allowed, kind) {
		if near := r.nearestName(kind, name); near != "" {
			return fmt.Sprintf("Did you mean %s?", addr.New(kind, near))
		}
	}
	for _, k := range allowed {
		if _, ok := r.declared[k][name]; ok {
			return fmt.Sprintf("Did you mean %s?", addr.New(k, name))
		}
	}
	for _, k := range allowed {
		if near := r.nearestName(k, name); k != kind && near != "" {
			return fmt.Sprintf("Did you mean %s?", addr.New(k, near))
		}
	}
	return ""
}

func (r *resolver) nearestName(kind addr.Kind, name string) string {
	if r.spent += len(r.declared[kind]); r.spent > suggestionBudget {
		return ""
	}
	return nearest(name, slices.Collect(maps.Keys(r.declared[kind])))
}

// nearest returns the candidate with the smallest edit distance, the first in order of text among equals, or "" where nothing is near
// enough to be a slip: a third of the longer word, at most 3. Case doesn't count.
func nearest(word string, candidates []string) string {
	best, bestDistance := "", 4
	word = strings.ToLower(word)
	for _, c := range candidates {
		limit := max(1, min(3, max(len(word), len(c))/3))
		if abs(len(c)-len(word)) > limit {
			continue
		}
		d := distance(word, strings.ToLower(c))
		if d <= limit && (d < bestDistance || d == bestDistance && c < best) {
			best, bestDistance = c, d
		}
	}
	return best
}

// distance is the optimal string alignment distance in bytes: insertions, deletions, substitutions and swaps of neighbours.
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

func abs(n int) int { return max(n, -n) }
