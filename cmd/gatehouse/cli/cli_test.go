package cli

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// full is a disk without room.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// What a verb says may be the only trace of what it found: where it can't be said, the verb has failed.
func TestAnAnswerThatIsLostIsAFailure(t *testing.T) {
	file := filepath.Join(t.TempDir(), "p.gate.hcl")
	if err := os.WriteFile(file, []byte("gatehouse {\n    policy = \"p\"\n}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		args   []string
		stdout io.Writer
		want   int
	}{
		{[]string{"fmt", "--check", file}, io.Discard, exitDiffers},
		{[]string{"fmt", "--check", file}, full{}, exitFailed},
		{[]string{"version"}, io.Discard, 0},
		{[]string{"version"}, full{}, exitFailed},
	}
	for _, tt := range tests {
		var stderr bytes.Buffer
		w := world{stdin: strings.NewReader(""), stdout: tt.stdout, stderr: &stderr, getenv: os.Getenv, now: time.Now}
		if got := run(t.Context(), tt.args, w); got != tt.want {
			t.Errorf("%v: exit %d, want %d", tt.args, got, tt.want)
		}
		if lost := strings.Count(stderr.String(), "no space left"); lost > 1 || (lost == 1) != (tt.stdout == full{}) {
			t.Errorf("%v: %q", tt.args, stderr.String())
		}
	}
}
