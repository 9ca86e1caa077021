//go:build unix

package cli

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Whoever names a pipe that nobody writes into has to wait, until they ask to stop.
func TestWaitingForAPipeEnds(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	policy := "gatehouse {\n  policy = \"p\"\n  packs  = []\n}\nenvironment \"dev\" {\n  tier = \"development\"\n  consul { address = \"http://localhost:1\" }\n}\n"
	for _, err := range []error{syscall.Mkfifo(pipe, 0o600), os.WriteFile(filepath.Join(dir, "p.gate.hcl"), []byte(policy), 0o600)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		args []string
		vars map[string]string
		want string
	}{
		{[]string{"check", "--var-file", pipe, dir}, nil, "--var-file " + pipe + ": interrupted"},
		{[]string{"drift", "--snapshot", pipe, dir}, nil, "--snapshot " + pipe + ": interrupted"},
		{[]string{"apply", "--plan", pipe, dir}, nil, "--plan " + pipe + ": interrupted"},
		{[]string{"plan", dir}, map[string]string{"CONSUL_HTTP_TOKEN_FILE": pipe}, "interrupted"},
		{[]string{"fmt", "-"}, nil, "fmt: read stdin: interrupted"},
	} {
		var stderr bytes.Buffer
		stdin, _ := io.Pipe()
		w := world{stdin: stdin, stdout: io.Discard, stderr: &stderr, getenv: func(name string) string { return tt.vars[name] }, now: time.Now}
		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(50*time.Millisecond, stop)
		if got := run(ctx, tt.args, w); got != exitFailed || strings.TrimSpace(stderr.String()) != "gatehouse: "+tt.want {
			t.Errorf("%v: exit %d, %q; want %q", tt.args, got, stderr.String(), tt.want)
		}
	}
	if out, err := os.OpenFile(pipe, os.O_WRONLY|syscall.O_NONBLOCK, 0); err == nil {
		_ = out.Close() // whoever waits still has nothing more to wait for
	}
}
