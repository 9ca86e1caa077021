package cli

import (
	"bytes"
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
	var check bool
	cmd := &cobra.Command{
		Use:   "fmt [flags] [FILE|DIR|-]...",
		Short: "Put policy files into the canonical layout",
		Long: `Rewrites policy files in the canonical layout and prints the names of those it changed. A folder stands for all policy
files below it; - reads one file from stdin and writes it to stdout. With --check nothing is written, and the exit code is 2 when
a file would change.`,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{"."}
			}
			return formatAll(w, args, check)
		},
	}
	cmd.Flags().BoolVar(&check, "check", false, "write nothing; exit with 2 when a file would change")
	return cmd
}

func formatAll(w world, args []string, check bool) error {
	var codes []int
	for _, arg := range args {
		if arg == "-" {
			codes = append(codes, formatStdin(w, check))
			continue
		}
		files, err := policyFiles(arg)
		if err != nil {
			return err
		}
		for _, file := range files {
			c, err := formatFile(w, file, check)
			if err != nil {
				return err
			}
			codes = append(codes, c)
		}
	}
	return code(codes...)
}

func formatStdin(w world, check bool) int {
	src, err := io.ReadAll(w.stdin)
	if err != nil {
		fmt.Fprintf(w.stderr, "gatehouse: read stdin: %v\n", err)
		return exitFailed
	}
	name := stdinName(src)
	out, diags := syntax.Format(src, name)
	if diags.HasErrors() {
		printFileDiagnostics(w, name, src, diags)
		return exitFailed
	}
	if check && !bytes.Equal(src, out) {
		return exitDiffers
	}
	if !check {
		_, _ = w.stdout.Write(out)
	}
	return 0
}

// stdinName names what has no name by its syntax: no native file begins with a brace.
func stdinName(src []byte) string {
	if bytes.HasPrefix(bytes.TrimSpace(src), []byte("{")) {
		return "stdin" + syntax.JSONSuffix
	}
	return "stdin" + syntax.NativeSuffix
}

// formatFile returns the exit code that one file asks for.
func formatFile(w world, file string, check bool) (int, error) {
	src, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	out, diags := syntax.Format(src, file)
	if diags.HasErrors() {
		printFileDiagnostics(w, file, src, diags)
		return exitFailed, nil
	}
	if bytes.Equal(src, out) {
		return 0, nil
	}
	fmt.Fprintln(w.stdout, file)
	if check {
		return exitDiffers, nil
	}
	return 0, replaceFile(file, modeOf(file), func(to io.Writer) error { _, err := to.Write(out); return err })
}

func printFileDiagnostics(w world, file string, src []byte, diags diag.List) {
	view.Diagnostics(w.stderr, diags, view.Look{Source: func(name string) []byte {
		if name != file {
			return nil
		}
		return src
	}})
}

// policyFiles lists the policy files that an argument stands for.
func policyFiles(arg string) ([]string, error) {
	info, err := os.Stat(arg)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		if !syntax.IsPolicyFile(arg) {
			return nil, fmt.Errorf("fmt: %s is no policy file: names end in .gate.hcl or .gate.json", arg)
		}
		return []string{arg}, nil
	}
	var files []string
	err = filepath.WalkDir(arg, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && path != arg && strings.HasPrefix(d.Name(), "."):
			return fs.SkipDir
		case !d.IsDir() && syntax.IsPolicyFile(path):
			files = append(files, path)
		}
		return nil
	})
	slices.Sort(files)
	return files, err
}

// modeOf returns the permissions that a file keeps when it is formatted.
func modeOf(file string) fs.FileMode {
	info, err := os.Stat(file)
	if err != nil {
		return 0o644
	}
	return info.Mode().Perm()
}
