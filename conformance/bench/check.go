package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// cost is what a process took.
type cost struct {
	wall   time.Duration
	cpu    time.Duration // of all processors: what a busy machine changes least
	memory int64         // peak, in bytes
}

// measure runs a command some times and returns its best time and least peak. It must end with the code.
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

// checks prints the table of check beside the parser.
func checks(o options, dir string, sizes, gogc []int) error {
	if len(sizes) == 0 {
		return nil
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	rows := [][]string{{"allows", "files", "MB", "GOGC", "check", "parse", "ratio", "check cpu", "parse cpu", "ratio", "check peak", "parse peak", "ratio"}}
	for _, size := range sizes {
		t, err := generate(filepath.Join(dir, fmt.Sprintf("allows-%d", size)), size)
		if err != nil {
			return err
		}
		for _, gc := range gogc {
			with := func(program string, args ...string) (cost, error) {
				c, _, err := measure(o.runs, 0, func() *exec.Cmd {
					cmd := exec.Command(program, args...)
					cmd.Env = append(os.Environ(), fmt.Sprintf("GOGC=%d", gc))
					return cmd
				})
				return c, err
			}
			ours, err := with(o.binary, "check", t.dir)
			if err != nil {
				return err
			}
			bare, err := with(self, "-parse", t.dir)
			if err != nil {
				return err
			}
			rows = append(rows, []string{
				fmt.Sprint(size), fmt.Sprint(t.files), fmt.Sprintf("%.1f", float64(t.bytes)/1e6), fmt.Sprint(gc),
				seconds(ours.wall), seconds(bare.wall), ratio(float64(ours.wall), float64(bare.wall)),
				seconds(ours.cpu), seconds(bare.cpu), ratio(float64(ours.cpu), float64(bare.cpu)),
				megabytes(ours.memory), megabytes(bare.memory), ratio(float64(ours.memory), float64(bare.memory)),
			})
		}
	}
	fmt.Printf("gatehouse check beside bare parallel hclsyntax.ParseConfig of the same files, best of %d, on %d processors\n\n", o.runs, runtime.GOMAXPROCS(0))
	table(rows)
	return nil
}

// parseAll is the other side: it reads and parses every policy file, on all processors, and keeps nothing.
func parseAll(dir string) error {
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".gate.hcl") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		return err
	}
	var next, wrong atomic.Int64
	var running sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		running.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(files) {
					return
				}
				src, err := os.ReadFile(files[i])
				if err != nil {
					wrong.Add(1)
					continue
				}
				if _, diags := hclsyntax.ParseConfig(src, files[i], hcl.InitialPos); diags.HasErrors() {
					wrong.Add(1)
				}
			}
		})
	}
	running.Wait()
	if wrong.Load() > 0 {
		return fmt.Errorf("%d files can't be parsed", wrong.Load())
	}
	return nil
}
