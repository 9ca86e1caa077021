package sandbox

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// childPath names the state file to a child process, which is this test binary again.
const childPath = "SANDBOX_TEST_STATE"

// child starts a process that increments key as often as said, or for ever, and prints each number that it has written.
func child(t *testing.T, path, key string, times int) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestChild$", "-test.v=false")
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s\n%s\n%d", childPath, path, key, times))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(t, err, cmd.Start())
	return cmd, bufio.NewScanner(out)
}

// TestChild is the child's work; on its own it has none.
func TestChild(t *testing.T) {
	order := os.Getenv(childPath)
	if order == "" {
		return
	}
	var times int
	parts := strings.Split(order, "\n")
	_, err := fmt.Sscan(parts[2], &times)
	must(t, err)
	s := open(t, parts[0])
	for n := 1; times == 0 || n <= times; n++ {
		must(t, increment(s, parts[1]))
		fmt.Println(n)
	}
}

// TestManyWriters has processes and goroutines increment one number: no increment is lost.
func TestManyWriters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	const processes, goroutines, times = 4, 4, 400
	var children []*exec.Cmd
	for range processes {
		cmd, out := child(t, path, "n", times)
		go func() {
			for out.Scan() { // so that the pipe never fills
			}
		}()
		children = append(children, cmd)
	}
	shared := open(t, path)
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for range times {
				if err := increment(shared, "n"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for _, cmd := range children {
		must(t, cmd.Wait())
	}
	total := (processes + goroutines) * times
	want(t, open(t, path), fmt.Sprintf("n=%d@%d #%d", total, total+1, total+1))
}

// TestKill kills writers at whatever they are doing. What they said they wrote is there, the file can be read, and the next writer goes
// on.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	watcher := open(t, path)
	written := 0
	for round := range 12 {
		cmd, out := child(t, path, "n", 0)
		for range 50 + 300*round/2 {
			if !out.Scan() {
				t.Fatal("the child ended")
			}
			written++
		}
		must(t, cmd.Process.Kill())
		var exit *exec.ExitError
		for out.Scan() {
			written++
		}
		if err := cmd.Wait(); !errors.As(err, &exit) {
			t.Fatalf("the child ended by itself: %v", err)
		}
		must(t, watcher.View(func(v *View) error {
			r, _ := v.Get("n")
			if got := number(r); got != written && got != written+1 { // killed between the write and the word of it
				t.Errorf("round %d: holds %d, %d were written", round, got, written)
			}
			written = number(r)
			return nil
		}))
	}
}

// TestWait is woken by another store of the same file, and by its own.
func TestWait(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	a, b := open(t, path), open(t, path)
	for _, writer := range []*Store{a, b} {
		var index uint64
		must(t, a.View(func(v *View) error { index = v.Index(); return nil }))
		done := make(chan error, 1)
		go func() { done <- a.Wait(context.Background(), index) }()
		must(t, increment(writer, "n"), <-done)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	if err := a.Wait(ctx, 99); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want the deadline", err)
	}
}

func BenchmarkUpdate(b *testing.B) {
	s := open(b, filepath.Join(b.TempDir(), "state"))
	for n := 0; b.Loop(); n++ {
		must(b, set(s, fmt.Sprintf("key-%d", n%10000), n))
	}
}

func BenchmarkOpen10000(b *testing.B) {
	path := filepath.Join(b.TempDir(), "state")
	s := open(b, path)
	for n := range 10000 {
		must(b, set(s, fmt.Sprintf("key-%d", n), n))
	}
	for b.Loop() {
		s, err := OpenStore(path, "test")
		must(b, err, s.Close())
	}
}
