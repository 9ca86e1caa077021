package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"gatehouse/compiler"
	"gatehouse/compiler/evaluate"
)

// variables lets a verb take values for the policy's variables.
func (c *common) variables(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&c.vars, "var", nil, "give a variable of the policy a value, as NAME=VALUE (repeatable)")
	cmd.Flags().StringArrayVar(&c.varFiles, "var-file", nil, "read values of variables from this file: NAME = VALUE, or an object in a .json (repeatable)")
	_ = cmd.MarkFlagFilename("var-file", "hcl", "json")
}

// mostValues bounds what is read of a file of values. One byte more than a file may have is enough to refuse it.
const mostValues = 16<<20 + 1

// inputs collects the values of variables: from the environment, files and flags.
func (c *common) inputs(w world) (compiler.Inputs, error) {
	in := compiler.Inputs{Environment: evaluate.InputsFromEnvironment(w.environ), Lenient: c.lenient}
	for _, name := range c.varFiles {
		text, err := patiently(w, func() ([]byte, error) { return w.values.read(name) })
		if err != nil {
			return compiler.Inputs{}, fmt.Errorf("--var-file %s: %w", name, err)
		}
		in.Files = append(in.Files, evaluate.File{Name: name, Text: text})
	}
	for _, given := range c.vars {
		name, value, ok := strings.Cut(given, "=")
		if !ok || strings.TrimSpace(name) == "" {
			return compiler.Inputs{}, fmt.Errorf("--var %s: want NAME=VALUE", given)
		}
		in.Flags = append(in.Flags, evaluate.Flag{Name: strings.TrimSpace(name), Value: value})
	}
	return in, nil
}

// valueFiles are the files of values that a run has read. Two sides of a comparison want the same, and what a pipe says is said once.
type valueFiles struct {
	mu    sync.Mutex
	texts map[string][]byte
}

func (v *valueFiles) read(name string) ([]byte, error) {
	if v == nil {
		return readValues(name)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if text, known := v.texts[name]; known {
		return text, nil
	}
	text, err := readValues(name)
	if err == nil {
		v.texts[name] = text
	}
	return text, err
}

func readValues(name string) ([]byte, error) {
	f, err := os.Open(name)
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return nil, path.Err
	} else if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, mostValues))
	if path := (*fs.PathError)(nil); errors.As(err, &path) {
		return nil, path.Err
	}
	return text, err
}

// variableEntries are the parts of the environment that give variables values, sorted.
func (w world) variableEntries() []string {
	var out []string
	for _, entry := range w.environ {
		if strings.HasPrefix(entry, evaluate.EnvironmentPrefix) {
			out = append(out, entry)
		}
	}
	slices.Sort(out)
	return out
}
