package state

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"gatehouse/targets"
)

// order is what a child process, which is this test binary again, is to do.
type order struct {
	Path  string
	Do    string // claim, lock
	Name  string // of the container
	Times int    // claims, each of its own item; 0: for ever
	Die   string // the step of the first save before which the child kills itself
}

const orderVariable = "STATE_TEST_ORDER"

func child(t *testing.T, o order) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	text, err := json.Marshal(o)
	must(t, err)
	cmd := exec.Command(os.Args[0], "-test.run=^TestChild$", "-test.v=false")
	cmd.Env = append(os.Environ(), orderVariable+"="+string(text))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(t, err, cmd.Start())
	return cmd, bufio.NewScanner(out)
}

// TestChild is the child's work; on its own it has none.
func TestChild(t *testing.T) {
	text := os.Getenv(orderVariable)
	if text == "" {
		return
	}
	var o order
	must(t, json.Unmarshal([]byte(text), &o))
	f := NewFile(o.Path)
	f.step = func(step string) {
		if step == o.Die {
			self, _ := os.FindProcess(os.Getpid())
			_ = self.Kill()
			<-time.After(time.Minute) // the end comes when it comes
		}
	}
	s := opened(f, nil)
	if o.Do == "lock" {
		_, _, err := s.Lock(t.Context(), "apply", 0)
		must(t, err)
		fmt.Println("locked")
		<-time.After(time.Minute) // it is killed before
	}
	l := NewLedger(s)
	for n := 1; o.Times == 0 || n <= o.Times; n++ {
		must(t, l.Claim(t.Context(), targets.Key{Kind: "secret-policy", Name: o.Name}, fmt.Sprint(n)))
		fmt.Println(n)
	}
}

func stateFile(t *testing.T) string { return FilePath(t.TempDir(), owner) }

// Many processes and goroutines claim at the same time: no claim is lost.
func TestManyWriters(t *testing.T) {
	path := stateFile(t)
	const processes, goroutines, times = 4, 4, 20
	var writers sync.WaitGroup
	for p := range processes {
		cmd, out := child(t, order{Path: path, Do: "claim", Name: fmt.Sprint(p), Times: times})
		writers.Go(func() {
			for out.Scan() { // so that the pipe never fills
			}
			if err := cmd.Wait(); err != nil {
				t.Error(err)
			}
		})
	}
	for g := range goroutines {
		writers.Go(func() {
			s := opened(NewFile(path), nil)
			for n := range times {
				err := NewLedger(s).Claim(t.Context(), targets.Key{Kind: "secret-policy", Name: fmt.Sprint(processes + g)}, fmt.Sprint(n))
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	if st := read(t, opened(NewFile(path), nil)); st.Claims.Len() != (processes+goroutines)*times {
		t.Errorf("%d claims, want %d", st.Claims.Len(), (processes+goroutines)*times)
	}
}

// A process that is killed at whatever step of a save leaves the old state or the new one, and nothing that keeps the next from saving.
func TestKilledAtEveryStep(t *testing.T) {
	for _, c := range []struct {
		step string
		want bool // the claim stands
	}{{"create", false}, {"write", false}, {"sync", false}, {"rename", false}, {"sync folder", true}} {
		for _, first := range []bool{true, false} {
			path := stateFile(t)
			s := opened(NewFile(path), NewFileWitness(WitnessPath(t.TempDir(), owner)))
			if !first {
				claim(t, s, vault, "before")
			}
			cmd, _ := child(t, order{Path: path, Do: "claim", Name: depot.Name, Times: 1, Die: c.step})
			if err := cmd.Wait(); err == nil {
				t.Fatalf("%s: the child lived", c.step)
			}
			st := read(t, s)
			if st.Claims.Ours(depot, "1") != c.want || st.Claims.Ours(vault, "before") == first {
				t.Errorf("killed before %s (first save %v): %+v", c.step, first, st)
			}
			claim(t, s, vault, "after")
			if st = read(t, s); !st.Claims.Ours(vault, "after") || st.Claims.Ours(depot, "1") != c.want || st.Standing != Kept {
				t.Errorf("after one killed before %s: %+v", c.step, st)
			}
		}
	}
}

// Killed at any moment: what it said it had claimed is claimed.
func TestKilledAnyTime(t *testing.T) {
	path := stateFile(t)
	cmd, out := child(t, order{Path: path, Do: "claim", Name: "k"})
	said := ""
	for range 60 {
		if !out.Scan() {
			t.Fatal("the child ended")
		}
		said = out.Text()
	}
	must(t, cmd.Process.Kill())
	_ = cmd.Wait()
	if st := read(t, opened(NewFile(path), nil)); !st.Claims.Ours(targets.Key{Kind: "secret-policy", Name: "k"}, said) {
		t.Errorf("claim %s is lost: %d are there", said, st.Claims.Len())
	}
}

func TestFileLock(t *testing.T) {
	path := stateFile(t)
	cmd, out := child(t, order{Path: path, Do: "lock"})
	if !out.Scan() || out.Text() != "locked" {
		t.Fatal("the child did not lock")
	}
	s := opened(NewFile(path), nil)
	_, _, err := s.Lock(t.Context(), "apply", 20*time.Millisecond)
	var locked *LockedError
	if !errors.As(err, &locked) || locked.Holder != (Holder{"ann@desk", noon, "apply"}) {
		t.Fatalf("%v", err)
	}
	if want := "is locked by ann@desk since 2026-07-01T12:00:00Z for apply"; !strings.Contains(err.Error(), want) {
		t.Errorf("%v, want %s", err, want)
	}
	claim(t, s, vault, "a") // the lock keeps applies apart, not claims

	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := s.Lock(gone, "apply", time.Minute); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	must(t, cmd.Process.Kill())
	held, unlock, err := s.Lock(t.Context(), "apply", time.Minute)
	must(t, err)
	_ = cmd.Wait()
	if held.Err() != nil {
		t.Error("held, and ended")
	}
	if _, _, err = opened(NewFile(path), nil).Lock(t.Context(), "apply", 0); !errors.As(err, &locked) {
		t.Errorf("locked twice in one process: %v", err)
	}
	must(t, unlock())
	if held.Err() == nil {
		t.Error("unlocked, and held")
	}
	_, unlock, err = s.Lock(t.Context(), "import", 0)
	must(t, err, unlock())
}

// What is written can be read by its user alone.
func TestFileModes(t *testing.T) {
	path := stateFile(t)
	claim(t, opened(NewFile(path), nil), vault, "a")
	for name, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v %v", name, info.Mode(), err)
		}
	}
}

// Who may only read sees the state; who wants to claim is told.
func TestReadOnly(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Log("run as root, whom no mode stops: a path that can't be one stands for it")
	}
	path := filepath.Join(t.TempDir(), "file", "state.json")
	must(t, os.WriteFile(filepath.Dir(path), nil, 0o600))
	s := opened(NewFile(path), nil)
	if err := NewLedger(s).Claim(t.Context(), vault, "a"); err == nil || !strings.Contains(err.Error(), "state: update "+path) {
		t.Error(err)
	}
	if _, err := s.Read(t.Context()); err == nil {
		t.Error("a path below a file is taken for an absent state")
	}
}
