package consul

import (
	"bytes"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// Pieces make the document again, none is empty or too long, and the first line is alone.
func TestSplit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 3000).Draw(t, "limit")
		document := []byte(rapid.StringOfN(rapid.RuneFrom([]rune("abc\n")), 0, 5000, -1).Draw(t, "document"))
		pieces := split(document, limit)
		if !bytes.Equal(bytes.Join(pieces, nil), document) {
			t.Fatalf("%q became %q", document, pieces)
		}
		for i, p := range pieces {
			if len(p) == 0 || len(p) > limit {
				t.Errorf("piece %d has %d bytes of at most %d", i, len(p), limit)
			}
		}
		if end := bytes.IndexByte(document, '\n') + 1; end > 0 && end <= limit && len(pieces[0]) != end {
			t.Errorf("the first line shares its piece: %q", pieces[0])
		}
	})
}

// A line that comes leaves all pieces but a few as they were, wherever it comes.
func TestSplitIsStable(t *testing.T) {
	const lines, limit = 20_000, 64 << 10
	var all [][]byte
	for n := range lines {
		all = append(all, fmt.Appendf(nil, "%d: roles/secretmanager.secretAccessor serviceAccount:w-%d@acme.iam.gserviceaccount.com\n", n, n))
	}
	before := map[string]bool{}
	for _, p := range split(bytes.Join(all, nil), limit) {
		before[string(p)] = true
	}
	for at := 1; at < lines; at += 1999 {
		with := append(append(append([][]byte{}, all[:at]...), []byte("one more\n")), all[at:]...)
		fresh := 0
		for _, p := range split(bytes.Join(with, nil), limit) {
			if !before[string(p)] {
				fresh++
			}
		}
		if fresh > 5 {
			t.Errorf("a line at %d makes %d of %d pieces new", at, fresh, len(before))
		}
	}
}
