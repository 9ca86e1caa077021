// Package realopa builds upstream's opa once, from the nested module conformance/opa, for the tests that hold guardrails against it. It is a tool of
// tests: none of its code is linked in here, and it knows nothing of guardrails.
package realopa

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
)

// nested is the module that requires OPA, below the root of Gatehouse's own.
var nested = filepath.Join("conformance", "opa")

// Variable names an opa binary to use instead of the one that is built.
const Variable = "GATEHOUSE_OPA"

// Binary returns the path of an opa binary: $GATEHOUSE_OPA, or .cache/opa below the module's root, which it builds where it is
// missing or of another version than conformance/opa/go.mod asks for. A lock keeps parallel test processes from building twice.
var Binary = sync.OnceValues(binary)

func binary() (string, error) {
	if path := os.Getenv(Variable); path != "" {
		if _, err := os.Stat(path); err != nil {
			return "", fmt.Errorf("%s: %w", Variable, err)
		}
		return path, nil
	}
	root, err := moduleRoot()
	if err != nil {
		return "", err
	}
	version, err := wantedVersion(root)
	if err != nil {
		return "", err
	}
	path := filepath.Join(root, ".cache", "opa")
	if hasVersion(path, version) {
		return path, nil
	}
	return path, buildLocked(root, path, version)
}

// moduleRoot finds the folder that holds the nested module, from the current one upwards; tests run in their package's folder.
func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, nested, "go.mod")); err == nil {
			return dir, nil
		}
		if parent := filepath.Dir(dir); parent != dir {
			dir = parent
			continue
		}

	}
}

var required = regexp.MustCompile(`(?m)^\s*github\.com/open-policy-agent/opa (v\S+)`)

// wantedVersion reads which OPA the nested module requires.
func wantedVersion(root string) (string, error) {
	text, err := os.ReadFile(filepath.Join(root, nested, "go.mod"))
	if err != nil {
		return "", err
	}
	found := required.FindSubmatch(text)
	if found == nil {
		return "", errors.New("conformance/opa/go.mod does not require OPA")
	}
	return string(found[1]), nil
}

// hasVersion asks a binary what it is.
func hasVersion(path, version string) bool {
	out, err := exec.Command(path, "version").Output()
	return err == nil && strings.HasPrefix(string(out), "Version: "+strings.TrimPrefix(version, "v")+"\n")
}

func buildLocked(root, path, version string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	lock, err := os.OpenFile(path+".lock", os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	defer lock.Close()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("lock %s: %w", lock.Name(), err)
	}
	if hasVersion(path, version) { // somebody else built it while we waited
		return nil
	}
	fmt.Fprintf(os.Stderr, "realopa: building OPA %s into .cache/opa, once; this takes a few minutes\n", version)
	return build(root, path)
}

// build compiles beside the final place and moves there, so that a build that was interrupted leaves nothing that looks whole.
func build(root, path string) error {
	cmd := exec.Command("go", "build", "-ldflags", "-s -w", "-o", path+".part", "github.com/open-policy-agent/opa")
	cmd.Dir = filepath.Join(root, nested)
	cmd.Env = append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build OPA: %w\n%s", err, out)
	}
	return os.Rename(path+".part", path)
}
