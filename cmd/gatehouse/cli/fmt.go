package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gatehouse/cmd/gatehouse/view"
	"gatehouse/lang/diag"
	"gatehouse/lang/syntax"
)

func fmtVerb(w world) *cobra.Command {
	var check, diff bool
	cmd := &cobra.Command{
		Use:   "fmt [flags] [FILE|DIR|-]...",
		Short: "Put policy files into the canonical layout",
		Long: `Rewrites policy files in the canonical layout and prints the names of those it changed. A folder stands for all policy
files below it; - reads one file from stdin and writes it to stdout. Files of both syntaxes are laid out: .gate.hcl as HCL is, .gate.json with
two spaces, its properties in their order. No comment is lost, and nothing changes its meaning.

With --check nothing is written, and the exit code is 2 when a file would change; --diff shows how it would, and does the same. A file
that can't be read as HCL or JSON is left alone, and the exit code is 1.`,
		RunE: func(_ *cobra.Command, args []string) error {
			f := &formatter{w: w, show: diff, write: !check && !diff, texts: map[string][]byte{}}
			return f.all(args)
		},
	}
	cmd.Flags().BoolVar(&check, "check", false, "write nothing; exit with 2 when a file would change")
	cmd.Flags().BoolVar(&diff, "diff", false, "write nothing; show the changes, and exit with 2 when there are any")
	return cmd
}

// formatter formats one file after the other, and tells at the end what could not be read.
type formatter struct {
	w     world
	write bool
	show  bool // as a diff
	diags diag.List
	texts map[string][]byte // of the files that diags speak of
	codes []int
}

func (f *formatter) all(args []string) error {
	if len(args) == 0 {
		args = []string{"."}
	}
	var files []string
	for _, arg := range args {
		found, err := policyFiles(arg)
		if err != nil {
			return fmt.Errorf("fmt: %w", err)
		}
		for _, file := range found {
			if !slices.Contains(files, file) {
				files = append(files, file)
			}
		}
	}
	var failed []error
	for _, file := range files {
		if err := f.file(file); err != nil {
			failed = append(failed, fmt.Errorf("fmt: %w", err))
		}
	}
	look := lookOf(f.w)
	look.Source = func(name string) []byte { return f.texts[name] }
	view.Diagnostics(f.w.stderr, f.diags, look)
	if err := errors.Join(failed...); err != nil {
		return err
	}
	return code(f.codes...)
}

// stdin is the name that an argument gives the standard input.
const stdin = "-"

// file formats one file, or the standard input. An error is one of reading or writing.
func (f *formatter) file(file string) error {
	src, name, err := f.read(file)
	if err != nil {
		return err
	}
	out, diags := syntax.Format(src, name)
	if diags.HasErrors() {
		f.codes = append(f.codes, exitFailed)
		f.diags, f.texts[name] = append(f.diags, diags...), src
		return nil
	}
	changed := !bytes.Equal(src, out)
	if changed && !f.write {
		f.codes = append(f.codes, exitDiffers)
	}
	switch {
	case f.show:
		view.Patch(f.w.stdout, name, src, out, lookOf(f.w))
	case file == stdin && f.write:
		_, err = f.w.stdout.Write(out)
	case file == stdin, !changed:
	default:
		fmt.Fprintln(f.w.stdout, file)
		if f.write {
			err = writeBack(file, src, out)
		}
	}
	return err
}

// read returns a text, and the name that says which syntax it is in. Nobody names what comes by stdin; no native file begins with a brace.
func (f *formatter) read(file string) (src []byte, name string, err error) {
	if file != stdin {
		src, err = os.ReadFile(file)
		return src, file, err
	}
	if src, err = patiently(f.w, func() ([]byte, error) { return io.ReadAll(f.w.stdin) }); err != nil {
		return nil, "", fmt.Errorf("read stdin: %w", err)
	}
	if bytes.HasPrefix(bytes.TrimSpace(src), []byte("{")) {
		return src, "stdin" + syntax.JSONSuffix, nil
	}
	return src, "stdin" + syntax.NativeSuffix, nil
}

// policyFiles lists the policy files that an argument stands for.
func policyFiles(arg string) ([]string, error) {
	if arg == stdin {
		return []string{stdin}, nil
	}
	info, err := os.Stat(arg)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no %s: name a folder or a policy file", arg)
	case err != nil:
		return nil, err
	case info.IsDir():
	case !syntax.IsPolicyFile(arg):
		return nil, fmt.Errorf("%s is no policy file: names end in .gate.hcl or .gate.json", arg)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no regular file: - lays out what comes by stdin", arg)
	default:
		return []string{arg}, nil
	}
	var files []string
	err = filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != arg && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case !d.IsDir() && syntax.IsPolicyFile(path) && isRegular(path):
			files = append(files, path)
		}
		return nil
	})
	slices.Sort(files)
	return files, err
}

// isRegular leaves out what looks like a policy file and can't be read to its end: pipes, devices, links to folders or to nothing.
func isRegular(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// modeOf returns the permissions that a file keeps when it is replaced.
func modeOf(file string) fs.FileMode {
	info, err := os.Stat(file)
	if err != nil {
		return 0o644
	}
	return info.Mode().Perm()
}
