package cli

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"gatehouse/cmd/gatehouse/view"
	"gatehouse/compiler"
	"gatehouse/lang/diag"
)

func fixVerb(w world) *cobra.Command {
	var flags common
	var diff bool
	cmd := &cobra.Command{
		Use:   "fix [flags] [DIR]",
		Short: "Mend the mistakes in a policy that are sure to be meant otherwise",
		Long: `Makes the changes that leave no doubt: misspelt words that only one other can be, missing quotes, brackets and signs, times and
durations in almost the right form. It shows what it changes as a diff, keeps comments and layout, and goes on until nothing is left to
mend. No file ends up with more errors than it had. What is left is shown as check does, and is yours.

With --diff nothing is written, and the exit code is 2 when a file would change. The exit code is 1 where errors are left.`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return fix(w, flags, dirOf(args, 0), diff) },
	}
	cmd.Flags().BoolVar(&diff, "diff", false, "write nothing; show the changes, and exit with 2 when there are any")
	flags.moment(cmd)
	flags.variables(cmd)
	return cmd
}

func fix(w world, flags common, dir string, onlyShow bool) error {
	s, err := open(w, flags, dir)
	if err != nil {
		return err
	}
	files, _, _, err := compiler.Open(dir)
	if err != nil {
		return err
	}
	if files == nil {
		return s.tell(s.result.Diagnostics, true)
	}
	inputs, err := flags.inputs(w)
	if err != nil {
		return err
	}
	mended, err := compiler.Mend(files, s.at, compiler.Options{Version: w.version, Inputs: inputs})
	if err != nil {
		return err
	}
	look := s.look()
	view.FixPatch(w.stdout, mended, look)
	if !onlyShow {
		if err := writeMended(s.root, mended); err != nil {
			return err
		}
	}
	look.Source = mended.Result.Sources.Bytes
	view.Diagnostics(w.stderr, unfixed(mended.Result.Diagnostics), look)
	view.FixSummary(w.stderr, mended, !onlyShow)
	var codes []int
	if mended.Result.Diagnostics.HasErrors() {
		codes = append(codes, exitFailed)
	}
	if onlyShow && len(mended.After) > 0 {
		codes = append(codes, exitDiffers)
	}
	return code(codes...)
}

// unfixed is what is left, without the fixes that were not made because they would have left a file worse.
func unfixed(list diag.List) diag.List {
	out := slices.Clone(list)
	for i := range out {
		out[i].Fixes = nil
	}
	return out
}

// writeMended replaces each file by its mended text, if it still is what was mended.
func writeMended(root string, m *compiler.Mended) error {
	for _, name := range slices.Sorted(maps.Keys(m.After)) {
		if err := writeBack(filepath.Join(root, filepath.FromSlash(name)), []byte(m.Before[name]), []byte(m.After[name])); err != nil {
			return fmt.Errorf("fix: %w", err)
		}
	}
	return nil
}

// writeBack replaces a file's text by another one that was made of it. A link stays a link, and its file is replaced; permissions stay. A file
// that somebody has changed since is left alone.
func writeBack(file string, before, after []byte) error {
	target, err := filepath.EvalSymlinks(file)
	if err != nil {
		return err
	}
	now, err := os.ReadFile(target)
	if err != nil {
		return err
	}
	if !bytes.Equal(now, before) {
		return fmt.Errorf("%s has changed meanwhile: it is left as it is; run this again", file)
	}
	if err := replaceFile(target, modeOf(target), func(to io.Writer) error { _, err := to.Write(after); return err }); err != nil {
		return fmt.Errorf("write %s: %w", file, cause(err))
	}
	return nil
}
