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

// What a pipe says counts for all that a verb reads by it.
func TestValuesComeByAPipeOnce(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	policy := "gatehouse {\n  policy = \"p\"\n  packs  = []\n}\nvariable \"tier\" {\n}\nenvironment \"dev\" {\n  tier = var.tier\n  consul {}\n}\n"
	for _, err := range []error{syscall.Mkfifo(pipe, 0o600), os.WriteFile(filepath.Join(dir, "p.gate.hcl"), []byte(policy), 0o600)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"diff", dir, dir}, {"fix", dir}, {"check", dir}} {
		go func() { _ = os.WriteFile(pipe, []byte("tier = \"staging\"\n"), 0o600) }()
		var stderr bytes.Buffer
		w := world{stdout: io.Discard, stderr: &stderr, getenv: func(string) string { return "" }, now: time.Now}
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
		if got := run(ctx, append(args, "--var-file", pipe), w); got != 0 {
			t.Errorf("%v: exit %d, %s", args, got, stderr.String())
		}
		stop()
	}
}

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
