// Package upstream builds other people's programs that tests hold ours against, each once, from a nested module that pins its version. They are
// tools of tests: none of their code is linked in here.
package upstream

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

// Program is one program, built from its published module.
type Program struct {
	Name     string // of the nested module's folder below conformance, and of the binary below .cache
	Module   string // whose root is the program
	Variable string // the environment variable that names a binary to use instead
	Says     string // how `NAME version` begins, with %s for the version without its v
}

// The programs that the tests use.
var (
	consul = Program{"consul", "github.com/hashicorp/consul", "GATEHOUSE_CONSUL", "Consul v%s\n"}
	opa    = Program{"opa", "github.com/open-policy-agent/opa", "GATEHOUSE_OPA", "Version: %s\n"}
)

// Programs returns all of them.
func Programs() []Program { return []Program{consul, opa} }

// Consul returns the path of a Consul binary, and OPA of an opa: the one that the variable names, or .cache/NAME below the module's root, which
// is built where it is missing or of another version than the nested module asks for. A lock keeps parallel test processes from building
// twice.
var (
	Consul = sync.OnceValues(consul.Binary)
	OPA    = sync.OnceValues(opa.Binary)
)

// Binary returns the path of the program, and builds it where it must.
func (p Program) Binary() (string, error) {
	if path := os.Getenv(p.Variable); path != "" {
		if _, err := os.Stat(path); err != nil {
			return "", fmt.Errorf("%s: %w", p.Variable, err)
		}
		return path, nil
	}
	root, err := p.moduleRoot()
	if err != nil {
		return "", err
	}
	version, err := p.wanted(root)
	if err != nil {
		return "", err
	}
	path := filepath.Join(root, ".cache", p.Name)
	if p.is(path, version) {
		return path, nil
	}
	return path, p.buildLocked(root, path, version)
}

func (p Program) nested() string { return filepath.Join("conformance", p.Name) }

// moduleRoot finds the folder that holds the nested module, from the current one upwards; tests run in their package's folder.
func (p Program) moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, p.nested(), "go.mod")); err == nil {
			return dir, nil
		}
		if parent := filepath.Dir(dir); parent != dir {
			dir = parent
			continue
		}
		return "", fmt.Errorf("no folder from here upwards holds %s: run inside of the repository", p.nested())
	}
}

// wanted reads which version the nested module requires.
func (p Program) wanted(root string) (string, error) {
	text, err := os.ReadFile(filepath.Join(root, p.nested(), "go.mod"))
	if err != nil {
		return "", err
	}
	required := regexp.MustCompile(`(?m)^\s*(?:require )?` + regexp.QuoteMeta(p.Module) + ` v(\S+)`)
	found := required.FindSubmatch(text)
	if found == nil {
		return "", errors.New(p.nested() + "/go.mod does not require " + p.Module)
	}
	return string(found[1]), nil
}

// is asks a binary what it is.
func (p Program) is(path, version string) bool {
	out, err := exec.Command(path, "version").Output()
	return err == nil && strings.HasPrefix(string(out), fmt.Sprintf(p.Says, version))
}

func (p Program) buildLocked(root, path, version string) error {
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
	if p.is(path, version) { // somebody else built it while we waited
		return nil
	}
	fmt.Fprintf(os.Stderr, "building %s %s into .cache, once; this takes a few minutes\n", p.Name, version)
	return p.build(root, path)
}

// build compiles beside the final place and moves there, so that a build that was interrupted leaves nothing that looks whole.
func (p Program) build(root, path string) error {
	cmd := exec.Command("go", "build", "-ldflags", "-s -w", "-o", path+".part", p.Module)
	cmd.Dir = filepath.Join(root, p.nested())
	cmd.Env = append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", p.Name, err, out)
	}
	return os.Rename(path+".part", path)
}
