package realconsul

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

// nested is the module that requires Consul, below the root of Gatehouse's own.
var nested = filepath.Join("conformance", "consul")

// Variable names a Consul binary to use instead of the one that is built.
const Variable = "GATEHOUSE_CONSUL"

// Binary returns the path of a Consul binary: $GATEHOUSE_CONSUL, or .cache/consul below the module's root, which it builds where it is
// missing or of another version than conformance/consul/go.mod asks for. A lock keeps parallel test processes from building twice.
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
	path := filepath.Join(root, ".cache", "consul")
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

var required = regexp.MustCompile(`(?m)^\s*github\.com/hashicorp/consul (v\S+)`)

// wantedVersion reads which Consul the nested module requires.
func wantedVersion(root string) (string, error) {
	text, err := os.ReadFile(filepath.Join(root, nested, "go.mod"))
	if err != nil {
		return "", err
	}
	found := required.FindSubmatch(text)
	if found == nil {
		return "", errors.New("conformance/consul/go.mod does not require Consul")
	}
	return string(found[1]), nil
}

// hasVersion asks a binary what it is.
func hasVersion(path, version string) bool {
	out, err := exec.Command(path, "version").Output()
	return err == nil && strings.HasPrefix(string(out), "Consul "+version+"\n")
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
	fmt.Fprintf(os.Stderr, "realconsul: building Consul %s into .cache/consul, once; this takes a few minutes\n", version)
	return build(root, path)
}

// build compiles beside the final place and moves there, so that a build that was interrupted leaves nothing that looks whole.
func build(root, path string) error {
	cmd := exec.Command("go", "build", "-ldflags", "-s -w", "-o", path+".part", "github.com/hashicorp/consul")
	cmd.Dir = filepath.Join(root, nested)
	cmd.Env = append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build Consul: %w\n%s", err, out)
	}
	return os.Rename(path+".part", path)
}
