package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"gatehouse/targets/sandbox/consul"
)

// plans prints how long a plan without changes takes, beside the request for the list that no plan can do without.
func plans(o options, dir string) error {
	if o.entries == 0 {
		return nil
	}
	t, err := generateStores(filepath.Join(dir, "entries"), o.entries)
	if err != nil {
		return err
	}
	rows := [][]string{{"mesh", "entries", "list MB", "first apply", "check", "plan", "plan - check", "cpu", "bare list", "ratio", "plan peak"}}
	row, err := onSandbox(o, t)
	if err != nil {
		return err
	}
	rows = append(rows, row)
	if o.consul {
		row, err := onConsul(o, dir, t)
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	fmt.Printf("\ngatehouse plan without changes beside a bare request for the list of intentions, best of %d.\n"+
		"A plan is a check, then what it asks of the mesh: the ratio is of that to the bare request.\n\n", o.runs)
	table(rows)
	return nil
}

func onSandbox(o options, t tree) ([]string, error) {
	double, err := consul.Open("", "bench", consul.Options{})
	if err != nil {
		return nil, err
	}
	address, stop, err := double.Start()
	if err != nil {
		return nil, err
	}
	defer stop()
	return plan(o, t, "sandbox", address)
}

// plan applies a policy's production to a mesh, and measures what comes after.
func plan(o options, t tree, mesh, address string) ([]string, error) {
	run := func(verb ...string) func() *exec.Cmd {
		return func() *exec.Cmd {
			cmd := exec.Command(o.binary, append(verb, "--environment", "dev", t.dir)...)
			cmd.Env = append(os.Environ(), "CONSUL_HTTP_ADDR="+address, "CONSUL_HTTP_TOKEN=")
			return cmd
		}
	}
	applied, _, err := measure(1, 0, run("apply", "--auto-approve"))
	if err != nil {
		return nil, err
	}
	check, _, err := measure(o.runs, 0, run("check"))
	if err != nil {
		return nil, err
	}
	ours, text, err := measure(o.runs, 0, run("plan"))
	if err != nil {
		return nil, err
	}
	if !strings.Contains(text, "no changes") {
		return nil, fmt.Errorf("the plan has changes:\n%.2000s", text)
	}
	bare, size, err := list(o.runs, address)
	return []string{
		mesh, fmt.Sprint(o.entries), fmt.Sprintf("%.1f", float64(size)/1e6), seconds(applied.wall), seconds(check.wall), seconds(ours.wall),
		seconds(ours.wall - check.wall), seconds(ours.cpu - check.cpu), seconds(bare), ratio(float64(ours.wall-check.wall), float64(bare)), megabytes(ours.memory),
	}, err
}

// list asks for all intentions, and reads and forgets them.
func list(runs int, address string) (best time.Duration, size int64, err error) {
	for n := range runs {
		begun := time.Now()
		response, err := http.Get(address + "/v1/config/service-intentions")
		if err != nil {
			return 0, 0, err
		}
		read, err := io.Copy(io.Discard, response.Body)
		err = errors.Join(err, response.Body.Close())
		if took := time.Since(begun); n == 0 || took < best {
			best = took
		}
		if size = read; err != nil || response.StatusCode != http.StatusOK {
			return best, size, fmt.Errorf("list: %s %w", response.Status, err)
		}
	}
	return best, size, nil
}
