package syntax

import (
	"testing"

	"pgregory.net/rapid"
)

// longNumber looks at few bytes; counting every one finds the same.
func TestLongNumber(t *testing.T) {
	counted := func(src []byte) (int, bool) {
		run := 0
		for i, c := range src {
			if run++; c < '0' && c != '.' || c > '9' || c == '.' && run == 1 {
				run = 0
			} else if run > maxDigits {
				return i - maxDigits, true
			}
		}
		return 0, false
	}
	rapid.Check(t, func(t *rapid.T) {
		var src []byte
		for range rapid.IntRange(0, 6).Draw(t, "runs") {
			of := rapid.SampledFrom([]string{"7", ".", "1.", "x", "é"}).Draw(t, "of")
			for range rapid.OneOf(rapid.IntRange(0, 3), rapid.IntRange(maxDigits-2, maxDigits+2), rapid.IntRange(0, 3*maxDigits)).Draw(t, "times") {
				src = append(src, of...)
			}
		}
		wantAt, want := counted(src)
		if at, long := longNumber(src); at != wantAt || long != want {
			t.Fatalf("%q: got %d, %v; want %d, %v", src, at, long, wantAt, want)
		}
	})
}
