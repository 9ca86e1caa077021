package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"gatehouse/conformance/realconsul"
	"gatehouse/conformance/upstream"
)

// onConsul is plan on a real server that is started for it, in memory: a disk has no part in a plan.
func onConsul(o options, dir string, t tree) ([]string, error) {
	binary, err := upstream.Consul()
	if err != nil {
		return nil, err
	}
	ports, err := realconsul.FreePorts(4)
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "consul.log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(binary, "agent", "-dev", "-node=bench", "-bind=127.0.0.1", "-client=127.0.0.1", "-log-level=warn",
		fmt.Sprintf("-http-port=%d", ports[0]), fmt.Sprintf("-server-port=%d", ports[1]),
		fmt.Sprintf("-serf-lan-port=%d", ports[2]), fmt.Sprintf("-grpc-port=%d", ports[3]), "-serf-wan-port=-1", "-grpc-tls-port=-1", "-dns-port=-1",
		`-hcl=disable_update_check = true`)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	defer func() { _, _ = cmd.Process.Kill(), cmd.Wait() }()
	address := fmt.Sprintf("http://127.0.0.1:%d", ports[0])
	if err := ready(address); err != nil {
		return nil, fmt.Errorf("%w; its log is %s", err, log.Name())
	}
	return plan(o, t, "Consul", address)
}

// ready waits for a leader that takes writes.
func ready(address string) error {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for range 600 {
		<-tick.C
		response, err := http.Get(address + "/v1/status/leader")
		if err != nil {
			continue
		}
		text, err := io.ReadAll(response.Body)
		if err = errors.Join(err, response.Body.Close()); err == nil && len(text) > 4 {
			return nil
		}
	}
	return errors.New("consul has no leader after a minute")
}
