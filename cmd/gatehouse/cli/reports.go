package cli

import (
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
)

// reports says which reports a check writes, and where: one to stdout, any number to files.
type reports struct {
	asked  []string // FORMAT or FORMAT=FILE
	out    string
	stdout string
	files  []reportFile
}

// reportFile is one report that goes to a file.
type reportFile struct{ format, path string }

// reportFormats are the formats of a check's report.
func reportFormats() []string {
	return []string{"text", "json", "sarif", "junit", "github", "gitlab", "markdown"}
}

func (r *reports) register(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&r.asked, "format", nil, diag.Listed(reportFormats(), "or")+`, to stdout; FORMAT=FILE writes a file (repeatable) (default "text")`)
	cmd.Flags().StringVar(&r.out, "out", "", "write what --format names to this file, and text to stdout")
	_ = cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(reportFormats(), cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveNoSpace))
}

// parse reads the flags. Where every report goes to a file, a person still reads text.
func (r *reports) parse() error {
	for _, asked := range r.asked {
		format, path, toFile := strings.Cut(asked, "=")
		if !slices.Contains(reportFormats(), format) {
			return fmt.Errorf("--format %s: want %s", asked, diag.Listed(reportFormats(), "or"))
		}
		switch {
		case toFile && path == "":
			return fmt.Errorf("--format %s: name a file after =", asked)
		case toFile:
			r.files = append(r.files, reportFile{format, path})
		case r.stdout != "":
			return fmt.Errorf("--format %s and --format %s: only one report fits stdout: write %s=FILE", r.stdout, format, format)
		default:
			r.stdout = format
		}
	}
	if r.out != "" {
		r.files = append(r.files, reportFile{orText(r.stdout), r.out})
		r.stdout = ""
	}
	r.stdout = orText(r.stdout)
	return r.distinct()
}

func orText(format string) string {
	if format == "" {
		return "text"
	}
	return format
}

// distinct refuses two reports in one file.
func (r *reports) distinct() error {
	for i, file := range r.files {
		if slices.ContainsFunc(r.files[:i], func(before reportFile) bool { return filepath.Clean(before.path) == filepath.Clean(file.path) }) {
			return fmt.Errorf("two reports would be written to %s", file.path)
		}
	}
	return nil
}

// clear deletes the reports of an earlier run: should this one be killed, nobody takes them for its own.
func (r *reports) clear() error {
	for _, file := range r.files {
		if info, err := os.Lstat(file.path); err != nil || !info.Mode().IsRegular() {
			continue
		}
		if err := os.Remove(file.path); err != nil {
			return fmt.Errorf("check: replace %s: %w", file.path, cause(err))
		}
	}
	return nil
}

// write writes every report, also of a check that could not finish: no report would look like no findings. Text is silent then, since stderr
// tells it.
func (r *reports) write(w world, f view.Findings, look view.Look) error {
	var failed []error
	for _, file := range r.files {
		err := writeReport(file.path, func(to io.Writer) error {
			look := look
			look.Colour, look.Width = false, 0
			return oneReport(to, w, file.format, f, look)
		})
		failed = append(failed, err)
	}
	if r.stdout != "text" || f.Failure == "" {
		failed = append(failed, oneReport(w.stdout, w, r.stdout, f, look))
	}
	return errors.Join(failed...)
}

// writeReport writes a report for others to read: unlike a plan it holds no object's body.
func writeReport(path string, write func(io.Writer) error) error {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return writeThrough(path, write)
	}
	if err := replaceFile(path, 0o644, write); err != nil {
		return fmt.Errorf("check: write %s: %w", path, cause(err))
	}
	return nil
}

// writeThrough writes to what is no file, such as /dev/stderr or a pipe.
func writeThrough(path string, write func(io.Writer) error) error {
	to, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("check: write %s: %w", path, cause(err))
	}
	return errors.Join(write(to), to.Close())
}

func oneReport(to io.Writer, w world, format string, f view.Findings, look view.Look) error {
	switch format {
	case "json":
		return view.JSON(to, view.CheckDocument(f))
	case "sarif":
		return view.SARIF(to, f, w.version)
	case "junit":
		return view.JUnit(to, f)
	case "github":
		view.GitHub(to, f)
	case "gitlab":
		return view.GitLab(to, f)
	case "markdown":
		view.CheckMarkdown(to, f)
	default:
		view.Check(to, f, look)
	}
	return nil
}

// repositoryPrefix is the way from the top of the repository that a folder lies in, or else from the current folder, to the folder: what stands
// before the names of its files in a report.
func repositoryPrefix(dir string) string {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	for top := dir; ; top = filepath.Dir(top) {
		if _, err := os.Lstat(filepath.Join(top, ".git")); err == nil {
			return below(top, dir)
		} else if !errors.Is(err, fs.ErrNotExist) || top == filepath.Dir(top) {
			break
		}
	}
	here, err := filepath.Abs(".")
	if err != nil {
		return ""
	}
	return below(here, dir)
}

// below is the way from one folder to another one in it; nothing where it is not in it.
func below(top, dir string) string {
	rel, err := filepath.Rel(top, dir)
	if err != nil || rel == "." || strings.HasPrefix(rel, "..") {
		return ""
	}
	return filepath.ToSlash(rel) + "/"
}
