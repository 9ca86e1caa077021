package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"
)

// cost is what a process took.
type cost struct {
	wall   time.Duration
	cpu    time.Duration // of all processors: what a busy machine changes least
	memory int64         // peak, in bytes
}

// measure runs a command some times and returns its best time and least peak. It must end with the code. What command does before it
// returns is not measured.
func measure(runs, code int, command func() *exec.Cmd) (cost, string, error) {
	best := cost{}
	var text string
	for n := range runs {
		cmd := command()
		begun := time.Now()
		out, err := cmd.CombinedOutput()
		took := cost{wall: time.Since(begun)}
		if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != code {
			return best, text, fmt.Errorf("%s: %w\n%.2000s", cmd, errors.Join(err, errors.New("it ended otherwise than it should")), out)
		}
		took.cpu, took.memory = cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime(), peak(cmd.ProcessState)
		if text = string(out); n == 0 {
			best = took
		}
		best.wall, best.cpu, best.memory = min(best.wall, took.wall), min(best.cpu, took.cpu), min(best.memory, took.memory)
	}
	return best, text, nil
}

// checks prints the tables of what stands between a policy's files and its verdict, beside the parser: one for each size and syntax.
func checks(o options, dir string, sizes, gogc []int) error {
	if len(sizes) == 0 {
		return nil
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	fmt.Printf("every step beside bare parallel parsing of the same files in the same syntax, best of %d, on %d processors\n", o.runs, runtime.GOMAXPROCS(0))
	for _, size := range sizes {
		for _, syntax := range []string{"hcl", "json"} {
			t, err := generate(filepath.Join(dir, fmt.Sprintf("allows-%d-%s", size, syntax)), size, syntax == "json")
			if err != nil {
				return err
			}
			for _, gc := range gogc {
				fmt.Printf("\n%d allows in %d .gate.%s files, %.1f MB, GOGC=%d\n\n", size, t.files, syntax, float64(t.bytes)/1e6, gc)
				if err := (&subject{o: o, self: self, tree: t, gogc: gc, cache: filepath.Join(dir, "runs")}).print(); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// subject is one policy that is measured.
type subject struct {
	o     options
	self  string
	tree  tree
	gogc  int
	cache string
}

// print measures every step and prints a table of them.
func (s *subject) print() error {
	check := func(args ...string) *exec.Cmd { return s.command(s.o.binary, append([]string{"check"}, args...)...) }
	steps := []struct {
		name    string
		command func() *exec.Cmd
	}{
		{"parse", func() *exec.Cmd { return s.command(s.self, "-step", "parse", s.tree.dir) }},
		{"load", func() *exec.Cmd { return s.command(s.self, "-step", "load", s.tree.dir) }},
		{"load, resolve", func() *exec.Cmd { return s.command(s.self, "-step", "resolve", s.tree.dir) }},
		{"check --no-cache", func() *exec.Cmd { return check("--no-cache", s.tree.dir) }},
		{"check, the first time", func() *exec.Cmd { s.forget(); return check(s.tree.dir) }},
		{"check again", func() *exec.Cmd { return check(s.tree.dir) }},
		{"check, one file changed", func() *exec.Cmd { s.edit(); return check(s.tree.dir) }},
		{"check, the change undone", func() *exec.Cmd { s.undo(); return check(s.tree.dir) }},
	}
	rows := [][]string{{"step", "time", "× parse", "cpu", "× parse", "peak"}}
	var bare cost
	for i, step := range steps {
		c, _, err := measure(s.o.runs, 0, step.command)
		if err != nil {
			return err
		}
		if i == 0 {
			bare = c
		}
		rows = append(rows, []string{step.name, seconds(c.wall), ratio(float64(c.wall), float64(bare.wall)), seconds(c.cpu), ratio(float64(c.cpu), float64(bare.cpu)), megabytes(c.memory)})
	}
	table(rows)
	return nil
}

func (s *subject) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), fmt.Sprintf("GOGC=%d", s.gogc), "GATEHOUSE_CACHE="+s.cache)
	return cmd
}

// forget, edit and undo fail silently: what they are for would show in the figures, and the next write fails.
func (s *subject) forget() { _ = os.RemoveAll(s.cache) }

// edit changes one of the policy's files to what it never was: a state that was seen before is remembered.
func (s *subject) edit() { _ = s.tree.touch(time.Now().UnixNano()) }
func (s *subject) undo() { _ = s.tree.touch(0) }
